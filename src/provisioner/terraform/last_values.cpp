#include "provisioner/terraform/last_values.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/go_values.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/model.h"
#include "provisioner/terraform/questions.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view override_file = "berth_last_values_override.tf";

/// As an HCL string, without interpolation.
std::string hcl_string(std::string_view text) {
    std::string out = "\"";
    for (std::size_t i = 0; i < text.size(); ++i) {
        char c = text[i];
        bool template_start = (c == '$' || c == '%') && i + 1 < text.size() && text[i + 1] == '{';
        if (c == '"' || c == '\\') {
            out += {'\\', c};
        } else if (static_cast<unsigned char>(c) < 0x20) {
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
            out += template_start ? std::string(2, c) : std::string(1, c);
        }
    }
    return out + '"';
}

/// Options whose values may be parts of the parameter's value become ones that are all of it.
constexpr std::string_view whole_options = "  form_type = \"radio\"\n";

constexpr std::string_view no_validation =
    "  dynamic \"validation\" {\n    for_each = []\n    content {}\n  }\n";

bool is_of_its_type(const QuestionBlock& block, const std::string& value) {
    if (block.value_type == "number") return base::is_go_float(value);
    if (block.value_type == "bool") return base::parse_go_bool(value).has_value();
    return block.value_type == "string";
}

/// What takes the place of the parameter's own; empty when nothing helps.
std::string override_body(const QuestionBlock& block, const std::string& value) {
    if (!block.has_options) return std::string(is_of_its_type(block, value) ? no_validation : "");
    std::string body;
    if (block.value_type == "list(string)" && block.has_form_type) body += whole_options;
    body += fmt::format("  option {{\n    name  = {0}\n    value = {0}\n  }}\n", hcl_string(value));
    // An option may be refused by the limits of numbers as well.
    return body.append(no_validation);
}

const QuestionBlock* parameter_at(const std::vector<QuestionBlock>& blocks, std::string_view address) {
    auto found = std::find_if(blocks.begin(), blocks.end(), [&](const QuestionBlock& block) {
        return block.type == "coder_parameter" && block.address == address;
    });
    return found == blocks.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<std::string>> accept_last_values(const fs::path& folder,
                                                    const std::vector<Diagnostic>& errors,
                                                    const std::map<std::string, std::string>& values,
                                                    bool tofu) {
    auto blocks = find_questions(folder, tofu);
    if (!blocks) return blocks.error();
    std::map<fs::path, std::string> files;
    std::map<std::string, std::string> accepted;
    for (const auto& error : errors) {
        const auto* block = parameter_at(*blocks, without_keys(error.address));
        auto value = block != nullptr ? values.find(block->name) : values.end();
        if (value == values.end()) return std::vector<std::string>();
        // Each of its instances may have refused.
        if (!accepted.emplace(block->address, block->name).second) continue;
        auto body = override_body(*block, value->second);
        if (body.empty()) return std::vector<std::string>();
        auto label = block->address.substr(block->address.rfind('.') + 1);
        files[block->folder] +=
            fmt::format("data \"coder_parameter\" {} {{\n{}}}\n", hcl_string(label), body);
    }
    for (const auto& [place, text] : files) {
        auto written = write_private_file(place / override_file, text);
        if (!written) return written.error();
    }
    std::vector<std::string> names;
    for (const auto& [address, name] : accepted)
        names.push_back(name);
    return names;
}

}  // namespace berth::terraform
