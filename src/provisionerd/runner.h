#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/asio.h"
#include "base/log.h"
#include "net/task_group.h"
#include "provisionerd.pb.h"
#include "provisionerd/daemon.h"
#include "provisionerd/job_updates.h"
#include "provisionerd/link.h"
#include "provisionerd/session.h"
#include "provisionerd/undelivered.h"

namespace berth::provisionerd {

/// Runs one job from its acquisition to the server's receipt for its end.
class Runner {
public:
    Runner(asio::any_io_executor executor, Link& link, drpc::Server* provisioner, const Options& options,
           Undelivered& undelivered, ::provisionerd::AcquiredJob job, base::Logger log);

    asio::awaitable<void> run();
    /// The daemon shuts down. With cancel_job the job is cancelled and fails, with kill_job at once.
    void stop(Shutdown how);

private:
    using Completed = ::provisionerd::CompletedJob;

    static asio::awaitable<void> run_parts(net::TaskGroup& group, Runner* self);
    static asio::awaitable<Result<Completed>> run_session(net::TaskGroup& group, Runner* self);
    asio::awaitable<void> watch_cancel();
    asio::awaitable<void> watch_kill();
    asio::awaitable<void> send_cancel();
    asio::awaitable<Result<Completed>> work();
    asio::awaitable<Result<Completed>> import_template();
    asio::awaitable<Result<Completed>> build_workspace();
    asio::awaitable<Result<Completed>> dry_run();

    asio::awaitable<Result<void>> init(bool keep_module_files);
    asio::awaitable<Result<bool>> init_from_prepared();
    asio::awaitable<Result<void>> send_init(bool keep_module_files, rpc::FileMessages modules);
    void take_init(const ::provisioner::InitComplete& complete);
    /// The template version whose initialized folder may be kept and used again; empty when none may.
    [[nodiscard]] std::string prepared_version_id() const;
    asio::awaitable<Result<::provisionerd::UpdateJobResponse>> parse();
    asio::awaitable<Result<::provisioner::PlanComplete>> plan(std::string stage,
                                                              ::provisioner::PlanRequest request);
    asio::awaitable<Result<::provisioner::GraphComplete>> graph(::provisioner::Metadata metadata,
                                                                ::provisioner::GraphSource source);
    asio::awaitable<Result<void>> commit_quota(std::int32_t cost);
    asio::awaitable<Result<void>> apply(std::string stage, ::provisioner::Metadata metadata);
    asio::awaitable<Result<rpc::FileMessages>> download_modules(std::string file_id);
    asio::awaitable<Result<std::string>> upload_modules(rpc::FileMessages pieces);

    asio::awaitable<void> complete(Completed completed);
    asio::awaitable<void> fail(Error error);
    /// Why it was broken off, when nobody on the server's side asked for it.
    [[nodiscard]] Error with_reason(const Error& error) const;
    asio::awaitable<Result<void>> tell_failure(const ::provisionerd::FailedJob& failed);
    [[nodiscard]] ::provisionerd::FailedJob failed_job(const Error& error) const;
    void keep(const ::provisionerd::FailedJob& failed);
    asio::awaitable<void> write_log(::provisioner::Log line);
    void start_stage(std::string stage);
    void take_timings(const google::protobuf::RepeatedPtrField<::provisioner::Timing>& timings);
    [[nodiscard]] std::optional<Error> must_stop() const;

    asio::any_io_executor executor_;
    Link& link_;
    drpc::Server* provisioner_;
    const Options& options_;
    Undelivered& undelivered_;
    ::provisionerd::AcquiredJob job_;
    base::Logger log_;
    JobUpdates updates_;
    std::optional<ProvisionerSession> session_;
    std::string stage_;
    bool stopping_ = false;
    bool killing_ = false;
    std::string error_code_;

    // Gathered by the steps for the job's end.
    google::protobuf::RepeatedPtrField<::provisioner::Timing> timings_;
    google::protobuf::RepeatedPtrField<::provisioner::Module> modules_;
    rpc::FileMessages module_files_;
    /// Terraform fetched modules because the stored ones could not be had: they may be others.
    bool modules_fetched_again_ = false;
    bool static_parameters_ = false;
    std::string state_;
};

}  // namespace berth::provisionerd
