#pragma once

#include <CLI/CLI.hpp>

namespace berth::cli {

class Commands;

// Commands below `berth provisioner`.
void add_provisioner_start(Commands& commands, CLI::App& provisioner);
void add_provisioner_list(Commands& commands, CLI::App& provisioner);
void add_provisioner_keys(Commands& commands, CLI::App& provisioner);
void add_provisioner_jobs(Commands& commands, CLI::App& provisioner);

}  // namespace berth::cli
