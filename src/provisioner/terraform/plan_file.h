#pragma once

#include <filesystem>

#include "base/result.h"
#include "provisioner/terraform/model.h"

namespace berth::terraform {

/// The data sources that a saved plan has read, from the state inside its file. That is terraform's own
/// format (a zip with a state of version 4), which saves running `terraform show`; unimplemented when this
/// version writes something else.
Result<Model> read_plan_file(const std::filesystem::path& path);

}  // namespace berth::terraform
