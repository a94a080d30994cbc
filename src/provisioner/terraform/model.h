#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// What stands in the brackets of an address: nothing, a count's number, a for_each's key.
using InstanceKey = std::variant<std::monostate, std::int64_t, std::string>;

/// One resource or data source of a plan or a state.
struct Instance {
    /// "module.m[0].coder_app.x[\"k\"]"
    std::string address;
    /// "module.m[0]"; empty in the root module.
    std::string module;
    /// The address without any key: the name of its block in the configuration and in the graph.
    std::string config_address;
    bool data = false;
    std::string type;
    std::string name;
    InstanceKey key;
    /// What is known of its attributes; values that are not known yet are absent.
    boost::json::object values;

    [[nodiscard]] std::string_view text(std::string_view attribute) const;
};

/// A plan's or a state's resources, in the order of their addresses.
struct Model {
    std::vector<Instance> instances;
    /// Of blocks whose `agent_id` or `resource_id` names another block directly: config address -> the
    /// references as written ("coder_agent.main.id", "coder_agent.main"). Plans only.
    std::map<std::string, std::vector<std::string>, std::less<>> references;
    std::vector<provisioner::ResourceReplacement> replacements;
};

/// From `terraform show -json PLAN`: what will be, and the data sources that were read.
Result<Model> read_plan(std::string_view json);
/// From `terraform show -json`.
Result<Model> read_state(std::string_view json);

/// The plan reduced to its data sources, as later questions about parameters need it; sensitive values are
/// null.
Result<std::string> plan_of_data_sources(std::string_view json);

/// "module.m[\"a.b\"].x.y[0]" -> "module.m.x.y"
std::string without_keys(std::string_view address);

}  // namespace berth::terraform
