#include "agent/agent_testing.h"

#include <csignal>
#include <thread>

#include "rpc/agent.h"

namespace berth::agent {

namespace pb = rpc::agent::pb;

ScriptedServer::ScriptedServer(net::Runtime& runtime)
    : runtime_(runtime),
      server_(base::Logger("test server")),
      group_(std::make_unique<net::TaskGroup>(runtime.executor(0), base::Logger("test server"))) {
    std::signal(SIGPIPE, SIG_IGN);
    add_handlers();
}

ScriptedServer::~ScriptedServer() { runtime_.run(stop()); }

asio::awaitable<void> ScriptedServer::stop() {
    group_->cancel();
    co_await group_->join();
}

Dialer ScriptedServer::dialer() {
    return [this](std::string target) { return dial(std::move(target)); };
}

asio::awaitable<Result<net::StreamPtr>> ScriptedServer::dial(std::string target) {
    {
        std::lock_guard lock(mutex_);
        record_.targets.push_back(target);
        if (refusal_) co_return *refusal_;
    }
    auto executor = runtime_.executor(0);
    auto [ours, theirs] = net::connected_pair(executor, executor);
    group_->spawn("connection", serve(std::move(target), std::move(ours)));
    co_return std::move(theirs);
}

asio::awaitable<void> ScriptedServer::serve(std::string target, net::StreamPtr stream) {
    auto session = yamux::Session::create(runtime_.executor(0), std::move(stream), yamux::Role::server);
    bool is_rpc = target.find("/rpc?") != std::string::npos;
    {
        std::lock_guard lock(mutex_);
        sessions_.insert(session);
        if (!is_rpc) tunnel_ = session;
    }
    co_await net::TaskGroup::scope(base::Logger("test server"), serve_in, this, is_rpc, session);
    std::lock_guard lock(mutex_);
    sessions_.erase(session);
    if (tunnel_ == session) tunnel_ = nullptr;
}

asio::awaitable<void> ScriptedServer::serve_in(net::TaskGroup& group, ScriptedServer* self, bool is_rpc,
                                               yamux::SessionPtr session) {
    group.spawn("yamux", session->run());
    if (is_rpc) group.spawn("rpc", self->server_.serve_session(*session));
    co_await session->closed();
}

asio::awaitable<void> ScriptedServer::drop() {
    std::set<yamux::SessionPtr> sessions;
    {
        std::lock_guard lock(mutex_);
        sessions = sessions_;
        tunnel_ = nullptr;
    }
    for (const auto& session : sessions)
        session->close();
    co_return;
}

void ScriptedServer::drop_connections() { runtime_.run(drop()); }

void ScriptedServer::refuse(std::optional<Error> error) {
    std::lock_guard lock(mutex_);
    refusal_ = std::move(error);
}

namespace {
asio::awaitable<void> open_stream(yamux::SessionPtr session, net::StreamPtr* into) {
    auto stream = co_await session->open();
    if (stream) *into = std::move(*stream);
}
}  // namespace

net::StreamPtr ScriptedServer::open_tunnel_stream() {
    yamux::SessionPtr tunnel;
    if (!eventually([&] {
            std::lock_guard lock(mutex_);
            tunnel = tunnel_;
            return tunnel != nullptr;
        }))
        throw std::runtime_error("the agent opened no tunnel");
    net::StreamPtr stream;
    runtime_.run(open_stream(tunnel, &stream));
    if (!stream) throw std::runtime_error("the tunnel takes no stream");
    return stream;
}

ScriptedServer::Record ScriptedServer::record() const {
    std::lock_guard lock(mutex_);
    return record_;
}

bool ScriptedServer::eventually(const std::function<bool()>& predicate) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!predicate()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
    return true;
}

namespace {
template <class Response>
asio::awaitable<Result<Response>> answer_with(Response response) {
    co_return std::move(response);
}
}  // namespace

void ScriptedServer::add_handlers() {
    server_.on(rpc::agent::get_manifest, [this](pb::GetManifestRequest) { return answer_with(manifest); });
    server_.on(rpc::agent::update_startup, [this](pb::UpdateStartupRequest request) {
        std::lock_guard lock(mutex_);
        record_.startups.push_back(request.startup());
        return answer_with(request.startup());
    });
    server_.on(rpc::agent::update_lifecycle, [this](pb::UpdateLifecycleRequest request) {
        std::lock_guard lock(mutex_);
        record_.states.push_back(pb::Lifecycle::State_Name(request.lifecycle().state()));
        return answer_with(request.lifecycle());
    });
    server_.on(rpc::agent::batch_create_logs, [this](pb::BatchCreateLogsRequest request) {
        std::lock_guard lock(mutex_);
        record_.batches.push_back(static_cast<std::size_t>(request.logs_size()));
        for (const auto& log : request.logs())
            record_.lines.push_back({request.log_source_id(), log.output(), log.level()});
        pb::BatchCreateLogsResponse response;
        response.set_log_limit_exceeded(log_limit_exceeded);
        return answer_with(response);
    });
    server_.on(rpc::agent::script_completed, [this](pb::WorkspaceAgentScriptCompletedRequest request) {
        std::lock_guard lock(mutex_);
        record_.timings.push_back(request.timing());
        return answer_with(pb::WorkspaceAgentScriptCompletedResponse());
    });
    server_.on(rpc::agent::batch_update_metadata, [this](pb::BatchUpdateMetadataRequest request) {
        std::lock_guard lock(mutex_);
        for (const auto& item : request.metadata())
            record_.metadata[item.key()].push_back(item.result());
        return answer_with(pb::BatchUpdateMetadataResponse());
    });
    server_.on(rpc::agent::batch_update_app_healths, [this](pb::BatchUpdateAppHealthRequest request) {
        std::lock_guard lock(mutex_);
        for (const auto& update : request.updates())
            record_.health[update.id()].push_back(update.health());
        return answer_with(pb::BatchUpdateAppHealthResponse());
    });
    server_.on(rpc::agent::update_stats, [this](pb::UpdateStatsRequest request) {
        std::lock_guard lock(mutex_);
        record_.stats.push_back(request.stats());
        pb::UpdateStatsResponse response;
        response.mutable_report_interval()->set_seconds(1);
        return answer_with(response);
    });
    server_.on(rpc::agent::report_connection, [this](pb::ReportConnectionRequest request) {
        std::lock_guard lock(mutex_);
        record_.connections.push_back(request.connection());
        return answer_with(google::protobuf::Empty());
    });
}

TestDirectory::TestDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "berth-agent-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
}

TestDirectory::~TestDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

}  // namespace berth::agent
