#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "sdk/client.h"

namespace berth::cli {

class Commands;

/// The template of this name; the error says how to find the right one.
asio::awaitable<Result<sdk::Template>> find_template(sdk::Client& client, std::string organization,
                                                     std::string name);

// Commands below `berth templates`.
void add_template_edit(Commands& commands, CLI::App& templates);
void add_template_archive(Commands& commands, CLI::App& templates);
void add_template_versions(Commands& commands, CLI::App& templates);

}  // namespace berth::cli
