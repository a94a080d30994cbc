#include "coderd/provisionerdserver/resource_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "base/text.h"
#include "base/uuid.h"
#include "coderd/provisionerdserver/environment.h"
#include "provisioner.pb.h"

namespace berth::coderd {
namespace {

constexpr std::size_t longest_name = 64;

bool is_hyphenated(std::string_view text) {
    if (text.empty() || text.size() > longest_name || text.front() == '-' || text.back() == '-') return false;
    if (text.find("--") != std::string_view::npos) return false;
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

std::string shown(std::string_view text) { return "\"" + base::to_valid_utf8(text) + "\""; }

struct Seen {
    std::set<std::string> agents;
    std::set<std::string> apps;
    /// Of agents: who has it is taken for the agent.
    std::set<std::string> tokens;
};

Result<void> check_apps(const google::protobuf::RepeatedPtrField<provisioner::App>& apps, Seen& seen) {
    for (const auto& app : apps) {
        if (app.slug().empty()) return invalid_argument("an app must have a slug");
        if (!is_app_slug(app.slug()))
            return invalid_argument(
                "app slug " + shown(app.slug()) +
                " may only have lowercase letters, digits and single hyphens between them");
        if (!seen.apps.insert(app.slug()).second)
            return invalid_argument("duplicate app slug, must be unique per template: " + shown(app.slug()));
    }
    return {};
}

Result<void> check_agent_name(const std::string& name, Seen& seen) {
    if (seen.agents.insert(base::to_lower(name)).second) return {};
    return invalid_argument("duplicate agent name " + shown(name) + ", names differ without case");
}

/// Of a list whose items have the field `name_of` reads.
template <class List, class Name>
Result<void> check_unique(const List& list, Name name_of, const std::string& what) {
    std::set<std::string> names;
    for (const auto& item : list)
        if (!names.insert(name_of(item)).second)
            return invalid_argument(what + " " + shown(name_of(item)) + " is there twice");
    return {};
}

Result<void> check_devcontainers(const provisioner::Agent& agent, Seen& seen) {
    for (const auto& devcontainer : agent.devcontainers()) {
        if (wants_sub_agent(devcontainer)) {
            auto named = check_agent_name(devcontainer.name(), seen);
            if (!named) return named;
        }
        if (!devcontainer.subagent_id().empty() && !Uuid::parse(devcontainer.subagent_id()))
            return invalid_argument("the sub-agent id of dev container " + shown(devcontainer.name()) +
                                    " is not a UUID");
        if (devcontainer.workspace_folder().empty())
            return invalid_argument("dev container " + shown(devcontainer.name()) +
                                    " has no workspace folder");
        auto environment = merge_environment({}, devcontainer.envs());
        if (!environment) return environment.error().wrap("dev container " + shown(devcontainer.name()));
        // A sub-agent's apps live beside those of its parent, with slugs of their own.
        Seen own;
        auto apps = check_apps(devcontainer.apps(), own);
        if (!apps) return apps.error();
    }
    return {};
}

Result<void> check_agent(const provisioner::Agent& agent, Seen& seen) {
    if (!is_agent_name(agent.name()))
        return invalid_argument("agent name " + shown(agent.name()) +
                                " may only have letters, digits and single hyphens between them");
    auto named = check_agent_name(agent.name(), seen);
    if (!named) return named;
    // A plan does not know the token yet.
    if (!agent.token().empty() && !Uuid::parse(agent.token()))
        return invalid_argument("the token of agent " + shown(agent.name()) + " is not a UUID");
    if (!agent.token().empty() && !seen.tokens.insert(base::to_lower(agent.token())).second)
        return invalid_argument("agent " + shown(agent.name()) + " has the token of another agent");
    Environment own;
    for (const auto& [name, value] : agent.env())
        own[name] = value;
    auto environment = merge_environment(std::move(own), agent.extra_envs());
    if (!environment) return environment.error().wrap("agent " + shown(agent.name()));
    auto apps = check_apps(agent.apps(), seen);
    if (!apps) return apps.error();
    auto metadata = check_unique(
        agent.metadata(), [](const auto& item) { return item.key(); },
        "the metadata of agent " + shown(agent.name()) + ":");
    if (!metadata) return metadata;
    auto volumes = check_unique(
        agent.resources_monitoring().volumes(), [](const auto& volume) { return volume.path(); },
        "the monitored volumes of agent " + shown(agent.name()) + ":");
    if (!volumes) return volumes;
    return check_devcontainers(agent, seen);
}

}  // namespace

bool wants_sub_agent(const provisioner::Devcontainer& container) {
    return !container.subagent_id().empty() || !container.apps().empty() || !container.scripts().empty() ||
           !container.envs().empty();
}

bool is_app_slug(std::string_view slug) { return is_hyphenated(slug); }
bool is_agent_name(std::string_view name) { return is_hyphenated(base::to_lower(name)); }

Result<void> check_resources(const google::protobuf::RepeatedPtrField<provisioner::Resource>& resources) {
    Seen seen;
    for (const auto& resource : resources) {
        auto metadata = check_unique(
            resource.metadata(), [](const auto& item) { return item.key(); },
            "the metadata of " + shown(resource.type() + "." + resource.name()) + ":");
        if (!metadata) return metadata;
        for (const auto& agent : resource.agents()) {
            auto checked = check_agent(agent, seen);
            if (!checked) return checked.error();
        }
    }
    return {};
}

}  // namespace berth::coderd
