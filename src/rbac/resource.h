#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

namespace berth::rbac {

/// What can be protected. `wildcard` ("*") stands for every kind, in permissions, scopes and allow lists
/// only.
enum class Resource : std::uint8_t {
    wildcard,
    aibridge_interception,
    api_key,
    assign_org_role,
    assign_role,
    audit_log,
    boundary_usage,
    connection_log,
    crypto_key,
    debug_info,
    deployment_config,
    deployment_stats,
    file,
    group,
    group_member,
    idpsync_settings,
    inbox_notification,
    license,
    notification_message,
    notification_preference,
    notification_template,
    oauth2_app,
    oauth2_app_code_token,
    oauth2_app_secret,
    organization,
    organization_member,
    prebuilt_workspace,
    provisioner_daemon,
    provisioner_jobs,
    replicas,
    system,
    tailnet_coordinator,
    task,
    template_,
    usage_event,
    user,
    user_secret,
    webpush_subscription,
    workspace,
    workspace_agent_devcontainers,
    workspace_agent_resource_monitor,
    workspace_dormant,
    workspace_proxy,
};

enum class Action : std::uint8_t {
    application_connect,
    assign,
    create,
    create_agent,
    delete_,
    delete_agent,
    read,
    read_personal,
    ssh,
    share,
    unassign,
    update,
    update_personal,
    use,
    view_insights,
    start,
    stop,
};

inline constexpr std::size_t resource_count = 43;
inline constexpr std::size_t action_count = 17;

/// A set of actions, one bit each.
class ActionSet {
public:
    constexpr ActionSet() = default;
    constexpr ActionSet(Action action) : bits_(1u << static_cast<unsigned>(action)) {}
    constexpr ActionSet(std::initializer_list<Action> actions) {
        for (Action action : actions)
            bits_ |= ActionSet(action).bits_;
    }
    static constexpr ActionSet all() {
        ActionSet set;
        set.bits_ = (1u << action_count) - 1;
        return set;
    }

    [[nodiscard]] constexpr bool contains(Action action) const {
        return (bits_ & ActionSet(action).bits_) != 0;
    }
    [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
    constexpr ActionSet operator|(ActionSet other) const { return from_bits(bits_ | other.bits_); }
    constexpr ActionSet operator&(ActionSet other) const { return from_bits(bits_ & other.bits_); }
    /// Without those of `other`.
    constexpr ActionSet operator-(ActionSet other) const { return from_bits(bits_ & ~other.bits_); }
    constexpr ActionSet& operator|=(ActionSet other) { return *this = *this | other; }
    constexpr bool operator==(const ActionSet&) const = default;

private:
    static constexpr ActionSet from_bits(std::uint32_t bits) {
        ActionSet set;
        set.bits_ = bits;
        return set;
    }
    std::uint32_t bits_ = 0;
};

/// The names of the REST API: "template", "delete", "*".
std::string_view to_string(Resource resource);
std::string_view to_string(Action action);
std::optional<Resource> parse_resource(std::string_view name);
std::optional<Action> parse_action(std::string_view name);

/// All resources, "*" first; all actions.
std::span<const Resource> all_resources();
std::span<const Action> all_actions();
/// The actions that mean something for a resource; every action for "*".
ActionSet valid_actions(Resource resource);

}  // namespace berth::rbac
