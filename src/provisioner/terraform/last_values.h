#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "provisioner/terraform/log_line.h"

namespace berth::terraform {

/// For a stop or a delete, which must not fail because the template would refuse today what the workspace was
/// started with: writes override files into the prepared template in `folder`, with which the parameters that
/// refused take their last values. `errors`: of a failed plan. `values`: by parameter name.
/// Returns the names of these parameters; none, and nothing is written, when the plan failed for another
/// reason too.
Result<std::vector<std::string>> accept_last_values(const std::filesystem::path& folder,
                                                    const std::vector<Diagnostic>& errors,
                                                    const std::map<std::string, std::string>& values,
                                                    bool tofu = false);

}  // namespace berth::terraform
