#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "base/secret.h"
#include "net/http/client.h"
#include "net/stream.h"
#include "sdk/agents.h"
#include "sdk/api_keys.h"
#include "sdk/apps.h"
#include "sdk/builds.h"
#include "sdk/client_streams.h"
#include "sdk/deployment.h"
#include "sdk/login.h"
#include "sdk/organizations.h"
#include "sdk/parameters.h"
#include "sdk/provisioner.h"
#include "sdk/template_versions.h"
#include "sdk/templates.h"
#include "sdk/user_secrets.h"
#include "sdk/users.h"
#include "sdk/workspaces.h"

namespace berth::sdk {

/// The failure that an answer with a status of 400 and above stands for: message, detail and validations of
/// its `Response`, or the start of a body that is none.
Error error_from_response(const http::ClientResponse& response);

/// A downloaded file.
struct Download {
    std::string content_type;
    std::string data;
};

/// Where a tunnel through a workspace agent ends.
class TunnelTarget {
public:
    static TunnelTarget ssh() { return TunnelTarget("ssh"); }
    /// A shell command; its output comes back.
    static TunnelTarget exec(std::string command);
    static TunnelTarget tcp(std::string host, std::uint16_t port);

    [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& query() const { return query_; }

private:
    explicit TunnelTarget(std::string kind) : query_{{"kind", std::move(kind)}} {}
    std::vector<std::pair<std::string, std::string>> query_;
};

/// A berth server, typed. Users are named by id, name or "me", organizations by id, name or "default"; a
/// failed call gives the server's own message. Belongs to one loop and must outlive its calls and the readers
/// it made. Requests are taken by value: build them in a variable first (`co_await
/// client.login(std::move(request))`), because g++ 12 destroys braced temporaries in a co_await expression
/// twice.
class Client {
public:
    Client(asio::any_io_executor executor, http::Url server, http::ClientOptions options = {});
    explicit Client(std::unique_ptr<http::Client> http, SecretString token = {})
        : http_(std::move(http)), token_(std::move(token)) {}

    /// Sent with every call as Coder-Session-Token: a user's key or an agent's token.
    void set_session_token(SecretString token) { token_ = std::move(token); }
    /// Sent with every call besides.
    void set_header(std::string name, std::string value) { headers_.set(name, std::move(value)); }
    [[nodiscard]] bool has_session_token() const { return !token_.empty(); }
    [[nodiscard]] const http::Url& server() const { return http_->base(); }

    // Deployment
    asio::awaitable<Result<BuildInfoResponse>> build_info();
    asio::awaitable<Result<SSHConfigResponse>> ssh_config();
    asio::awaitable<Result<AppHostResponse>> app_host();
    asio::awaitable<Result<Entitlements>> entitlements();
    asio::awaitable<Result<std::vector<std::string>>> experiments();

    // Users and their keys
    asio::awaitable<Result<bool>> has_first_user();
    asio::awaitable<Result<CreateFirstUserResponse>> create_first_user(CreateFirstUserRequest request);
    asio::awaitable<Result<AuthMethods>> auth_methods();
    asio::awaitable<Result<LoginWithPasswordResponse>> login(LoginWithPasswordRequest request);
    asio::awaitable<Result<void>> logout();
    asio::awaitable<Result<User>> user(std::string ident = "me");
    asio::awaitable<Result<GetUsersResponse>> users(std::string q, Pagination page = {});
    asio::awaitable<Result<GenerateAPIKeyResponse>> create_api_key(std::string user = "me");
    asio::awaitable<Result<GenerateAPIKeyResponse>> create_token(std::string user,
                                                                 CreateTokenRequest request);
    asio::awaitable<Result<std::vector<APIKeyWithOwner>>> tokens(std::string user, bool include_all = false);
    asio::awaitable<Result<APIKey>> token_by_name(std::string user, std::string name);
    asio::awaitable<Result<void>> delete_api_key(std::string user, std::string id);
    asio::awaitable<Result<GitSSHKey>> git_ssh_key(std::string user = "me");
    asio::awaitable<Result<std::vector<UserSecret>>> user_secrets(std::string user = "me");
    asio::awaitable<Result<UserSecret>> create_user_secret(std::string user, CreateUserSecretRequest request);
    asio::awaitable<Result<UserSecret>> update_user_secret(std::string user, std::string name,
                                                           UpdateUserSecretRequest request);
    asio::awaitable<Result<void>> delete_user_secret(std::string user, std::string name);

    // Organizations
    asio::awaitable<Result<std::vector<Organization>>> organizations();
    asio::awaitable<Result<std::vector<Organization>>> organizations_of(std::string user);
    asio::awaitable<Result<Organization>> organization(std::string ident);

    // Files
    asio::awaitable<Result<UploadResponse>> upload(std::string data,
                                                   std::string content_type = "application/x-tar");
    /// `format` "" or "zip".
    asio::awaitable<Result<Download>> download(Uuid file, std::string format = {});

    // Templates
    asio::awaitable<Result<std::vector<Template>>> templates(std::string q = {});
    asio::awaitable<Result<Template>> template_by_id(Uuid id);
    asio::awaitable<Result<Template>> template_by_name(std::string organization, std::string name);
    asio::awaitable<Result<Template>> create_template(std::string organization,
                                                      CreateTemplateRequest request);
    asio::awaitable<Result<Template>> update_template(Uuid id, UpdateTemplateMeta request);
    asio::awaitable<Result<void>> update_active_version(Uuid id, Uuid version);
    asio::awaitable<Result<void>> delete_template(Uuid id);
    asio::awaitable<Result<std::vector<TemplateExample>>> template_examples();

    // Template versions
    asio::awaitable<Result<TemplateVersion>> create_template_version(std::string organization,
                                                                     CreateTemplateVersionRequest request);
    asio::awaitable<Result<TemplateVersion>> template_version(Uuid id);
    asio::awaitable<Result<std::vector<TemplateVersion>>> template_versions(Uuid template_id,
                                                                            Pagination page = {});
    asio::awaitable<Result<TemplateVersion>> template_version_by_name(Uuid template_id, std::string name);
    asio::awaitable<Result<TemplateVersion>> update_template_version(Uuid id,
                                                                     PatchTemplateVersionRequest request);
    asio::awaitable<Result<void>> cancel_template_version(Uuid id);
    asio::awaitable<Result<std::vector<TemplateVersionParameter>>> rich_parameters(Uuid version);
    asio::awaitable<Result<std::vector<TemplateVersionVariable>>> template_variables(Uuid version);
    asio::awaitable<Result<std::vector<TemplateVersionExternalAuth>>> template_external_auth(Uuid version);
    asio::awaitable<Result<std::vector<WorkspaceResource>>> template_version_resources(Uuid version);
    asio::awaitable<Result<std::vector<Preset>>> presets(Uuid version);
    asio::awaitable<Result<std::vector<ProvisionerJobLog>>> template_version_logs(Uuid version,
                                                                                  std::int64_t after = 0);
    /// Logs with a greater id, as they come, until the job ends.
    JobLogReader follow_template_version_logs(Uuid version, std::int64_t after = 0);

    // Workspaces
    asio::awaitable<Result<WorkspacesResponse>> workspaces(std::string q = {}, Pagination page = {});
    asio::awaitable<Result<Workspace>> workspace(Uuid id);
    asio::awaitable<Result<Workspace>> workspace_by_name(std::string owner, std::string name,
                                                         bool include_deleted = false);
    asio::awaitable<Result<Workspace>> create_workspace(std::string user, CreateWorkspaceRequest request);
    asio::awaitable<Result<void>> update_workspace(Uuid id, UpdateWorkspaceRequest request);
    asio::awaitable<Result<void>> update_autostart(Uuid id, UpdateWorkspaceAutostartRequest request);
    asio::awaitable<Result<void>> update_ttl(Uuid id, UpdateWorkspaceTTLRequest request);
    asio::awaitable<Result<void>> report_usage(Uuid id, PostWorkspaceUsageRequest request);
    /// Every change of a workspace, the present state first.
    asio::awaitable<Result<WorkspaceWatcher>> watch_workspace(Uuid id);

    // Builds
    asio::awaitable<Result<WorkspaceBuild>> create_build(Uuid workspace, CreateWorkspaceBuildRequest request);
    asio::awaitable<Result<std::vector<WorkspaceBuild>>> builds(Uuid workspace, Pagination page = {});
    asio::awaitable<Result<WorkspaceBuild>> build(Uuid id);
    asio::awaitable<Result<WorkspaceBuild>> build_by_number(std::string owner, std::string workspace,
                                                            std::int64_t number);
    asio::awaitable<Result<void>> cancel_build(
        Uuid id, CancelWorkspaceBuildStatus expected = CancelWorkspaceBuildStatus::unset);
    asio::awaitable<Result<std::vector<WorkspaceBuildParameter>>> build_parameters(Uuid id);
    asio::awaitable<Result<WorkspaceBuildTimings>> build_timings(Uuid id);
    /// The provisioner's state (Terraform's JSON), verbatim.
    asio::awaitable<Result<std::string>> build_state(Uuid id);
    asio::awaitable<Result<void>> update_build_state(Uuid id, std::string state);
    asio::awaitable<Result<std::vector<ProvisionerJobLog>>> build_logs(Uuid id, std::int64_t after = 0);
    JobLogReader follow_build_logs(Uuid id, std::int64_t after = 0);

    // Agents
    asio::awaitable<Result<WorkspaceAgent>> agent(Uuid id);
    asio::awaitable<Result<std::vector<WorkspaceAgentLog>>> agent_logs(Uuid id, std::int64_t after = 0);
    AgentLogReader follow_agent_logs(Uuid id, std::int64_t after = 0);
    /// Raw bytes to and from a program or port inside the workspace.
    asio::awaitable<Result<net::StreamPtr>> open_tunnel(Uuid agent, TunnelTarget target);

    // What daemons and agents themselves open; each is a stream to run yamux over.
    /// `request.organization` nil stands for the named one; keys go into headers, tags and types into the
    /// query. `headers` are sent as well.
    asio::awaitable<Result<net::StreamPtr>> serve_provisioner_daemon(ServeProvisionerDaemonRequest request,
                                                                     std::string api_version,
                                                                     std::string organization = "default",
                                                                     http::Headers headers = {});
    asio::awaitable<Result<net::StreamPtr>> open_agent_rpc(std::string api_version);
    asio::awaitable<Result<net::StreamPtr>> open_agent_tunnel();

    // The ways below the typed ones, for routes without one of their own.
    /// The answer if its status is below 400, else its error. `content_type` counts only with a body.
    asio::awaitable<Result<http::ClientResponse>> send(http::Method method, std::string target,
                                                       std::string body = {},
                                                       std::string content_type = "application/json");
    asio::awaitable<Result<http::WebSocketPtr>> open_websocket(std::string target);
    asio::awaitable<Result<http::WebSocketPtr>> open_websocket(std::string target, http::Headers headers);
    asio::awaitable<Result<http::StreamedResponse>> open_stream(std::string target);

private:
    http::Headers request_headers() const;

    std::unique_ptr<http::Client> http_;
    SecretString token_;
    http::Headers headers_;
};

}  // namespace berth::sdk
