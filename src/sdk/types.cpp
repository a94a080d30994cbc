#include "sdk/types.h"

#include "sdk/agents.h"
#include "sdk/ai_bridge.h"
#include "sdk/api_keys.h"
#include "sdk/apps.h"
#include "sdk/audit.h"
#include "sdk/builds.h"
#include "sdk/containers.h"
#include "sdk/deployment.h"
#include "sdk/deployment_auth.h"
#include "sdk/deployment_services.h"
#include "sdk/deployment_values.h"
#include "sdk/external_auth.h"
#include "sdk/groups.h"
#include "sdk/idp_sync.h"
#include "sdk/insights.h"
#include "sdk/login.h"
#include "sdk/notifications.h"
#include "sdk/oauth2.h"
#include "sdk/oauth2_clients.h"
#include "sdk/organizations.h"
#include "sdk/parameters.h"
#include "sdk/provisioner.h"
#include "sdk/proxies.h"
#include "sdk/response.h"
#include "sdk/roles.h"
#include "sdk/tasks.h"
#include "sdk/template_versions.h"
#include "sdk/templates.h"
#include "sdk/users.h"
#include "sdk/workspace_sharing.h"
#include "sdk/workspaces.h"

namespace berth::sdk {

std::span<const TypeGetter> all_types() {
    static constexpr TypeGetter types[] = {
        &type_info<ACLAvailable>, &type_info<AIBridgeAnthropicConfig>, &type_info<AIBridgeBedrockConfig>,
        &type_info<AIBridgeConfig>, &type_info<AIBridgeInterception>,
        &type_info<AIBridgeListInterceptionsFilter>, &type_info<AIBridgeListInterceptionsResponse>,
        &type_info<AIBridgeOpenAIConfig>, &type_info<AIBridgeProxyConfig>, &type_info<AIBridgeTokenUsage>,
        &type_info<AIBridgeToolUsage>, &type_info<AIBridgeUserPrompt>, &type_info<AIConfig>,
        &type_info<APIAllowListTarget>, &type_info<APIKey>, &type_info<APIKeyWithOwner>,
        &type_info<AddLicenseRequest>, &type_info<Addon>, &type_info<AgentConnectionTiming>,
        &type_info<AgentScriptTiming>, &type_info<AgentStatsReportResponse>, &type_info<AgentSubsystem>,
        &type_info<AppHostResponse>, &type_info<AppearanceConfig>, &type_info<ArchiveTemplateVersionsRequest>,
        &type_info<ArchiveTemplateVersionsResponse>, &type_info<AssignableRoles>, &type_info<AuditAction>,
        &type_info<AuditDiffField>, &type_info<AuditLog>, &type_info<AuditLogResponse>,
        &type_info<AuditLogsRequest>, &type_info<AuthMethod>, &type_info<AuthMethods>,
        &type_info<AuthorizationCheck>, &type_info<AuthorizationObject>, &type_info<AuthorizationRequest>,
        &type_info<AutomaticUpdates>, &type_info<AvailableExperiments>, &type_info<BannerConfig>,
        &type_info<BuildInfoResponse>, &type_info<BuildReason>, &type_info<CORSBehavior>,
        &type_info<CancelWorkspaceBuildParams>, &type_info<CancelWorkspaceBuildStatus>,
        &type_info<ChangePasswordWithOneTimePasscodeRequest>, &type_info<CoderDesktopTelemetry>,
        &type_info<ConnectionLatency>, &type_info<ConnectionLog>, &type_info<ConnectionLogResponse>,
        &type_info<ConnectionLogSSHInfo>, &type_info<ConnectionLogStatus>, &type_info<ConnectionLogWebInfo>,
        &type_info<ConnectionLogsRequest>, &type_info<ConnectionType>, &type_info<ConvertLoginRequest>,
        &type_info<Country>, &type_info<CreateFirstUserRequest>, &type_info<CreateFirstUserResponse>,
        &type_info<CreateFirstUserTrialInfo>, &type_info<CreateGroupRequest>,
        &type_info<CreateOrganizationRequest>, &type_info<CreateProvisionerKeyRequest>,
        &type_info<CreateProvisionerKeyResponse>, &type_info<CreateTaskRequest>,
        &type_info<CreateTemplateRequest>, &type_info<CreateTemplateVersionDryRunRequest>,
        &type_info<CreateTemplateVersionRequest>, &type_info<CreateTestAuditLogRequest>,
        &type_info<CreateTokenRequest>, &type_info<CreateUserRequest>, &type_info<CreateUserRequestWithOrgs>,
        &type_info<CreateWorkspaceBuildReason>, &type_info<CreateWorkspaceBuildRequest>,
        &type_info<CreateWorkspaceProxyRequest>, &type_info<CreateWorkspaceRequest>, &type_info<CryptoKey>,
        &type_info<CryptoKeyFeature>, &type_info<CustomNotificationContent>,
        &type_info<CustomNotificationRequest>, &type_info<CustomRoleRequest>, &type_info<DAUEntry>,
        &type_info<DAUsResponse>, &type_info<DERP>, &type_info<DERPConfig>, &type_info<DERPRegion>,
        &type_info<DERPServerConfig>, &type_info<DangerousConfig>, &type_info<DeleteExternalAuthByIDResponse>,
        &type_info<DeleteWebpushSubscription>, &type_info<DeleteWorkspaceAgentPortShareRequest>,
        &type_info<DeploymentConfig>, &type_info<DeploymentStats>, &type_info<DeploymentValues>,
        &type_info<DiagnosticExtra>, &type_info<DiagnosticSeverityString>, &type_info<DisplayApp>,
        &type_info<DynamicParametersRequest>, &type_info<DynamicParametersResponse>,
        &type_info<EnhancedExternalAuthProvider>, &type_info<Entitlement>, &type_info<Entitlements>,
        &type_info<ExternalAPIKeyScopes>, &type_info<ExternalAgentCredentials>, &type_info<ExternalAuth>,
        &type_info<ExternalAuthAppInstallation>, &type_info<ExternalAuthConfig>,
        &type_info<ExternalAuthDevice>, &type_info<ExternalAuthDeviceExchange>, &type_info<ExternalAuthLink>,
        &type_info<ExternalAuthLinkProvider>, &type_info<ExternalAuthUser>, &type_info<Feature>,
        &type_info<FeatureSet>, &type_info<FriendlyDiagnostic>, &type_info<GenerateAPIKeyResponse>,
        &type_info<GetInboxNotificationResponse>, &type_info<GetUserStatusCountsRequest>,
        &type_info<GetUserStatusCountsResponse>, &type_info<GetUsersResponse>, &type_info<GitSSHKey>,
        &type_info<GithubAuthMethod>, &type_info<Group>, &type_info<GroupSource>,
        &type_info<GroupSyncSettings>, &type_info<HTTPCookieConfig>, &type_info<Healthcheck>,
        &type_info<HealthcheckConfig>, &type_info<IDPSyncMappingToID>, &type_info<IDPSyncMappingToName>,
        &type_info<InboxNotification>, &type_info<InboxNotificationAction>,
        &type_info<InsightsReportInterval>, &type_info<InvalidatePresetsResponse>,
        &type_info<InvalidatedPreset>, &type_info<IssueReconnectingPTYSignedTokenRequest>,
        &type_info<IssueReconnectingPTYSignedTokenResponse>, &type_info<JobErrorCode>, &type_info<License>,
        &type_info<LicensorTrialRequest>, &type_info<LinkConfig>, &type_info<ListInboxNotificationsRequest>,
        &type_info<ListInboxNotificationsResponse>, &type_info<ListUserExternalAuthResponse>,
        &type_info<LogLevel>, &type_info<LogSource>, &type_info<LoggingConfig>, &type_info<LoginType>,
        &type_info<LoginWithPasswordRequest>, &type_info<LoginWithPasswordResponse>,
        &type_info<MatchedProvisioners>, &type_info<MinimalOrganization>, &type_info<MinimalUser>,
        &type_info<NotificationMethodsResponse>, &type_info<NotificationPreference>,
        &type_info<NotificationTemplate>, &type_info<NotificationsConfig>,
        &type_info<NotificationsEmailAuthConfig>, &type_info<NotificationsEmailConfig>,
        &type_info<NotificationsEmailTLSConfig>, &type_info<NotificationsInboxConfig>,
        &type_info<NotificationsSettings>, &type_info<NotificationsWebhookConfig>, &type_info<NullHCLString>,
        &type_info<OAuth2AppEndpoints>, &type_info<OAuth2AuthorizationServerMetadata>,
        &type_info<OAuth2ClientConfiguration>, &type_info<OAuth2ClientRegistrationRequest>,
        &type_info<OAuth2ClientRegistrationResponse>, &type_info<OAuth2Config>,
        &type_info<OAuth2DeviceFlowCallbackResponse>, &type_info<OAuth2Error>, &type_info<OAuth2ErrorCode>,
        &type_info<OAuth2GithubConfig>, &type_info<OAuth2PKCECodeChallengeMethod>,
        &type_info<OAuth2ProtectedResourceMetadata>, &type_info<OAuth2ProviderApp>,
        &type_info<OAuth2ProviderAppFilter>, &type_info<OAuth2ProviderAppSecret>,
        &type_info<OAuth2ProviderAppSecretFull>, &type_info<OAuth2ProviderGrantType>,
        &type_info<OAuth2ProviderResponseType>, &type_info<OAuth2RevocationTokenTypeHint>,
        &type_info<OAuth2TokenEndpointAuthMethod>, &type_info<OAuth2TokenRequest>,
        &type_info<OAuth2TokenResponse>, &type_info<OAuth2TokenRevocationRequest>,
        &type_info<OAuth2TokenType>, &type_info<OAuthConversionResponse>, &type_info<OIDCAuthMethod>,
        &type_info<OIDCConfig>, &type_info<OptionType>, &type_info<Organization>,
        &type_info<OrganizationMember>, &type_info<OrganizationMemberWithUserData>,
        &type_info<OrganizationSyncSettings>, &type_info<PaginatedMembersRequest>,
        &type_info<PaginatedMembersResponse>, &type_info<Pagination>, &type_info<ParameterFormType>,
        &type_info<PatchGroupIDPSyncConfigRequest>, &type_info<PatchGroupIDPSyncMappingRequest>,
        &type_info<PatchGroupRequest>, &type_info<PatchOrganizationIDPSyncConfigRequest>,
        &type_info<PatchOrganizationIDPSyncMappingRequest>, &type_info<PatchRoleIDPSyncConfigRequest>,
        &type_info<PatchRoleIDPSyncMappingRequest>, &type_info<PatchTemplateVersionRequest>,
        &type_info<PatchWorkspaceProxy>, &type_info<Permission>, &type_info<PostOAuth2ProviderAppRequest>,
        &type_info<PostWorkspaceUsageRequest>, &type_info<PostgresAuth>, &type_info<PprofConfig>,
        &type_info<PrebuildsConfig>, &type_info<PrebuildsSettings>, &type_info<Preset>,
        &type_info<PresetParameter>, &type_info<PreviewParameter>, &type_info<PreviewParameterData>,
        &type_info<PreviewParameterOption>, &type_info<PreviewParameterStyling>,
        &type_info<PreviewParameterValidation>, &type_info<PrometheusConfig>, &type_info<ProvisionerConfig>,
        &type_info<ProvisionerDaemon>, &type_info<ProvisionerDaemonJob>, &type_info<ProvisionerDaemonStatus>,
        &type_info<ProvisionerJob>, &type_info<ProvisionerJobInput>, &type_info<ProvisionerJobLog>,
        &type_info<ProvisionerJobMetadata>, &type_info<ProvisionerJobStatus>, &type_info<ProvisionerJobType>,
        &type_info<ProvisionerKey>, &type_info<ProvisionerKeyDaemons>, &type_info<ProvisionerLogLevel>,
        &type_info<ProvisionerStorageMethod>, &type_info<ProvisionerTiming>, &type_info<ProvisionerType>,
        &type_info<ProxyHealthReport>, &type_info<ProxyHealthStatus>, &type_info<PutExtendWorkspaceRequest>,
        &type_info<PutOAuth2ProviderAppRequest>, &type_info<RateLimitConfig>, &type_info<ReducedUser>,
        &type_info<Region>, &type_info<RegionsResponse>, &type_info<Replica>,
        &type_info<RequestOneTimePasscodeRequest>, &type_info<ResolveAutostartResponse>,
        &type_info<ResourceType>, &type_info<Response>, &type_info<RetentionConfig>, &type_info<Role>,
        &type_info<RoleSyncSettings>, &type_info<SSHConfig>, &type_info<SSHConfigResponse>,
        &type_info<ServeProvisionerDaemonRequest>, &type_info<ServerOption>, &type_info<ServerOptionGroup>,
        &type_info<ServerSentEvent>, &type_info<ServerSentEventType>, &type_info<SessionCountDeploymentStats>,
        &type_info<SessionLifetime>, &type_info<SharedWorkspaceActor>, &type_info<SharedWorkspaceActorType>,
        &type_info<SlimRole>, &type_info<StatsCollectionConfig>, &type_info<SupportConfig>,
        &type_info<SwaggerConfig>, &type_info<TLSConfig>, &type_info<Task>, &type_info<TaskLogEntry>,
        &type_info<TaskLogType>, &type_info<TaskLogsResponse>, &type_info<TaskSendRequest>,
        &type_info<TaskState>, &type_info<TaskStateEntry>, &type_info<TaskStatus>, &type_info<TasksFilter>,
        &type_info<TasksListResponse>, &type_info<TelemetryConfig>, &type_info<Template>,
        &type_info<TemplateACL>, &type_info<TemplateAppUsage>, &type_info<TemplateAppsType>,
        &type_info<TemplateAutostartRequirement>, &type_info<TemplateAutostopRequirement>,
        &type_info<TemplateExample>, &type_info<TemplateFilter>, &type_info<TemplateGroup>,
        &type_info<TemplateInsightsIntervalReport>, &type_info<TemplateInsightsReport>,
        &type_info<TemplateInsightsRequest>, &type_info<TemplateInsightsResponse>,
        &type_info<TemplateInsightsSection>, &type_info<TemplateParameterUsage>,
        &type_info<TemplateParameterValue>, &type_info<TemplateRole>, &type_info<TemplateUser>,
        &type_info<TemplateVersion>, &type_info<TemplateVersionExternalAuth>,
        &type_info<TemplateVersionParameter>, &type_info<TemplateVersionParameterOption>,
        &type_info<TemplateVersionVariable>, &type_info<TemplateVersionWarning>,
        &type_info<TemplateVersionsByTemplateRequest>, &type_info<TerminalFontName>, &type_info<TimingStage>,
        &type_info<TokenConfig>, &type_info<TokensFilter>, &type_info<TraceConfig>,
        &type_info<TransitionStats>, &type_info<UpdateActiveTemplateVersion>,
        &type_info<UpdateAppearanceConfig>, &type_info<UpdateCheckResponse>,
        &type_info<UpdateInboxNotificationReadStatusRequest>,
        &type_info<UpdateInboxNotificationReadStatusResponse>, &type_info<UpdateNotificationTemplateMethod>,
        &type_info<UpdateOrganizationRequest>, &type_info<UpdateRoles>, &type_info<UpdateTaskInputRequest>,
        &type_info<UpdateTemplateACL>, &type_info<UpdateTemplateMeta>,
        &type_info<UpdateUserAppearanceSettingsRequest>, &type_info<UpdateUserNotificationPreferences>,
        &type_info<UpdateUserPasswordRequest>, &type_info<UpdateUserPreferenceSettingsRequest>,
        &type_info<UpdateUserProfileRequest>, &type_info<UpdateUserQuietHoursScheduleRequest>,
        &type_info<UpdateWorkspaceACL>, &type_info<UpdateWorkspaceAutomaticUpdatesRequest>,
        &type_info<UpdateWorkspaceAutostartRequest>, &type_info<UpdateWorkspaceBuildStateRequest>,
        &type_info<UpdateWorkspaceDormancy>, &type_info<UpdateWorkspaceProxyResponse>,
        &type_info<UpdateWorkspaceRequest>, &type_info<UpdateWorkspaceTTLRequest>, &type_info<UploadResponse>,
        &type_info<UpsertWorkspaceAgentPortShareRequest>, &type_info<UsageAppName>, &type_info<UsagePeriod>,
        &type_info<UsageStatsConfig>, &type_info<User>, &type_info<UserActivity>,
        &type_info<UserActivityInsightsReport>, &type_info<UserActivityInsightsRequest>,
        &type_info<UserActivityInsightsResponse>, &type_info<UserAppearanceSettings>, &type_info<UserLatency>,
        &type_info<UserLatencyInsightsReport>, &type_info<UserLatencyInsightsRequest>,
        &type_info<UserLatencyInsightsResponse>, &type_info<UserLoginType>, &type_info<UserParameter>,
        &type_info<UserPreferenceSettings>, &type_info<UserQuietHoursScheduleConfig>,
        &type_info<UserQuietHoursScheduleResponse>, &type_info<UserRoles>, &type_info<UserStatus>,
        &type_info<UserStatusChangeCount>, &type_info<UsersRequest>, &type_info<ValidateUserPasswordRequest>,
        &type_info<ValidateUserPasswordResponse>, &type_info<ValidationError>,
        &type_info<ValidationMonotonicOrder>, &type_info<VariableValue>, &type_info<WebpushMessage>,
        &type_info<WebpushMessageAction>, &type_info<WebpushSubscription>, &type_info<Workspace>,
        &type_info<WorkspaceACL>, &type_info<WorkspaceAgent>, &type_info<WorkspaceAgentContainer>,
        &type_info<WorkspaceAgentContainerPort>, &type_info<WorkspaceAgentDevcontainer>,
        &type_info<WorkspaceAgentDevcontainerAgent>, &type_info<WorkspaceAgentDevcontainerStatus>,
        &type_info<WorkspaceAgentHealth>, &type_info<WorkspaceAgentLifecycle>,
        &type_info<WorkspaceAgentListContainersResponse>, &type_info<WorkspaceAgentListeningPort>,
        &type_info<WorkspaceAgentListeningPortsResponse>, &type_info<WorkspaceAgentLog>,
        &type_info<WorkspaceAgentLogSource>, &type_info<WorkspaceAgentMetadata>,
        &type_info<WorkspaceAgentMetadataDescription>, &type_info<WorkspaceAgentMetadataResult>,
        &type_info<WorkspaceAgentPortShare>, &type_info<WorkspaceAgentPortShareLevel>,
        &type_info<WorkspaceAgentPortShareProtocol>, &type_info<WorkspaceAgentPortShares>,
        &type_info<WorkspaceAgentScript>, &type_info<WorkspaceAgentStartupScriptBehavior>,
        &type_info<WorkspaceAgentStatus>, &type_info<WorkspaceApp>, &type_info<WorkspaceAppHealth>,
        &type_info<WorkspaceAppOpenIn>, &type_info<WorkspaceAppSharingLevel>, &type_info<WorkspaceAppStatus>,
        &type_info<WorkspaceAppStatusState>, &type_info<WorkspaceBuild>, &type_info<WorkspaceBuildParameter>,
        &type_info<WorkspaceBuildTimings>, &type_info<WorkspaceBuildsRequest>,
        &type_info<WorkspaceConnectionLatencyMS>, &type_info<WorkspaceDeploymentStats>,
        &type_info<WorkspaceFilter>, &type_info<WorkspaceGroup>, &type_info<WorkspaceHealth>,
        &type_info<WorkspaceOptions>, &type_info<WorkspaceProxiesResponse>, &type_info<WorkspaceProxy>,
        &type_info<WorkspaceProxyBuildInfo>, &type_info<WorkspaceProxyStatus>, &type_info<WorkspaceQuota>,
        &type_info<WorkspaceResource>, &type_info<WorkspaceResourceMetadata>, &type_info<WorkspaceRole>,
        &type_info<WorkspaceSharingSettings>, &type_info<WorkspaceStatus>, &type_info<WorkspaceTransition>,
        &type_info<WorkspaceUser>, &type_info<WorkspacesRequest>, &type_info<WorkspacesResponse>,
    };
    return types;
}

}  // namespace berth::sdk
