#pragma once

#include <filesystem>

#include "net/stream.h"

namespace berth::agent::ssh {

/// OpenSSH's sftp-server where distributions keep it; empty when there is none.
std::filesystem::path find_sftp_server();

/// A server of SFTP version 3 for machines that lack one, as containers often do; with OpenSSH's extensions
/// posix-rename, hardlink, fsync, limits and expand-path. Relative names start in `home`. Returns when the
/// client ends the stream, or breaks the protocol.
asio::awaitable<void> serve_sftp(net::Stream& stream, std::filesystem::path home);

}  // namespace berth::agent::ssh
