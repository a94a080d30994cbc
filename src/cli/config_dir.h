#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace berth::cli {

/// What a login leaves behind: the files `url` and `session`, 0600, under --global-config / CODER_CONFIG_DIR
/// (default: $XDG_CONFIG_HOME/coderv2, else ~/.config/coderv2). Editors read and write the same two files.
class ConfigDir {
public:
    explicit ConfigDir(std::filesystem::path path) : path_(std::move(path)) {}
    /// The default place, from the environment.
    static std::filesystem::path default_path();

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::optional<std::string> url() const;
    [[nodiscard]] std::optional<SecretString> session() const;
    /// Written to a new file that replaces the old one, so that a reader never sees half of it.
    Result<void> write_login(const std::string& url, const SecretString& session) const;
    Result<void> remove_login() const;

private:
    Result<void> write(std::string_view name, const std::string& content) const;

    std::filesystem::path path_;
};

/// The text of a small file without white space at its ends; nothing when there is none.
std::optional<std::string> read_line_file(const std::filesystem::path& path);

/// Replaces `path` by `content` through a temporary file in the same folder. Shared by all that write user
/// files.
Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content,
                                   unsigned mode);

}  // namespace berth::cli
