#include "provisioner/terraform/last_values.h"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
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

/// What an option must offer for the value to be good: of a list, each of its items.
std::vector<std::string> offered_values(const QuestionBlock& block, const std::string& value) {
    if (block.value_type != "list(string)") return {value};
    boost::system::error_code failed;
    auto list = boost::json::parse(value, failed);
    std::vector<std::string> items;
    if (failed || !list.is_array()) return items;
    for (const auto& item : list.get_array())
        if (item.is_string()) items.emplace_back(item.get_string());
    return items;
}

/// The blocks that take the place of the parameter's own; empty when nothing helps.
std::string override_body(const QuestionBlock& block, const std::string& value) {
    std::string body;
    if (block.has_options) {
        for (const auto& item : offered_values(block, value))
            body += fmt::format("  option {{\n    name  = {0}\n    value = {0}\n  }}\n", hcl_string(item));
        return body;
    }
    if (block.value_type == "number") {
        auto number = base::parse_int<std::int64_t>(value);
        if (number) body = fmt::format("  validation {{\n    min = {0}\n    max = {0}\n  }}\n", *number);
    } else if (block.value_type == "string") {
        body = "  validation {\n    regex = \"(?s).*\"\n    error = \"any text\"\n  }\n";
    }
    return body;
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
