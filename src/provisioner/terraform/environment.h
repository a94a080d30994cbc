#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// Environment variables by name.
using Environment = std::map<std::string, std::string>;

/// The agent's start script for a platform ("linux", "amd64"), with ${ACCESS_URL} and ${AUTH_TYPE} left in
/// it.
using InitScript = std::function<std::optional<std::string>(std::string_view os, std::string_view arch)>;

/// What terraform always gets: the host's variables without those that would change a build behind its back
/// (CODER_*, TF_VAR_*, TF_CLI_ARGS*, TF_LOG*, TF_DATA_DIR, TF_WORKSPACE, TF_REATTACH_PROVIDERS), and the
/// quiet switches.
Environment base_environment(const std::vector<std::string>& host);

/// What the template's data sources read of a build. `secrets` only for a plan (see behaviour of user
/// secrets): they are left out unless the transition is start. Fails when a value cannot stand in an
/// environment; the message names the variable's owner (a parameter, a variable…), never its value.
Result<Environment> build_environment(const Environment& base, const provisioner::Metadata& metadata,
                                      const provisioner::PlanRequest& inputs, const InitScript& init_script,
                                      bool secrets);

/// With Go's garbage collector told to wait: terraform and its providers live for a moment and free nothing
/// worth the time (a quarter less CPU for 5 MB more memory, measured). What the host says about it counts
/// more.
Environment with_rare_collections(Environment environment);

/// "NAME=value" each, as execve takes them.
std::vector<std::string> to_vector(const Environment& environment);

/// The host environment of this process.
std::vector<std::string> host_environment();

}  // namespace berth::terraform
