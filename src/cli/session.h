#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "cli/config_dir.h"
#include "net/runtime.h"

namespace berth::sdk {
class Client;
}

namespace berth::cli {

/// Flags that every command takes.
struct Globals {
    std::string url;
    std::string token;
    std::filesystem::path config_dir;
    std::vector<std::string> headers;
    std::string header_command;
    bool verbose = false;
    bool no_version_warning = false;
    bool no_feature_warning = false;
};

/// What a running command works with.
class Session {
public:
    Session(net::Runtime& runtime, const Globals& globals);
    ~Session();

    [[nodiscard]] net::Runtime& runtime() { return runtime_; }
    [[nodiscard]] const Globals& globals() const { return globals_; }
    [[nodiscard]] const ConfigDir& config() const { return config_; }

    /// A client with the stored or given login; the error tells how to log in.
    Result<std::shared_ptr<sdk::Client>> client();
    /// A client without credentials for `url`.
    Result<std::shared_ptr<sdk::Client>> anonymous_client(const std::string& url);

    /// True when a person sits at this terminal, so that prompts make sense.
    [[nodiscard]] bool interactive() const;
    /// Writes to standard output; what others wrote must be printable() first.
    void print(std::string_view text) const;
    /// For commands that end as another program did; 0 by default.
    void set_exit_code(int code) { exit_code_ = code; }
    [[nodiscard]] int exit_code() const { return exit_code_; }
    /// For commands that want the process for themselves: runs when the loops have stopped, and gives the
    /// exit code.
    void run_afterwards(std::function<int()> run) { afterwards_ = std::move(run); }
    [[nodiscard]] const std::function<int()>& afterwards() const { return afterwards_; }
    /// Progress and questions go to standard error, so that output can be piped.
    void note(std::string_view text) const;

private:
    Result<std::shared_ptr<sdk::Client>> make_client(const std::string& url, SecretString token);

    net::Runtime& runtime_;
    const Globals& globals_;
    ConfigDir config_;
    int exit_code_ = 0;
    std::function<int()> afterwards_;
};

/// Asks at the terminal. `secret` turns echo off.
Result<std::string> prompt(std::string_view question, bool secret = false);

/// All of a file, or of standard input when the path is "-".
Result<std::string> read_input(const std::string& path);

/// Exit codes: 1 failure, 2 wrong usage, 3 not logged in or not allowed, 4 not found, 5 conflict,
/// 6 the server cannot be reached, 130 interrupted.
int exit_code(const Error& error);

}  // namespace berth::cli
