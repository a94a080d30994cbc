#pragma once

#include <memory>
#include <string>

#include "base/uuid.h"
#include "db/embedded_cluster.h"
#include "db/pubsub.h"
#include "db/store.h"
#include "net/runtime.h"

namespace berth::db::testing {

/// A migrated database for one test, cloned in milliseconds from a template in the test program's own
/// throw-away PostgreSQL, and dropped afterwards. Construct and destroy it on the test's thread, not on a
/// loop.
///
///     net::Runtime runtime(1);
///     db::testing::TestDatabase database(runtime);
///     auto count =
///     runtime.run(database.store().count_users(rbac::Actor::system(rbac::SystemActor::bootstrap)));
class TestDatabase {
public:
    explicit TestDatabase(net::Runtime& runtime, StoreOptions options = {});
    ~TestDatabase();
    TestDatabase(const TestDatabase&) = delete;
    TestDatabase& operator=(const TestDatabase&) = delete;

    [[nodiscard]] Store& store() { return *store_; }
    /// Opened when first asked for.
    [[nodiscard]] Pubsub& pubsub();
    [[nodiscard]] SecretString url() const;
    /// Runs statements outside all policies, to arrange what a test needs; aborts the program when they fail.
    /// Blocks. Answers the first value of the first row as text.
    std::string sql(const std::string& text);

private:
    net::Runtime& runtime_;
    std::string name_;
    std::unique_ptr<Store> store_;
    std::unique_ptr<PostgresPubsub> pubsub_;
};

/// An empty database without any table; for tests of migrations.
std::string make_empty_database();
/// The url of a database of the shared cluster.
SecretString database_url(const std::string& name);

/// A cluster of the test's own, which it may stop and kill.
class TestCluster {
public:
    TestCluster();
    ~TestCluster();
    TestCluster(const TestCluster&) = delete;
    TestCluster& operator=(const TestCluster&) = delete;

    [[nodiscard]] EmbeddedCluster& cluster() { return *cluster_; }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    void restart();

private:
    std::filesystem::path directory_;
    net::Runtime runtime_;
    std::unique_ptr<EmbeddedCluster> cluster_;
};

/// As an SQL literal.
std::string quoted(const Uuid& id);

}  // namespace berth::db::testing
