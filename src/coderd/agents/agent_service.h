#pragma once

#include "agent.pb.h"
#include "coderd/api/request.h"
#include "coderd/context.h"
#include "net/drpc/server.h"

namespace berth::coderd {

/// Who the database sees in an agent's calls.
const rbac::Actor& agent_actor();

/// Answers one agent's calls (package coder.agent.v2). Everything it changes belongs to that agent, whatever
/// ids the messages carry. Lives as long as the connection.
class AgentService {
public:
    /// `api_version` is what the agent speaks: "2.3".
    AgentService(Context& context, AgentIdentity agent, std::string api_version)
        : context_(context), agent_(agent), api_version_(std::move(api_version)) {}
    void register_on(drpc::Server& server);

private:
    template <class T>
    using Answer = asio::awaitable<Result<T>>;

    Answer<::coder::agent::v2::Manifest> manifest(::coder::agent::v2::GetManifestRequest request);
    Answer<::coder::agent::v2::UpdateStatsResponse> stats(::coder::agent::v2::UpdateStatsRequest request);
    Answer<::coder::agent::v2::Lifecycle> lifecycle(::coder::agent::v2::UpdateLifecycleRequest request);
    Answer<::coder::agent::v2::BatchUpdateAppHealthResponse> app_health(
        ::coder::agent::v2::BatchUpdateAppHealthRequest request);
    Answer<::coder::agent::v2::Startup> startup(::coder::agent::v2::UpdateStartupRequest request);
    Answer<::coder::agent::v2::BatchUpdateMetadataResponse> metadata(
        ::coder::agent::v2::BatchUpdateMetadataRequest request);
    /// Keeps at most log_limit bytes per agent; says so once it is reached.
    Answer<::coder::agent::v2::BatchCreateLogsResponse> logs(
        ::coder::agent::v2::BatchCreateLogsRequest request);
    Answer<::coder::agent::v2::WorkspaceAgentScriptCompletedResponse> script_completed(
        ::coder::agent::v2::WorkspaceAgentScriptCompletedRequest request);
    Answer<::coder::agent::v2::GetResourcesMonitoringConfigurationResponse> monitoring(
        ::coder::agent::v2::GetResourcesMonitoringConfigurationRequest request);
    Answer<::coder::agent::v2::UpdateAppStatusResponse> app_status(
        ::coder::agent::v2::UpdateAppStatusRequest request);
    Answer<::coder::agent::v2::ListSubAgentsResponse> list_sub_agents(
        ::coder::agent::v2::ListSubAgentsRequest request);

    Context& context_;
    AgentIdentity agent_;
    std::string api_version_;
};

}  // namespace berth::coderd
