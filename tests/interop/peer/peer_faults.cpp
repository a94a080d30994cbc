// Ends of streams, and connections that break: the client has to come to an end, with the right error.
#include <algorithm>
#include <vector>

#include "net/task_group.h"
#include "peer.h"
#include "rpc/provisioner.h"
#include "rpc/provisionerd.h"

namespace berth::interop {

namespace job = ::provisionerd;
namespace pv = ::provisioner;
namespace rpcd = rpc::provisionerd;

namespace {

constexpr auto for_ever = base::Duration::zero();

/// Orders what service_test.go does for the job with this id.
job::CommitQuotaRequest order(const std::string& id) {
    job::CommitQuotaRequest request;
    request.set_job_id(id);
    return request;
}

/// Nothing when the call failed because the connection is gone.
template <class Answer>
Outcome gone(const std::string& what, const Result<Answer>& answer) {
    if (answer) return what + " went well on a connection that is gone";
    if (answer.error().code() != ErrorCode::unavailable)
        return problem(what + " failed otherwise", answer.error());
    return {};
}

/// Four calls that never end by themselves, one of each kind, and how they ended.
struct Endless {
    drpc::Client client;
    std::vector<Outcome> ends;
};

asio::awaitable<void> wait_for_answer(Endless* calls) {
    auto answer = co_await calls->client.call(rpcd::commit_quota, order("hang"), for_ever);
    calls->ends.push_back(gone("the unary call", answer));
}

asio::awaitable<void> upload_on_and_on(Endless* calls) {
    auto stream = co_await calls->client.open(rpcd::upload_file);
    Result<void> sent = Result<void>();
    pv::FileUpload piece;
    piece.mutable_chunk_piece()->set_data(std::string(10'000, 'u'));
    while (stream && sent)
        sent = co_await stream->send(piece);
    calls->ends.push_back(gone("the upload", sent));
}

asio::awaitable<void> download_on_and_on(Endless* calls) {
    job::FileRequest request;
    request.set_file_id("1000000000:10000");
    auto stream = co_await calls->client.open(rpcd::download_file, request);
    Result<std::optional<pv::FileUpload>> piece = std::optional<pv::FileUpload>();
    do {
        if (stream) piece = co_await stream->recv();
    } while (piece && *piece);
    calls->ends.push_back(gone("the download", piece));
}

asio::awaitable<void> wait_for_word(Endless* calls) {
    auto stream = co_await calls->client.open(rpc::provisioner::session);
    Result<std::optional<pv::Response>> word = std::optional<pv::Response>();
    if (stream) word = co_await stream->recv();
    calls->ends.push_back(gone("the stream of both directions", word));
}

/// True when all four are under way. The one that waits for a word is as soon as its handler runs, which
/// nobody sees; it comes first.
asio::awaitable<bool> under_way(drpc::Client client) {
    auto counters = co_await client.call(rpcd::acquire_job, job::Empty());
    if (!counters) co_return false;
    co_return counters->provisioner() == "1" && counters->created_at() > 0 && counters->user_name() != "0";
}

asio::awaitable<void> start_and_drop(net::TaskGroup& group, Endless* calls) {
    group.spawn("both", wait_for_word(calls));
    group.spawn("unary", wait_for_answer(calls));
    group.spawn("upload", upload_on_and_on(calls));
    group.spawn("download", download_on_and_on(calls));
    bool ready = false;
    while (!ready) {
        co_await base::system_clock().sleep(std::chrono::milliseconds(20));
        ready = co_await under_way(calls->client);
    }
    auto dropped = co_await calls->client.call(rpcd::commit_quota, order("drop"), for_ever);
    calls->ends.push_back(gone("the call that the connection ended with", dropped));
    co_await group.join();
}

asio::awaitable<Outcome> echoed(yamux::SessionPtr session, std::string text) {
    auto stream = co_await session->open();
    if (!stream) co_return Outcome(problem("open", stream.error()));
    auto written = co_await (*stream)->write(net::as_bytes(text));
    if (!written) co_return Outcome(problem("write", written.error()));
    auto ended = co_await (*stream)->shutdown_write();
    if (!ended) co_return Outcome(problem("shutdown", ended.error()));
    std::string back;
    std::vector<std::byte> buffer(64 << 10);
    while (true) {
        auto got = co_await (*stream)->read_some(buffer);
        if (!got) co_return Outcome(problem("read", got.error()));
        if (*got == 0) break;
        back += net::as_text(std::span(buffer).first(*got));
    }
    std::reverse(back.begin(), back.end());
    if (back != text) co_return Outcome("other bytes came back: " + std::to_string(back.size()));
    co_return Outcome();
}

}  // namespace

/// All requests and their end first; the server keeps its answers until it has seen that end.
asio::awaitable<Outcome> half_close(drpc::Client client) {
    constexpr int count = 100;
    auto stream = co_await client.open(rpc::provisioner::session);
    if (!stream) co_return Outcome(problem("open", stream.error()));
    for (int i = 0; i < count; i++) {
        pv::Request request;
        request.mutable_config()->set_provisioner_log_level("later " + std::to_string(i));
        auto sent = co_await stream->send(request);
        if (!sent) co_return Outcome(problem("send", sent.error()));
    }
    auto closed = co_await stream->close_send();
    if (!closed) co_return Outcome(problem("close", closed.error()));
    for (int i = 0; i < count; i++) {
        auto answer = co_await stream->recv();
        if (!answer) co_return Outcome(problem("recv", answer.error()));
        if (!*answer || (*answer)->log().output() != "re: later " + std::to_string(i))
            co_return Outcome("a wrong answer");
    }
    auto end = co_await stream->recv();
    if (!end || *end) co_return Outcome("no end");
    co_return Outcome();
}

/// Without dRPC: a stream is still read after its writing has ended.
asio::awaitable<Outcome> raw_half_close(yamux::SessionPtr session) {
    static constexpr std::size_t sizes[] = {0, 10, 1 << 20};
    for (std::size_t size : sizes) {
        std::string text(size, 'x');
        for (std::size_t i = 0; i < size; i++)
            text[i] = char('a' + i % 26);
        auto outcome = co_await echoed(session, text);
        if (outcome) co_return outcome;
    }
    co_return Outcome();
}

/// The server pings us and counts our pings before it answers.
asio::awaitable<Outcome> keepalive(drpc::Client client) {
    auto answer = co_await client.call(rpcd::commit_quota, order("keepalive"), for_ever);
    if (!answer) co_return Outcome(problem("keepalive", answer.error()));
    co_return Outcome();
}

/// The connection stays, but nothing comes any more: only the keepalive can find out.
asio::awaitable<Outcome> silent(drpc::Client client) {
    auto answer = co_await client.call(rpcd::commit_quota, order("silent"), for_ever);
    co_return gone("the call", answer);
}

/// The server drops the connection while calls of every kind are under way.
asio::awaitable<Outcome> dropped(drpc::Client client) {
    Endless calls{client, {}};
    co_await net::TaskGroup::scope(base::Logger("peer"), start_and_drop, &calls);
    if (calls.ends.size() != 5) co_return Outcome("not all calls have ended");
    for (const auto& end : calls.ends)
        if (end) co_return end;
    auto later = co_await client.call(rpcd::acquire_job, job::Empty());
    co_return gone("a later call", later);
}

}  // namespace berth::interop
