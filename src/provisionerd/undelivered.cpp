#include "provisionerd/undelivered.h"

#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include "base/uuid.h"

namespace berth::provisionerd {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view suffix = ".failed";

Result<void> write_private(const fs::path& path, const std::string& content) {
    auto half = path;
    half += ".new";
    int fd = ::open(half.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);
    std::size_t done = 0;
    while (fd >= 0 && done < content.size()) {
        ssize_t written = ::write(fd, content.data() + done, content.size() - done);
        if (written <= 0) break;
        done += static_cast<std::size_t>(written);
    }
    bool whole = fd >= 0 && done == content.size() && ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    if (whole && ::rename(half.c_str(), path.c_str()) == 0) return {};
    return internal_error("a failed job cannot be kept in " + path.string(), std::strerror(errno));
}

}  // namespace

Undelivered::Undelivered(fs::path folder, base::Logger log)
    : folder_(std::move(folder)), log_(std::move(log)) {}

fs::path Undelivered::file_of(const std::string& job_id) const {
    return folder_ / (job_id + std::string(suffix));
}

Result<void> Undelivered::keep(const ::provisionerd::FailedJob& job) {
    if (folder_.empty()) return internal_error("there is no folder to keep failed jobs in");
    // The id becomes a file's name.
    if (!Uuid::parse(job.job_id())) return invalid_argument("the job's id is not a UUID");
    std::error_code failed;
    fs::create_directories(folder_, failed);
    fs::permissions(folder_, fs::perms::owner_all, failed);
    return write_private(file_of(job.job_id()), job.SerializeAsString());
}

std::vector<::provisionerd::FailedJob> Undelivered::list() const {
    std::vector<::provisionerd::FailedJob> jobs;
    std::error_code failed;
    if (folder_.empty()) return jobs;
    for (fs::directory_iterator entry(folder_, failed), end; !failed && entry != end;
         entry.increment(failed)) {
        if (entry->path().extension() != suffix) continue;
        std::ifstream file(entry->path(), std::ios::binary);
        std::ostringstream content;
        content << file.rdbuf();
        ::provisionerd::FailedJob job;
        if (job.ParseFromString(content.str()))
            jobs.push_back(std::move(job));
        else
            log_.error("a kept failed job cannot be read", field("path", entry->path().string()));
    }
    return jobs;
}

void Undelivered::drop(const std::string& job_id) {
    std::error_code failed;
    fs::remove(file_of(job_id), failed);
    if (failed)
        log_.error("a delivered job stays in its file", field("job_id", job_id),
                   field("reason", failed.message()));
}

void Undelivered::give_up(const ::provisionerd::FailedJob& job, const Error& why) {
    if (job.workspace_build().state().empty()) {
        log_.warn("the server does not want a failed job any more", field("job_id", job.job_id()),
                  field("error", why));
        drop(job.job_id());
        return;
    }
    auto state = folder_ / (job.job_id() + ".tfstate");
    auto written = write_private(state, job.workspace_build().state());
    if (!written) {
        log_.error("the state of a refused job cannot be written out", field("error", written.error()));
        return;
    }
    log_.error("the server does not take the state of a failed job; it can be pushed by hand",
               field("job_id", job.job_id()), field("path", state.string()), field("error", why));
    drop(job.job_id());
}

}  // namespace berth::provisionerd
