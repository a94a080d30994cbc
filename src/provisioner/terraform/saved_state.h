#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"

namespace berth::terraform {

/// The state that terraform wrote; empty when there is none. Terraform replaces the file in place, so a
/// killed one may leave half of it; then the one before is the best there is. An error when there are only
/// halves.
Result<std::string> read_saved_state(const std::filesystem::path& path);

}  // namespace berth::terraform
