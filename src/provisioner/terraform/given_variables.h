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
    /// there, with its type.
    VariableValues environment;
    /// The content of a *.tfvars.json for -var-file; empty when there is none to be made.
    std::string file;
    /// The part of it that apply needs as well: a plan does not keep the values of ephemeral variables.
    std::string ephemeral_file;
};

/// Of the prepared template in `folder`. Where a value does not say whether it was given (Coder's server does
/// not say it), it was unless it is what the template itself says. An error names the variable, never
/// its value. `tofu` as in configuration_files().
Result<GivenVariables> give_variables(const std::filesystem::path& folder, const VariableValues& values,
                                      bool tofu = false);

/// Files for -var-file, 0600. An empty path: none is wanted, or there is nothing to say.
struct VariableFiles {
    std::filesystem::path plan;
    std::filesystem::path apply;
};

/// Takes from `values` what nobody gave, and what goes into files instead; writes those to `files`, or
/// removes them.
Result<VariableFiles> write_given_variables(const std::filesystem::path& folder, VariableFiles files,
                                            VariableValues& values, bool tofu = false);

}  // namespace berth::terraform
