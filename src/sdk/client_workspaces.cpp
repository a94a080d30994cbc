#include "sdk/client.h"
#include "sdk/client_call.h"

namespace berth::sdk {
namespace {

Target of_workspace(const Uuid& id, std::string_view rest = {}) {
    return Target("/api/v2/workspaces/").value(id).path(rest);
}

Target of_build(const Uuid& id, std::string_view rest = {}) {
    return Target("/api/v2/workspacebuilds/").value(id).path(rest);
}

Target of_agent(const Uuid& id, std::string_view rest = {}) {
    return Target("/api/v2/workspaceagents/").value(id).path(rest);
}

asio::awaitable<Result<net::StreamPtr>> open_byte_stream(Client& client, std::string target,
                                                         http::Headers headers) {
    auto socket = co_await client.open_websocket(std::move(target), std::move(headers));
    if (!socket) co_return socket.error();
    co_return http::stream_from_websocket(std::move(*socket));
}

}  // namespace

asio::awaitable<Result<WorkspacesResponse>> Client::workspaces(std::string q, Pagination page) {
    return get<WorkspacesResponse>(*this, Target("/api/v2/workspaces").page(page).query("q", q));
}

asio::awaitable<Result<Workspace>> Client::workspace(Uuid id) {
    return get<Workspace>(*this, of_workspace(id));
}

asio::awaitable<Result<Workspace>> Client::workspace_by_name(std::string owner, std::string name,
                                                             bool include_deleted) {
    Target target("/api/v2/users/");
    target.value(owner)
        .path("/workspace/")
        .value(name)
        .query("include_deleted", include_deleted ? "true" : "false");
    return get<Workspace>(*this, target);
}

asio::awaitable<Result<Workspace>> Client::create_workspace(std::string user,
                                                            CreateWorkspaceRequest request) {
    return fetch<Workspace>(*this, http::Method::post,
                            Target("/api/v2/users/").value(user).path("/workspaces"), encode(request));
}

asio::awaitable<Result<void>> Client::update_workspace(Uuid id, UpdateWorkspaceRequest request) {
    return perform(*this, http::Method::patch, of_workspace(id), encode(request));
}

asio::awaitable<Result<void>> Client::update_autostart(Uuid id, UpdateWorkspaceAutostartRequest request) {
    return perform(*this, http::Method::put, of_workspace(id, "/autostart"), encode(request));
}

asio::awaitable<Result<void>> Client::update_ttl(Uuid id, UpdateWorkspaceTTLRequest request) {
    return perform(*this, http::Method::put, of_workspace(id, "/ttl"), encode(request));
}

asio::awaitable<Result<void>> Client::report_usage(Uuid id, PostWorkspaceUsageRequest request) {
    return perform(*this, http::Method::post, of_workspace(id, "/usage"), encode(request));
}

asio::awaitable<Result<WorkspaceWatcher>> Client::watch_workspace(Uuid id) {
    auto answer = co_await open_stream(of_workspace(id, "/watch"));
    if (!answer) co_return answer.error();
    co_return WorkspaceWatcher(std::move(*answer));
}

asio::awaitable<Result<WorkspaceBuild>> Client::create_build(Uuid workspace,
                                                             CreateWorkspaceBuildRequest request) {
    return fetch<WorkspaceBuild>(*this, http::Method::post, of_workspace(workspace, "/builds"),
                                 encode(request));
}

asio::awaitable<Result<std::vector<WorkspaceBuild>>> Client::builds(Uuid workspace, Pagination page) {
    return get<std::vector<WorkspaceBuild>>(*this, of_workspace(workspace, "/builds").page(page));
}

asio::awaitable<Result<WorkspaceBuild>> Client::build(Uuid id) {
    return get<WorkspaceBuild>(*this, of_build(id));
}

asio::awaitable<Result<WorkspaceBuild>> Client::build_by_number(std::string owner, std::string workspace,
                                                                std::int64_t number) {
    Target target("/api/v2/users/");
    target.value(owner).path("/workspace/").value(workspace).path("/builds/").value(std::to_string(number));
    return get<WorkspaceBuild>(*this, target);
}

asio::awaitable<Result<void>> Client::cancel_build(Uuid id, CancelWorkspaceBuildStatus expected) {
    return perform(*this, http::Method::patch,
                   of_build(id, "/cancel").query("expect_status", to_string(expected)));
}

asio::awaitable<Result<std::vector<WorkspaceBuildParameter>>> Client::build_parameters(Uuid id) {
    return get<std::vector<WorkspaceBuildParameter>>(*this, of_build(id, "/parameters"));
}

asio::awaitable<Result<WorkspaceBuildTimings>> Client::build_timings(Uuid id) {
    return get<WorkspaceBuildTimings>(*this, of_build(id, "/timings"));
}

asio::awaitable<Result<std::string>> Client::build_state(Uuid id) {
    auto answer = co_await send(http::Method::get, of_build(id, "/state"));
    if (!answer) co_return answer.error();
    co_return std::move(answer->body);
}

asio::awaitable<Result<void>> Client::update_build_state(Uuid id, std::string state) {
    UpdateWorkspaceBuildStateRequest request{{std::move(state)}};
    return perform(*this, http::Method::put, of_build(id, "/state"), encode(request));
}

asio::awaitable<Result<std::vector<ProvisionerJobLog>>> Client::build_logs(Uuid id, std::int64_t after) {
    return get<std::vector<ProvisionerJobLog>>(*this,
                                               of_build(id, "/logs").query("after", std::to_string(after)));
}

JobLogReader Client::follow_build_logs(Uuid id, std::int64_t after) {
    return JobLogReader(*this, of_build(id, "/logs"), after);
}

asio::awaitable<Result<WorkspaceAgent>> Client::agent(Uuid id) {
    return get<WorkspaceAgent>(*this, of_agent(id));
}

asio::awaitable<Result<std::vector<WorkspaceAgentLog>>> Client::agent_logs(Uuid id, std::int64_t after) {
    return get<std::vector<WorkspaceAgentLog>>(*this,
                                               of_agent(id, "/logs").query("after", std::to_string(after)));
}

AgentLogReader Client::follow_agent_logs(Uuid id, std::int64_t after) {
    return AgentLogReader(*this, of_agent(id, "/logs"), after);
}

asio::awaitable<Result<net::StreamPtr>> Client::open_tunnel(Uuid agent, TunnelTarget target) {
    Target url = of_agent(agent, "/tunnel");
    for (const auto& [name, value] : target.query())
        url.query(name, value);
    return open_byte_stream(*this, url, http::Headers());
}

asio::awaitable<Result<net::StreamPtr>> Client::serve_provisioner_daemon(
    ServeProvisionerDaemonRequest request, std::string api_version, std::string organization,
    http::Headers headers) {
    Target target("/api/v2/organizations/");
    target.value(request.organization.is_nil() ? organization : request.organization.to_string());
    target.path("/provisionerdaemons/serve").query("version", api_version).query("name", request.name);
    for (auto type : request.provisioners)
        target.query("provisioner", to_string(type));
    for (const auto& [key, value] : request.tags)
        target.query("tag", key + "=" + value);
    if (!request.provisioner_key.empty())
        headers.set("Coder-Provisioner-Daemon-Key", request.provisioner_key);
    if (!request.pre_shared_key.empty()) headers.set("Coder-Provisioner-Daemon-PSK", request.pre_shared_key);
    return open_byte_stream(*this, target, std::move(headers));
}

asio::awaitable<Result<net::StreamPtr>> Client::open_agent_rpc(std::string api_version) {
    Target target("/api/v2/workspaceagents/me/rpc");
    return open_byte_stream(*this, target.query("version", api_version), http::Headers());
}

asio::awaitable<Result<net::StreamPtr>> Client::open_agent_tunnel() {
    return open_byte_stream(*this, "/api/v2/workspaceagents/me/tunnel", http::Headers());
}

}  // namespace berth::sdk
