#include "coderd/jobs/unmatched.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "coderd/jobs/channels.h"
#include "coderd/jobs/matched.h"

namespace berth::coderd {
namespace {

bool has_tag(const DaemonOfferRow& daemon, const std::string& key, const std::string& value) {
    auto found = daemon.tags.find(key);
    return found != daemon.tags.end() && found->second == value;
}

bool runs(const DaemonOfferRow& daemon, db::ProvisionerType provisioner) {
    return std::find(daemon.provisioners.begin(), daemon.provisioners.end(), provisioner) !=
           daemon.provisioners.end();
}

}  // namespace

std::string unmatched_reason(std::vector<DaemonOfferRow> daemons, db::ProvisionerType provisioner,
                             const Tags& job) {
    if (daemons.empty()) return "no provisioner daemon is connected";
    std::erase_if(daemons,
                  [provisioner](const DaemonOfferRow& daemon) { return !runs(daemon, provisioner); });
    if (daemons.empty())
        return "no connected provisioner daemon runs " + std::string(to_string(provisioner)) + " templates";
    bool possible = std::any_of(daemons.begin(), daemons.end(),
                                [&](const DaemonOfferRow& daemon) { return tags_match(daemon.tags, job); });
    if (possible) return "";
    std::vector<std::string> missing;
    std::vector<std::string> all;
    for (const auto& [key, value] : job) {
        if (value.empty()) continue;
        all.push_back(key + "=" + value);
        bool somewhere = std::any_of(
            daemons.begin(), daemons.end(),
            [&key = key, &value = value](const auto& daemon) { return has_tag(daemon, key, value); });
        if (!somewhere) missing.push_back(all.back());
    }
    if (!missing.empty())
        return std::string("no connected provisioner daemon has the tag") +
               (missing.size() > 1 ? "s " : " ") + base::join(missing, ", ");
    return "no connected provisioner daemon has all of the tags " + base::join(all, ", ") +
           " and nothing that keeps it for other jobs";
}

namespace {

/// Jobs of one line in one pass; the next goes on with the others.
constexpr std::int32_t noted_at_once = 1000;

asio::awaitable<Result<std::vector<DaemonOfferRow>>> connected_daemons(db::Queries& queries,
                                                                       Uuid organization_id, base::Time now) {
    auto rows = co_await queries.list_live_provisioner_daemons(
        rbac::Actor::system(rbac::SystemActor::provisioner_daemons_reader), organization_id,
        now - daemon_stale_after);
    if (!rows) co_return rows.error();
    std::vector<DaemonOfferRow> daemons;
    for (auto& row : *rows) {
        auto tags = tags_from_json(row.tags);
        if (tags) daemons.push_back({std::move(row.provisioners), std::move(*tags)});
    }
    co_return daemons;
}

asio::awaitable<Result<std::size_t>> note_reason(db::Transaction& tx, db::ListWaitingLinesRow line,
                                                 std::string reason, base::Time now) {
    db::NoteWaitingJobsParams note;
    note.created_at = now;
    note.stage = queue_stage;
    note.output = waiting_text(reason);
    note.line = line.line;
    note.row_limit = noted_at_once;
    auto noted = co_await tx.note_waiting_jobs(rbac::Actor::system(rbac::SystemActor::reaper), note);
    if (!noted) co_return noted.error();
    for (const auto& job_id : *noted) {
        auto told = co_await tx.notify(job_channel(job_id), "");
        if (!told) co_return told.error();
    }
    co_return noted->size();
}

}  // namespace

std::string waiting_text(const std::string& reason) { return "The job waits: " + reason + "."; }

asio::awaitable<Result<std::size_t>> note_unmatched_jobs(db::Transaction& tx, base::Time now) {
    auto lines = co_await tx.list_waiting_lines(rbac::Actor::system(rbac::SystemActor::reaper));
    if (!lines) co_return lines.error();
    std::map<Uuid, std::vector<DaemonOfferRow>> daemons;
    std::size_t noted = 0;
    for (const auto& line : *lines) {
        auto tags = tags_from_json(line.tags);
        if (!tags) co_return tags.error();
        if (!daemons.contains(line.organization_id)) {
            auto connected = co_await connected_daemons(tx, line.organization_id, now);
            if (!connected) co_return connected.error();
            daemons[line.organization_id] = std::move(*connected);
        }
        auto reason = unmatched_reason(daemons[line.organization_id], line.provisioner, *tags);
        if (reason.empty()) continue;
        auto of_line = co_await note_reason(tx, line, std::move(reason), now);
        if (!of_line) co_return of_line.error();
        noted += *of_line;
    }
    co_return noted;
}

asio::awaitable<Result<std::string>> find_unmatched_reason(db::Queries& queries, const Uuid& organization_id,
                                                           db::ProvisionerType provisioner, const Tags& job,
                                                           base::Time now) {
    auto daemons = co_await connected_daemons(queries, organization_id, now);
    if (!daemons) co_return daemons.error();
    co_return unmatched_reason(std::move(*daemons), provisioner, job);
}

}  // namespace berth::coderd
