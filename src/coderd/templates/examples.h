#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "sdk/templates.h"

namespace berth::coderd {

/// One file of an example template, as built into the program (see src/coderd/CMakeLists.txt).
struct ExampleFile {
    /// "local-process/main.tf"
    std::string_view path;
    std::string_view content;
};
std::vector<ExampleFile> embedded_examples();

/// The examples, by id (the name of their folder); what they say about themselves stands in their README's
/// front matter.
std::vector<sdk::TemplateExample> list_examples();
/// A tar archive of one example; not_found for an unknown id.
Result<std::string> example_archive(std::string_view id);

/// "---\nkey: value\ntags: [a, b]\n---\nmarkdown": what stands before the text, and the text.
sdk::TemplateExample parse_example(std::string id, std::string_view readme);

}  // namespace berth::coderd
