#pragma once

#include <string_view>

#include "base/result.h"

namespace google::protobuf {
template <class T>
class RepeatedPtrField;
}
namespace provisioner {
class Devcontainer;
class Resource;
}  // namespace provisioner

namespace berth::coderd {

/// Lowercase letters and digits, single hyphens between them: what an app's slug and an agent's name look
/// like. Agents may have capitals.
bool is_app_slug(std::string_view slug);
bool is_agent_name(std::string_view name);

/// A container has an agent of its own from the start when the template gives it anything to hold.
bool wants_sub_agent(const provisioner::Devcontainer& container);

/// What must hold for the resources of one job before any is stored: agents (those of dev containers too)
/// have usable names that differ even without case, apps have usable slugs that are unique, keys of metadata
/// and paths of monitored volumes are there once, tokens are UUIDs of one agent each, ids of sub-agents are
/// UUIDs, merge strategies are known. The error says what to change in the template.
Result<void> check_resources(const google::protobuf::RepeatedPtrField<provisioner::Resource>& resources);

}  // namespace berth::coderd
