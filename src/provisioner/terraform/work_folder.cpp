#include "provisioner/terraform/work_folder.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <vector>

#include <boost/json.hpp>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/log.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/json_access.h"

namespace berth::terraform {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view folder_prefix = "session-";
constexpr std::string_view doomed_prefix = "gone-";
constexpr std::string_view people_prefix = "debug-";
constexpr const char* name_file = "session.json";
constexpr std::size_t max_for_people = 5;
constexpr int max_attempts = 20;

Error folder_error(std::string reason) {
    return internal_error("cannot create the provisioner's work folder", std::move(reason));
}

/// Several daemons may remove the same, and a program that was just killed may still write: what one pass
/// stumbled over is gone in the next.
void remove_tree(const fs::path& folder, std::error_code& failed) {
    for (int i = 0; i < max_attempts; ++i) {
        fs::remove_all(folder, failed);
        if (!failed) return;
    }
}

/// Leaves the newest.
void remove_old_for_people(const fs::path& root) {
    std::vector<std::pair<fs::file_time_type, fs::path>> found;
    std::error_code failed;
    for (fs::directory_iterator entry(root, failed), end; !failed && entry != end; entry.increment(failed)) {
        std::error_code gone;
        auto time = entry->last_write_time(gone);
        if (!gone && entry->path().filename().string().starts_with(people_prefix))
            found.emplace_back(time, entry->path());
    }
    std::sort(found.rbegin(), found.rend());
    for (std::size_t i = max_for_people; i < found.size(); ++i)
        remove_tree(found[i].second, failed);
}

std::optional<SessionName> read_name(const fs::path& folder) {
    auto text = read_file(folder / name_file, 64 << 10);
    if (!text) return std::nullopt;
    boost::system::error_code failed;
    auto value = boost::json::parse(*text, failed);
    if (failed || !value.is_object()) return std::nullopt;
    return SessionName{std::string(text_of(value.get_object(), "owner")),
                       std::string(text_of(value.get_object(), "job_id"))};
}

}  // namespace

Result<std::unique_ptr<WorkFolder>> WorkFolder::create(const fs::path& root, const SessionName& name) {
    std::error_code failed;
    fs::create_directories(root, failed);
    if (failed) return folder_error(failed.message());
    auto folder = try_create(root, name);
    // Until it is locked, remove_doomed() of another daemon may take it for one that nobody works in.
    for (int i = 1; i < max_attempts && !folder; ++i)
        folder = try_create(root, name);
    return folder;
}

Result<std::unique_ptr<WorkFolder>> WorkFolder::try_create(const fs::path& root, const SessionName& name) {
    auto path = (fs::absolute(root) / (std::string(folder_prefix) + "XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) return folder_error(std::strerror(errno));
    std::unique_ptr<WorkFolder> folder(new WorkFolder(path, name));
    if (!folder->take_lock()) return folder_error(std::strerror(errno));
    if (::mkdir(folder->source().c_str(), 0700) != 0) return folder_error(std::strerror(errno));
    // Last, because only folders with a name are ever adopted.
    boost::json::object text{{"owner", name.owner}, {"job_id", name.job_id}};
    auto written = write_private_file(folder->path() / name_file, boost::json::serialize(text));
    if (!written) return written.error();
    return folder;
}

std::unique_ptr<WorkFolder> WorkFolder::adopt(const fs::path& path, const std::string& owner) {
    if (!path.filename().string().starts_with(folder_prefix)) return nullptr;
    auto name = read_name(path);
    if (!name || name->owner != owner || name->job_id.empty()) return nullptr;
    std::unique_ptr<WorkFolder> folder(new WorkFolder(path, std::move(*name)));
    folder->keep();
    return folder->take_lock() ? std::move(folder) : nullptr;
}

bool WorkFolder::take_lock() {
    lock_ = FileLock::try_take(path_ / "lock");
    return lock_.has_value();
}

void WorkFolder::remove_doomed(const fs::path& root) {
    std::error_code failed;
    std::vector<fs::path> found;
    for (fs::directory_iterator entry(root, failed), end; !failed && entry != end; entry.increment(failed))
        found.push_back(fs::absolute(entry->path()));
    for (const auto& path : found) {
        auto name = path.filename().string();
        std::error_code ignored;
        if (name.starts_with(doomed_prefix)) remove_tree(path, ignored);
        if (name.starts_with(folder_prefix)) remove_nameless(path);
    }
    remove_old_for_people(root);
}

/// Its process was killed before it could write the name, and so before it did any work in there.
void WorkFolder::remove_nameless(const fs::path& path) {
    if (read_name(path)) return;
    WorkFolder folder(path, {});
    folder.keep();
    std::error_code failed;
    if (folder.take_lock() && !read_name(path) && !fs::exists(folder.state(), failed) && !failed)
        folder.discard();
}

bool WorkFolder::keep_for_people() {
    auto is_plain = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-'; };
    const auto& id = name_.job_id;
    for_people_ = !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), is_plain);
    return for_people_;
}

fs::path WorkFolder::place_for_people() const {
    return path_.parent_path() / (std::string(people_prefix) + name_.job_id);
}

void WorkFolder::hand_to_people(std::error_code& failed) const {
    auto place = place_for_people();
    std::error_code ignored;
    fs::remove(variables(), ignored);
    fs::remove(ephemeral_variables(), ignored);
    // Large, and `terraform init` brings them back.
    fs::remove_all(source() / ".terraform" / "providers", ignored);
    fs::remove_all(place, ignored);
    fs::rename(path_, place, failed);
    fs::last_write_time(place, fs::file_time_type::clock::now(), ignored);
    remove_old_for_people(path_.parent_path());
}

/// A kill in the middle of it must not leave what looks like a session that lost its state.
void WorkFolder::remove(std::error_code& failed) const {
    auto doomed = path_.parent_path() / (std::string(doomed_prefix) + path_.filename().string());
    fs::rename(path_, doomed, failed);
    remove_tree(failed ? path_ : doomed, failed);
}

WorkFolder::~WorkFolder() {
    std::error_code failed;
    if (!kept_ && for_people_)
        hand_to_people(failed);
    else if (!kept_)
        remove(failed);
    if (failed)
        base::Logger("terraform")
            .warn("cannot remove a work folder", field("path", path_.string()),
                  field("reason", failed.message()));
}

}  // namespace berth::terraform
