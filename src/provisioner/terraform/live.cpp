#include "provisioner/terraform/live.h"

#include <algorithm>

#include "provisioner/terraform/given_variables.h"
#include "provisioner/terraform/leftovers.h"
#include "provisioner/terraform/offload.h"
#include "provisioner/terraform/plan_file.h"
#include "provisioner/terraform/provider_host.h"
#include "provisioner/terraform/questions.h"
#include "provisioner/terraform/template_folder.h"

namespace berth::terraform {

namespace fs = std::filesystem;
namespace pb = ::provisioner;

/// One prepared template. Evaluations in it take turns, because the provider uses a fixed place beside it.
struct LiveTemplates::Folder {
    explicit Folder(fs::path place) : path(std::move(place)) {}
    ~Folder() {
        std::error_code ignored;
        fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    [[nodiscard]] fs::path source() const { return path / "source"; }
    [[nodiscard]] fs::path plan() const { return path / "plan"; }
    [[nodiscard]] fs::path variables() const { return path / "given.tfvars.json"; }

    fs::path path;
    std::vector<QuestionBlock> questions;
    std::uint64_t last_used = 0;
};

/// Something under way that others may end.
class LiveTemplates::Effort {
public:
    explicit Effort(LiveTemplates& owner) : owner_(owner), terraform_(owner.home_) {
        owner_.efforts_.insert(this);
    }
    ~Effort() { owner_.efforts_.erase(this); }
    Effort(const Effort&) = delete;
    Effort& operator=(const Effort&) = delete;

    /// Kills its terraform: nothing that a plan does has to be saved. The first reason counts.
    void end(Error why) {
        if (over_) return;
        over_ = std::move(why);
        terraform_.kill();
        owner_.changed_.notify();
    }
    [[nodiscard]] const std::optional<Error>& over() const { return over_; }
    [[nodiscard]] CancelToken& terraform() { return terraform_; }

private:
    LiveTemplates& owner_;
    CancelToken terraform_;
    std::optional<Error> over_;
};

/// One question under way.
struct LiveTemplates::Ask {
    Ask(LiveTemplates& owner, LiveQuestion asked) : question(std::move(asked)), effort(owner) {}

    LiveQuestion question;
    Effort effort;
    enum class Stage { preparing, waiting, evaluating } stage = Stage::preparing;
    Result<LiveAnswer> answer = internal_error("the parameters were not evaluated");
};

/// What one run of terraform said.
struct LiveTemplates::Pass {
    bool ok = false;
    Model model;
    std::vector<Diagnostic> errors;
};

namespace {

constexpr std::size_t max_failures = 256;
/// Long enough for those who wait already.
constexpr auto transient_memory = std::chrono::seconds(1);

/// Says nothing about the template.
bool is_transient(const Error& error) {
    return error.code() == ErrorCode::resource_exhausted || error.code() == ErrorCode::unavailable ||
           error.code() == ErrorCode::deadline_exceeded || error.code() == ErrorCode::cancelled;
}

/// The form is not a build: nobody reads its log.
class NoLog final : public LogSink {
public:
    asio::awaitable<void> log(pb::LogLevel, std::string) override { co_return; }
};

/// `variables`: a file with values, or an empty path.
std::vector<std::string> plan_arguments(const fs::path& out, const fs::path& variables,
                                        const std::vector<QuestionBlock>& questions) {
    std::vector<std::string> args{"plan",           "-input=false", "-no-color",           "-json",
                                  "-refresh=false", "-lock=false",  "-out=" + out.string()};
    if (!variables.empty()) args.push_back("-var-file=" + variables.string());
    for (const auto& question : questions)
        args.push_back("-target=" + question.address);
    return args;
}

Error try_again(std::string why) {
    return Error(ErrorCode::resource_exhausted, std::move(why) + "; try again in a moment");
}

}  // namespace

LiveTemplates::LiveTemplates(asio::any_io_executor home, fs::path root, const SessionOptions& options,
                             LiveLimits limits)
    : home_(home),
      root_(fs::absolute(root)),
      options_(options),
      limits_(limits),
      changed_(home),
      evaluations_(limits.evaluations, changed_),
      preparations_(limits.preparations, changed_),
      preparing_tasks_(home, base::Logger("terraform")) {
    // Of a server that was killed.
    kill_processes(root_);
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

LiveTemplates::~LiveTemplates() = default;

asio::awaitable<void> LiveTemplates::close() {
    closed_ = unavailable("the server stops");
    for (auto* effort : efforts_)
        effort->end(*closed_);
    changed_.notify();
    preparing_tasks_.cancel();
    co_await preparing_tasks_.join();
}

asio::awaitable<Result<LiveAnswer>> LiveTemplates::evaluate(LiveQuestion question,
                                                            std::shared_ptr<CancelToken> stop) {
    if (closed_) co_return *closed_;
    Ask ask(*this, std::move(question));
    co_await net::TaskGroup::scope(base::Logger("terraform"), &LiveTemplates::attend, this, &ask, stop.get());
    co_return std::move(ask.answer);
}

asio::awaitable<void> LiveTemplates::attend(net::TaskGroup& group, LiveTemplates* self, Ask* ask,
                                            CancelToken* stop) {
    group.spawn("patience", self->lose_patience(*ask));
    if (stop != nullptr) group.spawn("stop", end_with(*stop, *ask));
    auto answer = co_await self->answer(group, *ask);
    ask->answer = std::move(answer);
}

asio::awaitable<void> LiveTemplates::end_with(CancelToken& stop, Ask& ask) {
    co_await stop.wait();
    ask.effort.end(cancelled("nobody waits for the answer any more"));
}

asio::awaitable<void> LiveTemplates::lose_patience(Ask& ask) {
    co_await options_.clock->sleep(limits_.patience);
    if (ask.stage == Ask::Stage::preparing)
        ask.effort.end(try_again("terraform still prepares the template"));
    if (ask.stage == Ask::Stage::waiting)
        ask.effort.end(try_again("too many parameters are being evaluated"));
}

asio::awaitable<void> LiveTemplates::end_late(Effort& effort, base::Duration limit, Error why) {
    co_await options_.clock->sleep(limit);
    effort.end(std::move(why));
}

asio::awaitable<Result<LiveAnswer>> LiveTemplates::answer(net::TaskGroup& group, Ask& ask) {
    auto folder = co_await ready(ask);
    if (!folder) co_return folder.error();
    (*folder)->last_used = ++clock_;
    if ((*folder)->questions.empty()) co_return LiveAnswer();
    ask.stage = Ask::Stage::waiting;
    TurnRequest wanted{ask.question.user, folder->get(), ask.question.patient};
    auto turn = co_await evaluations_.take(std::move(wanted), ask.effort.over());
    if (!turn) co_return turn.error();
    ask.stage = Ask::Stage::evaluating;
    group.spawn("deadline", end_late(ask.effort, limits_.evaluation,
                                     Error(ErrorCode::deadline_exceeded, "terraform took too long")));
    auto answer = co_await evaluate_in(**folder, ask);
    co_return answer;
}

asio::awaitable<Result<LiveTemplates::FolderPtr>> LiveTemplates::ready(Ask& ask) {
    const auto& key = ask.question.key;
    while (!ask.effort.over()) {
        if (auto found = folders_.find(key); found != folders_.end()) co_return found->second;
        auto failed = failures_.find(key);
        if (failed != failures_.end() && options_.clock->steady_now() < failed->second.until)
            co_return failed->second.error;
        if (!preparing_.contains(key)) {
            auto begun = begin_preparation(ask.question);
            if (!begun) co_return begun.error();
        }
        co_await changed_.wait();
    }
    co_return *ask.effort.over();
}

asio::awaitable<Result<LiveAnswer>> LiveTemplates::evaluate_in(Folder& folder, Ask& ask) {
    auto& question = ask.question.request;
    drop_unasked(question, folder.questions);
    auto values = std::make_shared<VariableValues>(std::move(*question.mutable_variable_values()));
    auto write = [values, source = folder.source(), file = folder.variables(),
                  tofu = options_.terraform.tofu] {
        return write_given_variables(source, VariableFiles{file, {}}, *values, tofu);
    };
    auto files = co_await offload(options_.workers, std::move(write));
    if (!files) co_return files.error();
    *question.mutable_variable_values() = std::move(*values);
    Refusals refusals;
    // Each pass but the last takes an answer away, and none is there twice.
    while (true) {
        auto pass = co_await plan(folder, ask, files->plan);
        if (!pass) co_return pass.error();
        if (pass->ok) co_return answer_of(pass->model, question, refusals);
        if (take_refused(pass->errors, folder.questions, question, refusals)) continue;
        LiveAnswer broken;
        broken.problems = std::move(pass->errors);
        co_return broken;
    }
}

asio::awaitable<Result<LiveTemplates::Pass>> LiveTemplates::plan(Folder& folder, Ask& ask,
                                                                 fs::path variables) {
    const auto& question = ask.question.request;
    auto environment = build_environment(base_environment(options_.host_environment), question.metadata(),
                                         question, {}, false);
    if (!environment) co_return environment.error();
    std::unique_ptr<ProviderHost> provider;
    if (options_.keep_provider) {
        // No other one is asked for parameters.
        auto providers = selected_providers(folder.source());
        std::erase_if(providers,
                      [](const auto& each) { return name_in_registry(each.first) != coder_provider; });
        auto host = co_await ProviderHost::start(folder.source(), folder.path, std::move(providers),
                                                 *environment, *options_.clock);
        if (host) provider = std::move(*host);
    }
    if (provider) (*environment)["TF_REATTACH_PROVIDERS"] = provider->address();
    auto args = plan_arguments(folder.plan(), variables, folder.questions);
    auto result = co_await run(ask.effort, folder.source(), std::move(args), std::move(*environment));
    if (!result) co_return result.error();
    Pass pass;
    pass.ok = result->ok();
    pass.errors = std::move(result->errors);
    if (!pass.ok && pass.errors.empty()) co_return internal_error(result->failure("terraform plan"));
    if (!pass.ok) co_return pass;
    auto model = read_plan_file(folder.plan());
    if (!model) co_return model.error();
    pass.model = std::move(*model);
    co_return pass;
}

asio::awaitable<Result<CommandResult>> LiveTemplates::run(Effort& effort, fs::path folder,
                                                          std::vector<std::string> args,
                                                          Environment environment) {
    if (effort.over()) co_return *effort.over();
    NoLog log;
    ExecutorOptions how{options_.terraform, std::move(folder), std::chrono::seconds(2)};
    Executor executor(std::move(how), log, effort.terraform(), *options_.clock);
    Timings unused("live", options_.clock->now());
    auto result = co_await executor.run(std::move(args), std::move(environment), unused);
    if (effort.over()) co_return *effort.over();
    co_return result;
}

// Preparations. They belong to nobody's question: others may wait for the same template.

Result<void> LiveTemplates::begin_preparation(const LiveQuestion& question) {
    TurnRequest wanted{question.user, nullptr, question.patient};
    if (!preparations_.has_room(wanted)) return try_again("too many templates are being prepared");
    preparing_.insert(question.key);
    preparing_tasks_.spawn("prepare", prepare(question.key, std::move(wanted), question.load));
    return {};
}

asio::awaitable<void> LiveTemplates::prepare(std::string key, TurnRequest wanted, LoadTemplate load) {
    struct Ended {
        ~Ended() {
            owner.preparing_.erase(key);
            owner.changed_.notify();
        }
        LiveTemplates& owner;
        const std::string& key;
    } ended{*this, key};
    auto folder = co_await make_folder(std::move(wanted), std::move(load));
    if (!folder) {
        remember(key, folder.error());
        co_return;
    }
    make_room();
    (*folder)->last_used = ++clock_;
    folders_[key] = std::move(*folder);
}

asio::awaitable<Result<LiveTemplates::FolderPtr>> LiveTemplates::make_folder(TurnRequest wanted,
                                                                             LoadTemplate load) {
    Effort effort(*this);
    auto turn = co_await preparations_.take(std::move(wanted), effort.over());
    if (!turn) co_return turn.error();
    auto files = co_await load();
    if (!files) co_return files.error();
    std::error_code failed;
    fs::create_directories(root_, failed);
    // Short, because a socket's path has little room.
    auto folder = std::make_shared<Folder>(root_ / std::to_string(++clock_));
    fs::create_directories(folder->source(), failed);
    fs::permissions(folder->path, fs::perms::owner_all, failed);
    if (failed) co_return internal_error("cannot create a folder for the template", failed.message());
    auto unpack = [source = folder->source(), archive = std::move(files->archive),
                   modules = std::move(files->modules), limits = options_.archive_limits] {
        return unpack_template(source, archive, modules, limits);
    };
    auto unpacked = co_await offload(options_.workers, std::move(unpack));
    if (!unpacked) co_return unpacked.error();
    Result<void> done = internal_error("terraform init was not run");
    co_await net::TaskGroup::scope(base::Logger("terraform"), &LiveTemplates::initialize, this, folder.get(),
                                   &effort, &done);
    if (!done) co_return done.error();
    co_return folder;
}

asio::awaitable<void> LiveTemplates::initialize(net::TaskGroup& group, LiveTemplates* self, Folder* folder,
                                                Effort* effort, Result<void>* done) {
    group.spawn("deadline", self->end_late(*effort, self->limits_.preparation,
                                           internal_error("terraform init took too long")));
    auto args = init_command(self->options_.terraform);
    auto environment = base_environment(self->options_.host_environment);
    auto result = co_await self->run(*effort, folder->source(), std::move(args), std::move(environment));
    if (!result) {
        *done = result.error();
    } else if (!result->ok()) {
        *done = internal_error(result->failure("terraform init"));
    } else {
        auto questions = find_questions(folder->source(), self->options_.terraform.tofu);
        if (questions) folder->questions = std::move(*questions);
        *done = questions ? Result<void>() : questions.error();
    }
}

void LiveTemplates::remember(const std::string& key, Error error) {
    auto now = options_.clock->steady_now();
    std::erase_if(failures_, [now](const auto& each) { return each.second.until <= now; });
    if (failures_.size() >= max_failures) failures_.erase(failures_.begin());
    auto until = now + (is_transient(error) ? transient_memory : limits_.failure_memory);
    failures_.insert_or_assign(key, Failure{std::move(error), until});
}

void LiveTemplates::make_room() {
    while (folders_.size() >= limits_.templates) {
        auto oldest = std::min_element(folders_.begin(), folders_.end(), [](const auto& a, const auto& b) {
            return a.second->last_used < b.second->last_used;
        });
        // Who evaluates in it still holds it; it goes when they are done.
        folders_.erase(oldest);
    }
}

}  // namespace berth::terraform
