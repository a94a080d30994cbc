#include "cli/config_dir.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/text.h"

namespace berth::cli {
namespace {

Error system_error(const std::string& what, const std::filesystem::path& path) {
    return internal_error(what + " " + path.string(), std::strerror(errno));
}

bool write_all(int fd, std::string_view content) {
    while (!content.empty()) {
        ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

}  // namespace

std::filesystem::path ConfigDir::default_path() {
    if (const char* chosen = std::getenv("CODER_CONFIG_DIR"); chosen != nullptr && *chosen != '\0')
        return chosen;
    if (const char* xdg = std::getenv("XDG_CONFIG_HOME"); xdg != nullptr && *xdg != '\0')
        return std::filesystem::path(xdg) / "coderv2";
    const char* home = std::getenv("HOME");
    return std::filesystem::path(home != nullptr ? home : "/") / ".config" / "coderv2";
}

std::optional<std::string> ConfigDir::url() const { return read_line_file(path_ / "url"); }

std::optional<SecretString> ConfigDir::session() const {
    auto text = read_line_file(path_ / "session");
    if (!text) return std::nullopt;
    return SecretString(std::move(*text));
}

Result<void> ConfigDir::write_login(const std::string& url, const SecretString& session) const {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    if (error) return internal_error("cannot make the folder " + path_.string(), error.message());
    ::chmod(path_.c_str(), 0700);
    if (auto written = write("url", url); !written) return written;
    return write("session", session.reveal());
}

Result<void> ConfigDir::remove_login() const {
    for (const char* name : {"session", "url"}) {
        std::error_code error;
        std::filesystem::remove(path_ / name, error);
        if (error) return internal_error("cannot remove " + (path_ / name).string(), error.message());
    }
    return {};
}

Result<void> ConfigDir::write(std::string_view name, const std::string& content) const {
    return write_file_atomically(path_ / name, content, 0600);
}

std::optional<std::string> read_line_file(const std::filesystem::path& path) {
    std::ifstream file(path);
    if (!file) return std::nullopt;
    std::ostringstream content;
    content << file.rdbuf();
    std::string text(base::trim(content.str()));
    if (text.empty()) return std::nullopt;
    return text;
}

Result<void> write_file_atomically(const std::filesystem::path& path, std::string_view content,
                                   unsigned mode) {
    auto temporary = path;
    temporary += "." + base::random_alphanumeric(8) + ".tmp";
    int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return system_error("cannot write", temporary);
    bool written = write_all(fd, content) && ::fsync(fd) == 0;
    written = ::close(fd) == 0 && written;
    if (!written || ::rename(temporary.c_str(), path.c_str()) != 0) {
        auto failure = system_error("cannot write", path);
        ::unlink(temporary.c_str());
        return failure;
    }
    return {};
}

}  // namespace berth::cli
