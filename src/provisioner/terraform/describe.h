#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/graph.h"
#include "provisioner/terraform/model.h"

namespace berth::terraform {

struct Description {
    provisioner::GraphComplete message;
    /// What was left out or had to be guessed, for people who read the build's log.
    std::vector<std::string> warnings;
};

/// What a plan or a state means to berth: the template's own resources with their agents and metadata
/// (resources of the coder provider are parts of those, except coder_external_agent), parameters, presets,
/// accounts and AI tasks. `starts`: agents are expected to be needed by something. Neither input is changed.
Result<Description> describe(const Model& model, const Graph& graph, bool starts);

/// Credits per day that the model's coder_metadata resources declare.
std::int32_t daily_cost(const Model& model);

/// How many coder_ai_task resources there are.
std::int32_t ai_task_count(const Model& model);

}  // namespace berth::terraform
