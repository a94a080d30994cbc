#include "agent/secret_files.h"

#include <optional>
#include <set>
#include <utility>

#include <boost/json.hpp>

#include "agent/environment.h"
#include "base/crypto.h"

namespace berth::agent {
namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::size_t max_record = 1 << 20;
/// More than the server takes for one value.
constexpr std::size_t max_file = 1 << 20;

/// Path and SHA-256 of what was written there. A path can be there twice, when its content was changing as
/// the agent was killed.
using Written = std::set<std::pair<std::string, std::string>>;

/// Nothing of a record that is damaged: the files then stay, as those of a person would.
Written read_record(const fs::path& record) {
    Written written;
    auto text = read_small_file(record, max_record);
    if (!text) return written;
    boost::system::error_code failed;
    auto parsed = json::parse(*text, failed);
    if (failed || !parsed.is_array()) return written;
    for (const auto& entry : parsed.get_array()) {
        const auto* object = entry.if_object();
        const auto* path = object != nullptr ? object->if_contains("path") : nullptr;
        const auto* hash = object != nullptr ? object->if_contains("sha256") : nullptr;
        if (path != nullptr && hash != nullptr && path->is_string() && hash->is_string())
            written.emplace(path->get_string(), hash->get_string());
    }
    return written;
}

Result<void> write_record(const fs::path& record, const Written& written) {
    if (written.empty()) {
        std::error_code ignored;
        fs::remove(record, ignored);
        return {};
    }
    json::array entries;
    for (const auto& [path, hash] : written)
        entries.push_back(json::object{{"path", path}, {"sha256", hash}});
    return write_private_file(record, json::serialize(entries));
}

bool holds(const fs::path& path, const std::string& hash) {
    std::error_code failed;
    if (!fs::is_regular_file(fs::symlink_status(path, failed))) return false;
    auto content = read_small_file(path, max_file + 1);
    return content && base::sha256_hex(*content) == hash;
}

/// False when the file is still there and should not be.
bool remove_if_ours(const fs::path& path, const std::string& hash) {
    if (!holds(path, hash)) return true;
    std::error_code failed;
    fs::remove(path, failed);
    return !failed;
}

}  // namespace

Result<void> place_secret_files(const fs::path& record, const SecretFiles& files) {
    auto known = read_record(record);
    auto before = known;
    Written wanted;
    for (const auto& [path, content] : files)
        wanted.emplace(path.string(), base::sha256_hex(content));
    known.insert(wanted.begin(), wanted.end());
    std::optional<Error> failure;
    // Noted first: a file that nobody remembers stays for ever.
    if (known != before) {
        auto noted = write_record(record, known);
        if (!noted) failure = noted.error();
    }
    auto left = wanted;
    for (const auto& [path, content] : files) {
        auto written = write_private_file(path, content);
        if (!written && !failure) failure = written.error();
    }
    for (const auto& entry : before) {
        fs::path path = entry.first;
        bool gone = files.contains(path) || remove_if_ours(path, entry.second);
        if (!gone) left.insert(entry);
        if (!gone && !failure)
            failure = internal_error("cannot remove the file of a secret that is gone: " + path.string());
    }
    if (left != known) {
        auto noted = write_record(record, left);
        if (!noted && !failure) failure = noted.error();
    }
    if (failure) return *failure;
    return {};
}

}  // namespace berth::agent
