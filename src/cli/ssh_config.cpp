#include "cli/ssh_config.h"

#include <algorithm>

#include "base/text.h"

namespace berth::cli {
namespace {

constexpr std::string_view start_marker = "# ------------START-CODER-----------";
constexpr std::string_view end_marker = "# ------------END-CODER------------";

bool is_one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\n\r\0", 3)) == std::string_view::npos;
}

/// For ProxyCommand: ssh expands % itself, then hands the line to a shell.
Result<std::string> shell_quote(const std::string& path) {
    if (!is_one_line(path))
        return invalid_argument("a path or command with a line break cannot be written to the SSH config");
    std::string quoted = "'";
    for (char c : path) {
        if (c == '\'') {
            quoted += "'\\''";
        } else if (c == '%') {
            quoted += "%%";
        } else {
            quoted += c;
        }
    }
    return quoted + "'";
}

bool is_host_part(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '.' || c == '_';
    });
}

Error failed_block() {
    return {ErrorCode::failed_precondition, "the marked section of the SSH config was changed by hand",
            "remove the lines from START-CODER to END-CODER and run config-ssh again"};
}

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + what.size()))
        ++found;
    return found;
}

}  // namespace

Result<std::string> SshConfigBlock::render() const {
    auto program = shell_quote(binary);
    if (!program) return program.error();
    auto config = shell_quote(config_dir);
    if (!config) return config.error();
    std::string header;
    if (!header_command.empty()) {
        auto quoted = shell_quote(header_command);
        if (!quoted) return quoted.error();
        header = " --header-command " + *quoted;
    }
    if (!is_host_part(hostname_prefix) || !is_host_part(hostname_suffix))
        return invalid_argument("the host prefix or suffix is not a host name");
    std::string host = hostname_suffix.empty() ? hostname_prefix + "*" : "*." + hostname_suffix;
    std::string text(start_marker);
    text += "\n# This section is managed by \"config-ssh\"; changes to it will be lost.\n";
    text += "Host " + host + "\n";
    text +=
        "    ConnectTimeout 0\n    StrictHostKeyChecking no\n    UserKnownHostsFile /dev/null\n    LogLevel "
        "ERROR\n";
    for (const auto& [name, value] : options) {
        if (!is_one_line(name) || !is_one_line(value) || name.find_first_of(" \t") != std::string::npos)
            return invalid_argument("the SSH option \"" + name + "\" cannot be written");
        text += "    " + name + " " + value + "\n";
    }
    std::string strip = hostname_suffix.empty() ? "--ssh-host-prefix " + hostname_prefix
                                                : "--hostname-suffix " + hostname_suffix;
    text += "    ProxyCommand " + *program + " --global-config " + *config + header + " ssh --stdio " +
            strip + " %h\n";
    text += end_marker;
    text += "\n";
    return text;
}

Result<std::string> replace_block(std::string_view file, std::string_view block) {
    std::size_t starts = count(file, start_marker);
    std::size_t ends = count(file, end_marker);
    if (starts != ends || starts > 1) return failed_block();
    if (starts == 0) {
        std::string text(file);
        if (block.empty()) return text;
        if (!text.empty() && !text.ends_with('\n')) text += '\n';
        if (!text.empty()) text += '\n';
        return text + std::string(block);
    }
    std::size_t begin = file.find(start_marker);
    std::size_t end = file.find(end_marker);
    if (end < begin) return failed_block();
    end += end_marker.size();
    if (end < file.size() && file[end] == '\n') ++end;
    return std::string(file.substr(0, begin)) + std::string(block) + std::string(file.substr(end));
}

std::string line_diff(std::string_view before, std::string_view after) {
    if (before == after) return {};
    auto old_lines = base::split(before, '\n');
    auto new_lines = base::split(after, '\n');
    // Only one block changes, so what is common at both ends frames it.
    std::size_t head = 0;
    while (head < old_lines.size() && head < new_lines.size() && old_lines[head] == new_lines[head])
        ++head;
    std::size_t tail = 0;
    while (tail < old_lines.size() - head && tail < new_lines.size() - head &&
           old_lines[old_lines.size() - 1 - tail] == new_lines[new_lines.size() - 1 - tail]) {
        ++tail;
    }
    std::string text;
    for (std::size_t i = head; i < old_lines.size() - tail; ++i)
        text += "-" + std::string(old_lines[i]) + "\n";
    for (std::size_t i = head; i < new_lines.size() - tail; ++i)
        text += "+" + std::string(new_lines[i]) + "\n";
    return text;
}

}  // namespace berth::cli
