#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "net/signal.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/log_line.h"
#include "provisioner/terraform/session.h"

namespace berth::terraform {

/// A parameter as it looks with the answers given so far.
struct LiveParameter {
    provisioner::RichParameter definition;
    /// The answer, or what the template takes without one; nothing when it needs an answer that is not there.
    std::optional<std::string> value;
    /// JSON text.
    std::string styling;
    std::vector<Diagnostic> problems;
};

struct LiveAnswer {
    /// In the order a form shows them.
    std::vector<LiveParameter> parameters;
    /// Of data.coder_workspace_tags.
    std::map<std::string, std::string> tags;
    /// What is wrong with no parameter in particular; then there may be no parameters.
    std::vector<Diagnostic> problems;
};

struct LiveLimits {
    /// Prepared templates kept on disk.
    std::size_t templates = 32;
    /// Evaluations at the same time.
    std::size_t evaluations = 2;
    /// Those that wait for their turn; more are refused.
    std::size_t waiting = 32;
    base::Duration preparation = std::chrono::minutes(2);
    base::Duration evaluation = std::chrono::seconds(15);
};

/// Evaluates the parameters of templates with terraform itself, in folders that are kept initialized:
/// parameters may depend on each other, on the owner, on locals and modules. Belongs to one loop, `home`;
/// call from it.
class LiveTemplates {
public:
    /// Everything lies below `root`, which is emptied first. `options` must outlive it.
    LiveTemplates(asio::any_io_executor home, std::filesystem::path root, const SessionOptions& options,
                  LiveLimits limits = {});
    ~LiveTemplates();
    LiveTemplates(const LiveTemplates&) = delete;
    LiveTemplates& operator=(const LiveTemplates&) = delete;

    [[nodiscard]] const asio::any_io_executor& home() const { return home_; }
    [[nodiscard]] bool has(const std::string& key) const;
    /// Unpacks and initializes a template version; `key` names it from then on. Errors are terraform's.
    asio::awaitable<Result<void>> prepare(std::string key, std::string archive, std::string modules);
    /// not_found when `key` was not prepared, or was given up since. Answers that the template refuses are in
    /// the result, not an error.
    asio::awaitable<Result<LiveAnswer>> evaluate(std::string key, provisioner::PlanRequest question);

    /// Ends what runs and refuses what waits or comes: with `unavailable`.
    void close();

private:
    struct Folder;
    struct Pass;
    class Turn;
    asio::awaitable<Result<CommandResult>> run(std::filesystem::path folder, std::vector<std::string> args,
                                               Environment environment, base::Duration limit);
    asio::awaitable<Result<void>> initialize(Folder& folder);
    asio::awaitable<Result<LiveAnswer>> evaluate_in(Folder& folder, provisioner::PlanRequest question);
    asio::awaitable<Result<Pass>> plan(Folder& folder, const provisioner::PlanRequest& question,
                                       std::filesystem::path variables);
    void make_room();

    asio::any_io_executor home_;
    std::filesystem::path root_;
    const SessionOptions& options_;
    LiveLimits limits_;
    std::map<std::string, std::shared_ptr<Folder>> folders_;
    std::size_t evaluating_ = 0;
    std::size_t waiting_ = 0;
    bool closed_ = false;
    std::set<CancelToken*> running_;
    std::uint64_t clock_ = 0;
    net::Signal changed_;
};

}  // namespace berth::terraform
