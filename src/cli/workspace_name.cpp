#include "cli/workspace_name.h"

#include <vector>

#include "base/text.h"

namespace berth::cli {
namespace {

std::vector<std::string> split_double_dash(std::string_view text) {
    std::vector<std::string> parts;
    while (true) {
        std::size_t at = text.find("--");
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 2);
    }
}

bool is_name(std::string_view text) {
    if (text.empty() || text.size() > 64 || text.front() == '-') return false;
    for (char c : text) {
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                    c == '_';
        if (!good) return false;
    }
    return true;
}

}  // namespace

Result<WorkspaceName> WorkspaceName::parse(std::string_view text) {
    WorkspaceName name;
    if (auto parts = split_double_dash(text); parts.size() > 1 && text.find('/') == std::string_view::npos) {
        if (parts.size() > 3) return invalid_argument("\"" + std::string(text) + "\" has too many parts");
        name.owner = parts[0];
        name.workspace = parts[1];
        if (parts.size() == 3) name.agent = parts[2];
        // "owner--ws.agent", as VS Code's host names have it.
        text = name.workspace;
    } else if (auto slash = text.find('/'); slash != std::string_view::npos) {
        name.owner = text.substr(0, slash);
        text.remove_prefix(slash + 1);
    }
    auto dot = text.find('.');
    std::string workspace(text.substr(0, dot));
    if (dot != std::string_view::npos) name.agent = text.substr(dot + 1);
    name.workspace = std::move(workspace);
    if (!is_name(name.owner) || !is_name(name.workspace) || (!name.agent.empty() && !is_name(name.agent)) ||
        (dot != std::string_view::npos && name.agent.empty())) {
        return invalid_argument("not a workspace name",
                                "write WORKSPACE, OWNER/WORKSPACE or OWNER/WORKSPACE.AGENT");
    }
    return name;
}

}  // namespace berth::cli
