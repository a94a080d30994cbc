#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace berth::cli {

/// What `config-ssh` writes into ~/.ssh/config, between two marker lines.
struct SshConfigBlock {
    /// Absolute path of the program for ProxyCommand.
    std::string binary;
    /// Absolute; passed on as --global-config.
    std::string config_dir;
    /// Passed on as --header-command when not empty.
    std::string header_command;
    /// "coder." makes hosts "coder.<workspace>".
    std::string hostname_prefix;
    /// Empty, or "coder" for hosts "<workspace>.coder".
    std::string hostname_suffix;
    /// More "Option value" lines for each host, from the deployment and then the user.
    std::map<std::string, std::string> options;

    /// The block with its markers. Refuses text that could not be quoted or would start another line.
    [[nodiscard]] Result<std::string> render() const;
};

/// The file with `block` in place of an earlier one, or at its end; an empty block removes it. All other
/// bytes stay. A start marker without an end (or two blocks) is refused: somebody edited it, and guessing
/// could lose their lines.
Result<std::string> replace_block(std::string_view file, std::string_view block);

/// Lines that differ, "-old" and "+new", for --dry-run. Empty when nothing would change.
std::string line_diff(std::string_view before, std::string_view after);

}  // namespace berth::cli
