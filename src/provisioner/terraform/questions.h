#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace berth::terraform {

/// A block that asks something of the user or decides by the answers: coder_parameter, coder_workspace_tags.
struct QuestionBlock {
    /// Without keys: "module.m.data.coder_parameter.region".
    std::string address;
    std::string type;
    /// The parameter's name where it is written as a plain text, else empty.
    std::string name;
    /// Everything that decides what is asked and which answers are good is written as plain values.
    bool literal = true;
    /// A parameter's type as it is written: "string" when nothing is.
    std::string value_type = "string";
    bool has_options = false;
    /// An older provider does not know `form_type`.
    bool has_form_type = false;
    /// Of the module it stands in.
    std::filesystem::path folder = {};
};

/// All of the initialized template in `folder`, its installed modules included, without evaluating anything.
Result<std::vector<QuestionBlock>> find_questions(const std::filesystem::path& folder, bool tofu = false);

}  // namespace berth::terraform
