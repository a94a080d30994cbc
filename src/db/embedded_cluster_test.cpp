#include "db/embedded_cluster.h"

#include <csignal>
#include <fstream>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/connection.h"
#include "db/db_testing.h"
#include "net/task_group.h"

#include <boost/asio/steady_timer.hpp>

namespace berth::db {
namespace {

namespace fs = std::filesystem;

std::string ask(const SecretString& url, const std::string& text) {
    net::Runtime runtime(1);
    Store store(runtime, {.url = url}, base::Logger("store"));
    auto body = [](Store* each, const std::string* sql) -> asio::awaitable<std::string> {
        Command command{.text = *sql, .prepare = false};
        auto result = co_await each->execute(std::move(command));
        if (!result) co_return result.error().to_string();
        std::string value;
        if (result->rows() > 0) RowReader(*result, 0).read(value);
        co_return value;
    };
    auto value = runtime.run(body(&store, &text));
    runtime.run(store.close());
    return value;
}

std::unique_ptr<EmbeddedCluster> start(net::Runtime& runtime, const fs::path& directory) {
    auto cluster = runtime.run(
        EmbeddedCluster::start({.directory = directory, .durable = false}, base::Logger("cluster")));
    EXPECT_TRUE(cluster.ok()) << cluster.error().to_string();
    return cluster.ok() ? std::move(*cluster) : nullptr;
}

class ClusterTest : public ::testing::Test {
protected:
    ClusterTest() {
        auto pattern = (fs::temp_directory_path() / "berth-cluster-XXXXXX").string();
        directory_ = ::mkdtemp(pattern.data());
        fs::permissions(directory_, fs::perms::others_exec, fs::perm_options::add);
    }
    ~ClusterTest() override { fs::remove_all(directory_); }

    net::Runtime runtime_{1};
    fs::path directory_;
};

TEST_F(ClusterTest, keeps_its_data_over_a_stop_and_a_start) {
    auto cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    EXPECT_EQ(ask(cluster->url(), "CREATE TABLE kept (x text)"), "");
    runtime_.run(cluster->stop());
    cluster.reset();
    cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    EXPECT_EQ(ask(cluster->url(), "SELECT count(*)::text FROM kept"), "0");
    EXPECT_EQ(ask(cluster->url(), "SHOW listen_addresses"), "");
    runtime_.run(cluster->stop());
}

asio::awaitable<void> until_answered(EmbeddedCluster& cluster, pid_t killed, std::string& answer) {
    auto executor = co_await asio::this_coro::executor;
    ConnectionOptions options{.url = cluster.url(),
                              .statement_timeout = std::chrono::seconds(10),
                              .connect_timeout = std::chrono::seconds(5),
                              .workers = executor};
    asio::steady_timer timer(executor);
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < deadline) {
        auto connection = co_await Connection::connect(options);
        if (connection && ::kill(killed, 0) != 0) {
            answer = "up";
            co_return;
        }
        timer.expires_after(std::chrono::milliseconds(20));
        co_await timer.async_wait(asio::use_awaitable);
    }
}

asio::awaitable<void> kill_and_watch(net::TaskGroup& group, EmbeddedCluster& cluster, std::string& answer) {
    group.spawn("supervisor", cluster.supervise());
    pid_t pid = cluster.pid();
    ::kill(pid, SIGKILL);
    co_await until_answered(cluster, pid, answer);
}

TEST_F(ClusterTest, is_started_again_when_it_was_killed) {
    auto cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    EXPECT_EQ(ask(cluster->url(), "CREATE TABLE kept (x text)"), "");
    // This cluster does not sync what it commits.
    EXPECT_EQ(ask(cluster->url(), "CHECKPOINT"), "");
    std::string answer;
    auto body = [](EmbeddedCluster* each, std::string* text) -> asio::awaitable<void> {
        co_await net::TaskGroup::scope(base::Logger("cluster"), kill_and_watch, std::ref(*each),
                                       std::ref(*text));
    };
    runtime_.run(body(cluster.get(), &answer));
    EXPECT_EQ(answer, "up");
    EXPECT_EQ(ask(cluster->url(), "SELECT count(*)::text FROM kept"), "0");
    runtime_.run(cluster->stop());
}

TEST_F(ClusterTest, a_folder_serves_one_server) {
    auto cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    auto second = runtime_.run(
        EmbeddedCluster::start({.directory = directory_, .durable = false}, base::Logger("cluster")));
    EXPECT_FALSE(second.ok());
    EXPECT_EQ(ask(cluster->url(), "SELECT 'alive'"), "alive");
    runtime_.run(cluster->stop());
}

/// Starts a cluster in a process of its own and kills that with SIGKILL, as a crash or the OOM killer would.
pid_t orphan_postgres(const fs::path& directory) {
    int ready[2];
    EXPECT_EQ(::pipe2(ready, O_CLOEXEC), 0);
    pid_t server = ::fork();
    if (server == 0) {
        net::Runtime runtime(1);
        auto cluster = runtime.run(
            EmbeddedCluster::start({.directory = directory, .durable = false}, base::Logger("cluster")));
        pid_t pid = cluster.ok() ? (*cluster)->pid() : -1;
        if (::write(ready[1], &pid, sizeof pid) != sizeof pid) ::_exit(1);
        while (true)
            ::pause();
    }
    ::close(ready[1]);
    pid_t postgres = -1;
    EXPECT_EQ(::read(ready[0], &postgres, sizeof postgres), static_cast<ssize_t>(sizeof postgres));
    ::kill(server, SIGKILL);
    ::waitpid(server, nullptr, 0);
    ::close(ready[0]);
    return postgres;
}

TEST_F(ClusterTest, starts_again_after_its_server_was_killed) {
    pid_t orphan = orphan_postgres(directory_);
    ASSERT_GT(orphan, 1);
    EXPECT_EQ(::kill(orphan, 0), 0) << "PostgreSQL should have outlived the server";
    auto cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    EXPECT_NE(cluster->pid(), orphan);
    EXPECT_EQ(ask(cluster->url(), "SELECT 'alive'"), "alive");
    runtime_.run(cluster->stop());
}

TEST_F(ClusterTest, starts_again_after_postgres_was_killed) {
    auto cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    EXPECT_EQ(ask(cluster->url(), "CREATE TABLE kept (x text)"), "");
    ::kill(cluster->pid(), SIGKILL);
    auto restarted = runtime_.run(cluster->restart());
    ASSERT_TRUE(restarted.ok()) << restarted.error().to_string();
    EXPECT_EQ(ask(cluster->url(), "SELECT 'alive'"), "alive");
    runtime_.run(cluster->stop());
}

TEST_F(ClusterTest, a_pid_file_that_names_another_process_harms_nobody) {
    auto cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    runtime_.run(cluster->stop());
    cluster.reset();
    std::ofstream(directory_ / "postgres/data/postmaster.pid") << ::getpid() << "\n";
    cluster = start(runtime_, directory_);
    ASSERT_NE(cluster, nullptr);
    EXPECT_EQ(ask(cluster->url(), "SELECT 'alive'"), "alive");
    runtime_.run(cluster->stop());
}

TEST_F(ClusterTest, a_long_path_gets_a_short_socket) {
    auto deep = directory_ / std::string(90, 'd');
    fs::create_directories(deep);
    auto cluster = start(runtime_, deep);
    ASSERT_NE(cluster, nullptr);
    EXPECT_EQ(ask(cluster->url(), "SELECT 'alive'"), "alive");
    runtime_.run(cluster->stop());
}

}  // namespace
}  // namespace berth::db
