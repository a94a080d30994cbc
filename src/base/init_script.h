#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace berth::base {

/// The shell script that a workspace runs to fetch and start its agent; a template gets it as
/// `coder_agent.init_script`. ${ACCESS_URL} (ends with "/") and ${AUTH_TYPE} stay in the text: the Terraform
/// provider replaces them. Nothing for a platform that berth has no agent for.
std::optional<std::string> init_script(std::string_view os, std::string_view arch);

}  // namespace berth::base
