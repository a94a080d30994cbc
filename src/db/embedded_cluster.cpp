#include "db/embedded_cluster.h"

#include <algorithm>
#include <csignal>
#include <fstream>

#include <boost/asio/steady_timer.hpp>
#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/text.h"
#include "db/connection.h"
#include "net/runtime.h"
#include "net/task_group.h"

namespace berth::db {
namespace {

namespace fs = std::filesystem;

constexpr base::Duration first_restart_delay = std::chrono::milliseconds(200);
constexpr base::Duration last_restart_delay = std::chrono::seconds(10);
constexpr auto free_limit = std::chrono::seconds(10);
constexpr auto start_limit = std::chrono::seconds(120);
constexpr auto polite_limit = std::chrono::seconds(15);
constexpr auto firm_limit = std::chrono::seconds(20);
/// sockaddr_un holds 108 bytes, of which the file's own name takes up to 20.
constexpr std::size_t socket_path_limit = 85;

Error no_cluster(std::string detail) {
    return {ErrorCode::failed_precondition, "cannot run a private PostgreSQL", std::move(detail)};
}

Error failed_call(const char* what, const fs::path& path) {
    return no_cluster(std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

/// Whether a process of this user gets to `path`, by the permissions of the folders above it.
bool reachable(const fs::path& path, uid_t uid, gid_t gid) {
    for (auto folder = path.parent_path(); !folder.empty(); folder = folder.parent_path()) {
        struct stat info {};
        if (::stat(folder.c_str(), &info) == 0) {
            mode_t bit = info.st_uid == uid ? S_IXUSR : info.st_gid == gid ? S_IXGRP : S_IXOTH;
            if ((info.st_mode & bit) == 0) return false;
        }
        if (folder == folder.parent_path()) break;
    }
    return true;
}

Result<void> make_folder(const fs::path& path, mode_t mode, std::optional<uid_t> uid,
                         std::optional<gid_t> gid) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return failed_call("mkdir", path);
    if (::chmod(path.c_str(), mode) != 0) return failed_call("chmod", path);
    if (uid && ::chown(path.c_str(), *uid, gid.value_or(-1)) != 0) return failed_call("chown", path);
    return {};
}

/// The process in postmaster.pid when it is alive and a postgres of this data folder, else none.
std::optional<pid_t> running_postmaster(const fs::path& data) {
    std::ifstream file(data / "postmaster.pid");
    std::string line;
    std::getline(file, line);
    auto pid = base::parse_int<pid_t>(base::trim(line));
    if (!pid || *pid <= 1) return std::nullopt;
    std::ifstream command("/proc/" + std::to_string(*pid) + "/cmdline", std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(command)), std::istreambuf_iterator<char>());
    std::vector<std::string> words;
    for (auto word : base::split(text, '\0'))
        words.emplace_back(word);
    bool is_postgres = !words.empty() && fs::path(words.front()).filename() == "postgres";
    bool is_ours = std::find(words.begin(), words.end(), data.string()) != words.end();
    if (!is_postgres || !is_ours) return std::nullopt;
    return pid;
}

asio::awaitable<void> pause(std::chrono::milliseconds time) {
    asio::steady_timer timer(co_await asio::this_coro::executor, time);
    co_await timer.async_wait(asio::use_awaitable);
}

std::vector<std::string> plain_environment() { return {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}; }

}  // namespace

EmbeddedCluster::~EmbeddedCluster() {
    process_.reset();
    if (lock_ >= 0) ::close(lock_);
    if (!socket_.empty() && socket_.parent_path() == fs::temp_directory_path()) {
        std::error_code ignored;
        fs::remove_all(socket_, ignored);
    }
}

asio::awaitable<Result<std::unique_ptr<EmbeddedCluster>>> EmbeddedCluster::start(ClusterOptions options,
                                                                                 base::Logger log) {
    std::unique_ptr<EmbeddedCluster> cluster(new EmbeddedCluster(std::move(options), std::move(log)));
    auto found = cluster->find_binaries();
    if (!found) co_return found.error();
    auto prepared = cluster->prepare_folders();
    if (!prepared) co_return prepared.error();
    auto locked = cluster->take_lock();
    if (!locked) co_return locked.error();
    auto initialized = co_await cluster->initialize();
    if (!initialized) co_return initialized.error();
    co_await cluster->stop_orphan();
    auto launched = co_await cluster->launch_when_free();
    if (!launched) co_return launched.error();
    auto made = co_await cluster->make_database();
    if (!made) co_return made.error();
    co_return cluster;
}

SecretString EmbeddedCluster::url(std::string_view database) const {
    return SecretString("host='" + socket_.string() + "' user=berth dbname='" + std::string(database) + "'");
}

Result<void> EmbeddedCluster::find_binaries() {
    int newest = 0;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql", error)) {
        int version = base::parse_int<int>(entry.path().filename().string()).value_or(0);
        if (version <= newest || !fs::exists(entry.path() / "bin/initdb")) continue;
        newest = version;
        binaries_ = entry.path() / "bin";
    }
    // One in the PATH was chosen by the person who runs us, so it comes first.
    const char* path = std::getenv("PATH");
    auto initdb = net::find_program("initdb", path == nullptr ? "" : path);
    if (!initdb.empty()) binaries_ = fs::canonical(initdb, error).parent_path();
    if (binaries_.empty() || !fs::exists(binaries_ / "postgres")) {
        return no_cluster(
            "no initdb and postgres found; install the package postgresql, or give --postgres-url");
    }
    return {};
}

Result<void> EmbeddedCluster::prepare_folders() {
    if (::geteuid() == 0) {
        const passwd* user = ::getpwnam("postgres");
        if (user == nullptr) user = ::getpwnam("nobody");
        if (user == nullptr) return no_cluster("there is no user postgres or nobody to run it as");
        uid_ = user->pw_uid;
        gid_ = user->pw_gid;
    }
    std::error_code error;
    fs::create_directories(options_.directory, error);
    auto base = fs::weakly_canonical(options_.directory / "postgres", error);
    if (uid_ && !reachable(base / "data", *uid_, *gid_) && !fs::exists(base)) {
        // Such as /root: nobody else gets in there, so the files go elsewhere and the folder points to them.
        auto id = base::sha256_hex(base.string()).substr(0, 12);
        auto elsewhere = fs::path("/var/lib/berth") / id;
        fs::create_directories(elsewhere, error);
        fs::remove(options_.directory / "postgres", error);
        fs::create_directory_symlink(elsewhere, options_.directory / "postgres", error);
        if (error) return no_cluster("symlink to " + elsewhere.string() + ": " + error.message());
        log_.info("the database's files are where its user can reach them",
                  field("folder", elsewhere.string()));
        base = elsewhere;
    }
    auto made = make_folder(base, 0700, uid_, gid_);
    if (!made) return made;
    data_ = base / "data";
    socket_ = base / "socket";
    if (socket_.string().size() > socket_path_limit) {
        auto pattern = (fs::temp_directory_path() / "berth-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) return failed_call("mkdtemp", pattern);
        socket_ = pattern;
    }
    return make_folder(socket_, 0700, uid_, gid_);
}

Result<void> EmbeddedCluster::take_lock() {
    auto path = data_.parent_path() / "lock";
    lock_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (lock_ < 0) return failed_call("open", path);
    if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
        return no_cluster("another berth server uses " + data_.parent_path().string());
    }
    return {};
}

// Lists of texts are built outside coroutines, where g++ 12 destroys their elements twice.
net::ProcessOptions EmbeddedCluster::initdb_options(const fs::path& folder) const {
    net::ProcessOptions initdb{
        .program = (binaries_ / "initdb").string(),
        .args = {"-D", folder.string(), "-U", "berth", "-A", "trust", "-E", "UTF8", "--locale=C"},
        .env = plain_environment(),
        .cwd = data_.parent_path(),
        .uid = uid_,
        .gid = gid_};
    if (!options_.durable) initdb.args.push_back("-N");
    return initdb;
}

net::ProcessOptions EmbeddedCluster::postgres_options() const {
    net::ProcessOptions postgres{.program = (binaries_ / "postgres").string(),
                                 .args = {"-D", data_.string(), "-k", socket_.string()},
                                 .env = plain_environment(),
                                 .cwd = data_.parent_path(),
                                 .out = net::StdIo::null,
                                 .err = net::StdIo::null,
                                 .uid = uid_,
                                 .gid = gid_};
    std::vector<std::string> settings{"listen_addresses=",
                                      "unix_socket_permissions=0700",
                                      "max_connections=200",
                                      "shared_buffers=48MB",
                                      "work_mem=4MB",
                                      "maintenance_work_mem=32MB",
                                      "max_wal_size=256MB",
                                      "wal_level=minimal",
                                      "max_wal_senders=0",
                                      "jit=off",
                                      "huge_pages=off",
                                      "max_parallel_workers_per_gather=0",
                                      "max_worker_processes=4",
                                      "autovacuum_max_workers=2",
                                      "logging_collector=on",
                                      "log_filename=postgres-%a.log",
                                      "log_truncate_on_rotation=on",
                                      "log_rotation_age=1d",
                                      "log_rotation_size=0",
                                      "log_timezone=UTC",
                                      "timezone=UTC"};
    if (!options_.durable) {
        for (const char* each : {"fsync=off", "synchronous_commit=off", "full_page_writes=off"})
            settings.emplace_back(each);
    }
    for (auto& setting : settings) {
        postgres.args.emplace_back("-c");
        postgres.args.push_back(std::move(setting));
    }
    return postgres;
}

asio::awaitable<Result<void>> EmbeddedCluster::initialize() {
    if (fs::exists(data_ / "PG_VERSION")) co_return Result<void>();
    log_.info("making a private PostgreSQL cluster", field("folder", data_.string()));
    // Under another name until complete, so that a half-made one is never used.
    auto half = data_.parent_path() / "data.new";
    std::error_code error;
    fs::remove_all(half, error);
    auto initdb = initdb_options(half);
    auto output = co_await net::run_process(std::move(initdb));
    if (!output) co_return output.error();
    if (!output->status.success()) co_return no_cluster("initdb: " + output->err.substr(0, 2000));
    fs::rename(half, data_, error);
    if (error) co_return no_cluster("rename " + half.string() + ": " + error.message());
    co_return Result<void>();
}

asio::awaitable<void> EmbeddedCluster::stop_orphan() {
    auto orphan = running_postmaster(data_);
    if (!orphan) {
        // The number in it may be another program's by now, which would keep PostgreSQL from starting.
        std::error_code ignored;
        fs::remove(data_ / "postmaster.pid", ignored);
        co_return;
    }
    log_.info("stopping the PostgreSQL of a server that was killed", field("pid", *orphan));
    auto begin = std::chrono::steady_clock::now();
    int last = 0;
    while (running_postmaster(data_) == orphan) {
        auto waited = std::chrono::steady_clock::now() - begin;
        int number = waited < polite_limit ? SIGINT : waited < firm_limit ? SIGQUIT : SIGKILL;
        if (number != last) ::kill(*orphan, number);
        last = number;
        co_await pause(std::chrono::milliseconds(20));
    }
}

asio::awaitable<Result<void>> EmbeddedCluster::launch() {
    auto postgres = postgres_options();
    auto executor = co_await asio::this_coro::executor;
    auto process = net::Process::start(executor, std::move(postgres));
    if (!process) co_return process.error();
    process_ = std::move(*process);
    auto ready = co_await wait_until_ready();
    co_return ready;
}

asio::awaitable<Result<void>> EmbeddedCluster::launch_when_free() {
    auto deadline = std::chrono::steady_clock::now() + free_limit;
    while (true) {
        auto launched = co_await launch();
        if (launched || std::chrono::steady_clock::now() > deadline) co_return launched;
        process_.reset();
        co_await pause(std::chrono::milliseconds(200));
    }
}

asio::awaitable<Result<void>> EmbeddedCluster::wait_until_ready() {
    auto executor = co_await asio::this_coro::executor;
    auto deadline = std::chrono::steady_clock::now() + start_limit;
    ConnectionOptions options{.url = url("postgres"),
                              .statement_timeout = std::chrono::seconds(10),
                              .connect_timeout = std::chrono::seconds(5),
                              .workers = executor};
    while (std::chrono::steady_clock::now() < deadline) {
        auto connection = co_await Connection::connect(options);
        if (connection.ok()) co_return Result<void>();
        siginfo_t info{};
        bool ended =
            ::waitid(P_PID, static_cast<id_t>(process_->pid()), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
            info.si_pid != 0;
        if (ended) co_return no_cluster("postgres ended at once; see " + (data_ / "log").string());
        co_await pause(std::chrono::milliseconds(20));
    }
    co_return no_cluster("postgres did not become ready; see " + (data_ / "log").string());
}

asio::awaitable<Result<void>> EmbeddedCluster::make_database() {
    auto executor = co_await asio::this_coro::executor;
    ConnectionOptions options{.url = url("postgres"),
                              .statement_timeout = std::chrono::seconds(30),
                              .connect_timeout = std::chrono::seconds(10),
                              .workers = executor};
    auto connected = co_await Connection::connect(std::move(options));
    if (!connected) co_return connected.error();
    auto connection = *connected;
    std::optional<Error> failure;
    auto body = [](net::TaskGroup& group, std::shared_ptr<Connection> shared,
                   std::optional<Error>& error) -> asio::awaitable<void> {
        group.spawn("reader", Connection::read_loop(shared));
        group.spawn("writer", Connection::write_loop(shared));
        Command look{.text = "SELECT 1 FROM pg_database WHERE datname = 'berth'", .prepare = false};
        auto found = co_await shared->execute(std::move(look));
        if (!found) {
            error = found.error();
        } else if (found->rows() == 0) {
            Command create{.text = "CREATE DATABASE berth", .prepare = false};
            auto created = co_await shared->execute(std::move(create));
            if (!created) error = created.error();
        }
        shared->close();
    };
    co_await net::TaskGroup::scope(log_, body, connection, std::ref(failure));
    if (failure) co_return *failure;
    co_return Result<void>();
}

asio::awaitable<void> EmbeddedCluster::supervise() {
    auto delay = first_restart_delay;
    while (true) {
        if (process_) {
            co_await process_->wait();
            log_.error("PostgreSQL ended by itself and is started again", field("pid", process_->pid()));
            process_.reset();
        }
        // Its children may outlive it for a moment, and hold the data until they are gone.
        co_await stop_orphan();
        auto launched = co_await launch();
        if (launched) {
            delay = first_restart_delay;
            continue;
        }
        log_.error("PostgreSQL does not start", field("error", launched.error()));
        process_.reset();
        co_await pause(std::chrono::duration_cast<std::chrono::milliseconds>(delay));
        delay = std::min<base::Duration>(2 * delay, last_restart_delay);
    }
}

asio::awaitable<void> EmbeddedCluster::stop() {
    if (!process_) co_return;
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer firm(executor, polite_limit);
    asio::steady_timer hard(executor, firm_limit);
    auto send = [weak = std::weak_ptr(process_)](int number) {
        return [weak, number](boost::system::error_code error) {
            auto process = weak.lock();
            if (!error && process) process->signal(number);
        };
    };
    firm.async_wait(send(SIGQUIT));
    hard.async_wait(send(SIGKILL));
    process_->signal(SIGINT);
    co_await process_->wait();
    process_.reset();
}

asio::awaitable<Result<void>> EmbeddedCluster::restart() {
    co_await stop();
    co_await stop_orphan();
    auto launched = co_await launch_when_free();
    co_return launched;
}

}  // namespace berth::db
