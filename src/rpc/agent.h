#pragma once

#include "agent.pb.h"
#include "net/drpc/method.h"
#include "tailnet.pb.h"

/// What a workspace agent calls on the server.
namespace berth::rpc::agent {

/// The newest version of the agent API this program speaks.
inline constexpr int version_major = 2;
inline constexpr int version_minor = 7;

namespace pb = ::coder::agent::v2;

inline constexpr drpc::Unary<pb::GetManifestRequest, pb::Manifest> get_manifest{
    "/coder.agent.v2.Agent/GetManifest"};
inline constexpr drpc::Unary<pb::GetServiceBannerRequest, pb::ServiceBanner> get_service_banner{
    "/coder.agent.v2.Agent/GetServiceBanner"};
inline constexpr drpc::Unary<pb::UpdateStatsRequest, pb::UpdateStatsResponse> update_stats{
    "/coder.agent.v2.Agent/UpdateStats"};
inline constexpr drpc::Unary<pb::UpdateLifecycleRequest, pb::Lifecycle> update_lifecycle{
    "/coder.agent.v2.Agent/UpdateLifecycle"};
inline constexpr drpc::Unary<pb::BatchUpdateAppHealthRequest, pb::BatchUpdateAppHealthResponse>
    batch_update_app_healths{"/coder.agent.v2.Agent/BatchUpdateAppHealths"};
inline constexpr drpc::Unary<pb::UpdateStartupRequest, pb::Startup> update_startup{
    "/coder.agent.v2.Agent/UpdateStartup"};
inline constexpr drpc::Unary<pb::BatchUpdateMetadataRequest, pb::BatchUpdateMetadataResponse>
    batch_update_metadata{"/coder.agent.v2.Agent/BatchUpdateMetadata"};
inline constexpr drpc::Unary<pb::BatchCreateLogsRequest, pb::BatchCreateLogsResponse> batch_create_logs{
    "/coder.agent.v2.Agent/BatchCreateLogs"};
inline constexpr drpc::Unary<pb::GetAnnouncementBannersRequest, pb::GetAnnouncementBannersResponse>
    get_announcement_banners{"/coder.agent.v2.Agent/GetAnnouncementBanners"};
inline constexpr drpc::Unary<pb::WorkspaceAgentScriptCompletedRequest,
                             pb::WorkspaceAgentScriptCompletedResponse>
    script_completed{"/coder.agent.v2.Agent/ScriptCompleted"};
inline constexpr drpc::Unary<pb::GetResourcesMonitoringConfigurationRequest,
                             pb::GetResourcesMonitoringConfigurationResponse>
    get_resources_monitoring_configuration{"/coder.agent.v2.Agent/GetResourcesMonitoringConfiguration"};
inline constexpr drpc::Unary<pb::PushResourcesMonitoringUsageRequest,
                             pb::PushResourcesMonitoringUsageResponse>
    push_resources_monitoring_usage{"/coder.agent.v2.Agent/PushResourcesMonitoringUsage"};
inline constexpr drpc::Unary<pb::ReportConnectionRequest, ::google::protobuf::Empty> report_connection{
    "/coder.agent.v2.Agent/ReportConnection"};
inline constexpr drpc::Unary<pb::CreateSubAgentRequest, pb::CreateSubAgentResponse> create_sub_agent{
    "/coder.agent.v2.Agent/CreateSubAgent"};
inline constexpr drpc::Unary<pb::DeleteSubAgentRequest, pb::DeleteSubAgentResponse> delete_sub_agent{
    "/coder.agent.v2.Agent/DeleteSubAgent"};
inline constexpr drpc::Unary<pb::ListSubAgentsRequest, pb::ListSubAgentsResponse> list_sub_agents{
    "/coder.agent.v2.Agent/ListSubAgents"};
inline constexpr drpc::Unary<pb::ReportBoundaryLogsRequest, pb::ReportBoundaryLogsResponse>
    report_boundary_logs{"/coder.agent.v2.Agent/ReportBoundaryLogs"};
inline constexpr drpc::Unary<pb::UpdateAppStatusRequest, pb::UpdateAppStatusResponse> update_app_status{
    "/coder.agent.v2.Agent/UpdateAppStatus"};

}  // namespace berth::rpc::agent

/// The network side of the same connection.
namespace berth::rpc::tailnet {

namespace pb = ::coder::tailnet::v2;

inline constexpr drpc::ServerStream<pb::StreamDERPMapsRequest, pb::DERPMap> stream_derp_maps{
    "/coder.tailnet.v2.Tailnet/StreamDERPMaps"};
inline constexpr drpc::BidiStream<pb::CoordinateRequest, pb::CoordinateResponse> coordinate{
    "/coder.tailnet.v2.Tailnet/Coordinate"};

}  // namespace berth::rpc::tailnet
