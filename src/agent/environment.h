#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "base/result.h"

namespace berth::agent {

/// Environment variables by name.
using Variables = std::map<std::string, std::string>;

/// Who the agent runs as, and so who every command runs as.
struct Account {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
    std::filesystem::path home;
    /// Login shell, an absolute path.
    std::string shell;
};

/// The line of an /etc/passwd text that has this uid. Malformed lines are passed over.
std::optional<Account> find_account(std::string_view passwd, uid_t uid);

/// The account of this process: from /etc/passwd read by ourselves (a static build cannot load NSS),
/// completed from USER, HOME and SHELL of `environment` and, at last, with "/" and the first shell that
/// exists.
Account current_account(const Variables& environment, const std::filesystem::path& passwd = "/etc/passwd");

/// This process's environment.
Variables process_environment();

/// "NAME=value" each, in order of the names.
std::vector<std::string> to_environ(const Variables& variables);

/// Replaces $NAME and ${NAME}; unknown names become empty, "$$" and a lone "$" stay as they are.
std::string expand_variables(std::string_view text, const Variables& variables);

/// An absolute path: variables replaced, a leading "~" is the home directory, relative paths start there;
/// empty stays empty.
std::filesystem::path expand_path(std::string_view text, const Account& account, const Variables& variables);

/// Puts `directory` at the front of PATH, once.
void prepend_path(Variables& variables, const std::filesystem::path& directory);

/// Writes a file that only its owner can read, replacing what was there in one step; creates missing parents
/// (0700). The content never appears in the error.
Result<void> write_private_file(const std::filesystem::path& path, std::string_view content);

/// Reads at most `limit` bytes; nullopt when it cannot be read.
std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t limit);

}  // namespace berth::agent
