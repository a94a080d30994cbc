#include <csignal>
#include <iostream>

#include "base/log.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "net/runtime.h"

namespace berth::cli {
namespace {

/// Reports a failure the way a person can act on: what, which fields, why, what to do.
void report(const Error& error) {
    std::cerr << "error: " << error.message() << "\n";
    for (const auto& field : error.fields())
        std::cerr << "  " << field.field << ": " << field.detail << "\n";
    if (!error.detail().empty()) std::cerr << "  " << error.detail() << "\n";
    if (error.code() == ErrorCode::unauthenticated)
        std::cerr << "  run: berth login <url>, or set CODER_URL and CODER_SESSION_TOKEN\n";
}

int run(int argc, char** argv) {
    Globals globals;
    Commands commands(globals);
    add_all(commands);
    try {
        commands.root().parse(argc, argv);
    } catch (const CLI::ParseError& failure) {
        int code = commands.root().exit(failure);
        return code == 0 ? 0 : 2;
    }
    if (!commands.chosen()) {
        std::cout << commands.root().help();
        return 0;
    }
    base::LogOptions logging;
    logging.level = globals.verbose ? base::LogLevel::debug : base::LogLevel::warn;
    if (auto ready = base::init_logging(logging); !ready) return report(ready.error()), 1;
    net::Runtime runtime(commands.loops());
    Session session(runtime, globals);
    auto result = runtime.run(commands.chosen()(session));
    runtime.stop();
    if (result && session.afterwards()) return session.afterwards()();
    if (result) return session.exit_code();
    if (result.error().code() != ErrorCode::cancelled || !result.error().message().empty())
        report(result.error());
    return exit_code(result.error());
}

}  // namespace
}  // namespace berth::cli

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    try {
        return berth::cli::run(argc, argv);
    } catch (const std::exception& failure) {
        std::cerr << "error: " << failure.what() << "\n";
        return 1;
    }
}
