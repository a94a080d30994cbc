#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "provisioner.pb.h"

namespace berth::terraform {

using VariableValues = google::protobuf::RepeatedPtrField<provisioner::VariableValue>;

/// How terraform is told the values of a template's variables. Its *.tfvars files win over TF_VAR_…, but what
/// people gave has to win over both.
struct GivenVariables {
    /// For TF_VAR_…. Not those that have the value which the template itself says: terraform reads that
    /// there, with its type. A default, too, is there only, so that a *.tfvars file wins over it.
    VariableValues environment;
    /// The content of a *.tfvars.json for -var-file; empty when there is none to be made.
    std::string file;
};

/// Of the prepared template in `folder`. An error names the variable, never its value. `tofu` as in
/// configuration_files().
Result<GivenVariables> give_variables(const std::filesystem::path& folder, const VariableValues& values,
                                      bool tofu = false);

/// Takes from `values` what goes into a file instead and writes that to `file` (0600), which is removed when
/// nothing does. Returns whether there is a file.
Result<bool> write_given_variables(const std::filesystem::path& folder, const std::filesystem::path& file,
                                   VariableValues& values, bool tofu = false);

}  // namespace berth::terraform
