#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

/// What init wrote to .terraform/modules/modules.json, sorted by key and without the root module. Nothing
/// when there is no such file.
Result<std::vector<provisioner::Module>> installed_modules(const std::filesystem::path& folder);

}  // namespace berth::terraform
