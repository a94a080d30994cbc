#include "cli/session.h"

#include <cstdio>
#include <iostream>

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
    for (const auto& header : globals_.headers) {
        auto equals = header.find('=');
        if (equals == 0 || equals == std::string::npos)
            return invalid_argument("--header wants name=value, not \"" + header + "\"");
        client->set_header(header.substr(0, equals), header.substr(equals + 1));
    }
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
    std::cerr << question;
    std::cerr.flush();
    QuietTerminal quiet(secret);
    std::string answer;
    if (!std::getline(std::cin, answer)) return invalid_argument("no answer: the input ended");
    return std::string(base::trim(answer));
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
