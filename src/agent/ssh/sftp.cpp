#include "agent/ssh/sftp.h"

#include <unistd.h>

namespace berth::agent::ssh {

std::filesystem::path find_sftp_server() {
    for (const char* path : {"/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server",
                             "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server", "/usr/lib/sftp-server"})
        if (::access(path, X_OK) == 0) return path;
    return {};
}

}  // namespace berth::agent::ssh
