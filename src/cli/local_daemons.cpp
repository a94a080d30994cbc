#include "cli/local_daemons.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include "base/init_script.h"
#include "net/drpc/server.h"
#include "net/task_group.h"
#include "provisioner/terraform/service.h"

namespace berth::cli {

/// One daemon with its provisioner, both on one loop.
struct LocalDaemons::One {
    One(asio::any_io_executor executor, std::string daemon_name, const terraform::SessionOptions& session,
        base::Logger log)
        : loop(std::move(executor)), name(std::move(daemon_name)), provisioner(log.named("terraform")) {
        terraform::register_provisioner(provisioner, session);
    }
    asio::any_io_executor loop;
    std::string name;
    drpc::Server provisioner;
    std::unique_ptr<provisionerd::Daemon> daemon;
};

namespace {

asio::awaitable<void> run_daemon(provisionerd::Daemon& daemon) { co_await daemon.run(); }

}  // namespace

LocalDaemons::LocalDaemons(net::Runtime& runtime, LocalDaemonOptions options, base::Logger log)
    : runtime_(runtime), options_(std::move(options)), log_(std::move(log)) {}

LocalDaemons::~LocalDaemons() = default;

asio::awaitable<Result<void>> LocalDaemons::prepare() {
    auto terraform = co_await terraform::find_terraform(options_.terraform, terraform::host_environment());
    if (!terraform) co_return terraform.error();
    std::error_code error;
    std::filesystem::create_directories(options_.work_root, error);
    if (error) co_return internal_error("cannot make " + options_.work_root.string(), error.message());
    session_.terraform = std::move(*terraform);
    session_.work_root = options_.work_root;
    session_.init_script = base::init_script;
    session_.workers = runtime_.workers();
    session_.clock = options_.daemon.clock;
    for (std::size_t i = 0; i < options_.count; ++i)
        daemons_.push_back(std::make_shared<One>(runtime_.executor(i % runtime_.size()),
                                                 options_.name + "-" + std::to_string(i), session_, log_));
    co_return Result<void>();
}

asio::awaitable<void> LocalDaemons::run_one(std::size_t index, ConnectorFactory connect) {
    auto one = daemons_[index];
    provisionerd::Provisioners provisioners{{"terraform", &one->provisioner}};
    auto log = log_.named("provisionerd").with(field("daemon", one->name));
    one->daemon = std::make_unique<provisionerd::Daemon>(one->loop, connect(index, one->name, one->loop),
                                                         std::move(provisioners), options_.daemon, log);
    co_await asio::co_spawn(one->loop, run_daemon(*one->daemon), asio::use_awaitable);
}

asio::awaitable<void> LocalDaemons::run(ConnectorFactory connect) {
    auto executor = co_await asio::this_coro::executor;
    net::TaskGroup group(executor, log_);
    for (std::size_t i = 0; i < daemons_.size(); ++i)
        group.spawn("daemon", run_one(i, connect));
    co_await group.join();
}

void LocalDaemons::shutdown(provisionerd::Shutdown how) {
    for (const auto& one : daemons_) {
        asio::post(one->loop, [one, how] {
            if (one->daemon) one->daemon->shutdown(how);
        });
    }
}

}  // namespace berth::cli
