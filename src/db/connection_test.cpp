#include "db/connection.h"

#include <gtest/gtest.h>

#include "db/db_testing.h"
#include "net/task_group.h"

namespace berth::db {
namespace {

struct Open {
    net::TaskGroup& group;
    ConnectionOptions options;

    asio::awaitable<std::shared_ptr<Connection>> connect() {
        auto connection = co_await Connection::connect(options);
        EXPECT_TRUE(connection.ok());
        if (!connection) co_return nullptr;
        group.spawn("reader", Connection::read_loop(*connection));
        group.spawn("writer", Connection::write_loop(*connection));
        co_return *connection;
    }
};

asio::awaitable<std::string> first_value(Connection& connection, std::string text) {
    Command command{.text = std::move(text), .prepare = false};
    auto result = co_await connection.execute(std::move(command));
    EXPECT_TRUE(result.ok()) << (result ? "" : result.error().to_string());
    if (!result) co_return "";
    auto cell = result->cell(0, 0);
    co_return cell ? std::string(*cell) : "";
}

asio::awaitable<void> lose_and_connect(net::TaskGroup& group, ConnectionOptions* options,
                                       testing::TestDatabase* database) {
    Open open{group, *options};
    auto lost = co_await open.connect();
    auto pid = co_await first_value(*lost, "SELECT pg_backend_pid()::text");
    database->sql("SELECT pg_terminate_backend(" + pid + ")");
    co_await lost->wait_closed();
    // The numbers of the lost sockets are free again, and are taken here.
    auto next = co_await open.connect();
    auto other = co_await open.connect();
    lost.reset();
    for (int i = 0; i < 3; ++i) {
        auto one = co_await first_value(*next, "SELECT 'next'");
        EXPECT_EQ(one, "next");
        auto two = co_await first_value(*other, "SELECT 'other'");
        EXPECT_EQ(two, "other");
    }
    next->close();
    other->close();
    co_await group.join();
}

TEST(ConnectionTest, the_end_of_a_lost_connection_does_not_deafen_the_next) {
    net::Runtime runtime(1, 1);
    testing::TestDatabase database(runtime);
    ConnectionOptions options{.url = database.url(),
                              .statement_timeout = std::chrono::seconds(2),
                              .connect_timeout = std::chrono::seconds(10),
                              .workers = runtime.workers()};
    runtime.run(net::TaskGroup::scope(base::Logger("test"), lose_and_connect, &options, &database));
}

}  // namespace
}  // namespace berth::db
