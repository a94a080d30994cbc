#include "provisioner/terraform/describe.h"

#include <array>
#include <limits>

#include <fmt/format.h>

#include "provisioner/terraform/agents.h"
#include "provisioner/terraform/json_access.h"
#include "provisioner/terraform/links.h"
#include "provisioner/terraform/parameters.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

struct CloudAttribute {
    std::string_view type;
    std::string_view instance_type;
    /// What the cloud's identity document calls the machine.
    std::string_view instance_id;
};

constexpr std::array<CloudAttribute, 5> clouds{{
    {"aws_instance", "instance_type", "id"},
    {"aws_spot_instance_request", "instance_type", "spot_instance_id"},
    {"azurerm_linux_virtual_machine", "size", "virtual_machine_id"},
    {"azurerm_windows_virtual_machine", "size", "virtual_machine_id"},
    {"google_compute_instance", "machine_type", "instance_id"},
}};

const CloudAttribute* cloud_of(const Instance& instance) {
    for (const auto& cloud : clouds)
        if (cloud.type == instance.type) return &cloud;
    return nullptr;
}

bool is_shown(const Instance& instance) {
    if (instance.data) return false;
    return !instance.type.starts_with("coder_") || instance.type == "coder_external_agent";
}

bool is_ai_task(const Instance& instance) { return !instance.data && instance.type == "coder_ai_task"; }

std::int32_t added(std::int32_t total, std::int32_t more) {
    using Limits = std::numeric_limits<std::int32_t>;
    if (more > 0 && total > Limits::max() - more) return Limits::max();
    if (more < 0 && total < Limits::min() - more) return Limits::min();
    return total + more;
}

class Describer {
public:
    Describer(const Model& model, const Graph& graph, bool starts)
        : model_(model), linker_(model, graph), starts_(starts) {}

    Result<Description> run() {
        auto agents = collect_agents(model_, linker_, warnings_);
        if (!agents) return agents.error();
        for (const auto& instance : model_.instances)
            if (is_shown(instance)) shown_.emplace_back(&instance, make_resource(instance));
        for (auto& [instance, resource] : shown_)
            by_instance_[instance] = &resource;
        for (auto& agent : *agents)
            place(agent);
        auto metadata = add_metadata();
        if (!metadata) return metadata.error();
        Description out;
        for (auto& [instance, resource] : shown_)
            *out.message.add_resources() = std::move(resource);
        auto questions = add_questions(model_, out.message);
        if (!questions) return questions.error();
        add_tasks(out.message);
        out.warnings = std::move(warnings_);
        return out;
    }

private:
    static pb::Resource make_resource(const Instance& instance) {
        pb::Resource resource;
        resource.set_name(instance.name);
        resource.set_type(instance.type);
        resource.set_module_path(without_keys(instance.module));
        if (const auto* cloud = cloud_of(instance))
            resource.set_instance_type(string_of(instance.values, cloud->instance_type));
        return resource;
    }

    /// An agent belongs to the resource that needs it by the shortest way; a stopped workspace has none, and
    /// then the agent is not shown either.
    void place(LinkedAgent& agent) {
        auto link = linker_.nearest_dependent(*agent.instance, is_shown);
        const auto* host = link.instance;
        if (host == nullptr) {
            if (starts_)
                warnings_.push_back(
                    fmt::format("{} is left out: no resource needs it", agent.instance->address));
            return;
        }
        if (!link.rivals.empty())
            warnings_.push_back(fmt::format("{} is needed by {} alike: it is shown with the first",
                                            agent.instance->address, link.alternatives()));
        const auto* cloud = cloud_of(*host);
        if (cloud != nullptr && agent.message.auth_case() == pb::Agent::kInstanceId &&
            agent.message.instance_id().empty())
            agent.message.set_instance_id(string_of(host->values, cloud->instance_id));
        *by_instance_.at(host)->add_agents() = std::move(agent.message);
    }

    Result<void> add_metadata() {
        std::map<const Instance*, std::string> decorated;
        for (const auto& instance : model_.instances) {
            if (instance.data || instance.type != "coder_metadata") continue;
            auto link = linker_.target(instance, "resource_id", is_shown);
            const auto* target = link.instance;
            if (target == nullptr) continue;
            if (!link.rivals.empty())
                warnings_.push_back(fmt::format("{} could describe any of {}: it is taken for the first's",
                                                instance.address, link.alternatives()));
            auto [known, is_new] = decorated.try_emplace(target, instance.address);
            if (!is_new)
                return invalid_argument(fmt::format("duplicate metadata: {} and {} both describe {}",
                                                    known->second, instance.address, target->address));
            decorate(instance, *by_instance_.at(target));
        }
        return {};
    }

    static void decorate(const Instance& instance, pb::Resource& resource) {
        const auto& values = instance.values;
        resource.set_hide(bool_of(values, "hide"));
        resource.set_icon(string_of(values, "icon"));
        resource.set_daily_cost(int32_of(values, "daily_cost"));
        for (const auto& value : array_of(values, "item")) {
            const auto* object = value.if_object();
            if (object == nullptr) continue;
            auto* item = resource.add_metadata();
            item->set_key(string_of(*object, "key"));
            item->set_value(string_of(*object, "value"));
            item->set_sensitive(bool_of(*object, "sensitive"));
            item->set_is_null(bool_of(*object, "is_null"));
        }
    }

    void add_tasks(pb::GraphComplete& out) const {
        for (const auto& instance : model_.instances) {
            if (instance.type == "coder_external_agent" && !instance.data) out.set_has_external_agents(true);
            if (instance.type == "coder_task" && instance.data) out.set_has_ai_tasks(true);
            if (!is_ai_task(instance)) continue;
            out.set_has_ai_tasks(true);
            auto* task = out.add_ai_tasks();
            task->set_id(string_of(instance.values, "id"));
            task->set_app_id(string_of(instance.values, "app_id"));
            const auto* sidebar = block_of(instance.values, "sidebar_app");
            if (task->app_id().empty() && sidebar != nullptr) task->set_app_id(string_of(*sidebar, "id"));
        }
    }

    const Model& model_;
    Linker linker_;
    bool starts_;
    std::vector<std::string> warnings_;
    std::vector<std::pair<const Instance*, pb::Resource>> shown_;
    std::map<const Instance*, pb::Resource*> by_instance_;
};

}  // namespace

Result<Description> describe(const Model& model, const Graph& graph, bool starts) {
    return Describer(model, graph, starts).run();
}

std::int32_t daily_cost(const Model& model) {
    std::int32_t total = 0;
    for (const auto& instance : model.instances)
        if (!instance.data && instance.type == "coder_metadata")
            total = added(total, int32_of(instance.values, "daily_cost"));
    return total;
}

std::int32_t ai_task_count(const Model& model) {
    std::int32_t count = 0;
    for (const auto& instance : model.instances)
        count += is_ai_task(instance) ? 1 : 0;
    return count;
}

}  // namespace berth::terraform
