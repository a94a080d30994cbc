#include <cstdio>
#include <map>

#include "base/crypto.h"
#include "net/drpc/client.h"
#include "net/task_group.h"
#include "peer.h"
#include "rpc/provisioner.h"
#include "rpc/provisionerd.h"

namespace berth::interop {

namespace job = ::provisionerd;
namespace pv = ::provisioner;
namespace rpcd = rpc::provisionerd;

std::string problem(const std::string& what, const Error& error) { return what + ": " + error.to_string(); }

namespace {

job::UpdateJobRequest variable(std::size_t size) {
    job::UpdateJobRequest request;
    request.add_user_variable_values()->set_value(std::string(size, 'v'));
    return request;
}

job::UpdateJobRequest variable_of(std::size_t bytes) {
    auto request = variable(bytes - 20);
    return variable(bytes - 20 + bytes - request.ByteSizeLong());
}

asio::awaitable<Outcome> unary(drpc::Client client) {
    for (std::size_t size = 0; size < 1000; size += 10) {
        auto answer = co_await client.call(rpcd::update_job, variable(size));
        if (!answer) co_return Outcome(problem("update", answer.error()));
        if (answer->variable_values(0).value().size() != size) co_return Outcome("a wrong answer");
    }
    co_return Outcome();
}

asio::awaitable<void> one_of_many(drpc::Client client, std::size_t size, int* right) {
    auto answer = co_await client.call(rpcd::update_job, variable(size));
    if (answer && answer->variable_values(0).value().size() == size) ++*right;
}

asio::awaitable<void> start_many(net::TaskGroup& group, drpc::Client client, int* right) {
    for (std::size_t i = 0; i < 200; i++)
        group.spawn("call", one_of_many(client, i * 1000, right));
    co_await group.join();
}

asio::awaitable<Outcome> many(drpc::Client client) {
    int right = 0;
    co_await net::TaskGroup::scope(base::Logger("peer"), start_many, client, &right);
    if (right != 200) co_return Outcome(std::to_string(right) + " of 200 calls went well");
    co_return Outcome();
}

asio::awaitable<Outcome> errors(drpc::Client client) {
    job::FailedJob failed;
    failed.set_error("no such thing");
    auto answer = co_await client.call(rpcd::fail_job, failed);
    if (answer) co_return Outcome("no error came");
    if (answer.error().code() != ErrorCode::not_found || answer.error().message() != "no such thing")
        co_return Outcome(problem("another error", answer.error()));
    drpc::Unary<job::Empty, job::Empty> unknown{"/provisionerd.ProvisionerDaemon/Nothing"};
    auto nothing = co_await client.call(unknown, job::Empty());
    if (nothing || nothing.error().message().find("unknown rpc") == std::string::npos)
        co_return Outcome("an unknown rpc was answered otherwise");
    co_return Outcome();
}

asio::awaitable<Outcome> largest(drpc::Client client) {
    auto request = variable_of(drpc::max_message);
    if (request.ByteSizeLong() != drpc::max_message) co_return Outcome("the message is of another size");
    auto answer = co_await client.call(rpcd::update_job, request);
    if (!answer) co_return Outcome(problem("4 MiB", answer.error()));
    if (answer->variable_values(0).value() != request.user_variable_values(0).value())
        co_return Outcome("a wrong answer");
    auto refused = co_await client.call(rpcd::update_job, variable_of(drpc::max_message + 1));
    if (refused || refused.error().code() != ErrorCode::too_large)
        co_return Outcome("the limit does not hold");
    co_return Outcome();
}

asio::awaitable<Outcome> upload(drpc::Client client) {
    auto stream = co_await client.open(rpcd::upload_file);
    if (!stream) co_return Outcome(problem("open", stream.error()));
    pv::FileUpload piece;
    piece.mutable_chunk_piece()->set_data(std::string(2 << 20, 'u'));
    for (int i = 0; i < 16; i++) {
        auto sent = co_await stream->send(piece);
        if (!sent) co_return Outcome(problem("send", sent.error()));
    }
    auto answer = co_await stream->finish();
    if (!answer) co_return Outcome(problem("finish", answer.error()));
    auto counters = co_await client.call(rpcd::acquire_job, job::Empty());
    if (!counters) co_return Outcome(problem("counters", counters.error()));
    if (counters->created_at() != 32 << 20) co_return Outcome("bytes were lost");

    auto failing = co_await client.open(rpcd::upload_file);
    if (!failing) co_return Outcome(problem("open", failing.error()));
    piece.mutable_error()->set_error("torn");
    auto sent = co_await failing->send(piece);
    if (!sent) co_return Outcome(problem("send", sent.error()));
    auto refused = co_await failing->finish();
    if (refused || refused.error().message() != "torn") co_return Outcome("no refusal");
    co_return Outcome();
}

asio::awaitable<Outcome> download(drpc::Client client) {
    job::FileRequest request;
    request.set_file_id("16:2097152");
    auto stream = co_await client.open(rpcd::download_file, request);
    if (!stream) co_return Outcome(problem("open", stream.error()));
    for (int i = 0; i < 16; i++) {
        auto piece = co_await stream->recv();
        if (!piece) co_return Outcome(problem("recv", piece.error()));
        if (!*piece || (*piece)->chunk_piece().piece_index() != i ||
            (*piece)->chunk_piece().data().size() != 2 << 20)
            co_return Outcome("a wrong piece");
    }
    auto end = co_await stream->recv();
    if (!end || *end) co_return Outcome("no end");
    co_return Outcome();
}

asio::awaitable<Outcome> bidi(drpc::Client client) {
    auto stream = co_await client.open(rpc::provisioner::session);
    if (!stream) co_return Outcome(problem("open", stream.error()));
    for (int i = 0; i < 50; i++) {
        pv::Request request;
        request.mutable_config()->set_provisioner_log_level(std::to_string(i));
        auto sent = co_await stream->send(request);
        if (!sent) co_return Outcome(problem("send", sent.error()));
        auto answer = co_await stream->recv();
        if (!answer) co_return Outcome(problem("recv", answer.error()));
        if (!*answer || (*answer)->log().output() != "re: " + std::to_string(i))
            co_return Outcome("a wrong answer");
    }
    auto closed = co_await stream->close_send();
    if (!closed) co_return Outcome(problem("close", closed.error()));
    auto end = co_await stream->recv();
    if (!end || *end) co_return Outcome("no end");
    co_return Outcome();
}

/// Waits for the handler of the call "hang" to have been cancelled.
asio::awaitable<Outcome> see_cancelled(drpc::Client client) {
    for (int i = 0; i < 200; i++) {
        auto counters = co_await client.call(rpcd::acquire_job, job::Empty());
        if (!counters) co_return Outcome(problem("counters", counters.error()));
        if (counters->job_id() == "1") co_return Outcome();
        co_await base::system_clock().sleep(std::chrono::milliseconds(20));
    }
    co_return Outcome("the handler was not cancelled");
}

asio::awaitable<void> hang(drpc::Client client) {
    job::CommitQuotaRequest request;
    request.set_job_id("hang");
    auto answer = co_await client.call(rpcd::commit_quota, request, base::Duration::zero());
    (void)answer;
}

asio::awaitable<void> hang_for_a_while(net::TaskGroup& group, drpc::Client client) {
    group.spawn("hang", hang(client));
    co_await base::system_clock().sleep(std::chrono::milliseconds(200));
}

asio::awaitable<Outcome> cancel(drpc::Client client) {
    co_await net::TaskGroup::scope(base::Logger("peer"), hang_for_a_while, client);
    auto seen = co_await see_cancelled(client);
    co_return seen;
}

asio::awaitable<Outcome> deadline(drpc::Client client) {
    job::CommitQuotaRequest request;
    request.set_job_id("hang");
    auto answer = co_await client.call(rpcd::commit_quota, request, std::chrono::milliseconds(200));
    if (answer || answer.error().code() != ErrorCode::deadline_exceeded)
        co_return Outcome("the deadline does not hold");
    auto seen = co_await see_cancelled(client);
    co_return seen;
}

asio::awaitable<Outcome> vector(drpc::Client client) {
    job::FileRequest request;
    request.set_file_id("vector");
    auto stream = co_await client.open(rpcd::download_file, request);
    if (!stream) co_return Outcome(problem("open", stream.error()));
    auto piece = co_await stream->recv();
    if (!piece || !*piece) co_return Outcome("no message");
    if (base::base64_encode((*piece)->SerializeAsString()) != "EhgKDEhlbGxvIFdvcmxkIRIGRm9vYmFyGCo=")
        co_return Outcome("other bytes");
    co_return Outcome();
}

asio::awaitable<Outcome> slow(drpc::Client client) {
    job::FileRequest request;
    request.set_file_id("100000:10000");
    auto stream = co_await client.open(rpcd::download_file, request);
    if (!stream) co_return Outcome(problem("open", stream.error()));
    auto first = co_await stream->recv();
    if (!first) co_return Outcome(problem("recv", first.error()));
    std::string before = "-", now;
    while (before != now) {
        before = now;
        co_await base::system_clock().sleep(std::chrono::milliseconds(200));
        auto counters = co_await client.call(rpcd::acquire_job, job::Empty());
        if (!counters) co_return Outcome(problem("counters", counters.error()));
        now = counters->user_name();
    }
    if (now.size() > 3) co_return Outcome(now + " chunks were sent to nobody");
    stream->cancel();
    co_return Outcome();
}

template <asio::awaitable<Outcome> (*scenario)(drpc::Client)>
asio::awaitable<Outcome> with_client(yamux::SessionPtr session) {
    return scenario(drpc::Client::over(session));
}

}  // namespace

asio::awaitable<bool> run_scenario(yamux::SessionPtr session, std::string name) {
    static const std::map<std::string, asio::awaitable<Outcome> (*)(yamux::SessionPtr)> scenarios = {
        {"unary", with_client<unary>},         {"many", with_client<many>},
        {"errors", with_client<errors>},       {"largest", with_client<largest>},
        {"upload", with_client<upload>},       {"download", with_client<download>},
        {"bidi", with_client<bidi>},           {"cancel", with_client<cancel>},
        {"deadline", with_client<deadline>},   {"vector", with_client<vector>},
        {"slow", with_client<slow>},           {"half-close", with_client<half_close>},
        {"keepalive", with_client<keepalive>}, {"silent", with_client<silent>},
        {"dropped", with_client<dropped>},     {"raw-half-close", raw_half_close},
    };
    auto found = scenarios.find(name);
    if (found == scenarios.end()) {
        std::puts("no such scenario");
        co_return false;
    }
    auto outcome = co_await found->second(session);
    std::puts(outcome ? outcome->c_str() : "ok");
    co_return !outcome.has_value();
}

}  // namespace berth::interop
