#include "coderd/provisionerdserver/routes.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/api/convert.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/matched.h"
#include "coderd/provisionerdserver/serve_request.h"
#include "coderd/users/lookup.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

/// Rows of a list that asks for no number of them.
constexpr std::int32_t usual_limit = 50;

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
    if (text.empty()) return usual_limit;
    auto limit = base::parse_int<std::int32_t>(text);
    if (!limit || *limit < 0) return bad_query("limit", "must be a number from 0");
    return *limit == 0 ? usual_limit : *limit;
}

/// The daemons wanted by ?status=; without it those that are there, unless ?offline or ?max_age ask for more.
Result<std::vector<std::string>> query_statuses(const Request& request) {
    std::vector<std::string> statuses;
    for (auto text : base::split(request.query("status").value_or(""), ',')) {
        auto status = sdk::parse_enum<sdk::ProvisionerDaemonStatus>(text);
        if (!status) return bad_query("status", "must be offline, idle or busy, with commas between them");
        statuses.emplace_back(text);
    }
    auto offline = request.query("offline").value_or("");
    if (!offline.empty() && offline != "true" && offline != "false")
        return bad_query("offline", "must be true or false");
    bool all = offline == "true" || !request.query("max_age").value_or("").empty();
    if (statuses.empty() && !all) statuses = {"idle", "busy"};
    return statuses;
}

/// A user by id or name, or "me".
asio::awaitable<Result<std::optional<Uuid>>> query_initiator(Context& context, const Request& request) {
    std::string text(request.query("initiator").value_or(""));
    if (text.empty()) co_return std::optional<Uuid>();
    if (text == "me") co_return std::optional(request.caller().user_id);
    if (auto id = Uuid::parse(text)) co_return id;
    auto user = co_await context.store.get_user_by_email_or_username(request.actor(), text, text);
    if (user) co_return std::optional(user->id);
    if (user.error().code() != ErrorCode::not_found) co_return user.error();
    co_return bad_query("initiator", "there is no such user, or you may not see them");
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

/// The daemons that could do them, to those that wait.
asio::awaitable<Result<void>> add_workers(Context& context, std::vector<sdk::ProvisionerJob>& jobs) {
    std::map<Uuid, sdk::ProvisionerJob*> waiting;
    std::vector<Uuid> ids;
    for (auto& job : jobs) {
        if (job.status != sdk::ProvisionerJobStatus::pending) continue;
        waiting[job.id] = &job;
        ids.push_back(job.id);
    }
    if (ids.empty()) co_return Result<void>();
    auto workers = co_await context.store.get_matching_daemons_of_jobs(daemons_reader(), ids);
    if (!workers) co_return workers.error();
    for (const auto& worker : *workers)
        waiting[worker.job_id]->available_workers.push_back(worker.daemon_id);
    co_return Result<void>();
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
        bool stale = !daemon.last_seen_at || now - *daemon.last_seen_at > daemon_stale_after;
        using enum sdk::ProvisionerDaemonStatus;
        daemon.status = stale ? offline : daemon.current_job ? busy : idle;
    }
    co_return Result<void>();
}

}  // namespace

void ProvisionerRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string organization = "/api/v2/organizations/{organization}/";
    const QueryParameters of_list{{"ids", "string", "UUIDs with commas between them"},
                                  {"tags", "string", "A JSON object of tags that all must be there"},
                                  {"limit", "integer", "At most so many; 50 without it"}};
    routes.raw(Endpoint{Method::get, organization + "provisionerdaemons/serve", "Serve a provisioner daemon",
                        Access::provisioner}
                   .takes({{"version", "string", "The API version of the daemon"},
                           {"name", "string", "The daemon's name"},
                           {"provisioner", "string", "What it runs, repeated: terraform, echo"},
                           {"tag", "string", "key=value, repeated"}}),
               bind(this, &ProvisionerRoutes::serve));
    routes.json<std::vector<sdk::ProvisionerDaemon>>(
        Endpoint{Method::get, organization + "provisionerdaemons", "List provisioner daemons"}
            .takes(of_list)
            .takes({{"status", "string", "offline, idle or busy, with commas between them"},
                    {"offline", "boolean", "Lists those too that are not there"},
                    {"max_age", "string", "Only those heard of within this duration, like 5m"}}),
        bind(this, &ProvisionerRoutes::list_daemons));
    routes.json<std::vector<sdk::ProvisionerJob>>(
        Endpoint{Method::get, organization + "provisionerjobs", "List provisioner jobs"}.takes(of_list).takes(
            {{"status", "string", "States of jobs with commas between them"},
             {"initiator", "string", "A user's id or name, or me"}}),
        bind(this, &ProvisionerRoutes::list_jobs));
    routes.json<sdk::ProvisionerJob>(
        {Method::get, organization + "provisionerjobs/{job}", "Get a provisioner job"},
        bind(this, &ProvisionerRoutes::get_job));
    routes.json<std::vector<sdk::ProvisionerKeyDaemons>>(
        {Method::get, organization + "provisionerkeys/daemons", "List provisioner keys with their daemons"},
        bind(this, &ProvisionerRoutes::list_key_daemons));
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
    auto statuses = query_statuses(request);
    if (!statuses) co_return statuses.error();
    params.statuses = std::move(*statuses);
    params.stale_before = now - daemon_stale_after;
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
    co_return daemons;
}

asio::awaitable<Result<std::vector<sdk::ProvisionerKeyDaemons>>> ProvisionerRoutes::list_key_daemons(
    const Request& request) {
    auto organization = co_await find_organization(context_.store, request);
    if (!organization) co_return organization.error();
    auto keys = co_await context_.store.list_provisioner_keys(request.actor(), organization->id);
    if (!keys) co_return keys.error();
    db::ListProvisionerDaemonsParams connected;
    connected.organization_id = organization->id;
    connected.tags = "{}";
    connected.seen_after = context_.clock.now() - daemon_stale_after;
    auto daemons = co_await context_.store.list_provisioner_daemons(request.actor(), connected);
    if (!daemons) co_return daemons.error();
    std::vector<sdk::ProvisionerKeyDaemons> list;
    for (const auto& row : *keys)
        list.emplace_back().key = to_sdk_key(row);
    // Users serve in every organization; the key that stands for them is stored in the default one alone.
    bool has_users = std::any_of(list.begin(), list.end(),
                                 [](const auto& each) { return each.key.id == user_auth_key_id(); });
    if (!has_users) {
        auto& users = list.emplace_back().key;
        users.id = user_auth_key_id();
        users.organization = organization->id;
        users.name = "user-auth";
    }
    for (auto& each : list)
        for (const auto& row : *daemons)
            if (row.provisioner_daemon.key_id == each.key.id) each.daemons.push_back(daemon_to_sdk(row));
    co_return list;
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
    params.row_limit = *limit;
    for (auto text : base::split(request.query("status").value_or(""), ',')) {
        auto status = db::parse_provisioner_job_status(text);
        if (!status) co_return bad_query("status", "must be states of jobs with commas between them");
        params.statuses.push_back(*status);
    }
    auto initiator = co_await query_initiator(context_, request);
    if (!initiator) co_return initiator.error();
    params.initiator_id = *initiator;
    auto rows = co_await context_.store.list_provisioner_jobs(request.actor(), params);
    if (!rows) co_return rows.error();
    std::vector<Uuid> job_ids;
    for (const auto& row : *rows)
        job_ids.push_back(row.id);
    auto names = co_await names_of_jobs(context_, request.actor(), job_ids);
    if (!names) co_return names.error();
    auto places = co_await queue_places(context_.store, *rows, context_.clock.now());
    if (!places) co_return places.error();
    std::vector<sdk::ProvisionerJob> jobs;
    for (const auto& row : *rows) {
        auto& job = jobs.emplace_back(job_to_sdk(row, *places));
        auto found = names->find(row.id);
        if (found != names->end()) job.metadata = metadata_of(found->second);
    }
    auto added = co_await add_workers(context_, jobs);
    if (!added) co_return added.error();
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
    auto job = co_await job_to_sdk(context_.store, std::move(*row), context_.clock.now());
    if (!job) co_return job.error();
    auto found = names->find(job->id);
    if (found != names->end()) job->metadata = metadata_of(found->second);
    std::vector<sdk::ProvisionerJob> jobs(1, std::move(*job));
    auto added = co_await add_workers(context_, jobs);
    if (!added) co_return added.error();
    co_return std::move(jobs.front());
}

}  // namespace berth::coderd
