#include "provisionerd/websocket_connector.h"

#include <gtest/gtest.h>

#include "net/drpc/client.h"
#include "net/drpc/server.h"
#include "net/http/server.h"
#include "net/runtime.h"
#include "net/task_group.h"
#include "rpc/provisionerd.h"

namespace berth::provisionerd {
namespace {

TEST(ServeTarget, CarriesVersionNameKindsAndTags) {
    ServerAddress address;
    address.organization = "a b";
    address.daemon_name = "one&two";
    address.provisioners = {"terraform", "echo"};
    address.tags = {{"scope", "organization"}, {"zone", "é=1"}};
    EXPECT_EQ(serve_target(address),
              "/api/v2/organizations/a%20b/provisionerdaemons/serve?version=1.17&name=one%26two"
              "&provisioner=terraform&provisioner=echo&tag=scope%3Dorganization&tag=zone%3D%C3%A9%3D1");
}

asio::awaitable<Result<::provisionerd::AcquiredJob>> on_acquire(::provisionerd::Empty) {
    ::provisionerd::AcquiredJob acquired;
    acquired.set_job_id("over the web");
    co_return acquired;
}

asio::awaitable<void> serve_session(net::TaskGroup& group, drpc::Server* server, yamux::SessionPtr session) {
    group.spawn("yamux", session->run());
    co_await server->serve_session(*session);
}

asio::awaitable<void> serve(drpc::Server* server, http::WebSocketPtr socket) {
    auto executor = co_await asio::this_coro::executor;
    auto stream = http::stream_from_websocket(std::move(socket));
    auto session = yamux::Session::create(executor, std::move(stream), yamux::Role::server);
    co_await net::TaskGroup::scope(base::Logger("test"), serve_session, server, session);
}

class KeyServer final : public http::Handler {
public:
    KeyServer() : rpc(base::Logger("test")) { rpc.on(rpc::provisionerd::acquire_job, on_acquire); }
    std::size_t body_limit(const http::Request&) const override { return 0; }
    asio::awaitable<http::Response> handle(http::Request& request) override {
        if (request.headers.get("Coder-Provisioner-Daemon-Key") != "right")
            co_return http::Response::json(401, R"({"message":"no such key"})");
        drpc::Server* server = &rpc;
        co_return http::Response::websocket(
            [server](http::WebSocketPtr socket) { return serve(server, std::move(socket)); });
    }
    drpc::Server rpc;
};

asio::awaitable<void> call_acquire(net::TaskGroup& group, Connector connect, std::string* result) {
    auto session = co_await connect();
    if (!session) {
        *result = session.error().message();
        co_return;
    }
    group.spawn("yamux", (*session)->run());
    auto client = drpc::Client::over(*session);
    auto acquired = co_await client.call(rpc::provisionerd::acquire_job, ::provisionerd::Empty());
    *result = acquired ? acquired->job_id() : acquired.error().to_string();
    (*session)->close();
    co_await (*session)->closed();
}

TEST(WebsocketConnector, SpeaksToAServerThatKnowsTheKey) {
    net::Runtime runtime(1);
    KeyServer handler;
    auto server = http::Server::create(runtime, handler, http::Limits(), base::Logger("test"));
    auto port = server->listen("127.0.0.1:0");
    ASSERT_TRUE(port.ok());
    ServerAddress address;
    address.url.scheme = "http";
    address.url.host = "127.0.0.1";
    address.url.port = *port;
    const std::pair<const char*, const char*> cases[] = {{"right", "over the web"},
                                                         {"wrong", "the server answered 401: no such key"}};
    for (auto [key, expected] : cases) {
        address.key = SecretString(key);
        std::string result;
        auto connector = websocket_connector(runtime.executor(), address);
        runtime.run(net::TaskGroup::scope(base::Logger("test"), call_acquire, connector, &result));
        EXPECT_EQ(result, expected);
    }
    runtime.run(server->drain(std::chrono::seconds(2)));
}

}  // namespace
}  // namespace berth::provisionerd
