#include "provisioner/terraform/folder_copy.h"

#include <cerrno>
#include <cstring>
#include <map>
#include <thread>

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include "base/crypto.h"
#include "provisioner/terraform/files.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t max_copied_entries = 200'000;

Error unreadable(const fs::path& path, int code) {
    return internal_error("cannot read " + path.string(), std::strerror(code));
}

std::string marks_of(const struct stat& info) {
    return fmt::format("{}:{} {:o} {} {}.{} {}.{}", info.st_dev, info.st_ino, info.st_mode, info.st_size,
                       info.st_mtim.tv_sec, info.st_mtim.tv_nsec, info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
}

/// Sorted paths, each with what describes it.
using Marks = std::map<std::string, std::string>;

Result<void> mark_behind(const fs::path& target, Marks& marks) {
    struct stat info {};
    if (::stat(target.c_str(), &info) != 0) return unreadable(target, errno);
    marks[target.string()] = marks_of(info);
    if (!S_ISDIR(info.st_mode)) return {};
    std::error_code failed;
    for (fs::directory_iterator entry(target, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (::stat(entry->path().c_str(), &info) != 0) return unreadable(entry->path(), errno);
        marks[entry->path().string()] = marks_of(info);
    }
    if (failed) return unreadable(target, failed.value());
    return {};
}

Result<void> mark(const fs::path& path, Marks& marks) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return unreadable(path, errno);
    auto& text = marks[path.string()];
    text = marks_of(info);
    if (!S_ISLNK(info.st_mode)) return {};
    std::error_code failed;
    auto target = fs::read_symlink(path, failed);
    if (failed) return unreadable(path, failed.value());
    text += " " + target.string();
    return target.is_absolute() ? mark_behind(target, marks) : Result<void>();
}

/// Copies one entry; what lies in a folder is another one's business.
Result<std::uint64_t> copy_entry(const fs::path& from, const fs::path& to, const fs::path& root,
                                 std::uint64_t room) {
    struct stat info {};
    if (::lstat(from.c_str(), &info) != 0) return unreadable(from, errno);
    if (S_ISDIR(info.st_mode)) {
        if (::mkdir(to.c_str(), 0700) != 0)
            return internal_error("cannot make a folder", std::strerror(errno));
        return 0;
    }
    if (S_ISLNK(info.st_mode)) {
        std::error_code failed;
        auto target = fs::read_symlink(from, failed);
        if (target.string().starts_with(root.string() + "/"))
            return invalid_argument(from.filename().string() + " is a link that depends on where it is");
        if (!failed) fs::create_symlink(target, to, failed);
        if (failed) return internal_error("cannot copy a link", failed.message());
        return 0;
    }
    if (!S_ISREG(info.st_mode))
        return invalid_argument(from.filename().string() + " is neither a file, a folder nor a link");
    auto size = static_cast<std::uint64_t>(info.st_size);
    if (size > room)
        return Error(ErrorCode::too_large, "the folder is larger than it may be", from.filename().string());
    auto copied = copy_private_file(from, to, (info.st_mode & S_IXUSR) != 0);
    if (!copied) return copied.error();
    return size;
}

}  // namespace

Result<std::uint64_t> copy_folder(const fs::path& from, const fs::path& to, std::uint64_t limit) {
    std::uint64_t bytes = 0;
    std::size_t entries = 0;
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(from, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (++entries > max_copied_entries)
            return Error(ErrorCode::too_large, "the folder holds too many files");
        const auto& path = entry->path();
        auto copied = copy_entry(path, to / path.lexically_relative(from), from, limit - bytes);
        if (!copied) return copied.error();
        bytes += *copied;
    }
    if (failed) return unreadable(from, failed.value());
    return bytes;
}

Result<std::string> folder_fingerprint(const fs::path& folder) {
    Marks marks;
    if (auto marked = mark(folder, marks); !marked) return marked.error();
    std::error_code failed;
    for (fs::recursive_directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (marks.size() > 2 * max_copied_entries)
            return Error(ErrorCode::too_large, "the folder holds too many files");
        if (auto marked = mark(entry->path(), marks); !marked) return marked.error();
    }
    if (failed) return unreadable(folder, failed.value());
    std::string text;
    for (const auto& [path, description] : marks) {
        text += path;
        text += '\0';
        text += description;
        text += '\0';
    }
    return base::sha256_hex(text);
}

Result<std::string> file_fingerprint(const fs::path& path) {
    struct stat info {};
    if (::stat(path.c_str(), &info) != 0) return unreadable(path, errno);
    return marks_of(info);
}

void await_next_file_time() {
    timespec first{};
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME_COARSE, &first);
    do {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
        ::clock_gettime(CLOCK_REALTIME_COARSE, &now);
    } while (now.tv_sec == first.tv_sec && now.tv_nsec == first.tv_nsec);
}

}  // namespace berth::terraform
