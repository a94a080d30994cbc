#include "coderd/agents/routes.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/agents/channels.h"
#include "coderd/agents/connection.h"
#include "coderd/agents/metadata_watch.h"
#include "coderd/api/convert.h"
#include "coderd/api/log_follow.h"
#include "coderd/resources/agent_status.h"
#include "coderd/resources/resources.h"
#include "rbac/authorize.h"
#include "rpc/agent.h"

namespace berth::coderd {
namespace {

constexpr std::int32_t log_page = 500;
/// How long a client waits for the tunnel of a connected agent: an agent dials it again within this time.
constexpr auto tunnel_patience = std::chrono::seconds(10);

sdk::WorkspaceAgentLog log_line(const db::WorkspaceAgentLog& row) {
    sdk::WorkspaceAgentLog log;
    log.id = row.id;
    log.created_at = row.created_at;
    log.output = row.output;
    log.level = to_sdk<sdk::LogLevel>(row.level);
    log.source_id = row.log_source_id;
    return log;
}

asio::awaitable<Result<std::vector<sdk::WorkspaceAgentLog>>> read_logs(db::Store& store,
                                                                       const rbac::Actor& actor, Uuid agent,
                                                                       LogWindow window, std::int32_t limit) {
    db::GetWorkspaceAgentLogsAfterParams params;
    params.agent_id = agent;
    params.after_id = window.after;
    params.before_id = window.before;
    params.row_limit = limit;
    auto rows = co_await store.get_workspace_agent_logs_after(actor, params);
    if (!rows) co_return rows.error();
    std::vector<sdk::WorkspaceAgentLog> logs;
    for (const auto& row : *rows)
        logs.push_back(log_line(row));
    co_return logs;
}

std::string text_of(const std::vector<sdk::WorkspaceAgentLog>& logs, const std::string& agent,
                    const std::vector<db::WorkspaceAgentLogSource>& sources) {
    std::map<Uuid, std::string> names;
    for (const auto& source : sources)
        names[source.id] = source.display_name;
    std::string text;
    for (const auto& log : logs)
        append_log_text(text, log.created_at, sdk::to_string(log.level), agent + "|" + names[log.source_id],
                        log.output);
    return text;
}

/// One frame is a list of lines. Ends when the agent is off for good: its build is not the latest any more.
class AgentLogFeed final : public LogFeed {
public:
    AgentLogFeed(Context& context, std::shared_ptr<const Caller> caller, Uuid agent, Uuid workspace,
                 std::int64_t after)
        : context_(context),
          caller_(std::move(caller)),
          agent_(agent),
          workspace_(workspace),
          after_(after) {}

    asio::awaitable<Result<std::vector<std::string>>> next_frames() override {
        LogWindow window;
        window.after = after_;
        auto logs = co_await read_logs(context_.store, caller_->actor, agent_, window, log_page);
        if (!logs) co_return logs.error();
        std::vector<std::string> frames;
        if (!logs->empty()) {
            after_ = logs->back().id;
            frames.push_back(sdk::encode(*logs));
        }
        co_return frames;
    }

    asio::awaitable<Result<bool>> ended() override {
        auto latest = co_await context_.store.get_latest_workspace_build(caller_->actor, workspace_);
        if (!latest) co_return latest.error();
        std::vector<Uuid> job_ids{latest->job_id};
        auto agents = co_await context_.store.get_workspace_agents(caller_->actor, job_ids);
        if (!agents) co_return agents.error();
        for (const auto& agent : *agents)
            if (agent.id == agent_) co_return agent.lifecycle_state == db::WorkspaceAgentLifecycleState::off;
        co_return true;
    }

private:
    Context& context_;
    std::shared_ptr<const Caller> caller_;
    Uuid agent_;
    Uuid workspace_;
    std::int64_t after_;
};

/// The line that tells the agent what a stream is for.
Result<std::string> tunnel_opening(const Request& request) {
    auto kind = request.query("kind").value_or("ssh");
    boost::json::object opening{{"kind", kind}};
    if (kind == "exec") {
        auto command = request.query("command").value_or("");
        if (command.empty() || command.size() > 2048)
            return invalid_argument("The tunnel cannot be opened.")
                .with_field("command", "must have 1 to 2048 bytes");
        opening["command"] = command;
    } else if (kind == "tcp") {
        auto port = base::parse_int<std::uint16_t>(request.query("port").value_or(""));
        auto host = request.query("host").value_or("127.0.0.1");
        if (!port || *port == 0 || host.empty() || host.size() > 255)
            return invalid_argument("The tunnel cannot be opened.")
                .with_field("port", "must be from 1 to 65535");
        opening["host"] = host;
        opening["port"] = *port;
    } else if (kind != "ssh") {
        return invalid_argument("The tunnel cannot be opened.")
            .with_field("kind", "must be ssh, exec or tcp");
    }
    return boost::json::serialize(opening) + "\n";
}

std::string own_version() {
    return std::to_string(rpc::agent::version_major) + "." + std::to_string(rpc::agent::version_minor);
}

/// The agent API's versions: major 2, any minor up to ours.
Result<void> check_version(std::string_view text) {
    auto parts = base::split(text, '.');
    auto major = parts.size() == 2 ? base::parse_int<int>(parts[0]) : std::nullopt;
    auto minor = parts.size() == 2 ? base::parse_int<int>(parts[1]) : std::nullopt;
    if (!major || !minor)
        return invalid_argument("The agent API version is malformed.")
            .with_field("version", "must be like 2.0");
    if (*major != rpc::agent::version_major || *minor < 0 || *minor > rpc::agent::version_minor)
        return invalid_argument("The agent API version is not supported.",
                                "This server speaks versions " + std::to_string(rpc::agent::version_major) +
                                    ".0 to " + own_version() + ".");
    return {};
}

Result<void> need_websocket(const Request& request) {
    if (request.http().wants_websocket()) return {};
    return invalid_argument("This route is a WebSocket.", "Send the request with an Upgrade header.");
}

rbac::Object workspace_object(const db::Workspace& workspace) {
    return {.resource = workspace.dormant_at ? rbac::Resource::workspace_dormant : rbac::Resource::workspace,
            .id = workspace.id,
            .owner = workspace.owner_id,
            .organization = workspace.organization_id,
            .user_acl = rbac::Acl::parse(workspace.user_acl),
            .group_acl = rbac::Acl::parse(workspace.group_acl)};
}

}  // namespace

void AgentRoutes::register_routes(Routes& routes) {
    using http::Method;
    const std::string one = "/api/v2/workspaceagents/{workspaceagent}";
    routes.raw({Method::get, "/api/v2/workspaceagents/me/rpc", "Serve the agent API", Access::agent},
               bind(this, &AgentRoutes::rpc));
    routes.raw({Method::get, "/api/v2/workspaceagents/me/tunnel", "Open the agent's tunnel", Access::agent},
               bind(this, &AgentRoutes::agent_tunnel));
    routes.json<sdk::WorkspaceAgent>({Method::get, one, "Get a workspace agent"},
                                     bind(this, &AgentRoutes::get));
    routes.raw<Nothing, std::vector<sdk::WorkspaceAgentLog>>(
        Endpoint{Method::get, one + "/logs", "Read or follow an agent's logs"}.takes(log_query()),
        bind(this, &AgentRoutes::logs));
    routes.raw({Method::get, one + "/watch-metadata", "Watch an agent's metadata"},
               bind(this, &AgentRoutes::watch_metadata));
    routes.raw({Method::get, one + "/tunnel", "Reach into a workspace"},
               bind(this, &AgentRoutes::client_tunnel));
}

asio::awaitable<Result<db::WorkspaceAgent>> AgentRoutes::find(const Request& request) {
    auto id = request.path_uuid("workspaceagent");
    if (!id) co_return id.error();
    auto row = co_await context_.store.get_workspace_agent_by_id(request.actor(), *id);
    if (!row && row.error().code() == ErrorCode::not_found)
        co_return not_found("There is no such workspace agent, or you may not see it.");
    co_return row;
}

asio::awaitable<Result<http::Response>> AgentRoutes::rpc(const Request& request) {
    std::string version(request.query("version").value_or("2.0"));
    auto speaks = check_version(version);
    if (!speaks) co_return speaks.error();
    auto socket = need_websocket(request);
    if (!socket) co_return socket.error();
    auto session = [&context = context_, agent = *request.caller().agent, version](http::WebSocketPtr open) {
        return serve_agent_rpc(context, agent, version, std::move(open));
    };
    co_return http::Response::websocket(std::move(session));
}

asio::awaitable<Result<http::Response>> AgentRoutes::agent_tunnel(const Request& request) {
    auto socket = need_websocket(request);
    if (!socket) co_return socket.error();
    auto session = [this, agent = *request.caller().agent](http::WebSocketPtr open) {
        return serve_agent_tunnel(context_, registry_, agent, std::move(open));
    };
    co_return http::Response::websocket(std::move(session));
}

asio::awaitable<Result<sdk::WorkspaceAgent>> AgentRoutes::get(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto workspace = co_await context_.store.get_workspace_by_agent_id(request.actor(), row->id);
    if (!workspace) co_return workspace.error();
    auto job = co_await context_.store.get_job_id_of_agent(request.actor(), row->id);
    if (!job) co_return job.error();
    std::vector<Uuid> job_ids{*job};
    auto resources =
        co_await resources_of_builds(context_.store, request.actor(), job_ids, context_.clock.now());
    if (!resources) co_return resources.error();
    for (auto& resource : (*resources)[*job])
        for (auto& agent : resource.agents)
            if (agent.id == row->id) co_return std::move(agent);
    co_return not_found("There is no such workspace agent, or you may not see it.");
}

asio::awaitable<Result<http::Response>> AgentRoutes::logs(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto window = parse_log_window(request);
    if (!window) co_return window.error();
    if (!wants_follow(request)) {
        auto lines = co_await read_logs(context_.store, request.actor(), row->id, *window, window->limit);
        if (!lines) co_return lines.error();
        if (!window->text) co_return http::Response::json(200, sdk::encode(*lines));
        auto sources = co_await context_.store.get_log_sources_of_agent(request.actor(), row->id);
        if (!sources) co_return sources.error();
        co_return http::Response::text(200, text_of(*lines, row->name, *sources));
    }
    auto workspace = co_await context_.store.get_workspace_by_agent_id(request.actor(), row->id);
    if (!workspace) co_return workspace.error();
    auto feed = std::make_shared<AgentLogFeed>(context_, request.shared_caller(), row->id, workspace->id,
                                               window->after);
    co_return follow_log(context_, agent_logs_channel(row->id), feed);
}

asio::awaitable<Result<http::Response>> AgentRoutes::watch_metadata(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto subscription = co_await context_.pubsub.subscribe(agent_metadata_channel(row->id));
    if (!subscription) co_return subscription.error();
    co_return coderd::watch_metadata(context_, request.shared_caller(), row->id, std::move(*subscription));
}

asio::awaitable<Result<http::Response>> AgentRoutes::client_tunnel(const Request& request) {
    auto row = co_await find(request);
    if (!row) co_return row.error();
    auto workspace = co_await context_.store.get_workspace_by_agent_id(request.actor(), row->id);
    if (!workspace) co_return workspace.error();
    auto allowed = rbac::authorize(request.actor(), rbac::Action::ssh, workspace_object(*workspace));
    if (!allowed) co_return allowed.error();
    auto opening = tunnel_opening(request);
    if (!opening) co_return opening.error();
    auto socket = need_websocket(request);
    if (!socket) co_return socket.error();
    // An agent's calls and its tunnel are two connections: seen as connected, its tunnel may be on its way.
    if (agent_status(*row, context_.clock.now()) == sdk::WorkspaceAgentStatus::connected)
        co_await registry_.wait_for(row->id, context_.clock, tunnel_patience);
    auto stream = co_await registry_.open(row->id, std::move(*opening));
    if (!stream) co_return stream.error();
    // Handed to the session, which runs once, on this same loop.
    auto held = std::make_shared<net::StreamPtr>(std::move(*stream));
    auto session = [&context = context_, held](http::WebSocketPtr open) {
        return serve_client_tunnel(context, std::move(*held), std::move(open));
    };
    co_return http::Response::websocket(std::move(session));
}

}  // namespace berth::coderd
