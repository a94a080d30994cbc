#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/asio.h"
#include "base/result.h"
#include "net/signal.h"
#include "net/task_group.h"
#include "provisioner.pb.h"
#include "provisioner/terraform/live_answer.h"
#include "provisioner/terraform/session.h"
#include "provisioner/terraform/turns.h"

namespace berth::terraform {

struct LiveLimits {
    /// Prepared templates kept on disk.
    std::size_t templates = 32;
    TurnLimits evaluations;
    TurnLimits preparations;
    /// Of `terraform init`.
    base::Duration preparation = std::chrono::minutes(2);
    /// How long a question waits for the template to be ready and for its turn.
    base::Duration patience = std::chrono::seconds(30);
    /// Of all that terraform then does to answer it.
    base::Duration evaluation = std::chrono::seconds(15);
    /// Questions about a template that cannot be prepared are answered alike for so long.
    base::Duration failure_memory = std::chrono::seconds(30);
};

/// A template and its stored modules (may be empty), each as a tar.
struct LiveFiles {
    std::string archive;
    std::string modules;
};
using LoadTemplate = std::function<asio::awaitable<Result<LiveFiles>>()>;

struct LiveQuestion {
    /// Names the template version.
    std::string key;
    /// Whose share of the turns it takes.
    std::string user;
    /// Waits for its turn as long as there is time; others are refused at once when too many wait.
    bool patient = false;
    provisioner::PlanRequest request;
    /// Called when the template is not ready, on `home`; maybe after the question was given up.
    LoadTemplate load;
};

/// Evaluates the parameters of templates with terraform itself, in folders that are kept initialized:
/// parameters may depend on each other, on the owner, on locals and modules. Belongs to one loop, `home`;
/// call from it.
class LiveTemplates {
public:
    /// Everything lies below `root`, which is emptied first. `options` must outlive it.
    LiveTemplates(asio::any_io_executor home, std::filesystem::path root, const SessionOptions& options,
                  LiveLimits limits = {});
    /// After close(), when anything was evaluated.
    ~LiveTemplates();
    LiveTemplates(const LiveTemplates&) = delete;
    LiveTemplates& operator=(const LiveTemplates&) = delete;

    [[nodiscard]] const asio::any_io_executor& home() const { return home_; }
    [[nodiscard]] bool has(const std::string& key) const { return folders_.contains(key); }
    /// Questions that wait for their turn.
    [[nodiscard]] std::size_t waiting() const { return evaluations_.waiting(); }
    /// Makes the template ready first when it is not; that goes on for others when this question ends.
    /// Answers that the template refuses are in the result, not an error. Errors: resource_exhausted when no
    /// turn came in time or too many wait, deadline_exceeded when terraform took too long, cancelled when
    /// `stop` (may be null) was killed, terraform's when the template cannot be prepared.
    asio::awaitable<Result<LiveAnswer>> evaluate(LiveQuestion question, std::shared_ptr<CancelToken> stop);

    /// Ends what runs and refuses what waits or comes: with `unavailable`.
    asio::awaitable<void> close();

private:
    struct Folder;
    using FolderPtr = std::shared_ptr<Folder>;
    class Effort;
    struct Ask;
    struct Pass;
    struct Failure {
        Error error;
        base::SteadyTime until;
    };

    static asio::awaitable<void> attend(net::TaskGroup& group, LiveTemplates* self, Ask* ask,
                                        CancelToken* stop);
    static asio::awaitable<void> end_with(CancelToken& stop, Ask& ask);
    asio::awaitable<void> lose_patience(Ask& ask);
    asio::awaitable<void> end_late(Effort& effort, base::Duration limit, Error why);
    asio::awaitable<Result<LiveAnswer>> answer(net::TaskGroup& group, Ask& ask);
    asio::awaitable<Result<FolderPtr>> ready(Ask& ask);
    asio::awaitable<Result<LiveAnswer>> evaluate_in(Folder& folder, Ask& ask);
    asio::awaitable<Result<Pass>> plan(Folder& folder, Ask& ask, std::filesystem::path variables);
    asio::awaitable<Result<CommandResult>> run(Effort& effort, std::filesystem::path folder,
                                               std::vector<std::string> args, Environment environment);

    Result<void> begin_preparation(const LiveQuestion& question);
    asio::awaitable<void> prepare(std::string key, TurnRequest wanted, LoadTemplate load);
    asio::awaitable<Result<FolderPtr>> make_folder(TurnRequest wanted, LoadTemplate load);
    static asio::awaitable<void> initialize(net::TaskGroup& group, LiveTemplates* self, Folder* folder,
                                            Effort* effort, Result<void>* done);
    void remember(const std::string& key, Error error);
    void make_room();

    asio::any_io_executor home_;
    std::filesystem::path root_;
    const SessionOptions& options_;
    LiveLimits limits_;
    std::map<std::string, FolderPtr> folders_;
    /// Keys of templates that are being prepared.
    std::set<std::string> preparing_;
    std::map<std::string, Failure> failures_;
    std::set<Effort*> efforts_;
    std::optional<Error> closed_;
    std::uint64_t clock_ = 0;
    /// Of everything above and of the queues.
    net::Signal changed_;
    TurnQueue evaluations_;
    TurnQueue preparations_;
    net::TaskGroup preparing_tasks_;
};

}  // namespace berth::terraform
