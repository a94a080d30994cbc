#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner/terraform/archive.h"
#include "provisioner/terraform/executor.h"

namespace berth::terraform {

/// Unpacks a template and its stored modules (a tar, may be empty) into an empty folder, without what a
/// template's author may have left in it: state, plugins, modules of their own.
Result<void> unpack_template(const std::filesystem::path& folder, const std::string& archive,
                             const std::string& modules, const ArchiveLimits& limits);

/// The arguments of `terraform init`.
std::vector<std::string> init_command(const TerraformBinary& terraform);

}  // namespace berth::terraform
