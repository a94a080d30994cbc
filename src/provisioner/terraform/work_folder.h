#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "provisioner/terraform/file_lock.h"

namespace berth::terraform {

/// Whose work a folder holds; written into it, so that it can be recovered after a crash.
struct SessionName {
    /// Of the daemon.
    std::string owner;
    std::string job_id;
};

/// A session's own place on disk (0700), removed with everything in it when this is destroyed. The template
/// lies one level below, because the coder provider writes beside the folder that terraform runs in. A lock
/// tells others that somebody works in it; the kernel releases it when that process dies.
class WorkFolder {
public:
    static Result<std::unique_ptr<WorkFolder>> create(const std::filesystem::path& root,
                                                      const SessionName& name);
    /// A folder of a session of `owner` that nobody works in any more; nullptr when it is not one. It stays
    /// until discard(), because it may hold the only copy of a state.
    static std::unique_ptr<WorkFolder> adopt(const std::filesystem::path& path, const std::string& owner);
    /// Finishes what killed processes began to remove.
    static void remove_doomed(const std::filesystem::path& root);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    [[nodiscard]] const SessionName& name() const { return name_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path source() const { return path_ / "source"; }
    [[nodiscard]] std::filesystem::path plan() const { return path_ / "plan"; }
    [[nodiscard]] std::filesystem::path state() const { return source() / "terraform.tfstate"; }
    /// Leaves the folder where it is.
    void keep() { kept_ = true; }
    /// Undoes keep().
    void discard() { kept_ = false; }

private:
    WorkFolder(std::filesystem::path path, SessionName name)
        : path_(std::move(path)), name_(std::move(name)) {}
    bool take_lock();

    std::filesystem::path path_;
    SessionName name_;
    std::optional<FileLock> lock_;
    bool kept_ = false;
};

}  // namespace berth::terraform
