#include "cli/local_daemons.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "base/init_script.h"
#include "net/drpc/server.h"
#include "net/task_group.h"
#include "provisioner/terraform/leftovers.h"
#include "provisioner/terraform/service.h"
#include "rpc/provisionerd.h"

namespace berth::cli {

/// One daemon with its provisioner, both on one loop, from which everything but the name is used.
struct LocalDaemons::One {
    One(asio::any_io_executor executor, std::string daemon_name, terraform::SessionOptions options,
        base::Logger log)
        : loop(std::move(executor)),
          name(std::move(daemon_name)),
          session(std::move(options)),
          provisioner(log.named("terraform"), rpc::provisionerd::max_message) {
        session.owner = name;
        terraform::register_provisioner(provisioner, session);
    }
    asio::any_io_executor loop;
    std::string name;
    terraform::SessionOptions session;
    drpc::Server provisioner;
    /// Held until their states are safe.
    std::vector<terraform::Leftover> leftovers;
    std::optional<provisionerd::Shutdown> stopping;
    std::unique_ptr<provisionerd::Daemon> daemon;
};

namespace {

constexpr std::string_view reuse_experiment = "terraform-directory-reuse";

asio::awaitable<std::vector<::provisionerd::FailedJob>> failed_jobs(
    const terraform::SessionOptions& session, std::vector<terraform::Leftover>& leftovers) {
    leftovers = co_await terraform::recover_sessions(session.work_root, session.owner, session.cancel_grace,
                                                     *session.clock);
    std::vector<::provisionerd::FailedJob> jobs;
    for (const auto& leftover : leftovers) {
        auto& job = jobs.emplace_back();
        job.set_job_id(leftover.folder->name().job_id);
        job.set_error("the provisioner daemon was killed in the middle of the job");
        job.mutable_workspace_build()->set_state(leftover.state);
    }
    co_return jobs;
}

/// Terraform runs what lies in it with our rights, and it holds states: nobody else may write there.
Result<void> claim_folder(const std::filesystem::path& folder) {
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0 || status.st_uid != ::geteuid())
        return Error(ErrorCode::failed_precondition, folder.string() + " belongs to another user");
    std::error_code error;
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    if (error) return internal_error("cannot make " + folder.string() + " private", error.message());
    return {};
}

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
    auto is_ours = claim_folder(options_.work_root);
    if (!is_ours) co_return is_ours.error();
    session_.terraform = std::move(*terraform);
    session_.work_root = options_.work_root;
    session_.init_script = base::init_script;
    session_.workers = runtime_.workers();
    session_.clock = options_.daemon.clock;
    const auto& experiments = options_.experiments;
    if (std::find(experiments.begin(), experiments.end(), reuse_experiment) != experiments.end()) {
        auto prepared = terraform::PreparedFolders::create(options_.work_root / "prepared",
                                                           session_.terraform.path, *session_.clock);
        if (!prepared) co_return prepared.error();
        session_.prepared = std::move(*prepared);
    }
    for (std::size_t i = 0; i < options_.count; ++i)
        daemons_.push_back(std::make_shared<One>(runtime_.executor(i % runtime_.size()),
                                                 options_.name + "-" + std::to_string(i), session_, log_));
    co_return Result<void>();
}

asio::awaitable<void> LocalDaemons::run_one(std::size_t index, ConnectorFactory connect) {
    auto one = daemons_[index];
    provisionerd::Provisioners provisioners{{"terraform", &one->provisioner}};
    auto log = log_.named("provisionerd").with(field("daemon", one->name));
    auto options = options_.daemon;
    options.undelivered = options_.work_root / "undelivered" / one->name;
    // The daemon is a part of `one`, and would keep it for ever.
    options.leftovers = [part = one.get()] { return failed_jobs(part->session, part->leftovers); };
    options.leftovers_kept = [part = one.get()] {
        for (auto& leftover : part->leftovers)
            leftover.folder->discard();
        part->leftovers.clear();
    };
    auto daemon = std::make_unique<provisionerd::Daemon>(one->loop, connect(index, one->name, one->loop),
                                                         std::move(provisioners), std::move(options), log);
    co_await asio::co_spawn(one->loop, run_daemon(one, std::move(daemon)), asio::use_awaitable);
}

asio::awaitable<void> LocalDaemons::run_daemon(std::shared_ptr<One> one,
                                               std::unique_ptr<provisionerd::Daemon> daemon) {
    one->daemon = std::move(daemon);
    if (one->stopping) one->daemon->shutdown(*one->stopping);
    co_await one->daemon->run();
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
            one->stopping = std::max(one->stopping.value_or(how), how);
            if (one->daemon) one->daemon->shutdown(how);
        });
    }
}

}  // namespace berth::cli
