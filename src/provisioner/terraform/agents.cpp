#include "provisioner/terraform/agents.h"

#include <set>

#include <fmt/format.h>

#include "base/env_merge.h"
#include "base/text.h"
#include "provisioner/terraform/agent_parts.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

/// Letters and digits with single hyphens between: the name becomes part of a host name.
bool is_host_label(std::string_view text) {
    bool after_hyphen = true;
    for (char c : text) {
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c != '-' || after_hyphen)) return false;
        after_hyphen = !letter;
    }
    return !text.empty() && text.size() <= 64 && !after_hyphen;
}

/// What children attach to: an agent, or a dev container's sub-agent.
struct Parent {
    pb::Agent* agent = nullptr;
    pb::Devcontainer* devcontainer = nullptr;

    pb::App* add_app() const { return agent != nullptr ? agent->add_apps() : devcontainer->add_apps(); }
    pb::Script* add_script() const {
        return agent != nullptr ? agent->add_scripts() : devcontainer->add_scripts();
    }
    pb::Env* add_env() const { return agent != nullptr ? agent->add_extra_envs() : devcontainer->add_envs(); }
};

bool is_agent(const Instance& instance) { return instance.type == "coder_agent"; }
bool is_parent(const Instance& instance) {
    return is_agent(instance) || instance.type == "coder_devcontainer";
}

class Collector {
public:
    Collector(const Model& model, const Linker& linker, std::vector<std::string>& warnings)
        : model_(model), linker_(linker), warnings_(warnings) {}

    Result<std::vector<LinkedAgent>> run() {
        for (const auto& instance : model_.instances)
            if (!instance.data && is_agent(instance)) agents_.push_back({&instance, make_agent(instance)});
        for (auto& agent : agents_)
            parents_[agent.instance].agent = &agent.message;
        add_devcontainers();
        for (const auto& instance : model_.instances) {
            if (instance.data) continue;
            auto added = add_child(instance);
            if (!added) return added.error();
        }
        auto checked = check();
        if (!checked) return checked.error();
        return std::move(agents_);
    }

private:
    /// Of a child; null, with a warning, when there is none. Without any agent there is nothing to warn of:
    /// the workspace stops.
    const Instance* owner_of(const Instance& child, const Linker::Wanted& wanted) {
        auto link = linker_.target(child, "agent_id", wanted);
        if (link.instance == nullptr && !agents_.empty())
            warnings_.push_back(fmt::format(
                "{} is left out: its agent_id is that of no agent of this template", child.address));
        if (!link.rivals.empty())
            warnings_.push_back(fmt::format("{} could belong to any of {}: it is taken for the first's",
                                            child.address, link.alternatives()));
        return link.instance;
    }

    // All of an agent's dev containers are added before any pointer to one is taken.
    void add_devcontainers() {
        std::vector<std::tuple<const Instance*, pb::Agent*, int>> added;
        for (const auto& instance : model_.instances) {
            if (instance.data || instance.type != "coder_devcontainer") continue;
            const auto* owner = owner_of(instance, is_agent);
            if (owner == nullptr) continue;
            auto* agent = parents_[owner].agent;
            *agent->add_devcontainers() = make_devcontainer(instance);
            added.emplace_back(&instance, agent, agent->devcontainers_size() - 1);
        }
        for (auto [instance, agent, index] : added)
            parents_[instance].devcontainer = agent->mutable_devcontainers(index);
    }

    Result<void> add_child(const Instance& instance) {
        if (instance.type == "coder_agent_instance") return add_identity(instance);
        bool app = instance.type == "coder_app";
        bool script = instance.type == "coder_script";
        bool env = instance.type == "coder_env";
        if (!app && !script && !env) return {};
        const auto* owner = owner_of(instance, is_parent);
        auto parent = parents_.find(owner);
        if (owner == nullptr || parent == parents_.end()) return {};
        if (script) *parent->second.add_script() = make_script(instance);
        if (env) *parent->second.add_env() = make_env(instance);
        if (!app) return {};
        auto made = make_app(instance);
        if (!made) return made.error();
        return add_app(*made, *owner, parent->second, instance);
    }

    Result<void> add_app(const pb::App& app, const Instance& owner, const Parent& parent,
                         const Instance& instance) {
        if (!is_host_label(app.slug()) || base::to_lower(app.slug()) != app.slug())
            return invalid_argument(fmt::format(
                "{}: slug \"{}\" may only hold small letters, digits and single hyphens between them",
                instance.address, app.slug()));
        // The apps of all agents share their names; those of a dev container have names of their own.
        const Instance* scope = is_agent(owner) ? nullptr : &owner;
        auto [known, is_new] = slugs_.try_emplace({scope, app.slug()}, instance.address);
        if (!is_new)
            return invalid_argument(fmt::format("duplicate app slug \"{}\": {} and {}", app.slug(),
                                                known->second, instance.address));
        *parent.add_app() = app;
        return {};
    }

    Result<void> add_identity(const Instance& instance) {
        const auto* owner = owner_of(instance, is_agent);
        auto parent = parents_.find(owner);
        if (owner == nullptr || parent == parents_.end()) return {};
        auto [known, is_new] = identities_.try_emplace(owner, instance.address);
        if (!is_new)
            return invalid_argument(fmt::format("{} and {} both give {} an instance", known->second,
                                                instance.address, owner->address));
        parent->second.agent->set_instance_id(std::string(instance.text("instance_id")));
        return {};
    }

    /// Address by name. A dev container's agent is one of the workspace's, too.
    using Names = std::map<std::string, std::string>;
    static Result<void> add_name(Names& names, const std::string& name, const std::string& address) {
        auto [known, is_new] = names.try_emplace(base::to_lower(name), address);
        if (is_new) return {};
        return invalid_argument(
            fmt::format("duplicate agent name \"{}\": {} and {}", name, known->second, address));
    }

    Result<void> check() const {
        Names names;
        for (const auto& [instance, agent] : agents_) {
            if (!is_host_label(agent.name()))
                return invalid_argument(fmt::format(
                    "{}: an agent's name may only hold letters, digits and single hyphens between them",
                    instance->address));
            auto named = add_name(names, agent.name(), instance->address);
            if (!named) return named;
            auto merged = check_environment(agent.env(), agent.extra_envs());
            if (!merged) return merged.error().wrap(instance->address);
            for (const auto& devcontainer : agent.devcontainers()) {
                named = add_name(names, devcontainer.name(), "coder_devcontainer." + devcontainer.name());
                if (!named) return named;
                merged = check_environment({}, devcontainer.envs());
                if (!merged) return merged.error().wrap("coder_devcontainer." + devcontainer.name());
            }
        }
        return {};
    }

    /// Merging happens where the agent is stored; here only to fail early, with a place.
    static Result<void> check_environment(const google::protobuf::Map<std::string, std::string>& start,
                                          const google::protobuf::RepeatedPtrField<pb::Env>& more) {
        std::map<std::string, std::string> environment(start.begin(), start.end());
        for (const auto& env : more) {
            auto merged = base::merge_env(environment, env.name(), env.value(), env.merge_strategy());
            if (!merged) return merged;
        }
        return {};
    }

    const Model& model_;
    const Linker& linker_;
    std::vector<std::string>& warnings_;
    std::vector<LinkedAgent> agents_;
    std::map<const Instance*, Parent> parents_;
    std::map<std::pair<const Instance*, std::string>, std::string> slugs_;
    std::map<const Instance*, std::string> identities_;
};

}  // namespace

Result<std::vector<LinkedAgent>> collect_agents(const Model& model, const Linker& linker,
                                                std::vector<std::string>& warnings) {
    return Collector(model, linker, warnings).run();
}

}  // namespace berth::terraform
