#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// Reads the root module of `folder` (*.tf, *.tf.json, override files last) without running terraform: its
/// variables sorted by name, what its *.tfvars files say of them, README.md, and the tags of
/// `data "coder_workspace_tags"`.
///
/// A variable's default is its variable_text(), empty when only terraform can evaluate it; so is the value of
/// a *.tfvars file. A variable that such a file sets is not required. A tag's value
/// is its expression as written (a literal keeps its quotes), because it can depend on parameters.
/// `tofu`: *.tofu files count too, as OpenTofu reads them.
Result<provisioner::ParseComplete> parse_template(const std::filesystem::path& folder, bool tofu = false);

/// A variable, and what the template's own files say of it.
struct DeclaredVariable {
    provisioner::TemplateVariable message;
    bool ephemeral = false;
    /// A *.tfvars file sets it.
    bool in_file = false;
    /// What the file says, else the default. Nothing when there is neither, and for null and what only
    /// terraform can evaluate.
    std::optional<std::string> own_value;
};

/// The part of parse_template() that is about variables, sorted by name.
Result<std::vector<DeclaredVariable>> declared_variables(const std::filesystem::path& folder,
                                                         bool tofu = false);

}  // namespace berth::terraform
