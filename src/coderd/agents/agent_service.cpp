#include "coderd/agents/agent_service.h"

#include "base/text.h"
#include "coderd/agents/channels.h"
#include "coderd/agents/manifest.h"
#include "coderd/agents/protobuf.h"
#include "coderd/workspaces/watch.h"
#include "rpc/agent.h"

namespace berth::coderd {
namespace {

namespace pb = ::coder::agent::v2;

constexpr std::int64_t log_limit = 1 << 20;
constexpr std::size_t longest_metadata = 2048;
constexpr std::int64_t stats_interval_seconds = 30;

std::optional<db::WorkspaceAgentLifecycleState> lifecycle_state(pb::Lifecycle::State state) {
    using State = db::WorkspaceAgentLifecycleState;
    switch (state) {
        case pb::Lifecycle::CREATED:
            return State::created;
        case pb::Lifecycle::STARTING:
            return State::starting;
        case pb::Lifecycle::START_TIMEOUT:
            return State::start_timeout;
        case pb::Lifecycle::START_ERROR:
            return State::start_error;
        case pb::Lifecycle::READY:
            return State::ready;
        case pb::Lifecycle::SHUTTING_DOWN:
            return State::shutting_down;
        case pb::Lifecycle::SHUTDOWN_TIMEOUT:
            return State::shutdown_timeout;
        case pb::Lifecycle::SHUTDOWN_ERROR:
            return State::shutdown_error;
        case pb::Lifecycle::OFF:
            return State::off;
        default:
            return std::nullopt;
    }
}

std::optional<db::WorkspaceAppHealth> app_health_of(pb::AppHealth health) {
    switch (health) {
        case pb::DISABLED:
            return db::WorkspaceAppHealth::disabled;
        case pb::INITIALIZING:
            return db::WorkspaceAppHealth::initializing;
        case pb::HEALTHY:
            return db::WorkspaceAppHealth::healthy;
        case pb::UNHEALTHY:
            return db::WorkspaceAppHealth::unhealthy;
        default:
            return std::nullopt;
    }
}

db::LogLevel log_level(pb::Log::Level level) {
    switch (level) {
        case pb::Log::TRACE:
            return db::LogLevel::trace;
        case pb::Log::DEBUG:
            return db::LogLevel::debug;
        case pb::Log::WARN:
            return db::LogLevel::warn;
        case pb::Log::ERROR:
            return db::LogLevel::error;
        default:
            return db::LogLevel::info;
    }
}

std::optional<db::WorkspaceAgentSubsystem> subsystem_of(int subsystem) {
    switch (subsystem) {
        case pb::Startup::ENVBOX:
            return db::WorkspaceAgentSubsystem::envbox;
        case pb::Startup::ENVBUILDER:
            return db::WorkspaceAgentSubsystem::envbuilder;
        case pb::Startup::EXECTRACE:
            return db::WorkspaceAgentSubsystem::exectrace;
        default:
            return std::nullopt;
    }
}

db::WorkspaceAgentScriptTimingStage timing_stage(pb::Timing::Stage stage) {
    switch (stage) {
        case pb::Timing::STOP:
            return db::WorkspaceAgentScriptTimingStage::stop;
        case pb::Timing::CRON:
            return db::WorkspaceAgentScriptTimingStage::cron;
        default:
            return db::WorkspaceAgentScriptTimingStage::start;
    }
}

db::WorkspaceAgentScriptTimingStatus timing_status(pb::Timing::Status status) {
    using Status = db::WorkspaceAgentScriptTimingStatus;
    switch (status) {
        case pb::Timing::OK:
            return Status::ok;
        case pb::Timing::TIMED_OUT:
            return Status::timed_out;
        case pb::Timing::PIPES_LEFT_OPEN:
            return Status::pipes_left_open;
        default:
            return Status::exit_failure;
    }
}

std::optional<db::WorkspaceAppStatusState> app_state(int state) {
    switch (state) {
        case 0:
            return db::WorkspaceAppStatusState::working;
        case 1:
            return db::WorkspaceAppStatusState::idle;
        case 2:
            return db::WorkspaceAppStatusState::complete;
        case 3:
            return db::WorkspaceAppStatusState::failure;
        default:
            return std::nullopt;
    }
}

/// Cut before it is cleaned: the cut may fall inside a character.
std::string clean_text(std::string_view text, std::size_t longest) {
    return base::to_valid_utf8(text.substr(0, longest));
}

asio::awaitable<Result<pb::ServiceBanner>> no_banner() { co_return pb::ServiceBanner(); }
asio::awaitable<Result<pb::GetAnnouncementBannersResponse>> no_announcements() {
    co_return pb::GetAnnouncementBannersResponse();
}
asio::awaitable<Result<google::protobuf::Empty>> empty_answer() { co_return google::protobuf::Empty(); }
asio::awaitable<Result<pb::PushResourcesMonitoringUsageResponse>> usage_taken() {
    co_return pb::PushResourcesMonitoringUsageResponse();
}

}  // namespace

const rbac::Actor& agent_actor() { return rbac::Actor::system(rbac::SystemActor::agent); }

void AgentService::register_on(drpc::Server& server) {
    namespace rpc = ::berth::rpc::agent;
    server.on(rpc::get_manifest, [this](pb::GetManifestRequest r) { return manifest(std::move(r)); });
    server.on(rpc::get_service_banner, [](const pb::GetServiceBannerRequest&) { return no_banner(); });
    server.on(rpc::get_announcement_banners,
              [](const pb::GetAnnouncementBannersRequest&) { return no_announcements(); });
    server.on(rpc::update_stats, [this](pb::UpdateStatsRequest r) { return stats(std::move(r)); });
    server.on(rpc::update_lifecycle,
              [this](pb::UpdateLifecycleRequest r) { return lifecycle(std::move(r)); });
    server.on(rpc::batch_update_app_healths,
              [this](pb::BatchUpdateAppHealthRequest r) { return app_health(std::move(r)); });
    server.on(rpc::update_startup, [this](pb::UpdateStartupRequest r) { return startup(std::move(r)); });
    server.on(rpc::batch_update_metadata,
              [this](pb::BatchUpdateMetadataRequest r) { return metadata(std::move(r)); });
    server.on(rpc::batch_create_logs, [this](pb::BatchCreateLogsRequest r) { return logs(std::move(r)); });
    server.on(rpc::script_completed,
              [this](pb::WorkspaceAgentScriptCompletedRequest r) { return script_completed(std::move(r)); });
    server.on(rpc::get_resources_monitoring_configuration,
              [this](pb::GetResourcesMonitoringConfigurationRequest r) { return monitoring(std::move(r)); });
    server.on(rpc::push_resources_monitoring_usage,
              [](const pb::PushResourcesMonitoringUsageRequest&) { return usage_taken(); });
    server.on(rpc::report_connection, [](const pb::ReportConnectionRequest&) { return empty_answer(); });
    server.on(rpc::update_app_status,
              [this](pb::UpdateAppStatusRequest r) { return app_status(std::move(r)); });
    server.on(rpc::list_sub_agents,
              [this](pb::ListSubAgentsRequest r) { return list_sub_agents(std::move(r)); });
}

AgentService::Answer<pb::Manifest> AgentService::manifest(pb::GetManifestRequest) {
    auto built = co_await build_manifest(context_, agent_);
    co_return built;
}

AgentService::Answer<pb::UpdateStatsResponse> AgentService::stats(pb::UpdateStatsRequest request) {
    if (request.stats().connection_count() > 0) {
        auto noted = co_await context_.store.update_workspace_last_used_at(
            agent_actor(), context_.clock.now(), agent_.workspace_id);
        if (!noted) co_return noted.error();
    }
    pb::UpdateStatsResponse answer;
    answer.mutable_report_interval()->set_seconds(stats_interval_seconds);
    co_return answer;
}

AgentService::Answer<pb::Lifecycle> AgentService::lifecycle(pb::UpdateLifecycleRequest request) {
    auto state = lifecycle_state(request.lifecycle().state());
    if (!state) co_return invalid_argument("unknown lifecycle state");
    auto row = co_await context_.store.get_workspace_agent_by_id(agent_actor(), agent_.agent_id);
    if (!row) co_return row.error();
    auto changed_at = request.lifecycle().has_changed_at() ? from_proto(request.lifecycle().changed_at())
                                                           : context_.clock.now();
    using State = db::WorkspaceAgentLifecycleState;
    db::UpdateWorkspaceAgentLifecycleParams change;
    change.id = agent_.agent_id;
    change.lifecycle_state = *state;
    change.started_at = row->started_at;
    change.ready_at = row->ready_at;
    if (*state == State::starting) {
        change.started_at = changed_at;
        change.ready_at.reset();
    }
    if (*state == State::ready || *state == State::start_error || *state == State::start_timeout)
        change.ready_at = changed_at;
    change.updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_workspace_agent_lifecycle(agent_actor(), change);
    if (!changed) co_return changed.error();
    co_await announce_workspace(context_, agent_.workspace_id);
    co_return request.lifecycle();
}

AgentService::Answer<pb::BatchUpdateAppHealthResponse> AgentService::app_health(
    pb::BatchUpdateAppHealthRequest request) {
    bool changed_any = false;
    for (const auto& update : request.updates()) {
        auto id = Uuid::from_bytes(update.id());
        auto health = app_health_of(update.health());
        if (!id || !health) co_return invalid_argument("an app's health is malformed");
        auto changed =
            co_await context_.store.update_workspace_app_health(agent_actor(), *health, *id, agent_.agent_id);
        if (!changed) co_return changed.error();
        changed_any = changed_any || *changed > 0;
    }
    if (changed_any) co_await announce_workspace(context_, agent_.workspace_id);
    co_return pb::BatchUpdateAppHealthResponse();
}

AgentService::Answer<pb::Startup> AgentService::startup(pb::UpdateStartupRequest request) {
    const auto& report = request.startup();
    db::UpdateWorkspaceAgentStartupParams change;
    change.id = agent_.agent_id;
    change.version = clean_text(report.version(), 128);
    change.api_version = api_version_;
    change.expanded_directory = clean_text(report.expanded_directory(), 4096);
    for (int value : report.subsystems())
        if (auto subsystem = subsystem_of(value)) change.subsystems.push_back(*subsystem);
    change.updated_at = context_.clock.now();
    auto changed = co_await context_.store.update_workspace_agent_startup(agent_actor(), change);
    if (!changed) co_return changed.error();
    co_return report;
}

AgentService::Answer<pb::BatchUpdateMetadataResponse> AgentService::metadata(
    pb::BatchUpdateMetadataRequest request) {
    db::UpdateWorkspaceAgentMetadataParams change;
    change.workspace_agent_id = agent_.agent_id;
    for (const auto& item : request.metadata()) {
        change.keys.push_back(base::to_valid_utf8(item.key()));
        change.values.push_back(clean_text(item.result().value(), longest_metadata));
        change.errors.push_back(clean_text(item.result().error(), longest_metadata));
        // The server's clock: an agent's may be anything.
        change.collected_at.push_back(context_.clock.now());
    }
    auto changed = co_await context_.store.update_workspace_agent_metadata(agent_actor(), change);
    if (!changed) co_return changed.error();
    auto told = co_await context_.pubsub.publish(agent_metadata_channel(agent_.agent_id), "");
    if (!told) context_.log.debug("new metadata was not announced", field("error", told.error()));
    co_return pb::BatchUpdateMetadataResponse();
}

AgentService::Answer<pb::BatchCreateLogsResponse> AgentService::logs(pb::BatchCreateLogsRequest request) {
    pb::BatchCreateLogsResponse answer;
    auto row = co_await context_.store.get_workspace_agent_by_id(agent_actor(), agent_.agent_id);
    if (!row) co_return row.error();
    auto source = Uuid::from_bytes(request.log_source_id());
    if (!source) co_return invalid_argument("a log source id is 16 bytes");
    if (row->logs_overflowed) {
        answer.set_log_limit_exceeded(true);
        co_return answer;
    }
    db::InsertWorkspaceAgentLogsParams lines;
    lines.agent_id = agent_.agent_id;
    lines.log_source_id = *source;
    std::int64_t bytes = 0;
    for (const auto& log : request.logs()) {
        lines.created_at.push_back(log.has_created_at() ? from_proto(log.created_at())
                                                        : context_.clock.now());
        lines.output.push_back(base::to_valid_utf8(log.output()));
        lines.level.push_back(log_level(log.level()));
        bytes += static_cast<std::int64_t>(lines.output.back().size());
    }
    if (lines.output.empty()) co_return answer;
    if (row->logs_length + bytes > log_limit) {
        auto marked =
            co_await context_.store.update_workspace_agent_logs_overflowed(agent_actor(), agent_.agent_id);
        if (!marked) co_return marked.error();
        answer.set_log_limit_exceeded(true);
        co_await announce_workspace(context_, agent_.workspace_id);
        co_return answer;
    }
    lines.output_length = static_cast<std::int32_t>(bytes);
    auto inserted = co_await context_.store.insert_workspace_agent_logs(agent_actor(), lines);
    if (!inserted) co_return inserted.error();
    auto told = co_await context_.pubsub.publish(agent_logs_channel(agent_.agent_id), "");
    if (!told) context_.log.debug("new agent logs were not announced", field("error", told.error()));
    co_return answer;
}

AgentService::Answer<pb::WorkspaceAgentScriptCompletedResponse> AgentService::script_completed(
    pb::WorkspaceAgentScriptCompletedRequest request) {
    const auto& timing = request.timing();
    auto script = Uuid::from_bytes(timing.script_id());
    if (!script) co_return invalid_argument("a script id is 16 bytes");
    db::InsertWorkspaceAgentScriptTimingParams row;
    row.script_id = *script;
    row.agent_id = agent_.agent_id;
    row.started_at = from_proto(timing.start());
    row.ended_at = from_proto(timing.end());
    row.exit_code = timing.exit_code();
    row.stage = timing_stage(timing.stage());
    row.status = timing_status(timing.status());
    auto inserted = co_await context_.store.insert_workspace_agent_script_timing(agent_actor(), row);
    if (!inserted) co_return inserted.error();
    co_return pb::WorkspaceAgentScriptCompletedResponse();
}

AgentService::Answer<pb::GetResourcesMonitoringConfigurationResponse> AgentService::monitoring(
    pb::GetResourcesMonitoringConfigurationRequest) {
    pb::GetResourcesMonitoringConfigurationResponse answer;
    answer.mutable_config()->set_num_datapoints(20);
    answer.mutable_config()->set_collection_interval_seconds(10);
    auto memory = co_await context_.store.get_workspace_agent_memory_monitor(agent_actor(), agent_.agent_id);
    if (memory) answer.mutable_memory()->set_enabled(memory->enabled);
    if (!memory && memory.error().code() != ErrorCode::not_found) co_return memory.error();
    auto volumes =
        co_await context_.store.get_workspace_agent_volume_monitors(agent_actor(), agent_.agent_id);
    if (!volumes) co_return volumes.error();
    for (const auto& row : *volumes) {
        auto* volume = answer.add_volumes();
        volume->set_enabled(row.enabled);
        volume->set_path(row.path);
    }
    co_return answer;
}

AgentService::Answer<pb::UpdateAppStatusResponse> AgentService::app_status(
    pb::UpdateAppStatusRequest request) {
    auto state = app_state(request.state());
    if (!state) co_return invalid_argument("unknown app state");
    auto apps = co_await context_.store.get_apps_of_agent(agent_actor(), agent_.agent_id);
    if (!apps) co_return apps.error();
    auto app =
        std::find_if(apps->begin(), apps->end(), [&](const auto& row) { return row.slug == request.slug(); });
    if (app == apps->end()) co_return not_found("this agent has no app with that slug");
    db::InsertWorkspaceAppStatusParams row;
    row.id = Uuid::random();
    row.created_at = context_.clock.now();
    row.workspace_id = agent_.workspace_id;
    row.agent_id = agent_.agent_id;
    row.app_id = app->id;
    row.state = *state;
    row.message = clean_text(request.message(), 160);
    row.uri = clean_text(request.uri(), 2048);
    auto inserted = co_await context_.store.insert_workspace_app_status(agent_actor(), row);
    if (!inserted) co_return inserted.error();
    co_await announce_workspace(context_, agent_.workspace_id);
    co_return pb::UpdateAppStatusResponse();
}

AgentService::Answer<pb::ListSubAgentsResponse> AgentService::list_sub_agents(pb::ListSubAgentsRequest) {
    auto rows = co_await context_.store.list_sub_agents(agent_actor(), agent_.agent_id);
    if (!rows) co_return rows.error();
    pb::ListSubAgentsResponse answer;
    for (const auto& row : *rows) {
        auto* agent = answer.add_agents();
        agent->set_name(row.name);
        agent->set_id(row.id.raw());
    }
    co_return answer;
}

}  // namespace berth::coderd
