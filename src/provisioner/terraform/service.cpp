#include "provisioner/terraform/service.h"

#include "rpc/provisioner.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;
using Rpc = drpc::Duplex<pb::Response, pb::Request>;

class RpcChannel final : public SessionChannel {
public:
    explicit RpcChannel(Rpc rpc) : rpc_(std::move(rpc)) {}
    asio::awaitable<Result<std::optional<pb::Request>>> recv() override { return rpc_.recv(); }
    asio::awaitable<Result<void>> send(pb::Response response) override { return rpc_.send(response); }

private:
    Rpc rpc_;
};

asio::awaitable<Result<void>> serve(Rpc rpc, const SessionOptions* options) {
    RpcChannel channel(std::move(rpc));
    auto done = co_await serve_session(channel, *options);
    co_return done;
}

}  // namespace

void register_provisioner(drpc::Server& server, const SessionOptions& options) {
    server.on(rpc::provisioner::session,
              [options = &options](Rpc rpc) { return serve(std::move(rpc), options); });
}

}  // namespace berth::terraform
