#include "provisioner/terraform/files.h"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

namespace berth::terraform {
namespace {

struct Descriptor {
    int fd;
    ~Descriptor() {
        if (fd >= 0) ::close(fd);
    }
};

Error failed(std::string_view what, const std::filesystem::path& path) {
    int code = errno;
    std::string message = std::string(what) + " " + path.filename().string();
    if (code == ENOENT) return not_found(message + ": no such file");
    return internal_error(message, std::strerror(code));
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
    Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) return failed("cannot read", path);
    struct stat info {};
    if (::fstat(file.fd, &info) != 0) return failed("cannot read", path);
    if (!S_ISREG(info.st_mode)) return invalid_argument(path.filename().string() + " is not a regular file");
    std::string content;
    char buffer[64 << 10];
    while (true) {
        auto got = ::read(file.fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed("cannot read", path);
        if (got == 0) return content;
        content.append(buffer, static_cast<std::size_t>(got));
        if (content.size() > limit)
            return Error(ErrorCode::too_large,
                         path.filename().string() + " is larger than " + std::to_string(limit) + " bytes");
    }
}

Result<void> write_private_file(const std::filesystem::path& path, std::string_view content) {
    Descriptor file{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (file.fd < 0) return failed("cannot write", path);
    while (!content.empty()) {
        auto written = ::write(file.fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed("cannot write", path);
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> copy_private_file(const std::filesystem::path& from, const std::filesystem::path& to,
                               bool executable) {
    Descriptor source{::open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
    if (source.fd < 0) return failed("cannot read", from);
    struct stat info {};
    if (::fstat(source.fd, &info) != 0) return failed("cannot read", from);
    if (!S_ISREG(info.st_mode)) return invalid_argument(from.filename().string() + " is not a regular file");
    mode_t mode = executable ? 0700 : 0600;
    Descriptor copy{::open(to.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)};
    if (copy.fd < 0) return failed("cannot write", to);
    if (::ioctl(copy.fd, FICLONE, source.fd) == 0) return {};
    while (true) {
        auto sent = ::sendfile(copy.fd, source.fd, nullptr, 1u << 30);
        if (sent == 0) return {};
        if (sent < 0 && errno != EINTR) return failed("cannot copy", from);
    }
}

}  // namespace berth::terraform
