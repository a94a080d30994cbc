#include "agent/environment.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/text.h"

extern char** environ;

namespace berth::agent {
namespace {

constexpr std::size_t passwd_limit = 4 << 20;

bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_char(char c) { return is_name_start(c) || (c >= '0' && c <= '9'); }

std::string lookup(const Variables& variables, std::string_view name) {
    auto found = variables.find(std::string(name));
    return found == variables.end() ? std::string() : found->second;
}

std::string first_shell() {
    for (const char* shell : {"/bin/bash", "/usr/bin/bash", "/bin/sh"})
        if (::access(shell, X_OK) == 0) return shell;
    return "/bin/sh";
}

Error file_error(std::string_view what, const std::filesystem::path& path) {
    return internal_error(std::string(what) + " " + path.string(), std::strerror(errno));
}

}  // namespace

std::optional<Account> find_account(std::string_view passwd, uid_t uid) {
    for (auto line : base::split(passwd, '\n')) {
        auto parts = base::split(line, ':');
        if (parts.size() != 7) continue;
        auto line_uid = base::parse_int<uid_t>(parts[2]);
        auto gid = base::parse_int<gid_t>(parts[3]);
        if (!line_uid || !gid || *line_uid != uid) continue;
        return Account{std::string(parts[0]), uid, *gid, std::string(parts[5]),
                       std::string(base::trim(parts[6]))};
    }
    return std::nullopt;
}

Account current_account(const Variables& environment, const std::filesystem::path& passwd) {
    uid_t uid = ::getuid();
    Account account;
    if (auto text = read_small_file(passwd, passwd_limit)) {
        if (auto found = find_account(*text, uid)) account = *found;
    }
    account.uid = uid;
    if (account.name.empty()) {
        account.name = lookup(environment, "USER");
        account.gid = ::getgid();
    }
    if (account.name.empty()) account.name = std::to_string(uid);
    // A home set for the agent wins: that is how one account serves several workspaces.
    auto home = lookup(environment, "HOME");
    if (home.starts_with('/')) account.home = home;
    if (account.home.empty()) account.home = "/";
    if (account.shell.empty()) account.shell = lookup(environment, "SHELL");
    if (!account.shell.starts_with('/') || ::access(account.shell.c_str(), X_OK) != 0)
        account.shell = first_shell();
    return account;
}

Variables process_environment() {
    Variables variables;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        std::string_view text(*entry);
        auto equals = text.find('=');
        if (equals == std::string_view::npos || equals == 0) continue;
        variables.insert_or_assign(std::string(text.substr(0, equals)), std::string(text.substr(equals + 1)));
    }
    return variables;
}

std::vector<std::string> to_environ(const Variables& variables) {
    std::vector<std::string> out;
    out.reserve(variables.size());
    for (const auto& [name, value] : variables)
        out.push_back(name + "=" + value);
    return out;
}

std::string expand_variables(std::string_view text, const Variables& variables) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '$' || i + 1 == text.size()) {
            out += text[i];
            continue;
        }
        if (text[i + 1] == '{') {
            auto end = text.find('}', i + 2);
            if (end == std::string_view::npos) {
                out += text[i];
                continue;
            }
            out += lookup(variables, text.substr(i + 2, end - i - 2));
            i = end;
            continue;
        }
        std::size_t end = i + 1;
        if (is_name_start(text[end]))
            while (end < text.size() && is_name_char(text[end]))
                ++end;
        if (end == i + 1) {
            out += text[i];
            continue;
        }
        out += lookup(variables, text.substr(i + 1, end - i - 1));
        i = end - 1;
    }
    return out;
}

std::filesystem::path expand_path(std::string_view text, const Account& account, const Variables& variables) {
    if (text.empty()) return {};
    std::string expanded = expand_variables(text, variables);
    if (expanded.empty()) return {};
    std::filesystem::path path;
    if (expanded == "~")
        path = account.home;
    else if (expanded.starts_with("~/"))
        path = account.home / expanded.substr(2);
    else
        path = expanded.starts_with('/') ? std::filesystem::path(expanded) : account.home / expanded;
    return path.lexically_normal();
}

void prepend_path(Variables& variables, const std::filesystem::path& directory) {
    if (directory.empty()) return;
    std::string& path = variables["PATH"];
    for (auto part : base::split(path, ':'))
        if (part == directory.string()) return;
    path = path.empty() ? directory.string() : directory.string() + ":" + path;
}

Result<void> write_private_file(const std::filesystem::path& path, std::string_view content) {
    std::filesystem::path parent = path.parent_path();
    std::filesystem::path missing;
    for (const auto& part : parent) {
        missing /= part;
        if (::mkdir(missing.c_str(), 0700) != 0 && errno != EEXIST && errno != EROFS && errno != EACCES)
            return file_error("cannot create the directory", missing);
    }
    std::filesystem::path temporary =
        parent / ("." + path.filename().string() + "." + base::random_alphanumeric(8));
    int fd = ::open(temporary.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return file_error("cannot create", temporary);
    std::size_t done = 0;
    while (done < content.size()) {
        ssize_t written = ::write(fd, content.data() + done, content.size() - done);
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) break;
        done += static_cast<std::size_t>(written);
    }
    bool complete = done == content.size();
    if (!complete || ::close(fd) != 0 || ::rename(temporary.c_str(), path.c_str()) != 0) {
        Error error = file_error("cannot write", path);
        if (!complete) ::close(fd);
        ::unlink(temporary.c_str());
        return error;
    }
    return {};
}

std::optional<std::string> read_small_file(const std::filesystem::path& path, std::size_t limit) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::string text(limit, '\0');
    file.read(text.data(), static_cast<std::streamsize>(limit));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) return std::nullopt;
    text.shrink_to_fit();
    return text;
}

}  // namespace berth::agent
