#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/uuid.h"
#include "rbac/role.h"
#include "rbac/scope.h"

namespace berth::rbac {

/// The narrow actors that do the server's own work; rbac/system_actors.cpp lists what each may do.
enum class SystemActor : std::uint8_t {
    bootstrap,                   ///< creates the first user and the default organization
    key_reader,                  ///< looks up credentials while a caller is being authenticated
    provisionerd,                ///< acquires and completes provisioner jobs
    provisioner_daemons_reader,  ///< tells callers how many daemons match their job
    agent,                       ///< stores what a workspace agent reports
    autostart,                   ///< starts, stops, and cleans up workspaces on schedule
    prebuilds,                   ///< keeps the pools of prebuilt workspaces
    notifier,                    ///< sends notifications
    reaper,                      ///< fails jobs that went silent
    purge,                       ///< deletes what is past its retention
    oauth2,                      ///< the OAuth2 provider's token endpoints
    key_rotator,                 ///< makes and retires signing keys
    replicas,                    ///< heartbeats and cleanup of server replicas
    metrics,                     ///< counts what /metrics shows
    audit,                       ///< writes audit and connection logs
};

std::string_view to_string(SystemActor actor);
std::optional<SystemActor> parse_system_actor(std::string_view name);
std::span<const SystemActor> all_system_actors();

/// The owner of prebuilt workspaces that nobody has claimed yet.
Uuid prebuilds_user_id();

/// Allowed and forbidden actions at one level; forbidding wins.
struct Votes {
    PermissionSet allow;
    PermissionSet deny;

    void add(std::span<const Permission> permissions);
    [[nodiscard]] bool allows(Resource resource, Action action) const {
        return allow.contains(resource, action) && !deny.contains(resource, action);
    }
    [[nodiscard]] bool denies(Resource resource, Action action) const {
        return deny.contains(resource, action);
    }
};

/// The roles a user holds in one organization besides the implied "organization-member".
struct OrganizationRoles {
    Uuid organization;
    std::vector<Role> roles = {};
};

/// Who acts, with all that decides what they may do. A default Actor is nobody and may do nothing. Copies are
/// a few kilobytes: pass by reference or share.
class Actor {
public:
    Actor() = default;

    /// "member" and, for each membership, "organization-member" and the organization's Everyone group are
    /// implied.
    static Actor user(const Uuid& id, std::string name, std::span<const Role> site_roles,
                      std::span<const OrganizationRoles> memberships, std::vector<Uuid> groups, Scope scope,
                      const RoleOptions& options = {});
    /// Shared, immutable, for the life of the program.
    static const Actor& system(SystemActor actor);

    /// The same actor within a narrower scope too (what both allow).
    [[nodiscard]] Actor within(const Scope& scope) const;

    /// Nil unless a user.
    [[nodiscard]] const Uuid& id() const { return id_; }
    /// A user's name, a system actor's name, or "anonymous"; for logs.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool is_user() const { return !id_.is_nil(); }
    [[nodiscard]] bool is(SystemActor actor) const { return system_ == actor; }
    [[nodiscard]] std::optional<SystemActor> system_actor() const { return system_; }

    struct Organization {
        Uuid id;
        Votes everything;
        Votes own;
    };
    // What authorize() and sql_filter() decide by.
    [[nodiscard]] const Votes& site() const { return site_; }
    [[nodiscard]] const Votes& own() const { return own_; }
    [[nodiscard]] const std::vector<Organization>& organizations() const { return organizations_; }
    [[nodiscard]] const Organization* organization(const Uuid& id) const;
    [[nodiscard]] const std::vector<Uuid>& groups() const { return groups_; }
    /// Every scope must allow; almost always one.
    [[nodiscard]] const std::vector<Scope>& scopes() const { return scopes_; }

private:
    friend Actor make_system_actor(SystemActor actor);

    Uuid id_;
    std::string name_ = "anonymous";
    std::optional<SystemActor> system_;
    Votes site_;
    Votes own_;
    std::vector<Organization> organizations_;
    std::vector<Uuid> groups_;
    std::vector<Scope> scopes_;
};

}  // namespace berth::rbac
