#include "db/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include "db/db_testing.h"
#include "net/task_group.h"

namespace berth::db {
namespace {

using rbac::Actor;
using rbac::SystemActor;

const Actor& bootstrap() { return Actor::system(SystemActor::bootstrap); }
const base::Time now = base::Time(std::chrono::microseconds(1'700'000'000'123'456));

InsertUserParams user_params(std::string name) {
    return {.id = Uuid::random(),
            .email = name + "@example.com",
            .username = name,
            .name = "A \"quoted\" näme\\",
            .avatar_url = "",
            .status = UserStatus::active,
            .login_type = LoginType::password,
            .rbac_roles = {"owner", "with,comma", "with\"quote", "{brace}", "back\\slash", ""},
            .created_at = now};
}

Actor member(const Uuid& id, std::vector<rbac::OrganizationRoles> memberships = {}) {
    return Actor::user(id, "somebody", {}, memberships, {}, rbac::Scope::all());
}

class StoreTest : public ::testing::Test {
protected:
    net::Runtime runtime_{2};
    testing::TestDatabase database_{runtime_};
    Store& store_ = database_.store();
};

TEST_F(StoreTest, reads_back_what_was_written) {
    auto params = user_params("ann");
    auto inserted = runtime_.run(store_.insert_user(bootstrap(), params));
    ASSERT_TRUE(inserted.ok()) << inserted.error().to_string();
    auto user = runtime_.run(store_.get_user_by_id(bootstrap(), params.id));
    ASSERT_TRUE(user.ok()) << user.error().to_string();
    EXPECT_EQ(user->name, params.name);
    EXPECT_EQ(user->rbac_roles, params.rbac_roles);
    EXPECT_EQ(user->created_at, now);
    EXPECT_EQ(user->status, UserStatus::active);
    EXPECT_EQ(base::format_rfc3339(user->last_seen_at), "0001-01-01T00:00:00Z");
    auto count = runtime_.run(store_.count_users(bootstrap()));
    ASSERT_TRUE(count.ok());
    EXPECT_EQ(*count, 1);
}

TEST_F(StoreTest, a_taken_name_is_a_conflict_that_names_the_constraint) {
    ASSERT_TRUE(runtime_.run(store_.insert_user(bootstrap(), user_params("ann"))).ok());
    auto again = user_params("ANN");
    again.email = "other@example.com";
    auto second = runtime_.run(store_.insert_user(bootstrap(), again));
    ASSERT_FALSE(second.ok());
    EXPECT_TRUE(is_conflict(second.error(), "users_username_key")) << second.error().to_string();
}

TEST_F(StoreTest, a_reference_to_nothing_is_a_failed_precondition) {
    auto link = runtime_.run(store_.insert_organization_member(
        bootstrap(), {.organization_id = Uuid::random(), .user_id = Uuid::random(), .created_at = now}));
    ASSERT_FALSE(link.ok());
    EXPECT_EQ(link.error().code(), ErrorCode::failed_precondition) << link.error().to_string();
}

TEST_F(StoreTest, text_that_postgres_cannot_hold_is_an_invalid_argument) {
    for (const auto& bad : {std::string("nul\0byte", 8), std::string("\xff\xfe")}) {
        auto params = user_params("bad");
        params.name = bad;
        auto result = runtime_.run(store_.insert_user(bootstrap(), params));
        ASSERT_FALSE(result.ok());
        EXPECT_EQ(result.error().code(), ErrorCode::invalid_argument) << result.error().to_string();
    }
    EXPECT_TRUE(runtime_.run(store_.insert_user(bootstrap(), user_params("good"))).ok());
}

TEST_F(StoreTest, policies_refuse) {
    auto ann = user_params("ann");
    ASSERT_TRUE(runtime_.run(store_.insert_user(bootstrap(), ann)).ok());
    Actor nobody;
    Actor stranger = member(Uuid::random());
    // A system actor that the statement does not name.
    EXPECT_EQ(runtime_.run(store_.count_users(Actor::system(SystemActor::agent))).error().code(),
              ErrorCode::permission_denied);
    // Not allowed to create, told so.
    EXPECT_EQ(runtime_.run(store_.insert_user(stranger, user_params("eve"))).error().code(),
              ErrorCode::permission_denied);
    // Not allowed to read, so it is not there.
    EXPECT_EQ(runtime_.run(store_.get_user_by_id(nobody, ann.id)).error().code(), ErrorCode::not_found);
    auto missing = runtime_.run(store_.get_user_by_id(bootstrap(), Uuid::random()));
    EXPECT_EQ(missing.error().message(),
              runtime_.run(store_.get_user_by_id(nobody, ann.id)).error().message());
    // What may not be read is not there for a change either.
    EXPECT_EQ(
        runtime_.run(store_.update_user_status(nobody, UserStatus::suspended, now, ann.id)).error().code(),
        ErrorCode::not_found);
    // Lists leave it out.
    auto list = runtime_.run(store_.list_users(nobody, ListUsersParams{}));
    ASSERT_TRUE(list.ok()) << list.error().to_string();
    EXPECT_TRUE(list->empty());
    auto all = runtime_.run(store_.list_users(bootstrap(), ListUsersParams{}));
    ASSERT_TRUE(all.ok()) << all.error().to_string();
    ASSERT_EQ(all->size(), 1u);
    EXPECT_EQ(all->front().user.username, "ann");
    EXPECT_EQ(all->front().total_count, 1);
}

asio::awaitable<void> count_or_fail(Store* store, int* good, int* bad, bool fail) {
    if (fail) {
        Command command{.text = "SELECT 1 / $1::integer"};
        command.arguments.add(std::int32_t{0});
        auto result = co_await store->execute(std::move(command));
        *bad += !result.ok() && result.error().code() == ErrorCode::invalid_argument;
    } else {
        auto count = co_await store->count_users(bootstrap());
        *good += count.ok() && *count == 0;
    }
}

TEST_F(StoreTest, one_failing_statement_of_a_pipeline_does_not_touch_the_others) {
    int good = 0;
    int bad = 0;
    auto body = [](net::TaskGroup& group, Store* store, int* g, int* b) -> asio::awaitable<void> {
        for (int i = 0; i < 300; ++i)
            group.spawn("statement", count_or_fail(store, g, b, i % 3 == 0));
        co_await group.join();
    };
    runtime_.run(net::TaskGroup::scope(base::Logger("test"), body, &store_, &good, &bad));
    EXPECT_EQ(good, 200);
    EXPECT_EQ(bad, 100);
}

asio::awaitable<Result<Uuid>> insert_two(Transaction& transaction, const std::string& first,
                                         const std::string& second) {
    auto params = user_params(first);
    auto one = co_await transaction.insert_user(bootstrap(), params);
    if (!one) co_return one.error();
    auto other = user_params(second);
    auto two = co_await transaction.insert_user(bootstrap(), other);
    // Whoever ignores a failure does not get away with it.
    co_return one->id;
}

TEST_F(StoreTest, a_failed_statement_ends_its_transaction_with_its_error) {
    auto failed = runtime_.run(store_.transaction({}, insert_two, std::string("ann"), std::string("ann")));
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code(), ErrorCode::conflict);
    EXPECT_EQ(database_.sql("SELECT count(*) FROM users WHERE NOT is_system"), "0");
    auto done = runtime_.run(store_.transaction({}, insert_two, std::string("ann"), std::string("bob")));
    ASSERT_TRUE(done.ok()) << done.error().to_string();
    EXPECT_EQ(database_.sql("SELECT count(*) FROM users WHERE NOT is_system"), "2");
}

asio::awaitable<Result<int>> add_one(Transaction& transaction, int* runs) {
    ++*runs;
    Command read{.text = "SELECT value FROM site_configs WHERE key = 'n'"};
    auto value = co_await transaction.execute(std::move(read));
    if (!value) co_return value.error();
    std::string text;
    RowReader(*value, 0).read(text);
    Command write{.text = "UPDATE site_configs SET value = $1 WHERE key = 'n'"};
    write.arguments.add(std::to_string(std::stoi(text) + 1));
    auto written = co_await transaction.execute(std::move(write));
    if (!written) co_return written.error();
    co_return 0;
}

asio::awaitable<void> add_one_in_transaction(Store* store, int* runs, int* failures) {
    TransactionOptions options{.isolation = Isolation::serializable, .attempts = 60};
    auto result = co_await store->transaction(options, add_one, runs);
    if (!result) ++*failures;
}

TEST_F(StoreTest, transactions_that_get_in_each_others_way_run_again) {
    database_.sql("INSERT INTO site_configs VALUES ('n', '0')");
    int runs = 0;
    int failures = 0;
    auto body = [](net::TaskGroup& group, Store* store, int* r, int* f) -> asio::awaitable<void> {
        for (int i = 0; i < 20; ++i)
            group.spawn("transaction", add_one_in_transaction(store, r, f));
        co_await group.join();
    };
    runtime_.run(net::TaskGroup::scope(base::Logger("test"), body, &store_, &runs, &failures));
    EXPECT_EQ(failures, 0);
    EXPECT_GT(runs, 20);
    EXPECT_EQ(database_.sql("SELECT value FROM site_configs WHERE key = 'n'"), "20");
}

asio::awaitable<Result<bool>> take_lock_of_other(Transaction& transaction, Store* store) {
    auto mine = co_await transaction.lock("chore");
    if (!mine) co_return mine.error();
    auto body = [](Transaction& other) -> asio::awaitable<Result<bool>> {
        auto locked = co_await other.try_lock("chore");
        co_return locked;
    };
    auto second = co_await store->transaction({}, body);
    co_return second;
}

TEST_F(StoreTest, a_lock_is_held_by_one_transaction) {
    auto held = runtime_.run(store_.transaction({}, take_lock_of_other, &store_));
    ASSERT_TRUE(held.ok()) << held.error().to_string();
    EXPECT_FALSE(*held);
}

asio::awaitable<Result<int>> throw_after_insert(Transaction& transaction) {
    auto params = user_params("ghost");
    auto inserted = co_await transaction.insert_user(bootstrap(), params);
    if (!inserted) co_return inserted.error();
    throw std::runtime_error("broken");
}

TEST_F(StoreTest, an_exception_rolls_back) {
    EXPECT_THROW((void)runtime_.run(store_.transaction({}, throw_after_insert)), std::runtime_error);
    // More often than there are connections: none is lost.
    for (int i = 0; i < 20; ++i) {
        EXPECT_THROW((void)runtime_.run(store_.transaction({}, throw_after_insert)), std::runtime_error);
    }
    EXPECT_EQ(database_.sql("SELECT count(*) FROM users WHERE username = 'ghost'"), "0");
}

asio::awaitable<void> sleep_in_transaction(Store* store, bool* ended) {
    struct Mark {
        bool* flag;
        ~Mark() { *flag = true; }
    } mark{ended};
    auto body = [](Transaction& transaction) -> asio::awaitable<Result<int>> {
        Command command{.text = "SELECT pg_sleep(25)::text"};
        auto result = co_await transaction.execute(std::move(command));
        if (!result) co_return result.error();
        co_return 0;
    };
    auto result = co_await store->transaction({}, body);
    EXPECT_FALSE(result.ok());
}

asio::awaitable<Result<std::int64_t>> sleepers(Store* store) {
    Command command{
        .text =
            "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%pg_sleep(25)%' "
            "AND pid <> pg_backend_pid() AND datname = current_database()"};
    auto result = co_await store->execute(std::move(command));
    if (!result) co_return result.error();
    std::int64_t count = -1;
    RowReader(*result, 0).read(count);
    co_return count;
}

asio::awaitable<void> until_sleepers(Store* store, std::int64_t wanted) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (std::chrono::steady_clock::now() < deadline) {
        auto count = co_await sleepers(store);
        if (count.ok() && *count == wanted) co_return;
    }
    ADD_FAILURE() << "never " << wanted << " sleeping statements";
}

TEST_F(StoreTest, cancelling_stops_the_statement_on_the_server) {
    bool ended = false;
    auto body = [](net::TaskGroup& group, Store* store, bool* flag) -> asio::awaitable<void> {
        group.spawn("sleeper", sleep_in_transaction(store, flag));
        co_await until_sleepers(store, 1);
        group.cancel();
        co_await group.join();
        co_await until_sleepers(store, 0);
    };
    auto begin = std::chrono::steady_clock::now();
    runtime_.run(net::TaskGroup::scope(base::Logger("test"), body, &store_, &ended));
    EXPECT_TRUE(ended);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15));
}

TEST(StoreTimeout, a_slow_statement_is_given_up) {
    net::Runtime runtime(1);
    testing::TestDatabase database(runtime, {.url = {}, .statement_timeout = std::chrono::milliseconds(100)});
    auto slow = [](Store* store) -> asio::awaitable<Result<ResultSet>> {
        Command command{.text = "SELECT pg_sleep(20)::text"};
        auto result = co_await store->execute(std::move(command));
        co_return result;
    };
    auto result = runtime.run(slow(&database.store()));
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code(), ErrorCode::deadline_exceeded) << result.error().to_string();
    EXPECT_TRUE(runtime.run(database.store().count_users(bootstrap())).ok());
}

TEST(StorePrepared, more_texts_than_are_kept_prepared) {
    net::Runtime runtime(1);
    testing::TestDatabase database(runtime, {.url = {}, .shared_connections = 1});
    auto many = [](Store* store) -> asio::awaitable<int> {
        int good = 0;
        for (int round = 0; round < 2; ++round) {
            for (int i = 0; i < 450; ++i) {
                Command command{.text = "SELECT " + std::to_string(i) + "::bigint"};
                auto result = co_await store->execute(std::move(command));
                std::int64_t value = -1;
                if (result.ok()) RowReader(*result, 0).read(value);
                good += value == i;
            }
        }
        co_return good;
    };
    EXPECT_EQ(runtime.run(many(&database.store())), 900);
}

asio::awaitable<void> load(Store* store, std::atomic<bool>* stop, std::atomic<int>* good,
                           std::atomic<int>* refused, std::atomic<int>* wrong) {
    while (!*stop) {
        auto count = co_await store->count_users(bootstrap());
        if (count.ok()) {
            ++*good;
        } else if (count.error().code() == ErrorCode::unavailable) {
            ++*refused;
            asio::steady_timer pause(co_await asio::this_coro::executor, std::chrono::milliseconds(5));
            co_await pause.async_wait(asio::use_awaitable);
        } else {
            ADD_FAILURE() << count.error().to_string();
            ++*wrong;
        }
    }
}

void wait_for(const std::function<bool()>& condition) {
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        ASSERT_LT(std::chrono::steady_clock::now(), deadline);
        std::this_thread::yield();
    }
}

TEST(StoreRestart, fails_with_unavailable_while_postgres_restarts_and_recovers_by_itself) {
    testing::TestCluster cluster;
    net::Runtime runtime(2);
    Store store(runtime, {.url = cluster.cluster().url("berth")}, base::Logger("store"));
    auto prepared = runtime.run([](Store* each) -> asio::awaitable<Result<ResultSet>> {
        Command command{
            .text = "CREATE TABLE users (deleted boolean DEFAULT false, is_system boolean DEFAULT false)"};
        auto result = co_await each->execute(std::move(command));
        co_return result;
    }(&store));
    ASSERT_TRUE(prepared.ok()) << prepared.error().to_string();
    std::atomic<bool> stop = false;
    std::atomic<int> good = 0;
    std::atomic<int> refused = 0;
    std::atomic<int> wrong = 0;
    std::vector<std::future<void>> workers;
    for (int i = 0; i < 16; ++i) {
        workers.push_back(asio::co_spawn(runtime.executor(static_cast<std::size_t>(i % 2)),
                                         load(&store, &stop, &good, &refused, &wrong), asio::use_future));
    }
    wait_for([&] { return good > 100; });
    cluster.restart();
    int before = good;
    wait_for([&] { return good > before + 100; });
    stop = true;
    for (auto& worker : workers)
        worker.get();
    EXPECT_GT(refused, 0);
    EXPECT_EQ(wrong, 0);
    runtime.run(store.close());
}

}  // namespace
}  // namespace berth::db
