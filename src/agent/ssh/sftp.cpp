#include "agent/ssh/sftp.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <map>
#include <memory>
#include <vector>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/ssh/sftp_packet.h"

namespace berth::agent::ssh {
namespace {

using sftp::Reader;
using sftp::Status;
using sftp::Type;
using sftp::Writer;

constexpr std::uint32_t protocol_version = 3;
/// A client may send this much in one packet; OpenSSH's own limit.
constexpr std::uint32_t max_packet = 256 * 1024;
constexpr std::uint32_t max_data = max_packet - 1024;
constexpr std::size_t max_handles = 256;
constexpr int names_per_answer = 100;

struct OpenFile {
    explicit OpenFile(int fd) : fd(fd) {}
    ~OpenFile() {
        if (directory != nullptr)
            ::closedir(directory);
        else if (fd >= 0)
            ::close(fd);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int fd;
    DIR* directory = nullptr;
    bool append = false;
};

Status status_of(int error) {
    switch (error) {
        case 0:
            return Status::ok;
        case ENOENT:
        case ENOTDIR:
        case EBADF:
        case ELOOP:
            return Status::no_such_file;
        case EPERM:
        case EACCES:
        case EFAULT:
            return Status::permission_denied;
        case ENAMETOOLONG:
        case EINVAL:
            return Status::bad_message;
        case ENOSYS:
        case EOPNOTSUPP:
            return Status::unsupported;
        default:
            return Status::failure;
    }
}

/// As `ls -l` shows it, because clients print it as it is.
std::string long_name(const std::string& name, const struct stat& info) {
    std::string mode = "----------";
    if (S_ISDIR(info.st_mode)) mode[0] = 'd';
    if (S_ISLNK(info.st_mode)) mode[0] = 'l';
    for (int bit = 0; bit < 9; ++bit)
        if ((info.st_mode >> (8 - bit) & 1) != 0) mode[static_cast<std::size_t>(bit) + 1] = "rwx"[bit % 3];
    char when[32] = "";
    std::tm local{};
    if (::localtime_r(&info.st_mtime, &local) != nullptr)
        std::strftime(when, sizeof when, "%b %e %H:%M", &local);
    char line[160];
    std::snprintf(line, sizeof line, "%s %3u %-8u %-8u %8llu %s ", mode.c_str(),
                  static_cast<unsigned>(info.st_nlink), info.st_uid, info.st_gid,
                  static_cast<unsigned long long>(info.st_size), when);
    return line + name;
}

class Session {
public:
    explicit Session(std::filesystem::path home) : home_(std::move(home)) {}

    /// The answer to one packet; empty when the client breaks the protocol.
    std::string answer(std::string_view packet);

private:
    std::string dispatch(Type type, std::uint32_t id, Reader& in);
    std::string extended(std::uint32_t id, Reader& in);
    std::string open(std::uint32_t id, Reader& in);
    std::string open_directory(std::uint32_t id, Reader& in);
    std::string close(std::uint32_t id, Reader& in);
    std::string read(std::uint32_t id, Reader& in);
    std::string write(std::uint32_t id, Reader& in);
    std::string read_directory(std::uint32_t id, Reader& in);
    std::string stat(std::uint32_t id, Reader& in, bool follow);
    std::string stat_open(std::uint32_t id, Reader& in);
    std::string set_attributes(std::uint32_t id, Reader& in, bool opened);
    std::string rename(std::uint32_t id, Reader& in, bool replace);
    std::string real_path(std::uint32_t id, Reader& in, bool expand);
    std::string read_link(std::uint32_t id, Reader& in);

    static std::string status(std::uint32_t id, Status code, std::string_view text);
    static std::string result(std::uint32_t id, int error) {
        return status(id, status_of(error), error == 0 ? "" : std::strerror(error));
    }
    /// errno of a call that says -1 when it failed.
    static std::string result_of(std::uint32_t id, long outcome) {
        return result(id, outcome < 0 ? errno : 0);
    }
    static std::string single_name(std::uint32_t id, const std::string& name);
    std::string add_handle(std::uint32_t id, std::unique_ptr<OpenFile> file);
    /// A path below home when it is relative; one that cannot exist when it holds a zero byte.
    std::string path(Reader& in) const;
    OpenFile* handle(Reader& in);

    std::filesystem::path home_;
    bool greeted_ = false;
    std::uint32_t next_handle_ = 1;
    std::map<std::string, std::unique_ptr<OpenFile>, std::less<>> handles_;
};

std::string Session::status(std::uint32_t id, Status code, std::string_view text) {
    return Writer(Type::status).u32(id).u32(static_cast<std::uint32_t>(code)).text(text).text("").take();
}

std::string Session::path(Reader& in) const {
    auto text = in.text();
    if (text.find('\0') != std::string_view::npos) return {};
    return (home_ / text).string();
}

OpenFile* Session::handle(Reader& in) {
    auto found = handles_.find(in.text());
    return found == handles_.end() ? nullptr : found->second.get();
}

std::string Session::answer(std::string_view packet) {
    Reader in(packet);
    auto type = static_cast<Type>(in.byte());
    std::uint32_t id = in.u32();
    if (!in.ok()) return {};
    if (!greeted_) {
        if (type != Type::init) return {};
        greeted_ = true;
        Writer out(Type::version);
        out.u32(protocol_version);
        for (const char* name : {"posix-rename@openssh.com", "hardlink@openssh.com", "fsync@openssh.com",
                                 "limits@openssh.com", "expand-path@openssh.com"})
            out.text(name).text("1");
        return out.take();
    }
    return dispatch(type, id, in);
}

std::string Session::dispatch(Type type, std::uint32_t id, Reader& in) {
    switch (type) {
        case Type::open:
            return open(id, in);
        case Type::close:
            return close(id, in);
        case Type::read:
            return read(id, in);
        case Type::write:
            return write(id, in);
        case Type::lstat:
            return stat(id, in, false);
        case Type::stat:
            return stat(id, in, true);
        case Type::fstat:
            return stat_open(id, in);
        case Type::setstat:
            return set_attributes(id, in, false);
        case Type::fsetstat:
            return set_attributes(id, in, true);
        case Type::opendir:
            return open_directory(id, in);
        case Type::readdir:
            return read_directory(id, in);
        case Type::remove:
            return result_of(id, ::unlink(path(in).c_str()));
        case Type::rmdir:
            return result_of(id, ::rmdir(path(in).c_str()));
        case Type::mkdir: {
            auto name = path(in);
            auto attributes = in.attributes();
            return result_of(id, ::mkdir(name.c_str(), attributes.permissions.value_or(0777) & 07777));
        }
        case Type::realpath:
            return real_path(id, in, false);
        case Type::rename:
            return rename(id, in, false);
        case Type::readlink:
            return read_link(id, in);
        case Type::symlink: {
            // OpenSSH's order, which all clients have come to use: what it points at, then the link.
            std::string target(in.text());
            return result_of(id, ::symlink(target.c_str(), path(in).c_str()));
        }
        case Type::extended:
            return extended(id, in);
        default:
            return status(id, Status::unsupported, "unknown request");
    }
}

std::string Session::extended(std::uint32_t id, Reader& in) {
    auto name = in.text();
    if (name == "posix-rename@openssh.com") return rename(id, in, true);
    if (name == "expand-path@openssh.com") return real_path(id, in, true);
    if (name == "hardlink@openssh.com") {
        auto from = path(in);
        return result_of(id, ::link(from.c_str(), path(in).c_str()));
    }
    if (name == "fsync@openssh.com") {
        auto* file = handle(in);
        return file == nullptr ? result(id, EBADF) : result_of(id, ::fsync(file->fd));
    }
    if (name == "limits@openssh.com")
        return Writer(Type::extended_reply)
            .u32(id)
            .u64(max_packet)
            .u64(max_data)
            .u64(max_data)
            .u64(max_handles)
            .take();
    return status(id, Status::unsupported, "unknown extension");
}

std::string Session::add_handle(std::uint32_t id, std::unique_ptr<OpenFile> file) {
    std::string name = std::to_string(next_handle_++);
    handles_.emplace(name, std::move(file));
    return Writer(Type::handle).u32(id).text(name).take();
}

std::string Session::open(std::uint32_t id, Reader& in) {
    constexpr std::uint32_t for_reading = 1, for_writing = 2, append = 4, create = 8, truncate = 0x10,
                            exclusive = 0x20;
    auto name = path(in);
    std::uint32_t wanted = in.u32();
    auto attributes = in.attributes();
    if (!in.ok()) return result(id, EINVAL);
    if (handles_.size() >= max_handles) return result(id, EMFILE);
    int flags = (wanted & for_writing) == 0 ? O_RDONLY : (wanted & for_reading) == 0 ? O_WRONLY : O_RDWR;
    if ((wanted & append) != 0) flags |= O_APPEND;
    if ((wanted & create) != 0) flags |= O_CREAT;
    if ((wanted & truncate) != 0) flags |= O_TRUNC;
    if ((wanted & exclusive) != 0) flags |= O_EXCL;
    // Non-blocking, so that a named pipe cannot stop the agent.
    int fd =
        ::open(name.c_str(), flags | O_CLOEXEC | O_NONBLOCK, attributes.permissions.value_or(0666) & 07777);
    if (fd < 0) return result(id, errno);
    auto file = std::make_unique<OpenFile>(fd);
    file->append = (wanted & append) != 0;
    return add_handle(id, std::move(file));
}

std::string Session::open_directory(std::uint32_t id, Reader& in) {
    auto name = path(in);
    if (handles_.size() >= max_handles) return result(id, EMFILE);
    auto file = std::make_unique<OpenFile>(-1);
    file->directory = ::opendir(name.c_str());
    if (file->directory == nullptr) return result(id, errno);
    file->fd = ::dirfd(file->directory);
    return add_handle(id, std::move(file));
}

std::string Session::close(std::uint32_t id, Reader& in) {
    auto found = handles_.find(in.text());
    if (found == handles_.end()) return result(id, EBADF);
    handles_.erase(found);
    return result(id, 0);
}

std::string Session::read(std::uint32_t id, Reader& in) {
    auto* file = handle(in);
    std::uint64_t offset = in.u64();
    std::uint32_t size = std::min(in.u32(), max_data);
    if (file == nullptr || !in.ok()) return result(id, EBADF);
    std::string data(size, '\0');
    ssize_t got = ::pread(file->fd, data.data(), size, static_cast<off_t>(offset));
    if (got < 0) return result(id, errno);
    if (got == 0 && size > 0) return status(id, Status::eof, "end of file");
    return Writer(Type::data)
        .u32(id)
        .text(std::string_view(data).substr(0, static_cast<std::size_t>(got)))
        .take();
}

std::string Session::write(std::uint32_t id, Reader& in) {
    auto* file = handle(in);
    std::uint64_t offset = in.u64();
    auto data = in.text();
    if (file == nullptr || !in.ok()) return result(id, EBADF);
    while (!data.empty()) {
        ssize_t written = file->append
                              ? ::write(file->fd, data.data(), data.size())
                              : ::pwrite(file->fd, data.data(), data.size(), static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return result(id, errno);
        data.remove_prefix(static_cast<std::size_t>(written));
        offset += static_cast<std::uint64_t>(written);
    }
    return result(id, 0);
}

std::string Session::read_directory(std::uint32_t id, Reader& in) {
    auto* file = handle(in);
    if (file == nullptr || file->directory == nullptr) return result(id, EBADF);
    std::vector<std::pair<std::string, struct stat>> names;
    while (names.size() < names_per_answer) {
        const dirent* entry = ::readdir(file->directory);
        if (entry == nullptr) break;
        struct stat info {};
        if (::fstatat(file->fd, entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        names.emplace_back(entry->d_name, info);
    }
    if (names.empty()) return status(id, Status::eof, "end of directory");
    Writer out(Type::name);
    out.u32(id).u32(static_cast<std::uint32_t>(names.size()));
    for (const auto& [name, info] : names)
        out.text(name).text(long_name(name, info)).attributes(info);
    return out.take();
}

std::string Session::stat(std::uint32_t id, Reader& in, bool follow) {
    auto name = path(in);
    struct stat info {};
    if ((follow ? ::stat(name.c_str(), &info) : ::lstat(name.c_str(), &info)) != 0) return result(id, errno);
    return Writer(Type::attrs).u32(id).attributes(info).take();
}

std::string Session::stat_open(std::uint32_t id, Reader& in) {
    auto* file = handle(in);
    struct stat info {};
    if (file == nullptr) return result(id, EBADF);
    if (::fstat(file->fd, &info) != 0) return result(id, errno);
    return Writer(Type::attrs).u32(id).attributes(info).take();
}

std::string Session::set_attributes(std::uint32_t id, Reader& in, bool opened) {
    std::string name;
    int fd = -1;
    if (opened) {
        auto* file = handle(in);
        if (file == nullptr) return result(id, EBADF);
        fd = file->fd;
    } else {
        name = path(in);
    }
    auto wanted = in.attributes();
    if (!in.ok()) return result(id, EINVAL);
    int error = 0;
    auto keep_first = [&error](int outcome) {
        if (outcome != 0 && error == 0) error = errno;
    };
    if (wanted.size) {
        auto size = static_cast<off_t>(*wanted.size);
        keep_first(opened ? ::ftruncate(fd, size) : ::truncate(name.c_str(), size));
    }
    if (wanted.permissions) {
        mode_t mode = *wanted.permissions & 07777;
        keep_first(opened ? ::fchmod(fd, mode) : ::chmod(name.c_str(), mode));
    }
    if (wanted.times) {
        const timespec times[2] = {{wanted.times->first, 0}, {wanted.times->second, 0}};
        keep_first(opened ? ::futimens(fd, times) : ::utimensat(AT_FDCWD, name.c_str(), times, 0));
    }
    if (wanted.owner) {
        auto [user, group] = *wanted.owner;
        keep_first(opened ? ::fchown(fd, user, group) : ::chown(name.c_str(), user, group));
    }
    return result(id, error);
}

std::string Session::rename(std::uint32_t id, Reader& in, bool replace) {
    auto from = path(in);
    auto to = path(in);
    struct stat info {};
    // Version 3 does not replace; the extension does.
    if (!replace && ::lstat(to.c_str(), &info) == 0) return status(id, Status::failure, "the target exists");
    return result_of(id, ::rename(from.c_str(), to.c_str()));
}

std::string Session::single_name(std::uint32_t id, const std::string& name) {
    Writer out(Type::name);
    // No attributes: a flags word of zero.
    return out.u32(id).u32(1).text(name).text(name).u32(0).take();
}

std::string Session::real_path(std::uint32_t id, Reader& in, bool expand) {
    std::string text(in.text());
    if (expand && (text == "~" || text.starts_with("~/"))) text.replace(0, 1, home_.string());
    if (text.find('\0') != std::string::npos) return result(id, EINVAL);
    std::error_code error;
    auto real = std::filesystem::weakly_canonical(home_ / text, error);
    if (error) return result(id, error.value());
    std::string name = real.string();
    while (name.size() > 1 && name.ends_with('/'))
        name.pop_back();
    return single_name(id, name);
}

std::string Session::read_link(std::uint32_t id, Reader& in) {
    char target[4096];
    ssize_t size = ::readlink(path(in).c_str(), target, sizeof target);
    if (size < 0) return result(id, errno);
    return single_name(id, std::string(target, static_cast<std::size_t>(size)));
}

}  // namespace

std::filesystem::path find_sftp_server() {
    for (const char* path :
         {"/usr/lib/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/openssh/sftp-server",
          "/usr/libexec/sftp-server", "/usr/lib/sftp-server"})
        if (::access(path, X_OK) == 0) return path;
    return {};
}

asio::awaitable<void> serve_sftp(net::Stream& stream, std::filesystem::path home) {
    Session session(std::move(home));
    std::string packet;
    while (true) {
        std::byte header[4];
        auto got = co_await net::read_exactly(stream, header);
        if (!got) co_return;
        std::uint32_t size = Reader(net::as_text(header)).u32();
        if (size == 0 || size > max_packet) co_return;
        packet.resize(size);
        got = co_await net::read_exactly(stream, std::as_writable_bytes(std::span(packet)));
        if (!got) co_return;
        std::string answer = session.answer(packet);
        if (answer.empty()) co_return;
        auto written = co_await stream.write(net::as_bytes(answer));
        if (!written) co_return;
    }
}

}  // namespace berth::agent::ssh
