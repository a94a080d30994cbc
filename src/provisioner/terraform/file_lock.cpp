#include "provisioner/terraform/file_lock.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace berth::terraform {
namespace {

int open_lock(const std::filesystem::path& path) {
    return ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600);
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
    FileLock lock(open_lock(path));
    int done = lock.file_ < 0 ? -1 : ::flock(lock.file_, LOCK_EX);
    while (done != 0 && errno == EINTR)
        done = ::flock(lock.file_, LOCK_EX);
    if (done != 0) return internal_error("cannot lock " + path.string(), std::strerror(errno));
    return lock;
}

std::optional<FileLock> FileLock::try_take(const std::filesystem::path& path) {
    FileLock lock(open_lock(path));
    if (lock.file_ < 0 || ::flock(lock.file_, LOCK_EX | LOCK_NB) != 0) return std::nullopt;
    return lock;
}

FileLock::~FileLock() {
    if (file_ >= 0) ::close(file_);
}

}  // namespace berth::terraform
