#include "coderd/provisionerdserver/routes.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/api/convert.h"
#include "coderd/jobs/jobs.h"
#include "coderd/provisionerdserver/serve_request.h"
#include "coderd/users/lookup.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

/// A daemon not heard of for three heartbeats.
constexpr auto stale_after = std::chrono::seconds(90);

const rbac::Actor& daemons_reader() {
    return rbac::Actor::system(rbac::SystemActor::provisioner_daemons_reader);
}

Error bad_query(std::string_view name, std::string detail) {
    return invalid_argument("The query has an invalid value.")
        .with_field(std::string(name), std::move(detail));
}

Result<std::vector<Uuid>> query_ids(const Request& request) {
    std::vector<Uuid> ids;
    for (auto text : base::split(request.query("ids").value_or(""), ',')) {
        auto id = Uuid::parse(text);
        if (!id) return bad_query("ids", "must be UUIDs with commas between them");
        ids.push_back(*id);
    }
    return ids;
}

Result<std::int32_t> query_limit(const Request& request) {
    auto text = request.query("limit").value_or("");
    if (text.empty()) return 0;
    auto limit = base::parse_int<std::int32_t>(text);
    if (!limit || *limit < 0) return bad_query("limit", "must be a number from 0");
    return *limit;
}

Result<std::string> query_tags(const Request& request) {
    auto text = request.query("tags").value_or("");
    if (text.empty()) return std::string("{}");
    auto tags = tags_from_json(text);
    if (!tags) return bad_query("tags", "must be a JSON object of texts");
    return tags_to_json(*tags);
}

using Names = std::map<Uuid, db::ListProvisionerJobNamesRow>;

asio::awaitable<Result<Names>> names_of_jobs(Context& context, const rbac::Actor& actor,
                                             std::vector<Uuid> ids) {
    auto rows = co_await context.store.list_provisioner_job_names(actor, ids);
    if (!rows) co_return rows.error();
    Names names;
    for (auto& row : *rows)
        names.emplace(row.job_id, std::move(row));
    co_return names;
}

sdk::ProvisionerJobMetadata metadata_of(const db::ListProvisionerJobNamesRow& row) {
    sdk::ProvisionerJobMetadata metadata;
    metadata.template_version_name = row.template_version_name.value_or("");
    metadata.template_id = row.template_id.value_or(Uuid());
    metadata.template_name = row.template_name.value_or("");
    metadata.template_display_name = row.template_display_name.value_or("");
    metadata.template_icon = row.template_icon.value_or("");
    metadata.workspace_id = row.workspace_id;
    metadata.workspace_name = row.workspace_name.value_or("");
    return metadata;
}

sdk::ProvisionerDaemonJob daemon_job(const db::GetActiveJobsOfDaemonsRow& row, const Names& names) {
    sdk::ProvisionerDaemonJob job;
    job.id = row.id;
    job.status = to_sdk<sdk::ProvisionerJobStatus>(row.job_status);
    auto found = names.find(row.id);
    if (found == names.end()) return job;
    job.template_name = found->second.template_name.value_or("");
    job.template_icon = found->second.template_icon.value_or("");
    job.template_display_name = found->second.template_display_name.value_or("");
    return job;
}

sdk::ProvisionerDaemon daemon_to_sdk(const db::ListProvisionerDaemonsRow& row) {
    const auto& from = row.provisioner_daemon;
    sdk::ProvisionerDaemon daemon;
    daemon.id = from.id;
    daemon.organization_id = from.organization_id;
    daemon.key_id = from.key_id;
    daemon.created_at = from.created_at;
    daemon.last_seen_at = from.last_seen_at;
    daemon.name = from.name;
    daemon.version = from.version;
    daemon.api_version = from.api_version;
    for (auto type : from.provisioners)
        daemon.provisioners.push_back(to_sdk<sdk::ProvisionerType>(type));
    auto tags = tags_from_json(from.tags);
    if (tags) daemon.tags = std::move(*tags);
    daemon.key_name = row.key_name;
    return daemon;
}

asio::awaitable<Result<void>> add_jobs(Context& context, std::vector<sdk::ProvisionerDaemon>& daemons,
                                       base::Time now) {
    std::vector<Uuid> ids;
    for (const auto& daemon : daemons)
        ids.push_back(daemon.id);
    auto jobs = co_await context.store.get_active_jobs_of_daemons(daemons_reader(), ids);
    if (!jobs) co_return jobs.error();
    std::vector<Uuid> job_ids;
    for (const auto& job : *jobs)
        job_ids.push_back(job.id);
    auto names = co_await names_of_jobs(context, daemons_reader(), job_ids);
    if (!names) co_return names.error();
    for (auto& daemon : daemons) {
        for (const auto& job : *jobs) {
            if (job.worker_id != daemon.id) continue;
            (job.completed_at ? daemon.previous_job : daemon.current_job) = daemon_job(job, *names);
        }
        bool stale = !daemon.last_seen_at || now - *daemon.last_seen_at > stale_after;
        using enum sdk::ProvisionerDaemonStatus;
        daemon.status = stale ? offline : daemon.current_job ? busy : idle;
    }
    co_return Result<void>();
}

}  // namespace

void ProvisionerRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string organization = "/api/v2/organizations/{organization}/";
    routes.raw({Method::get, organization + "provisionerdaemons/serve", "Serve a provisioner daemon",
                Access::provisioner},
               bind(this, &ProvisionerRoutes::serve));
    routes.json<std::vector<sdk::ProvisionerDaemon>>(
        {Method::get, organization + "provisionerdaemons", "List provisioner daemons"},
        bind(this, &ProvisionerRoutes::list_daemons));
    routes.json<std::vector<sdk::ProvisionerJob>>(
        {Method::get, organization + "provisionerjobs", "List provisioner jobs"},
        bind(this, &ProvisionerRoutes::list_jobs));
    routes.json<sdk::ProvisionerJob>(
        {Method::get, organization + "provisionerjobs/{job}", "Get a provisioner job"},
        bind(this, &ProvisionerRoutes::get_job));
    keys_.register_routes(routes);
}

asio::awaitable<Result<http::Response>> ProvisionerRoutes::serve(const Request& request) {
    auto admitted = co_await admit_daemon(context_, authenticator_, request);
    if (!admitted) co_return admitted.error();
    if (!request.http().wants_websocket())
        co_return invalid_argument("Serving a provisioner daemon needs a WebSocket.",
                                   "Send an Upgrade header.");
    auto shared = std::make_shared<AdmittedDaemon>(std::move(*admitted));
    co_return http::Response::websocket([this, shared](http::WebSocketPtr socket) {
        return server_.serve(shared->daemon, shared->offer, http::stream_from_websocket(std::move(socket)));
    });
}

asio::awaitable<Result<std::vector<sdk::ProvisionerDaemon>>> ProvisionerRoutes::list_daemons(
    const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto ids = query_ids(request);
    if (!ids) co_return ids.error();
    auto limit = query_limit(request);
    if (!limit) co_return limit.error();
    auto tags = query_tags(request);
    if (!tags) co_return tags.error();
    auto now = context_.clock.now();
    db::ListProvisionerDaemonsParams params;
    params.organization_id = organization->id;
    params.ids = std::move(*ids);
    params.tags = std::move(*tags);
    params.row_limit = *limit;
    auto max_age = request.query("max_age").value_or("");
    if (!max_age.empty()) {
        auto age = base::parse_go_duration(max_age);
        if (!age) co_return bad_query("max_age", "must be a duration like 5m");
        params.seen_after = now - std::chrono::duration_cast<std::chrono::microseconds>(*age);
    }
    auto rows = co_await context_.store.list_provisioner_daemons(request.actor(), params);
    if (!rows) co_return rows.error();
    std::vector<sdk::ProvisionerDaemon> daemons;
    for (const auto& row : *rows)
        daemons.push_back(daemon_to_sdk(row));
    auto added = co_await add_jobs(context_, daemons, now);
    if (!added) co_return added.error();
    auto wanted = request.query("status").value_or("");
    if (!wanted.empty()) {
        auto statuses = base::split(wanted, ',');
        std::erase_if(daemons, [&](const sdk::ProvisionerDaemon& daemon) {
            return std::find(statuses.begin(), statuses.end(), sdk::to_string(*daemon.status)) ==
                   statuses.end();
        });
    } else if (request.query("offline").value_or("") != "true" && max_age.empty()) {
        std::erase_if(daemons, [](const sdk::ProvisionerDaemon& daemon) {
            return *daemon.status == sdk::ProvisionerDaemonStatus::offline;
        });
    }
    co_return daemons;
}

asio::awaitable<Result<std::vector<sdk::ProvisionerJob>>> ProvisionerRoutes::list_jobs(
    const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto ids = query_ids(request);
    if (!ids) co_return ids.error();
    auto limit = query_limit(request);
    if (!limit) co_return limit.error();
    auto tags = query_tags(request);
    if (!tags) co_return tags.error();
    db::ListProvisionerJobsParams params;
    params.organization_id = organization->id;
    params.ids = std::move(*ids);
    params.tags = std::move(*tags);
    params.row_limit = *limit == 0 ? 50 : *limit;
    for (auto text : base::split(request.query("status").value_or(""), ',')) {
        auto status = db::parse_provisioner_job_status(text);
        if (!status) co_return bad_query("status", "must be states of jobs with commas between them");
        params.statuses.push_back(*status);
    }
    if (auto initiator = request.query("initiator"); initiator && !initiator->empty()) {
        auto id = *initiator == "me" ? std::optional(request.caller().user_id) : Uuid::parse(*initiator);
        if (!id) co_return bad_query("initiator", "must be a user's id");
        params.initiator_id = *id;
    }
    auto rows = co_await context_.store.list_provisioner_jobs(request.actor(), params);
    if (!rows) co_return rows.error();
    std::vector<Uuid> job_ids;
    for (const auto& row : *rows)
        job_ids.push_back(row.id);
    auto names = co_await names_of_jobs(context_, request.actor(), job_ids);
    if (!names) co_return names.error();
    auto workers = co_await context_.store.get_matching_daemons_of_jobs(daemons_reader(), job_ids);
    if (!workers) co_return workers.error();
    std::vector<sdk::ProvisionerJob> jobs;
    for (const auto& row : *rows) {
        auto& job = jobs.emplace_back(job_to_sdk(row));
        auto found = names->find(row.id);
        if (found != names->end()) job.metadata = metadata_of(found->second);
        for (const auto& worker : *workers)
            if (worker.job_id == row.id) job.available_workers.push_back(worker.daemon_id);
    }
    co_return jobs;
}

asio::awaitable<Result<sdk::ProvisionerJob>> ProvisionerRoutes::get_job(const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto id = request.path_uuid("job");
    if (!id) co_return id.error();
    auto row = co_await context_.store.get_provisioner_job_by_id(request.actor(), *id);
    if (!row) co_return row.error();
    if (row->organization_id != organization->id) co_return rbac::hidden(rbac::Resource::provisioner_jobs);
    std::vector<Uuid> ids(1, row->id);
    auto names = co_await names_of_jobs(context_, request.actor(), ids);
    if (!names) co_return names.error();
    auto job = job_to_sdk(*row);
    auto found = names->find(row->id);
    if (found != names->end()) job.metadata = metadata_of(found->second);
    co_return job;
}

}  // namespace berth::coderd
