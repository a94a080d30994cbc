#include "db/db_testing.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <fstream>

#include <fcntl.h>
#include <libpq-fe.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/text.h"
#include "db/migrate.h"

namespace berth::db::testing {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void die(const std::string& what) {
    std::fprintf(stderr, "test database: %s\n", what.c_str());
    std::abort();
}

/// Removes what test programs that crashed have left: nobody holds their lock any more.
void remove_leftovers() {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(fs::temp_directory_path(), ignored)) {
        if (!entry.path().filename().string().starts_with("berth-db-test-")) continue;
        auto base = entry.path() / "postgres";
        int lock = ::open((base / "lock").c_str(), O_RDWR | O_CLOEXEC);
        if (lock < 0) continue;
        if (::flock(lock, LOCK_EX | LOCK_NB) == 0) {
            std::ifstream file(base / "data/postmaster.pid");
            std::string line;
            std::getline(file, line);
            auto pid = base::parse_int<pid_t>(base::trim(line));
            std::ifstream command("/proc/" + std::to_string(pid.value_or(0)) + "/cmdline");
            std::string words((std::istreambuf_iterator<char>(command)), std::istreambuf_iterator<char>());
            if (pid && words.find((base / "data").string()) != std::string::npos) ::kill(*pid, SIGQUIT);
            fs::remove_all(entry.path(), ignored);
        }
        ::close(lock);
    }
}

fs::path make_directory() {
    auto pattern = (fs::temp_directory_path() / "berth-db-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) die("mkdtemp");
    // The cluster's user must get through.
    fs::permissions(pattern, fs::perms::others_exec, fs::perm_options::add);
    return pattern;
}

std::unique_ptr<EmbeddedCluster> start(net::Runtime& runtime, const fs::path& directory) {
    ClusterOptions options{.directory = directory, .durable = false};
    auto cluster = runtime.run(EmbeddedCluster::start(std::move(options), base::Logger("cluster")));
    if (!cluster) die(cluster.error().to_string());
    return std::move(*cluster);
}

std::string run_sql(const SecretString& url, const std::string& text) {
    const char* keywords[] = {"dbname", nullptr};
    const char* values[] = {url.reveal().c_str(), nullptr};
    std::unique_ptr<PGconn, decltype(&PQfinish)> connection(PQconnectdbParams(keywords, values, 1),
                                                            &PQfinish);
    if (PQstatus(connection.get()) != CONNECTION_OK) die(PQerrorMessage(connection.get()));
    PQsetNoticeReceiver(
        connection.get(), [](void*, const PGresult*) {}, nullptr);
    std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(connection.get(), text.c_str()), &PQclear);
    auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        die(text + ": " + PQerrorMessage(connection.get()));
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

/// One per test program, from the first test that needs it to the end of the program.
class SharedCluster {
public:
    static SharedCluster& get() {
        static SharedCluster cluster;
        return cluster;
    }
    EmbeddedCluster& cluster() { return *cluster_; }
    std::string next_name() { return "test_" + std::to_string(++count_); }

private:
    SharedCluster() : runtime_(1, 1) {
        remove_leftovers();
        directory_ = make_directory();
        cluster_ = start(runtime_, directory_);
        auto migrated = runtime_.run(migrate(runtime_, cluster_->url(), base::Logger("migrate")));
        if (!migrated) die(migrated.error().to_string());
    }
    ~SharedCluster() {
        runtime_.run(cluster_->stop());
        cluster_.reset();
        std::error_code ignored;
        fs::remove_all(directory_, ignored);
    }

    fs::path directory_;
    net::Runtime runtime_;
    std::unique_ptr<EmbeddedCluster> cluster_;
    std::atomic<int> count_ = 0;
};

}  // namespace

SecretString database_url(const std::string& name) { return SharedCluster::get().cluster().url(name); }

std::string make_empty_database() {
    auto name = SharedCluster::get().next_name();
    run_sql(database_url("postgres"), "CREATE DATABASE " + name);
    return name;
}

TestDatabase::TestDatabase(net::Runtime& runtime, StoreOptions options) : runtime_(runtime) {
    name_ = SharedCluster::get().next_name();
    run_sql(database_url("postgres"), "CREATE DATABASE " + name_ + " TEMPLATE berth");
    // A zone with half hours, so that nobody relies on UTC by chance.
    run_sql(database_url("postgres"), "ALTER DATABASE " + name_ + " SET timezone = 'America/St_Johns'");
    options.url = url();
    store_ = std::make_unique<Store>(runtime, std::move(options), base::Logger("store"));
}

TestDatabase::~TestDatabase() {
    if (pubsub_) runtime_.run(pubsub_->close());
    runtime_.run(store_->close());
    pubsub_.reset();
    store_.reset();
    run_sql(database_url("postgres"), "DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)");
}

Pubsub& TestDatabase::pubsub() {
    if (!pubsub_) {
        pubsub_ = std::make_unique<PostgresPubsub>(runtime_, *store_, base::Logger("pubsub"));
        auto opened = runtime_.run(pubsub_->open());
        if (!opened) die(opened.error().to_string());
    }
    return *pubsub_;
}

SecretString TestDatabase::url() const { return database_url(name_); }

std::string TestDatabase::sql(const std::string& text) { return run_sql(url(), text); }

TestCluster::TestCluster() : directory_(make_directory()), runtime_(1, 1) {
    cluster_ = start(runtime_, directory_);
}

TestCluster::~TestCluster() {
    runtime_.run(cluster_->stop());
    cluster_.reset();
    std::error_code ignored;
    fs::remove_all(directory_, ignored);
}

void TestCluster::restart() {
    auto restarted = runtime_.run(cluster_->restart());
    if (!restarted) die(restarted.error().to_string());
}

std::string quoted(const Uuid& id) { return "'" + id.to_string() + "'"; }

}  // namespace berth::db::testing
