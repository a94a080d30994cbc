#include "cli/output.h"

#include "base/clock.h"
#include "cli/session.h"
#include "cli/table.h"

namespace berth::cli {

void OutputFormat::add_to(CLI::App* command) {
    command->add_option("-o,--output", name, "table or json")
        ->check(CLI::IsMember({"table", "text", "json"}));
}

void OutputFormat::add_to_list(CLI::App* command) {
    add_to(command);
    command->add_option("-c,--column", columns, "Columns to show, with commas between them")->delimiter(',');
}

Result<void> OutputFormat::print(const Session& session, const Table& table) const {
    auto chosen = table.select(columns);
    if (!chosen) return chosen.error();
    session.print(chosen->to_string());
    return {};
}

std::string time_ago(base::Time time) {
    if (time <= sdk::zero_time) return "never";
    auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(base::system_clock().now() - time).count();
    if (seconds < 10) return "just now";
    if (seconds < 60) return std::to_string(seconds) + "s ago";
    if (seconds < 3600) return std::to_string(seconds / 60) + "m ago";
    if (seconds < 48 * 3600) return std::to_string(seconds / 3600) + "h ago";
    return std::to_string(seconds / 86400) + "d ago";
}

std::string pretty_json(std::string_view json) {
    std::string out;
    int depth = 0;
    bool in_text = false;
    auto new_line = [&] { out += "\n" + std::string(static_cast<std::size_t>(depth) * 2, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        char c = json[i];
        if (in_text) {
            out += c;
            if (c == '\\') out += json[++i];
            if (c == '"') in_text = false;
            continue;
        }
        bool empty =
            (c == '{' || c == '[') && i + 1 < json.size() && (json[i + 1] == '}' || json[i + 1] == ']');
        if (empty) {
            out += c;
            out += json[++i];
        } else if (c == '{' || c == '[') {
            out += c;
            ++depth;
            new_line();
        } else if (c == '}' || c == ']') {
            --depth;
            new_line();
            out += c;
        } else if (c == ',') {
            out += c;
            new_line();
        } else if (c == ':') {
            out += ": ";
        } else {
            out += c;
            if (c == '"') in_text = true;
        }
    }
    return out;
}

}  // namespace berth::cli
