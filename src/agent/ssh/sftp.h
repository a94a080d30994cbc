#pragma once

#include <filesystem>

namespace berth::agent::ssh {

/// OpenSSH's sftp-server where distributions keep it; empty when there is none.
std::filesystem::path find_sftp_server();

}  // namespace berth::agent::ssh
