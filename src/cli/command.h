#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>

#include "base/asio.h"
#include "base/result.h"
#include "cli/session.h"

namespace berth::cli {

/// What a command does once its arguments are parsed.
using Action = std::function<asio::awaitable<Result<void>>(Session&)>;

/// The command line: a tree of CLI11 commands, each leaf with its action. One file per command registers
/// itself by a function `void add_<name>(Commands&)`, listed in main.cpp.
class Commands {
public:
    explicit Commands(Globals& globals);

    [[nodiscard]] CLI::App& root() { return app_; }
    /// A command below `parent`; its options live as long as the returned object is captured by the action.
    CLI::App* add(CLI::App& parent, const std::string& name, const std::string& description);
    /// `loops` as for net::Runtime: most commands need one, servers want one per core (0).
    void on_run(CLI::App* command, Action action, std::size_t loops = 1);

    /// The action chosen by the arguments. Empty when none was (help is printed by CLI11's exit()).
    [[nodiscard]] const Action& chosen() const { return chosen_; }
    [[nodiscard]] std::size_t loops() const { return loops_; }

private:
    CLI::App app_;
    Action chosen_;
    std::size_t loops_ = 1;
};

}  // namespace berth::cli
