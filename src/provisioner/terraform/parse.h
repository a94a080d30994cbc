#pragma once

#include <filesystem>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// Reads the root module of `folder` (*.tf, *.tf.json, override files last) without running terraform: its
/// variables sorted by name, README.md, and the tags of `data "coder_workspace_tags"`.
///
/// A variable's default is the bare text when it is a string and JSON otherwise, which is also how TF_VAR_…
/// takes it. A tag's value is its expression as written (a literal keeps its quotes), because it can depend
/// on parameters.
Result<provisioner::ParseComplete> parse_template(const std::filesystem::path& folder, bool tofu = false);

}  // namespace berth::terraform
