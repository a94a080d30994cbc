#include "provisioner/terraform/prepared_folders.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "provisioner/terraform/folder_copy.h"

namespace berth::terraform {

namespace fs = std::filesystem;

struct PreparedFolders::Prepared {
    explicit Prepared(fs::path place) : path(std::move(place)) {}
    ~Prepared() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Prepared(const Prepared&) = delete;
    Prepared& operator=(const Prepared&) = delete;

    const fs::path path;
    std::string fingerprint;
    std::uint64_t bytes = 0;
    base::SteadyTime last_used;
};

namespace {

constexpr const char* prepared_lock = "lock";

Error cannot_prepare(std::string reason) {
    return internal_error("cannot make the folder for prepared templates", std::move(reason));
}

void remove_abandoned(const fs::path& root) {
    std::error_code failed;
    for (fs::directory_iterator entry(root, failed), end; !failed && entry != end; entry.increment(failed)) {
        std::error_code ignored;
        if (!entry->is_directory(ignored)) continue;
        auto lock = FileLock::try_take(entry->path() / prepared_lock);
        if (lock) fs::remove_all(entry->path(), ignored);
    }
}

}  // namespace

Result<std::shared_ptr<PreparedFolders>> PreparedFolders::create(const fs::path& root, fs::path terraform,
                                                                 base::Clock& clock, PreparedLimits limits) {
    std::error_code failed;
    fs::create_directories(root, failed);
    if (failed) return cannot_prepare(failed.message());
    fs::permissions(root, fs::perms::owner_all, failed);
    if (failed) return cannot_prepare(failed.message());
    // Another process that starts must not take a folder that has no lock yet for an abandoned one.
    auto turn = FileLock::take(root / prepared_lock);
    if (!turn) return turn.error();
    remove_abandoned(root);
    auto path = (fs::absolute(root) / "XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return cannot_prepare(std::strerror(errno));
    auto lock = FileLock::take(fs::path(path) / prepared_lock);
    if (!lock) return lock.error();
    return std::shared_ptr<PreparedFolders>(
        new PreparedFolders(path, std::move(*lock), std::move(terraform), clock, limits));
}

PreparedFolders::PreparedFolders(fs::path path, FileLock lock, fs::path terraform, base::Clock& clock,
                                 PreparedLimits limits)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      terraform_(std::move(terraform)),
      clock_(clock),
      limits_(limits) {}

PreparedFolders::~PreparedFolders() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

bool PreparedFolders::has(const std::string& version) const {
    std::lock_guard guard(mutex_);
    return folders_.contains(version);
}

bool PreparedFolders::copy_to(const std::string& version, const fs::path& into) {
    PreparedPtr prepared;
    {
        std::lock_guard guard(mutex_);
        auto found = folders_.find(version);
        if (found == folders_.end()) return false;
        prepared = found->second;
        prepared->last_used = clock_.steady_now();
    }
    auto copied = copy_folder(prepared->path, into, limits_.bytes);
    // Looked at afterwards: what is the same now was so while it was copied.
    auto now = fingerprint(prepared->path);
    if (copied && now && *now == prepared->fingerprint) return true;
    base::Logger("terraform")
        .warn("a prepared template folder was changed or cannot be read, and is made anew",
              field("template_version_id", version),
              field("error", !copied ? copied.error().to_string() : std::string("changed")));
    give_up(version, prepared);
    return false;
}

Result<void> PreparedFolders::keep(const std::string& version, const fs::path& folder) {
    {
        std::lock_guard guard(mutex_);
        if (folders_.contains(version) || !coming_.insert(version).second) return {};
    }
    auto prepared = prepare(folder);
    std::vector<PreparedPtr> gone;
    {
        std::lock_guard guard(mutex_);
        coming_.erase(version);
        if (!prepared) return prepared.error();
        bytes_ += (*prepared)->bytes;
        folders_[version] = std::move(*prepared);
        gone = make_room();
    }
    return {};
}

Result<PreparedFolders::PreparedPtr> PreparedFolders::prepare(const fs::path& folder) {
    std::uint64_t number = 0;
    {
        std::lock_guard guard(mutex_);
        number = ++made_;
    }
    auto prepared = std::make_shared<Prepared>(path_ / std::to_string(number));
    if (::mkdir(prepared->path.c_str(), 0700) != 0) return cannot_prepare(std::strerror(errno));
    auto copied = copy_folder(folder, prepared->path, limits_.bytes);
    if (!copied) return copied.error();
    await_next_file_time();
    auto print = fingerprint(prepared->path);
    if (!print) return print.error();
    prepared->fingerprint = std::move(*print);
    prepared->bytes = *copied;
    prepared->last_used = clock_.steady_now();
    return prepared;
}

Result<std::string> PreparedFolders::fingerprint(const fs::path& folder) const {
    auto program = file_fingerprint(terraform_);
    if (!program) return program.error();
    auto content = folder_fingerprint(folder);
    if (!content) return content.error();
    return *program + " " + *content;
}

void PreparedFolders::give_up(const std::string& version, const PreparedPtr& changed) {
    std::lock_guard guard(mutex_);
    auto found = folders_.find(version);
    // Somebody else may have noticed, and there may be a new one.
    if (found == folders_.end() || found->second != changed) return;
    bytes_ -= changed->bytes;
    folders_.erase(found);
}

std::vector<PreparedFolders::PreparedPtr> PreparedFolders::make_room() {
    std::vector<PreparedPtr> gone;
    auto now = clock_.steady_now();
    while (!folders_.empty()) {
        auto oldest = std::min_element(folders_.begin(), folders_.end(), [](const auto& a, const auto& b) {
            return a.second->last_used < b.second->last_used;
        });
        bool stale = now - oldest->second->last_used > limits_.unused;
        if (!stale && folders_.size() <= limits_.folders && bytes_ <= limits_.bytes) break;
        bytes_ -= oldest->second->bytes;
        gone.push_back(std::move(oldest->second));
        folders_.erase(oldest);
    }
    return gone;
}

}  // namespace berth::terraform
