#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "provisioner/terraform/file_lock.h"

namespace berth::terraform {

struct PreparedLimits {
    std::size_t folders = 32;
    /// Of all folders together.
    std::uint64_t bytes = 4ull << 30;
    /// Versions that nobody built for so long go.
    base::Duration unused = std::chrono::hours(7 * 24);
};

/// Folders in which `terraform init` is done, one for each template version, for builds to start from a copy:
/// what a build does to its own changes neither this one nor any other's. A folder is kept before its build
/// plans, so that it holds no state, no value and no secret. What was changed since (in the folder, of a
/// provider it links to, of terraform) is not used again. Nothing outlives the process.
///
/// Safe to use from several threads; all but has() copies or removes files, which is work for a worker.
class PreparedFolders {
public:
    /// Makes a folder of its own below `root`, and removes those of processes that are gone.
    static Result<std::shared_ptr<PreparedFolders>> create(const std::filesystem::path& root,
                                                           std::filesystem::path terraform,
                                                           base::Clock& clock, PreparedLimits limits = {});
    ~PreparedFolders();
    PreparedFolders(const PreparedFolders&) = delete;
    PreparedFolders& operator=(const PreparedFolders&) = delete;

    [[nodiscard]] bool has(const std::string& version) const;
    /// Fills an empty folder with a copy. False when there is none, or none that can be trusted: then `into`
    /// may hold a part and must not be used.
    bool copy_to(const std::string& version, const std::filesystem::path& into);
    /// Keeps a copy of an initialized folder, unless the version has one. The oldest make room for it.
    Result<void> keep(const std::string& version, const std::filesystem::path& folder);

private:
    struct Prepared;
    using PreparedPtr = std::shared_ptr<Prepared>;

    PreparedFolders(std::filesystem::path path, FileLock lock, std::filesystem::path terraform,
                    base::Clock& clock, PreparedLimits limits);
    Result<PreparedPtr> prepare(const std::filesystem::path& folder);
    [[nodiscard]] Result<std::string> fingerprint(const std::filesystem::path& folder) const;
    void give_up(const std::string& version, const PreparedPtr& changed);
    /// What has to go; removed when nobody copies it any more.
    std::vector<PreparedPtr> make_room();

    const std::filesystem::path path_;
    FileLock lock_;
    const std::filesystem::path terraform_;
    base::Clock& clock_;
    const PreparedLimits limits_;

    mutable std::mutex mutex_;
    std::map<std::string, PreparedPtr> folders_;
    /// Versions that are being copied here.
    std::set<std::string> coming_;
    std::uint64_t bytes_ = 0;
    std::uint64_t made_ = 0;
};

}  // namespace berth::terraform
