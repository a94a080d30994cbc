#pragma once

#include <filesystem>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// Reads the root module of `folder` (*.tf, *.tf.json, override files last) without running terraform: its
/// variables sorted by name, what its *.tfvars files say of them, README.md, and the tags of
/// `data "coder_workspace_tags"`.
///
/// A variable's default is its variable_text(). One that a *.tfvars file sets is not required. A tag's value
/// is its expression as written (a literal keeps its quotes), because it can depend on parameters.
/// `tofu`: *.tofu files count too, as OpenTofu reads them.
Result<provisioner::ParseComplete> parse_template(const std::filesystem::path& folder, bool tofu = false);

}  // namespace berth::terraform
