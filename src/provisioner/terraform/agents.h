#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/links.h"

namespace berth::terraform {

/// A coder_agent with everything that hangs on it.
struct LinkedAgent {
    const Instance* instance = nullptr;
    provisioner::Agent message;
};

/// All agents of the model, in the order of their addresses, with apps, scripts, environment and dev
/// containers. Fails on what would be ambiguous or unusable later: two agents of one name, two apps of one
/// slug on an agent, names that are no host names, an environment that cannot be merged. What belongs to no
/// agent or could belong to several is added to `warnings`.
Result<std::vector<LinkedAgent>> collect_agents(const Model& model, const Linker& linker,
                                                std::vector<std::string>& warnings);

}  // namespace berth::terraform
