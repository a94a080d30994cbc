#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include <boost/asio/steady_timer.hpp>

#include "net/task_group.h"
#include "provisioner/terraform/executor.h"
#include "provisioner/terraform/given_variables.h"
#include "provisioner/terraform/graph.h"
#include "provisioner/terraform/model.h"
#include "provisioner/terraform/offload.h"
#include "provisioner/terraform/provider_host.h"
#include "provisioner/terraform/session.h"
#include "provisioner/terraform/work_folder.h"

namespace berth::terraform {

/// One session under way; everything on one loop.
class Session final : public LogSink {
public:
    Session(asio::any_io_executor executor, SessionChannel& channel, const SessionOptions& options);
    ~Session() override;

    asio::awaitable<void> run(net::TaskGroup& group);
    [[nodiscard]] const std::optional<Error>& failure() const { return failure_; }

    asio::awaitable<void> log(provisioner::LogLevel level, std::string text) override;
    [[nodiscard]] std::string masked(std::string text) const override;

private:
    // session.cpp: the protocol
    asio::awaitable<void> receive();
    asio::awaitable<std::optional<provisioner::Request>> next();
    asio::awaitable<void> answer(provisioner::Request request);
    asio::awaitable<void> reply(provisioner::Response response);
    /// The answer of a step; what it says of a failure is masked like the log.
    template <class Complete>
    Complete presentable(Complete complete) const {
        if (!complete.error().empty()) complete.set_error(masked(complete.error()));
        return complete;
    }
    /// Removing it takes long, and the loop must not wait for that.
    asio::awaitable<void> drop_folder();
    void fail(Error error);

    // session_init.cpp
    asio::awaitable<provisioner::ParseComplete> parse();
    asio::awaitable<provisioner::InitComplete> init(provisioner::InitRequest request);
    asio::awaitable<Result<void>> reuse(std::string version, provisioner::InitComplete& complete);
    asio::awaitable<Result<void>> initialize_anew(provisioner::InitRequest request,
                                                  provisioner::InitComplete& complete);
    asio::awaitable<Result<void>> begin_folder();
    asio::awaitable<Result<void>> prepare(provisioner::InitRequest& request);
    asio::awaitable<Result<std::string>> receive_modules(std::string hash);
    asio::awaitable<Result<void>> run_init(provisioner::InitComplete& complete);
    asio::awaitable<Result<CommandResult>> initialize(provisioner::InitComplete& complete);
    asio::awaitable<void> keep_prepared(std::string version);
    asio::awaitable<Result<void>> send_modules(const provisioner::InitRequest& request,
                                               provisioner::InitComplete& complete);

    // session_build.cpp
    asio::awaitable<provisioner::PlanComplete> plan(provisioner::PlanRequest request);
    asio::awaitable<Result<void>> give_variables();
    asio::awaitable<Result<void>> run_plan(provisioner::PlanComplete& complete);
    asio::awaitable<Result<CommandResult>> write_plan(provisioner::PlanComplete& complete,
                                                      const Environment& environment, bool destroy);
    asio::awaitable<bool> accept_what_was_refused(const CommandResult& refused);
    asio::awaitable<provisioner::ApplyComplete> apply(provisioner::ApplyRequest request);
    asio::awaitable<Result<void>> run_apply(provisioner::ApplyRequest request,
                                            provisioner::ApplyComplete& complete);
    asio::awaitable<provisioner::GraphComplete> graph(provisioner::GraphRequest request);
    asio::awaitable<Result<provisioner::GraphComplete>> run_graph(provisioner::GraphSource source);
    asio::awaitable<Result<provisioner::GraphComplete>> describe_and_warn(const Model& model);
    asio::awaitable<Result<void>> load_graph();
    /// The environment of a terraform command that does not read the build; that of a debug build has it tell
    /// all it does.
    [[nodiscard]] Environment plain_environment() const;
    /// That of a command whose output is read, with the providers that run already.
    [[nodiscard]] Environment reading_environment() const;
    /// The environment of plan or apply, with a provider started for it if that is possible.
    asio::awaitable<Result<Environment>> command_environment(provisioner::Metadata metadata, bool secrets);

    [[nodiscard]] bool debugging() const { return lowest_level_ < provisioner::INFO; }
    [[nodiscard]] std::unique_ptr<Executor> executor();
    template <class Work>
    asio::awaitable<std::invoke_result_t<Work>> offload(Work work) {
        return terraform::offload(options_.workers, std::move(work));
    }

    SessionChannel& channel_;
    const SessionOptions& options_;
    CancelToken cancel_;
    std::optional<Error> failure_;

    std::deque<provisioner::Request> queue_;
    bool ended_ = false;
    asio::steady_timer queue_changed_;

    bool configured_ = false;
    /// Of the lines that the log gets; below INFO the build is looked into, and its folder kept.
    provisioner::LogLevel lowest_level_ = provisioner::INFO;
    /// Kept out of the log and the errors of such a build.
    std::vector<std::string> secrets_;
    SessionName name_;
    Environment base_;
    std::unique_ptr<WorkFolder> folder_;
    /// The lock file is the import's.
    bool pinned_ = false;
    /// Its providers could not be had, and others took their place.
    bool makeshift_ = false;
    bool initialized_ = false;
    std::unique_ptr<ProviderHost> provider_;
    bool provider_failed_ = false;

    provisioner::PlanRequest inputs_;
    VariableFiles variable_files_;
    std::optional<Model> planned_;
    /// Deleting a workspace that has no state: there is nothing to plan or apply.
    bool nothing_to_destroy_ = false;
    bool applied_ = false;
    std::optional<Graph> graph_;
    /// What was said already.
    std::set<std::string> warned_;
};

}  // namespace berth::terraform
