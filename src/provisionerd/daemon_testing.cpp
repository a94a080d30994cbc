#include "provisionerd/daemon_testing.h"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

namespace berth::provisionerd {
namespace {

asio::awaitable<void> await_cancel(ScriptedServer* server,
                                   drpc::Duplex<job::AcquiredJob, job::CancelAcquire> stream,
                                   bool* cancelled) {
    auto cancel = co_await stream.recv();
    if (!cancel || !*cancel) co_return;
    server->acquires_cancelled++;
    *cancelled = true;
    server->changed.notify();
}

asio::awaitable<void> await_job(net::TaskGroup& group, ScriptedServer* server,
                                drpc::Duplex<job::AcquiredJob, job::CancelAcquire> stream) {
    bool cancelled = false;
    server->acquires++;
    group.spawn("cancel", await_cancel(server, stream, &cancelled));
    while (server->jobs.empty() && !cancelled)
        co_await server->changed.wait();
    job::AcquiredJob next;
    if (!server->jobs.empty()) {
        next = std::move(server->jobs.front());
        server->jobs.pop_front();
    }
    auto sent = co_await stream.send(next);
    EXPECT_TRUE(sent.ok());
}

asio::awaitable<Result<void>> on_acquire(ScriptedServer* server,
                                         drpc::Duplex<job::AcquiredJob, job::CancelAcquire> stream) {
    co_await net::TaskGroup::scope(base::Logger("test"), await_job, server, stream);
    co_return Result<void>();
}

asio::awaitable<Result<job::UpdateJobResponse>> on_update(ScriptedServer* server,
                                                          job::UpdateJobRequest request) {
    if (server->refuse_updates) co_return *server->refuse_updates;
    server->updates.push_back(request);
    while (server->holds(request))
        co_await server->changed.wait();
    job::UpdateJobResponse response;
    response.set_canceled(server->cancel_job);
    for (const auto& [name, value] : server->variables) {
        auto* variable = response.add_variable_values();
        variable->set_name(name);
        variable->set_value(value);
    }
    co_return response;
}

asio::awaitable<Result<job::CommitQuotaResponse>> on_quota(ScriptedServer* server,
                                                           job::CommitQuotaRequest request) {
    server->quotas.push_back(std::move(request));
    job::CommitQuotaResponse response;
    response.set_ok(server->quota_ok);
    response.set_budget(10);
    co_return response;
}

asio::awaitable<Result<job::Empty>> on_complete(ScriptedServer* server, job::CompletedJob request) {
    if (server->refuse_completion) co_return *server->refuse_completion;
    server->completed.push_back(std::move(request));
    co_return job::Empty();
}

asio::awaitable<Result<job::Empty>> on_fail(ScriptedServer* server, job::FailedJob request) {
    if (server->refuse_failure) co_return *server->refuse_failure;
    if (request.workspace_build().state().size() > server->largest_state)
        co_return Error(ErrorCode::too_large, "the state is too large");
    server->failed.push_back(std::move(request));
    co_return job::Empty();
}

asio::awaitable<Result<job::Empty>> on_upload(ScriptedServer* server, drpc::Receiver<pv::FileUpload> stream) {
    while (true) {
        auto piece = co_await stream.recv();
        if (!piece) co_return piece.error();
        if (!*piece) co_return job::Empty();
        server->uploaded.push_back(std::move(**piece));
    }
}

asio::awaitable<Result<void>> on_download(ScriptedServer* server, job::FileRequest request,
                                          drpc::Sender<pv::FileUpload> stream) {
    server->downloads.push_back(request.file_id());
    for (const auto& piece : server->stored_file) {
        auto sent = co_await stream.send(piece);
        if (!sent) co_return sent.error();
    }
    co_return Result<void>();
}

struct SessionEnd {
    ScriptedProvisioner* provisioner;
    ~SessionEnd() { provisioner->sessions_ended++; }
};

asio::awaitable<Result<void>> on_session(ScriptedProvisioner* provisioner,
                                         drpc::Duplex<pv::Response, pv::Request> stream) {
    SessionEnd end{provisioner};
    while (true) {
        auto request = co_await stream.recv();
        if (!request) co_return request.error();
        if (!*request) co_return Result<void>();
        auto kind = (*request)->type_case();
        provisioner->requests.push_back(std::move(**request));
        auto& script = provisioner->answers[kind];
        if (script.empty()) continue;
        auto responses = std::move(script.front());
        script.pop_front();
        for (const auto& response : responses) {
            auto sent = co_await stream.send(response);
            if (!sent) co_return sent.error();
        }
    }
}

asio::awaitable<Result<yamux::SessionPtr>> connect(Bench* bench) {
    if (bench->refuse_connections) co_return unavailable("nobody there");
    bench->connections++;
    auto ends = net::connected_pair(bench->executor, bench->executor);
    bench->far = yamux::Session::create(bench->executor, std::move(ends.second), yamux::Role::server);
    bench->group.spawn("far session", bench->far->run());
    bench->group.spawn("far server", bench->server.rpc.serve_session(*bench->far));
    co_return yamux::Session::create(bench->executor, std::move(ends.first), yamux::Role::client);
}

asio::awaitable<void> run_daemon(Bench* bench) {
    co_await bench->daemon->run();
    bench->returned = true;
}

asio::awaitable<void> with_group(net::TaskGroup& group, asio::awaitable<void> (*body)(Bench&)) {
    auto executor = co_await asio::this_coro::executor;
    auto bench = std::make_unique<Bench>(executor, group);
    co_await body(*bench);
    // Its children refer to the bench.
    group.cancel();
    while (group.size() > 0)
        co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace

ScriptedServer::ScriptedServer(asio::any_io_executor executor)
    : rpc(base::Logger("server"), rpc::provisionerd::max_message), changed(executor) {
    rpc.on(rpc::provisionerd::acquire_job_with_cancel,
           [this](auto stream) { return on_acquire(this, std::move(stream)); });
    rpc.on(rpc::provisionerd::update_job,
           [this](auto request) { return on_update(this, std::move(request)); });
    rpc.on(rpc::provisionerd::commit_quota,
           [this](auto request) { return on_quota(this, std::move(request)); });
    rpc.on(rpc::provisionerd::complete_job,
           [this](auto request) { return on_complete(this, std::move(request)); });
    rpc.on(rpc::provisionerd::fail_job, [this](auto request) { return on_fail(this, std::move(request)); });
    rpc.on(rpc::provisionerd::upload_file,
           [this](auto stream) { return on_upload(this, std::move(stream)); });
    rpc.on(rpc::provisionerd::download_file, [this](auto request, auto stream) {
        return on_download(this, std::move(request), std::move(stream));
    });
}

bool ScriptedServer::holds(const job::UpdateJobRequest& update) const {
    return std::any_of(update.logs().begin(), update.logs().end(), [this](const job::Log& line) {
        return !held_stage.empty() && line.stage() == held_stage;
    });
}

std::vector<job::Log> ScriptedServer::lines() const {
    std::vector<job::Log> out;
    for (const auto& update : updates)
        out.insert(out.end(), update.logs().begin(), update.logs().end());
    return out;
}

std::vector<std::string> ScriptedServer::stages() const {
    std::vector<std::string> out;
    for (const auto& line : lines())
        if (out.empty() || out.back() != line.stage()) out.push_back(line.stage());
    return out;
}

ScriptedProvisioner::ScriptedProvisioner()
    : rpc(base::Logger("provisioner"), rpc::provisionerd::max_message) {
    rpc.on(rpc::provisioner::session, [this](auto stream) { return on_session(this, std::move(stream)); });
}

std::vector<const pv::Request*> ScriptedProvisioner::of(pv::Request::TypeCase kind) const {
    std::vector<const pv::Request*> out;
    for (const auto& request : requests)
        if (request.type_case() == kind) out.push_back(&request);
    return out;
}

Bench::Bench(asio::any_io_executor executor, net::TaskGroup& group)
    : executor(executor), group(group), server(executor) {
    options.clock = &clock;
}

void Bench::start() {
    daemon.emplace(
        executor, [this] { return connect(this); }, Provisioners{{"terraform", &provisioner.rpc}}, options,
        base::Logger("provisionerd"));
    group.spawn("daemon", run_daemon(this));
}

asio::awaitable<bool> Bench::until(std::function<bool()> done) {
    for (int round = 0; round < 12'000; round++) {
        for (int i = 0; i < 60; i++) {
            if (done()) co_return true;
            co_await asio::post(executor, asio::use_awaitable);
        }
        clock.advance(std::chrono::milliseconds(50));
    }
    co_return false;
}

asio::awaitable<void> Bench::finish() {
    daemon->shutdown(Shutdown::finish_job);
    bool done = co_await until([this] { return returned; });
    EXPECT_TRUE(done) << "the daemon did not stop";
}

void Bench::drop_connection() { far->close(); }

void with_bench(asio::awaitable<void> (*body)(Bench&)) {
    net::Runtime runtime(1);
    runtime.run(net::TaskGroup::scope(base::Logger("test"), with_group, body));
}

pv::Response log_line(std::string text, pv::LogLevel level) {
    pv::Response response;
    response.mutable_log()->set_output(std::move(text));
    response.mutable_log()->set_level(level);
    return response;
}

pv::Response init_done(std::string error) {
    pv::Response response;
    response.mutable_init()->set_error(std::move(error));
    response.mutable_init()->add_timings()->set_stage("init");
    response.mutable_init()->add_modules()->set_key("child");
    return response;
}

pv::Response parse_done() {
    pv::Response response;
    response.mutable_parse()->add_template_variables()->set_name("region");
    response.mutable_parse()->set_readme("# hello");
    (*response.mutable_parse()->mutable_workspace_tags())["zone"] = "a";
    return response;
}

pv::Response plan_done(std::int32_t cost, std::string error) {
    pv::Response response;
    response.mutable_plan()->set_plan("the plan");
    response.mutable_plan()->set_dailycost(cost);
    response.mutable_plan()->set_error(std::move(error));
    response.mutable_plan()->add_timings()->set_stage("plan");
    return response;
}

pv::Response apply_done(std::string state, std::string error) {
    pv::Response response;
    response.mutable_apply()->set_state(std::move(state));
    response.mutable_apply()->set_error(std::move(error));
    response.mutable_apply()->add_timings()->set_stage("apply");
    return response;
}

pv::Response graph_done(std::string resource) {
    pv::Response response;
    response.mutable_graph()->add_resources()->set_name(std::move(resource));
    response.mutable_graph()->add_parameters()->set_name("size");
    response.mutable_graph()->add_external_auth_providers()->set_id("github");
    response.mutable_graph()->set_has_ai_tasks(true);
    return response;
}

job::AcquiredJob build_job() {
    job::AcquiredJob acquired;
    acquired.set_job_id("job-1");
    acquired.set_provisioner("terraform");
    acquired.set_template_source_archive("a tar");
    auto* build = acquired.mutable_workspace_build();
    build->set_state("old state");
    build->set_log_level("debug");
    build->mutable_metadata()->set_workspace_name("dev");
    build->add_rich_parameter_values()->set_name("size");
    build->add_user_secrets()->set_env_name("TOKEN");
    return acquired;
}

void script_build(Bench& bench) {
    bench.provisioner.answer(pv::Request::kInit, {init_done()});
    bench.provisioner.answer(pv::Request::kPlan, {log_line("planning"), plan_done(4)});
    bench.provisioner.answer(pv::Request::kApply, {log_line("applying"), apply_done("new state")});
    bench.provisioner.answer(pv::Request::kGraph, {graph_done("vm")});
}

}  // namespace berth::provisionerd
