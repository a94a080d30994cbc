#include "coderd/tasks/rules.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "coderd/api/complaints.h"
#include "sdk/validation.h"

namespace berth::coderd {
namespace {

constexpr std::size_t max_prompt = 100'000;
constexpr std::size_t max_name_stem = 27;
constexpr std::size_t max_display_name = 64;

/// Cuts at a character's start.
std::string_view cut(std::string_view text, std::size_t bytes) {
    if (text.size() <= bytes) return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80)
        --bytes;
    return text.substr(0, bytes);
}

}  // namespace

Error invalid_task(std::string field, std::string problem) {
    return invalid_argument("The task cannot be created.").with_field(std::move(field), std::move(problem));
}

std::string task_prompt_problem(std::string_view prompt) {
    if (base::trim(prompt).empty()) return "is required";
    if (prompt.size() > max_prompt) return "has more than " + std::to_string(max_prompt) + " bytes";
    if (prompt.find('\0') != std::string_view::npos) return "has a NUL character";
    return "";
}

Result<void> check_new_task(const sdk::CreateTaskRequest& request) {
    Complaints complaints("The task cannot be created.");
    complaints.add("template_version_id", request.template_version_id.is_nil() ? "is required" : "");
    complaints.add("input", task_prompt_problem(request.input));
    if (!request.name.empty()) complaints.add("name", sdk::name_problem(request.name));
    complaints.add("display_name", sdk::display_name_problem(request.display_name));
    if (complaints.any()) return complaints.error();
    return {};
}

std::string task_name_from(std::string_view prompt, const Uuid& salt) {
    std::string name;
    for (char c : prompt) {
        if (name.size() >= max_name_stem) break;
        auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80 && std::isalnum(byte) != 0) {
            name += static_cast<char>(std::tolower(byte));
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    while (name.ends_with('-'))
        name.pop_back();
    if (name.empty()) name = "task";
    return name + "-" + salt.to_string().substr(0, 4);
}

std::string task_display_name_from(std::string_view prompt) {
    auto line = base::trim(prompt);
    line = line.substr(0, line.find_first_of("\r\n"));
    return std::string(base::trim(cut(line, max_display_name)));
}

}  // namespace berth::coderd
