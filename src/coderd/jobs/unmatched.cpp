#include "coderd/jobs/unmatched.h"

#include <algorithm>

#include "base/text.h"
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

std::string unmatched_reason(const std::vector<DaemonOfferRow>& daemons, db::ProvisionerType provisioner,
                             const Tags& job) {
    if (daemons.empty()) return "no provisioner daemon is connected";
    bool possible = std::any_of(daemons.begin(), daemons.end(), [&](const DaemonOfferRow& daemon) {
        return runs(daemon, provisioner) && tags_match(daemon.tags, job);
    });
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

asio::awaitable<Result<std::string>> find_unmatched_reason(db::Queries& queries, const Uuid& organization_id,
                                                           db::ProvisionerType provisioner, const Tags& job,
                                                           base::Time now) {
    auto rows = co_await queries.list_live_provisioner_daemons(
        rbac::Actor::system(rbac::SystemActor::provisioner_daemons_reader), organization_id,
        now - daemon_stale_after);
    if (!rows) co_return rows.error();
    std::vector<DaemonOfferRow> daemons;
    for (auto& row : *rows) {
        auto tags = tags_from_json(row.tags);
        if (tags) daemons.push_back({std::move(row.provisioners), std::move(*tags)});
    }
    co_return unmatched_reason(daemons, provisioner, job);
}

}  // namespace berth::coderd
