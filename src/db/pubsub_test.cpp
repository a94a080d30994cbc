#include "db/pubsub.h"

#include <gtest/gtest.h>

#include "db/db_testing.h"

namespace berth::db {
namespace {

asio::awaitable<Result<void>> publish_all(Pubsub* pubsub, std::string channel,
                                          std::vector<std::string> payloads) {
    for (auto& payload : payloads) {
        auto published = co_await pubsub->publish(channel, payload);
        if (!published) co_return published;
    }
    co_return Result<void>();
}

class PubsubTest : public ::testing::Test {
protected:
    net::Runtime runtime_{2};
    testing::TestDatabase database_{runtime_};
};

asio::awaitable<void> tell_and_hear(Pubsub* pubsub) {
    auto first = co_await pubsub->subscribe("workspace:a");
    auto second = co_await pubsub->subscribe("workspace:a");
    auto foreign = co_await pubsub->subscribe("Odd \"channel\"");
    EXPECT_TRUE(first.ok() && second.ok() && foreign.ok());
    std::vector<std::string> payloads{"one", "", "two \"quoted\""};
    auto published = co_await publish_all(pubsub, "workspace:a", payloads);
    EXPECT_TRUE(published.ok());
    for (std::size_t i = 0; i < 2 * payloads.size(); ++i) {
        auto& audience = i < payloads.size() ? *first : *second;
        auto message = co_await audience->next();
        EXPECT_TRUE(message.ok());
        EXPECT_EQ(message->payload, payloads[i % payloads.size()]);
        EXPECT_FALSE(message->maybe_lost);
    }
    published = co_await pubsub->publish("Odd \"channel\"", "three");
    EXPECT_TRUE(published.ok());
    auto message = co_await (*foreign)->next();
    EXPECT_EQ(message->payload, "three");
}

TEST_F(PubsubTest, every_subscriber_hears_everything_in_order) {
    runtime_.run(tell_and_hear(&database_.pubsub()));
}

asio::awaitable<void> refuse(Pubsub* pubsub) {
    for (std::size_t length : std::vector<std::size_t>{0, 64}) {
        std::string bad(length, 'x');
        auto subscription = co_await pubsub->subscribe(bad);
        EXPECT_FALSE(subscription.ok());
    }
    std::string big(Pubsub::payload_limit + 1, 'x');
    auto published = co_await pubsub->publish("c", big);
    EXPECT_FALSE(published.ok());
    EXPECT_EQ(published.error().code(), ErrorCode::too_large);
}

TEST_F(PubsubTest, refuses_names_and_payloads_that_postgres_would_cut) {
    runtime_.run(refuse(&database_.pubsub()));
}

asio::awaitable<void> overflow(Pubsub* pubsub) {
    auto slow = co_await pubsub->subscribe("busy");
    auto fast = co_await pubsub->subscribe("busy");
    std::size_t sent = Pubsub::queue_limit + 20;
    for (std::size_t i = 0; i < sent; ++i) {
        auto published = co_await pubsub->publish("busy", std::to_string(i));
        EXPECT_TRUE(published.ok());
        auto heard = co_await (*fast)->next();
        EXPECT_EQ(heard->payload, std::to_string(i));
    }
    std::size_t heard = 0;
    while (true) {
        auto message = co_await (*slow)->next();
        if (message->maybe_lost) break;
        EXPECT_EQ(message->payload, std::to_string(heard));
        ++heard;
    }
    EXPECT_EQ(heard, Pubsub::queue_limit);
}

TEST_F(PubsubTest, a_slow_subscriber_is_told_that_it_missed_something) {
    runtime_.run(overflow(&database_.pubsub()));
}

asio::awaitable<Result<int>> notify_and_fail(Transaction& transaction, bool fail) {
    std::string payload = fail ? "never" : "committed";
    auto sent = co_await transaction.notify("tx", payload);
    if (!sent) co_return sent.error();
    if (fail) co_return invalid_argument("no");
    co_return 0;
}

asio::awaitable<void> only_what_is_committed(Store* store, Pubsub* pubsub) {
    auto subscription = co_await pubsub->subscribe("tx");
    auto failed = co_await store->transaction({}, notify_and_fail, true);
    EXPECT_FALSE(failed.ok());
    auto done = co_await store->transaction({}, notify_and_fail, false);
    EXPECT_TRUE(done.ok());
    auto message = co_await (*subscription)->next();
    EXPECT_EQ(message->payload, "committed");
}

TEST_F(PubsubTest, a_transaction_tells_only_what_it_commits) {
    runtime_.run(only_what_is_committed(&database_.store(), &database_.pubsub()));
}

asio::awaitable<void> lose_connection(Store* store, Pubsub* pubsub) {
    auto subscription = co_await pubsub->subscribe("news");
    Command kill{.text =
                     "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                     "WHERE datname = current_database() AND pid <> pg_backend_pid()"};
    auto killed = co_await store->execute(std::move(kill));
    EXPECT_TRUE(killed.ok());
    auto warning = co_await (*subscription)->next();
    EXPECT_TRUE(warning.ok());
    EXPECT_TRUE(warning->maybe_lost);
    auto published = co_await pubsub->publish("news", "after");
    EXPECT_TRUE(published.ok());
    auto message = co_await (*subscription)->next();
    EXPECT_EQ(message->payload, "after");
}

TEST_F(PubsubTest, connects_again_and_says_that_something_may_be_missing) {
    runtime_.run(lose_connection(&database_.store(), &database_.pubsub()));
}

asio::awaitable<std::string> leave_and_come_back(Pubsub* pubsub) {
    for (int i = 0; i < 50; ++i) {
        auto subscription = co_await pubsub->subscribe("door");
        if (!subscription) co_return subscription.error().to_string();
        auto published = co_await pubsub->publish("door", std::to_string(i));
        if (!published) co_return published.error().to_string();
        auto message = co_await (*subscription)->next();
        if (!message.ok() || message->payload != std::to_string(i)) co_return "wrong message";
    }
    co_return "";
}

TEST_F(PubsubTest, leaving_and_coming_back_at_once_loses_nothing) {
    EXPECT_EQ(runtime_.run(leave_and_come_back(&database_.pubsub())), "");
}

}  // namespace
}  // namespace berth::db
