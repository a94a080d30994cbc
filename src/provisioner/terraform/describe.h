#pragma once

#include "base/result.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/graph.h"
#include "provisioner/terraform/model.h"

namespace berth::terraform {

/// What a plan or a state means to berth: the template's own resources with their agents and metadata
/// (resources of the coder provider are parts of those, except coder_external_agent), parameters, presets,
/// accounts and AI tasks. Neither input is changed.
Result<provisioner::GraphComplete> describe(const Model& model, const Graph& graph);

/// Credits per day that the model's coder_metadata resources declare.
std::int32_t daily_cost(const Model& model);

/// How many coder_ai_task resources there are.
std::int32_t ai_task_count(const Model& model);

}  // namespace berth::terraform
