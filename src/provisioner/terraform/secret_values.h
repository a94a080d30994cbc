#pragma once

#include <string>
#include <vector>

#include "provisioner.pb.h"

namespace berth::terraform {

/// Texts of a build that its log must not show, not even when terraform tells all it does: each secret, the
/// lines of one that has several, both as they stand between the quotes of JSON and of Go (and of one in the
/// other), and in base64. The longest come first. Those of a few characters are not among them, because they
/// are a part of too many words.
std::vector<std::string> secret_values(const provisioner::PlanRequest& inputs);

/// The text with "***" in the place of each of them.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

}  // namespace berth::terraform
