#include "cli/session.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <sstream>

#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/text.h"
#include "net/http/client.h"
#include "sdk/client.h"

namespace berth::cli {
namespace {

/// Switches the terminal's echo off while it lives.
class QuietTerminal {
public:
    explicit QuietTerminal(bool quiet) : quiet_(quiet && ::tcgetattr(STDIN_FILENO, &saved_) == 0) {
        if (!quiet_) return;
        termios changed = saved_;
        changed.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &changed);
    }
    ~QuietTerminal() {
        if (!quiet_) return;
        ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_);
        std::cerr << "\n";
    }
    QuietTerminal(const QuietTerminal&) = delete;
    QuietTerminal& operator=(const QuietTerminal&) = delete;

private:
    termios saved_{};
    bool quiet_;
};

using Header = std::pair<std::string, std::string>;

Result<Header> parse_header(const std::string& text, const std::string& from) {
    auto equals = text.find('=');
    // The value is not repeated: it may be a secret.
    if (equals == 0 || equals == std::string::npos)
        return invalid_argument(from + " must give name=value", "there is no '=' after a name");
    return Header(text.substr(0, equals), text.substr(equals + 1));
}

/// What a shell command prints; its own errors go to our terminal.
Result<std::string> output_of(const std::string& command, const std::string& url) {
    // The command may ask for which deployment it is.
    ::setenv("CODER_URL", url.c_str(), 1);
    // Our own input is for us: a value, or the other side of an SSH connection.
    std::FILE* pipe = ::popen(("exec </dev/null\n" + command).c_str(), "re");
    if (pipe == nullptr) return internal_error("cannot run --header-command", std::strerror(errno));
    std::string output;
    std::array<char, 4096> buffer{};
    while (auto size = std::fread(buffer.data(), 1, buffer.size(), pipe))
        output.append(buffer.data(), size);
    int status = ::pclose(pipe);
    if (status != 0)
        return Error(
            ErrorCode::failed_precondition, "--header-command failed",
            WIFEXITED(status) ? "it ended with " + std::to_string(WEXITSTATUS(status)) : "by a signal");
    return output;
}

/// Of --header and --header-command.
Result<std::vector<Header>> extra_headers(const Globals& globals, const std::string& url) {
    std::vector<Header> headers;
    for (const auto& text : globals.headers) {
        auto header = parse_header(text, "--header");
        if (!header) return header.error();
        headers.push_back(std::move(*header));
    }
    if (globals.header_command.empty()) return headers;
    auto output = output_of(globals.header_command, url);
    if (!output) return output.error();
    for (auto line : base::split(*output, '\n')) {
        if (base::trim(line).empty()) continue;
        auto header = parse_header(std::string(base::trim(line)), "a line of --header-command");
        if (!header) return header.error();
        headers.push_back(std::move(*header));
    }
    return headers;
}

Error not_logged_in() { return {ErrorCode::unauthenticated, "you are not logged in"}; }

}  // namespace

Session::Session(net::Runtime& runtime, const Globals& globals)
    : runtime_(runtime),
      globals_(globals),
      config_(globals.config_dir.empty() ? ConfigDir::default_path() : globals.config_dir) {}

Session::~Session() = default;

Result<std::shared_ptr<sdk::Client>> Session::client() {
    std::string url = globals_.url.empty() ? config_.url().value_or("") : globals_.url;
    SecretString token =
        globals_.token.empty() ? config_.session().value_or(SecretString()) : SecretString(globals_.token);
    if (url.empty() || token.empty()) return not_logged_in();
    return make_client(url, token);
}

Result<std::shared_ptr<sdk::Client>> Session::anonymous_client(const std::string& url) {
    return make_client(url, SecretString());
}

Result<std::shared_ptr<sdk::Client>> Session::make_client(const std::string& url, SecretString token) {
    auto base = http::Url::parse(url.find("://") == std::string::npos ? "https://" + url : url);
    if (!base) return base.error();
    auto client =
        std::make_shared<sdk::Client>(http::Client::create(runtime_.executor(), *base), std::move(token));
    auto headers = extra_headers(globals_, url);
    if (!headers) return headers.error();
    for (auto& [name, value] : *headers)
        client->set_header(name, std::move(value));
    return client;
}

bool Session::interactive() const { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

void Session::print(std::string_view text) const {
    std::cout << text;
    std::cout.flush();
}

void Session::note(std::string_view text) const {
    std::cerr << text;
    std::cerr.flush();
}

Result<std::string> prompt(std::string_view question, bool secret) {
    // First of all: who is quick to answer must not see it either.
    QuietTerminal quiet(secret);
    std::cerr << question;
    std::cerr.flush();
    std::string answer;
    if (!std::getline(std::cin, answer)) return invalid_argument("no answer: the input ended");
    // Blanks at the ends of a password belong to it.
    return secret ? answer : std::string(base::trim(answer));
}

Result<std::string> read_input(const std::string& path) {
    std::ostringstream content;
    if (path == "-") {
        content << std::cin.rdbuf();
        return std::move(content).str();
    }
    std::ifstream file(path, std::ios::binary);
    if (!file) return invalid_argument("cannot read " + path);
    content << file.rdbuf();
    return std::move(content).str();
}

int exit_code(const Error& error) {
    switch (error.code()) {
        case ErrorCode::invalid_argument:
            return 2;
        case ErrorCode::unauthenticated:
        case ErrorCode::permission_denied:
            return 3;
        case ErrorCode::not_found:
            return 4;
        case ErrorCode::conflict:
            return 5;
        case ErrorCode::unavailable:
        case ErrorCode::deadline_exceeded:
            return 6;
        case ErrorCode::cancelled:
            return 130;
        default:
            return 1;
    }
}

}  // namespace berth::cli
