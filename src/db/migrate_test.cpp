#include "db/migrate.h"

#include <future>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "db/db_testing.h"

namespace berth::db {
namespace {

base::Logger quiet() { return base::Logger("migrate"); }

TEST(Migrate, twice_changes_nothing) {
    net::Runtime runtime(1);
    auto url = testing::database_url(testing::make_empty_database());
    for (int i = 0; i < 2; ++i) {
        auto migrated = runtime.run(migrate(runtime, url, quiet()));
        EXPECT_TRUE(migrated.ok()) << migrated.error().to_string();
    }
}

TEST(Migrate, servers_that_start_together_take_turns) {
    net::Runtime runtime(2, 4);
    auto url = testing::database_url(testing::make_empty_database());
    std::vector<std::future<Result<void>>> servers;
    for (std::size_t i = 0; i < 4; ++i) {
        servers.push_back(
            asio::co_spawn(runtime.executor(i % 2), migrate(runtime, url, quiet()), asio::use_future));
    }
    for (auto& server : servers) {
        auto migrated = server.get();
        EXPECT_TRUE(migrated.ok()) << migrated.error().to_string();
    }
}

TEST(Migrate, refuses_a_newer_database) {
    net::Runtime runtime(1);
    testing::TestDatabase database(runtime);
    database.sql("INSERT INTO schema_migrations (version, name) VALUES (" +
                 std::to_string(latest_migration() + 1) + ", 'future')");
    auto migrated = runtime.run(migrate(runtime, database.url(), quiet()));
    ASSERT_FALSE(migrated.ok());
    EXPECT_EQ(migrated.error().code(), ErrorCode::failed_precondition);
}

TEST(Migrate, a_migration_that_fails_leaves_nothing_behind) {
    net::Runtime runtime(1);
    testing::TestDatabase database(runtime);
    // The third one makes its types and a table, and then meets an index that is there already.
    database.sql("DELETE FROM schema_migrations WHERE version >= 3");
    for (const char* type : {"automatic_updates", "workspace_transition", "build_reason"})
        database.sql("ALTER TYPE " + std::string(type) + " RENAME TO old_" + type);
    database.sql("ALTER TABLE workspaces RENAME TO old_workspaces");
    auto migrated = runtime.run(migrate(runtime, database.url(), quiet()));
    ASSERT_FALSE(migrated.ok());
    EXPECT_EQ(database.sql("SELECT count(*) FROM schema_migrations"), "2");
    EXPECT_NE(migrated.error().to_string().find("workspaces_owner_name_key"), std::string::npos)
        << migrated.error().to_string();
    EXPECT_EQ(database.sql("SELECT to_regclass('workspaces') IS NULL AND to_regtype('build_reason') IS NULL"),
              "t");
}

TEST(Migrate, an_unreachable_server_is_unavailable_and_tells_no_password) {
    net::Runtime runtime(1);
    SecretString url("host=/nonexistent user=x password=hunter2 dbname=y");
    auto migrated = runtime.run(migrate(runtime, url, quiet()));
    ASSERT_FALSE(migrated.ok());
    EXPECT_EQ(migrated.error().code(), ErrorCode::unavailable);
    EXPECT_EQ(migrated.error().to_string().find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace berth::db
