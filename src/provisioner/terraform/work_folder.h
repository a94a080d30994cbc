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
    /// Finishes what killed processes began to remove or to create, and removes all but the newest folders
    /// kept for people.
    static void remove_doomed(const std::filesystem::path& root);
    ~WorkFolder();
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;

    [[nodiscard]] const SessionName& name() const { return name_; }
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path source() const { return path_ / "source"; }
    [[nodiscard]] std::filesystem::path plan() const { return path_ / "plan"; }
    /// Values of variables that must win over the template's own *.tfvars files.
    [[nodiscard]] std::filesystem::path variables() const { return path_ / "given.tfvars.json"; }
    /// Those of ephemeral variables, for apply.
    [[nodiscard]] std::filesystem::path ephemeral_variables() const {
        return path_ / "ephemeral.tfvars.json";
    }
    [[nodiscard]] std::filesystem::path state() const { return source() / "terraform.tfstate"; }
    /// Leaves the folder where it is.
    void keep() { kept_ = true; }
    /// Undoes keep().
    void discard() { kept_ = false; }
    /// When this is destroyed, it is not removed but renamed to place_for_people(), where only the newest few
    /// stay. Values given for variables and the providers' programs go all the same; the state and the plan
    /// are what people look for, and hold secrets. False, and nothing happens, when the job's id is no name.
    bool keep_for_people();
    [[nodiscard]] std::filesystem::path place_for_people() const;

private:
    WorkFolder(std::filesystem::path path, SessionName name)
        : path_(std::move(path)), name_(std::move(name)) {}
    static Result<std::unique_ptr<WorkFolder>> try_create(const std::filesystem::path& root,
                                                          const SessionName& name);
    static void remove_nameless(const std::filesystem::path& path);
    bool take_lock();
    void hand_to_people(std::error_code& failed) const;
    void remove(std::error_code& failed) const;

    std::filesystem::path path_;
    SessionName name_;
    std::optional<FileLock> lock_;
    bool kept_ = false;
    bool for_people_ = false;
};

}  // namespace berth::terraform
