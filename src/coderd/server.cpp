#include "coderd/server.h"

#include "base/version.h"
#include "coderd/agents/routes.h"
#include "coderd/builds/routes.h"
#include "coderd/database.h"
#include "coderd/dbcrypt/keys.h"
#include "coderd/deployment/downloads.h"
#include "coderd/deployment/openapi_routes.h"
#include "coderd/deployment/routes.h"
#include "coderd/files/routes.h"
#include "coderd/organizations/routes.h"
#include "coderd/parameters/routes.h"
#include "coderd/provisionerdserver/reaper.h"
#include "coderd/provisionerdserver/routes.h"
#include "coderd/provisionerdserver/server.h"
#include "coderd/retention/purge.h"
#include "coderd/secrets/routes.h"
#include "coderd/tasks/routes.h"
#include "coderd/templates/template_routes.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/api_key_routes.h"
#include "coderd/users/authenticator.h"
#include "coderd/users/routes.h"
#include "coderd/users/sessions.h"
#include "coderd/workspaces/routes.h"
#include "net/http/client.h"

namespace berth::coderd {
namespace {

constexpr std::string_view deployment_id_key = "deployment_id";

/// The one that stands in the database; made by the first server that ever used it.
asio::awaitable<Result<Uuid>> deployment_id(db::Store& store) {
    auto value = co_await store.insert_site_config_if_absent(
        rbac::Actor::system(rbac::SystemActor::bootstrap), deployment_id_key, Uuid::random().to_string());
    if (!value) co_return value.error();
    auto id = Uuid::parse(*value);
    if (!id) co_return internal_error("the deployment id in the database is malformed");
    co_return *id;
}

/// "0.0.0.0:3000" is no place to send people to.
std::string default_access_url(const std::string& address, std::uint16_t port, bool tls) {
    auto colon = address.rfind(':');
    std::string host = address.substr(0, colon);
    if (host.empty() || host == "0.0.0.0" || host == "[::]") host = "127.0.0.1";
    return std::string(tls ? "https://" : "http://") + host + ":" + std::to_string(port);
}

}  // namespace

/// All of a running server, in order of construction; the later ones use the earlier.
struct Server::Parts {
    Parts(net::Runtime& loops, ServerOptions given, base::Logger logger, TemplateReaders template_readers)
        : options(std::move(given)),
          readers(template_readers),
          runtime(loops),
          log(std::move(logger)),
          work(loops.executor(0), log.named("work")) {}

    asio::awaitable<Result<void>> open_database();
    asio::awaitable<Result<void>> open_vault();
    asio::awaitable<Result<void>> build();
    Result<void> listen();
    asio::awaitable<void> close();

    ServerOptions options;
    TemplateReaders readers;
    net::Runtime& runtime;
    base::Logger log;
    Database database;
    std::unique_ptr<db::PostgresPubsub> pubsub;
    Vault vault;
    std::unique_ptr<Context> context;
    std::unique_ptr<StoreAuthenticator> authenticator;
    std::unique_ptr<ProvisionerdServer> provisionerd;
    std::unique_ptr<SessionRoutes> sessions;
    std::unique_ptr<UserRoutes> users;
    std::unique_ptr<ApiKeyRoutes> api_keys;
    std::unique_ptr<UserSecretRoutes> user_secrets;
    std::unique_ptr<OrganizationRoutes> organizations;
    std::unique_ptr<DeploymentRoutes> deployment;
    std::unique_ptr<DownloadRoutes> downloads;
    std::unique_ptr<OpenApiRoutes> documents;
    std::unique_ptr<FileRoutes> files;
    std::unique_ptr<TemplateRoutes> templates;
    std::unique_ptr<TemplateVersionRoutes> template_versions;
    std::unique_ptr<ParameterRoutes> parameters;
    std::unique_ptr<WorkspaceRoutes> workspaces;
    std::unique_ptr<TaskRoutes> tasks;
    std::unique_ptr<BuildRoutes> builds;
    std::unique_ptr<AgentRoutes> agents;
    std::unique_ptr<ProvisionerRoutes> provisioners;
    Routes routes;
    std::unique_ptr<Dispatcher> dispatcher;
    std::unique_ptr<http::Server> http;
    std::uint16_t http_port = 0;
    /// The queue, the reaper, and our own daemons' connections.
    net::TaskGroup work;
};

asio::awaitable<Result<void>> Server::Parts::open_vault() {
    auto created = Vault::create(options.encryption_keys);
    if (!created) co_return created.error();
    vault = std::move(*created);
    auto checked = co_await check_keys(database.store(), vault, base::system_clock().now());
    co_return checked;
}

asio::awaitable<Result<void>> Server::Parts::open_database() {
    auto opened = co_await database.open(runtime, options, log);
    if (!opened) co_return opened.error();
    auto readable = co_await open_vault();
    if (!readable) co_return readable.error();
    pubsub = std::make_unique<db::PostgresPubsub>(runtime, database.store(), log.named("pubsub"));
    auto listening = co_await pubsub->open();
    co_return listening;
}

asio::awaitable<Result<void>> Server::Parts::build() {
    context.reset(new Context{options, runtime, base::system_clock(), database.store(), *pubsub, vault, log,
                              readers.evaluator, readers.tags});
    auto id = co_await deployment_id(database.store());
    if (!id) co_return id.error();
    authenticator = std::make_unique<StoreAuthenticator>(*context);
    provisionerd = std::make_unique<ProvisionerdServer>(*context);
    sessions = std::make_unique<SessionRoutes>(*context);
    users = std::make_unique<UserRoutes>(*context);
    api_keys = std::make_unique<ApiKeyRoutes>(*context);
    user_secrets = std::make_unique<UserSecretRoutes>(*context);
    organizations = std::make_unique<OrganizationRoutes>(*context);
    deployment = std::make_unique<DeploymentRoutes>(*context, *id);
    downloads = std::make_unique<DownloadRoutes>(*context);
    documents = std::make_unique<OpenApiRoutes>(routes);
    files = std::make_unique<FileRoutes>(*context);
    templates = std::make_unique<TemplateRoutes>(*context);
    template_versions = std::make_unique<TemplateVersionRoutes>(*context);
    parameters = std::make_unique<ParameterRoutes>(*context);
    workspaces = std::make_unique<WorkspaceRoutes>(*context);
    tasks = std::make_unique<TaskRoutes>(*context);
    builds = std::make_unique<BuildRoutes>(*context);
    agents = std::make_unique<AgentRoutes>(*context);
    provisioners = std::make_unique<ProvisionerRoutes>(*context, *provisionerd, *authenticator);
    sessions->register_routes(routes);
    users->register_routes(routes);
    api_keys->register_routes(routes);
    user_secrets->register_routes(routes);
    organizations->register_routes(routes);
    deployment->register_routes(routes);
    downloads->register_routes(routes);
    documents->register_routes(routes);
    files->register_routes(routes);
    templates->register_routes(routes);
    template_versions->register_routes(routes);
    parameters->register_routes(routes);
    workspaces->register_routes(routes);
    tasks->register_routes(routes);
    builds->register_routes(routes);
    agents->register_routes(routes);
    provisioners->register_routes(routes);
    dispatcher = std::make_unique<Dispatcher>(routes, *authenticator, log.named("http"));
    co_return Result<void>();
}

Result<void> Server::Parts::listen() {
    http = http::Server::create(runtime, *dispatcher, options.limits, log.named("http"));
    if (!options.http_address.empty()) {
        auto port = http->listen(options.http_address);
        if (!port) return port.error();
        http_port = *port;
        if (options.access_url.empty())
            options.access_url = default_access_url(options.http_address, *port, false);
    }
    if (options.tls) {
        auto port = http->listen(options.tls_address, options.tls);
        if (!port) return port.error();
        if (options.access_url.empty())
            options.access_url = default_access_url(options.tls_address, *port, true);
    }
    return {};
}

asio::awaitable<void> Server::Parts::close() {
    if (http) co_await http->drain(options.drain_grace);
    work.cancel();
    co_await work.join();
    if (pubsub) co_await pubsub->close();
    co_await database.close();
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() = default;

asio::awaitable<Result<std::unique_ptr<Server>>> Server::start(net::Runtime& runtime, ServerOptions options,
                                                               base::Logger log, TemplateReaders readers) {
    auto parts = std::make_unique<Parts>(runtime, std::move(options), std::move(log), readers);
    auto ready = co_await parts->open_database();
    if (ready) ready = co_await parts->build();
    if (ready) ready = parts->listen();
    if (!ready) {
        co_await parts->close();
        co_return ready.error();
    }
    parts->work.spawn("database", parts->database.supervise());
    parts->work.spawn("provisionerd server", parts->provisionerd->run());
    parts->work.spawn("purge", run_purge(*parts->context));
    parts->log.info("berth is up", field("access_url", parts->options.access_url),
                    field("version", base::version));
    co_return std::unique_ptr<Server>(new Server(std::move(parts)));
}

const std::string& Server::access_url() const { return parts_->options.access_url; }
std::uint16_t Server::http_port() const { return parts_->http_port; }

net::StreamPtr Server::connect_provisioner(asio::any_io_executor daemon_loop, std::string name, Tags tags) {
    return parts_->provisionerd->connect_builtin(parts_->work, std::move(daemon_loop), std::move(name),
                                                 std::move(tags));
}

std::string Server::openapi() const { return parts_->documents->document(); }

asio::awaitable<void> Server::stop() { co_await parts_->close(); }

}  // namespace berth::coderd
