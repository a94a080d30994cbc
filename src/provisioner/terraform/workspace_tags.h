#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace berth::terraform {

/// Values that people gave, by name, as variable_text().
struct GivenValues {
    std::map<std::string, std::string> variables;
    std::map<std::string, std::string> parameters;
};

struct WorkspaceTags {
    std::map<std::string, std::string> values;
    /// Keys of the tags whose values take terraform to find out.
    std::vector<std::string> unknown;
};

/// What `data "coder_workspace_tags"` of the root module in `folder` says, found without terraform: literals,
/// and texts made of variables, locals and parameters. What is not given has its default.
Result<WorkspaceTags> read_workspace_tags(const std::filesystem::path& folder, const GivenValues& given,
                                          bool tofu = false);

/// The same for a template's archive, which is unpacked into a folder below `root` for as long as this takes.
/// Blocks: run on the workers.
Result<WorkspaceTags> read_archived_tags(const std::filesystem::path& root, const std::string& archive,
                                         const GivenValues& given);

}  // namespace berth::terraform
