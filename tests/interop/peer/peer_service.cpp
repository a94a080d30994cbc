#include <charconv>

#include "net/signal.h"
#include "peer.h"
#include "rpc/provisioner.h"
#include "rpc/provisionerd.h"

namespace berth::interop {

namespace job = ::provisionerd;
namespace pv = ::provisioner;
namespace rpcd = rpc::provisionerd;

namespace {

asio::awaitable<Result<job::UpdateJobResponse>> on_update(job::UpdateJobRequest request) {
    job::UpdateJobResponse response;
    *response.mutable_variable_values() = std::move(*request.mutable_user_variable_values());
    co_return response;
}

asio::awaitable<Result<job::Empty>> on_fail(job::FailedJob request) {
    co_return Error(ErrorCode::not_found, request.error());
}

asio::awaitable<Result<job::CommitQuotaResponse>> on_quota(Counters* counters,
                                                           job::CommitQuotaRequest request) {
    if (request.job_id() == "hang") {
        auto executor = co_await asio::this_coro::executor;
        net::Signal never(executor);
        counters->hung++;
        try {
            while (true)
                co_await never.wait();
        } catch (...) {
            counters->cancelled++;
            throw;
        }
    }
    job::CommitQuotaResponse response;
    response.set_ok(true);
    response.set_budget(request.daily_cost());
    co_return response;
}

asio::awaitable<Result<job::Empty>> on_upload(Counters* counters, drpc::Receiver<pv::FileUpload> stream) {
    while (true) {
        auto piece = co_await stream.recv();
        if (!piece) co_return piece.error();
        if (!*piece) co_return job::Empty();
        if ((*piece)->has_error()) co_return invalid_argument((*piece)->error().error());
        counters->uploaded += std::int64_t((*piece)->chunk_piece().data().size());
    }
}

asio::awaitable<Result<void>> on_download(Counters* counters, job::FileRequest request,
                                          drpc::Sender<pv::FileUpload> stream) {
    pv::FileUpload piece;
    auto* chunk = piece.mutable_chunk_piece();
    if (request.file_id() == "vector") {
        chunk->set_data("Hello World!");
        chunk->set_full_data_hash("Foobar");
        chunk->set_piece_index(42);
        auto sent = co_await stream.send(piece);
        co_return sent;
    }
    std::string_view id = request.file_id();
    std::size_t colon = id.find(':');
    int count = 0, size = 0;
    if (colon == std::string_view::npos) co_return invalid_argument("bad file id");
    std::from_chars(id.data(), id.data() + colon, count);
    std::from_chars(id.data() + colon + 1, id.data() + id.size(), size);
    chunk->set_data(std::string(std::size_t(size), '\0'));
    for (int i = 0; i < count; i++) {
        chunk->set_piece_index(i);
        auto sent = co_await stream.send(piece);
        if (!sent) co_return sent.error();
        counters->sent++;
    }
    co_return Result<void>();
}

asio::awaitable<Result<job::AcquiredJob>> on_acquire(Counters* counters, job::Empty) {
    job::AcquiredJob acquired;
    acquired.set_job_id(std::to_string(counters->cancelled));
    acquired.set_created_at(counters->uploaded);
    acquired.set_provisioner(std::to_string(counters->hung));
    acquired.set_user_name(std::to_string(counters->sent));
    co_return acquired;
}

asio::awaitable<Result<void>> on_session(drpc::Duplex<pv::Response, pv::Request> stream) {
    while (true) {
        auto request = co_await stream.recv();
        if (!request) co_return request.error();
        if (!*request) co_return Result<void>();
        pv::Response response;
        response.mutable_log()->set_output("re: " + (*request)->config().provisioner_log_level());
        auto sent = co_await stream.send(response);
        if (!sent) co_return sent.error();
    }
}

}  // namespace

void add_service(drpc::Server& server, Counters* counters) {
    server.on(rpcd::update_job, on_update);
    server.on(rpcd::fail_job, on_fail);
    server.on(rpcd::commit_quota,
              [counters](auto request) { return on_quota(counters, std::move(request)); });
    server.on(rpcd::upload_file, [counters](auto stream) { return on_upload(counters, std::move(stream)); });
    server.on(rpcd::download_file, [counters](auto request, auto stream) {
        return on_download(counters, std::move(request), std::move(stream));
    });
    server.on(rpcd::acquire_job,
              [counters](auto request) { return on_acquire(counters, std::move(request)); });
    server.on(rpc::provisioner::session, on_session);
}

}  // namespace berth::interop
