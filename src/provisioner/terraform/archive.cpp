#include "provisioner/terraform/archive.h"

#include <cerrno>
#include <cstring>
#include <memory>

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

struct FreeReader {
    void operator()(struct archive* reader) const { archive_read_free(reader); }
};
using Reader = std::unique_ptr<struct archive, FreeReader>;

std::string shown(std::string_view path) {
    std::string text = base::to_valid_utf8(path.substr(0, 200));
    return '"' + base::replace_all(std::move(text), "\n", "\\n") + '"';
}

Error refused(std::string_view path, std::string_view why) {
    return invalid_argument(fmt::format("the archive is refused: {} {}", shown(path), why));
}

/// The parts of a safe relative path; empty for the folder itself.
Result<std::vector<std::string>> safe_parts(std::string_view path, const ArchiveLimits& limits) {
    if (path.empty()) return refused(path, "is no path");
    if (path.size() > limits.path_length) return refused(path, "is too long");
    if (path.front() == '/') return refused(path, "is absolute");
    if (path.find('\0') != std::string_view::npos) return refused(path, "holds a NUL byte");
    if (path.find('\\') != std::string_view::npos) return refused(path, "holds a backslash");
    std::vector<std::string> parts;
    for (auto part : base::split(path, '/')) {
        if (part.empty() || part == ".") continue;
        if (part == "..") return refused(path, "leads out of the archive");
        if (part.size() > 255) return refused(path, "has a name that is too long");
        parts.emplace_back(part);
    }
    if (parts.size() > limits.path_depth) return refused(path, "is nested too deeply");
    return parts;
}

class Unpacker {
public:
    Unpacker(const fs::path& root, const ArchiveLimits& limits, std::string_view only_under)
        : root_(root), limits_(limits), only_under_(only_under) {}

    Result<void> run(std::string_view tar) {
        Reader reader(archive_read_new());
        archive_read_support_format_tar(reader.get());
        archive_read_support_filter_gzip(reader.get());
        archive_read_support_filter_zstd(reader.get());
        if (archive_read_open_memory(reader.get(), tar.data(), tar.size()) != ARCHIVE_OK)
            return unreadable(reader);
        while (true) {
            struct archive_entry* entry = nullptr;
            int got = archive_read_next_header(reader.get(), &entry);
            if (got == ARCHIVE_EOF) break;
            if (got != ARCHIVE_OK && got != ARCHIVE_WARN) return unreadable(reader);
            auto done = take(reader.get(), entry);
            if (!done) return done;
        }
        return make_links();
    }

private:
    struct Link {
        fs::path path;
        std::string name;
        std::string target;
    };

    static Error unreadable(const Reader& reader) {
        const char* reason = archive_error_string(reader.get());
        return invalid_argument("the archive is damaged or not a tar file", reason == nullptr ? "" : reason);
    }

    Result<void> take(struct archive* reader, struct archive_entry* entry) {
        const char* raw = archive_entry_pathname(entry);
        std::string name = raw == nullptr ? "" : raw;
        if (++files_ > limits_.files)
            return refused(name, fmt::format("is file {} and more are coming", files_));
        auto parts = safe_parts(name, limits_);
        if (!parts) return parts.error();
        std::string clean = base::join(*parts, "/");
        if (!only_under_.empty() && !clean.empty() && clean != only_under_ &&
            !clean.starts_with(std::string(only_under_) + "/") && !only_under_.starts_with(clean + "/"))
            return refused(name, fmt::format("is not under {}", only_under_));
        if (archive_entry_hardlink(entry) != nullptr) return refused(name, "is a hard link");
        auto type = archive_entry_filetype(entry);
        if (parts->empty()) return type == AE_IFDIR ? Result<void>() : refused(name, "is no path");
        if (type == AE_IFDIR) return make_folders(*parts, parts->size(), name);
        auto parents = make_folders(*parts, parts->size() - 1, name);
        if (!parents) return parents;
        if (type == AE_IFREG) return write_file(reader, entry, root_ / clean, name);
        if (type != AE_IFLNK) return refused(name, "is neither a file, a folder nor a symbolic link");
        const char* target = archive_entry_symlink(entry);
        links_.push_back({root_ / clean, name, target == nullptr ? "" : target});
        if (links_.back().target.size() > limits_.path_length ||
            !link_stays_inside(links_.back().target, parts->size() - 1))
            return refused(name, "is a symbolic link that leads out of the archive");
        return {};
    }

    /// Links are made at the very end, so everything on the way is a real folder or a reason to stop.
    Result<void> make_folders(const std::vector<std::string>& parts, std::size_t count,
                              const std::string& name) {
        fs::path path = root_;
        for (std::size_t i = 0; i < count; ++i) {
            path /= parts[i];
            if (::mkdir(path.c_str(), 0700) == 0) continue;
            int code = errno;
            struct stat info {};
            if (code == EEXIST && ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) continue;
            if (code == EEXIST) return refused(name, "has a file where a folder should be");
            return internal_error("cannot unpack the archive", std::strerror(code));
        }
        return {};
    }

    Result<void> write_file(struct archive* reader, struct archive_entry* entry, const fs::path& path,
                            const std::string& name) {
        if (archive_entry_size_is_set(entry)) {
            auto size = archive_entry_size(entry);
            if (size < 0 || static_cast<std::size_t>(size) > limits_.bytes - bytes_) return too_large();
        }
        // A later entry replaces an earlier one, as tar does.
        if (::unlink(path.c_str()) != 0 && errno != ENOENT) return refused(name, "replaces a folder");
        mode_t mode = (archive_entry_perm(entry) & 0100) != 0 ? 0700 : 0600;
        int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
        if (file < 0) return internal_error("cannot unpack the archive", std::strerror(errno));
        auto done = copy_data(reader, file);
        if (::close(file) != 0 && done)
            return internal_error("cannot unpack the archive", std::strerror(errno));
        return done;
    }

    Result<void> copy_data(struct archive* reader, int file) {
        char buffer[64 << 10];
        while (true) {
            auto got = archive_read_data(reader, buffer, sizeof buffer);
            if (got == 0) return {};
            if (got < 0) {
                const char* reason = archive_error_string(reader);
                return invalid_argument("the archive is damaged", reason == nullptr ? "" : reason);
            }
            if (static_cast<std::size_t>(got) > limits_.bytes - bytes_) return too_large();
            bytes_ += static_cast<std::size_t>(got);
            for (la_ssize_t written = 0; written < got;) {
                auto step = ::write(file, buffer + written, static_cast<std::size_t>(got - written));
                if (step < 0 && errno != EINTR)
                    return internal_error("cannot unpack the archive", std::strerror(errno));
                if (step > 0) written += step;
            }
        }
    }

    [[nodiscard]] Error too_large() const {
        return Error(
            ErrorCode::too_large,
            fmt::format("the archive is refused: it unpacks to more than {} MiB", limits_.bytes >> 20));
    }

    Result<void> make_links() {
        for (const auto& link : links_) {
            struct stat info {};
            if (::lstat(link.path.c_str(), &info) == 0 && S_ISLNK(info.st_mode)) ::unlink(link.path.c_str());
            if (::symlink(link.target.c_str(), link.path.c_str()) != 0)
                return refused(link.name, "is a symbolic link in place of something else");
        }
        return {};
    }

    fs::path root_;
    ArchiveLimits limits_;
    std::string_view only_under_;
    std::vector<Link> links_;
    std::size_t files_ = 0;
    std::size_t bytes_ = 0;
};

}  // namespace

bool link_stays_inside(std::string_view target, std::size_t depth) {
    if (target.empty() || target.front() == '/') return false;
    bool going_down = false;
    for (auto part : base::split(target, '/')) {
        if (part.empty() || part == ".") continue;
        if (part != "..")
            going_down = true;
        else if (going_down || depth-- == 0)
            return false;
    }
    return true;
}

Result<void> unpack_tar(std::string_view tar, const fs::path& into, const ArchiveLimits& limits,
                        std::string_view only_under) {
    return Unpacker(into, limits, only_under).run(tar);
}

}  // namespace berth::terraform
