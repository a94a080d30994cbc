#pragma once

#include "cli/command.h"

namespace berth::cli {

/// `berth server dbcrypt rotate|decrypt`, below the command `server`.
void add_dbcrypt(Commands& commands, CLI::App& server);

}  // namespace berth::cli
