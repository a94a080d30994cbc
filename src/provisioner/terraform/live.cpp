#include "provisioner/terraform/live.h"

#include <algorithm>
#include <set>

#include "net/runtime.h"
#include "net/task_group.h"
#include "provisioner/terraform/given_variables.h"
#include "provisioner/terraform/leftovers.h"
#include "provisioner/terraform/offload.h"
#include "provisioner/terraform/parameters.h"
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
    bool busy = false;
    std::uint64_t last_used = 0;
};

/// What one run of terraform said.
struct LiveTemplates::Pass {
    bool ok = false;
    Model model;
    std::vector<Diagnostic> errors;
};

/// The right to run terraform in a folder, within the limit of all.
class LiveTemplates::Turn {
public:
    Turn(LiveTemplates& owner, Folder& folder) : owner_(owner), folder_(folder) {}
    ~Turn() {
        if (!held_) return;
        folder_.busy = false;
        --owner_.evaluating_;
        owner_.changed_.notify();
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    asio::awaitable<Result<void>> take() {
        if (owner_.waiting_ >= owner_.limits_.waiting)
            co_return Error(ErrorCode::resource_exhausted, "too many forms are being evaluated");
        ++owner_.waiting_;
        while (!owner_.closed_ && (folder_.busy || owner_.evaluating_ >= owner_.limits_.evaluations))
            co_await owner_.changed_.wait();
        --owner_.waiting_;
        if (owner_.closed_) co_return unavailable("the server stops");
        folder_.busy = held_ = true;
        ++owner_.evaluating_;
        co_return Result<void>();
    }

private:
    LiveTemplates& owner_;
    Folder& folder_;
    bool held_ = false;
};

namespace {

/// The form is not a build: nobody reads its log.
class NoLog final : public LogSink {
public:
    asio::awaitable<void> log(pb::LogLevel, std::string) override { co_return; }
};

struct LimitedRun {
    Executor& executor;
    CancelToken& cancel;
    base::Clock& clock;
    base::Duration limit;
    std::vector<std::string> args;
    Environment environment;
    Result<CommandResult> result = internal_error("terraform was not run");
    bool late = false;
};

asio::awaitable<void> cancel_late(LimitedRun& run) {
    co_await run.clock.sleep(run.limit);
    run.late = true;
    run.cancel.cancel();
}

asio::awaitable<void> run_in_time(net::TaskGroup& group, LimitedRun& run) {
    group.spawn("deadline", cancel_late(run));
    Timings unused("live", run.clock.now());
    auto result = co_await run.executor.run(std::move(run.args), std::move(run.environment), unused);
    run.result = std::move(result);
}

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

/// Takes the answer to `name` out of the request; nullopt when there is none.
std::optional<std::string> take_answer(pb::PlanRequest& question, const std::string& name) {
    auto& values = *question.mutable_rich_parameter_values();
    for (int i = 0; i < values.size(); ++i) {
        if (values[i].name() != name) continue;
        std::string value = values[i].value();
        values.DeleteSubrange(i, 1);
        return value;
    }
    return std::nullopt;
}

struct Refusal {
    std::string value;
    std::vector<Diagnostic> problems;
};
using Refusals = std::map<std::string, Refusal>;

/// Moves refused answers from the question to `refusals`; false when an error is about something else, or
/// about a parameter that has no answer.
bool take_refused(const std::vector<Diagnostic>& errors, const std::vector<QuestionBlock>& questions,
                  pb::PlanRequest& question, Refusals& refusals) {
    bool taken = false;
    for (const auto& error : errors) {
        auto address = without_keys(error.address);
        auto block = std::find_if(questions.begin(), questions.end(), [&](const QuestionBlock& known) {
            return !known.name.empty() && known.address == address;
        });
        if (block == questions.end()) return false;
        auto value = take_answer(question, block->name);
        if (value) {
            refusals[block->name].value = std::move(*value);
            taken = true;
        }
        // Several errors may be about one answer.
        if (!refusals.contains(block->name)) return false;
        refusals[block->name].problems.push_back(error);
    }
    return taken;
}

void add_tags_of(const Instance& instance, LiveAnswer& answer) {
    const auto* tags = instance.values.if_contains("tags");
    if (tags == nullptr || !tags->is_object()) return;
    for (const auto& [key, value] : tags->get_object())
        if (value.is_string()) answer.tags[std::string(key)] = std::string(value.get_string());
}

LiveParameter live_parameter(const Instance& instance, const std::set<std::string>& given,
                             const Refusals& refusals) {
    LiveParameter parameter;
    parameter.definition = make_parameter(instance);
    parameter.styling = std::string(instance.text("styling"));
    const auto& name = parameter.definition.name();
    if (!parameter.definition.required() || given.contains(name))
        parameter.value = std::string(instance.text("value"));
    if (auto refused = refusals.find(name); refused != refusals.end()) {
        parameter.value = refused->second.value;
        parameter.problems = refused->second.problems;
    }
    return parameter;
}

LiveAnswer answer_of(const Model& model, const pb::PlanRequest& question, const Refusals& refusals) {
    std::set<std::string> given;
    for (const auto& value : question.rich_parameter_values())
        given.insert(value.name());
    LiveAnswer answer;
    for (const auto& instance : model.instances) {
        if (!instance.data) continue;
        if (instance.type == "coder_workspace_tags") add_tags_of(instance, answer);
        if (instance.type == "coder_parameter")
            answer.parameters.push_back(live_parameter(instance, given, refusals));
    }
    std::sort(answer.parameters.begin(), answer.parameters.end(), [](const auto& a, const auto& b) {
        return std::pair(a.definition.order(), std::string_view(a.definition.name())) <
               std::pair(b.definition.order(), std::string_view(b.definition.name()));
    });
    return answer;
}

}  // namespace

LiveTemplates::LiveTemplates(asio::any_io_executor home, fs::path root, const SessionOptions& options,
                             LiveLimits limits)
    : home_(home), root_(fs::absolute(root)), options_(options), limits_(limits), changed_(home) {
    // Of a server that was killed.
    kill_processes(root_);
    std::error_code ignored;
    fs::remove_all(root_, ignored);
}

LiveTemplates::~LiveTemplates() = default;

void LiveTemplates::close() {
    closed_ = true;
    for (auto* running : running_)
        running->cancel();
    changed_.notify();
}

asio::awaitable<Result<CommandResult>> LiveTemplates::run(fs::path folder, std::vector<std::string> args,
                                                          Environment environment, base::Duration limit) {
    auto loop = co_await asio::this_coro::executor;
    NoLog log;
    CancelToken cancel(loop);
    struct Registered {
        Registered(std::set<CancelToken*>& all, CancelToken& token) : all_(all), token_(token) {
            all_.insert(&token_);
        }
        ~Registered() { all_.erase(&token_); }
        std::set<CancelToken*>& all_;
        CancelToken& token_;
    } registered(running_, cancel);
    ExecutorOptions how{options_.terraform, std::move(folder), std::chrono::seconds(2)};
    Executor executor(std::move(how), log, cancel, *options_.clock);
    LimitedRun limited{executor, cancel, *options_.clock, limit, std::move(args), std::move(environment)};
    co_await net::TaskGroup::scope(base::Logger("terraform"), run_in_time, std::ref(limited));
    if (closed_) co_return unavailable("the server stops");
    if (limited.late) co_return Error(ErrorCode::deadline_exceeded, "terraform took too long");
    co_return std::move(limited.result);
}

bool LiveTemplates::has(const std::string& key) const { return folders_.contains(key); }

void LiveTemplates::make_room() {
    while (folders_.size() >= limits_.templates) {
        auto oldest = std::min_element(folders_.begin(), folders_.end(), [](const auto& a, const auto& b) {
            return a.second->last_used < b.second->last_used;
        });
        // Who evaluates in it still holds it; it goes when they are done.
        folders_.erase(oldest);
    }
}

asio::awaitable<Result<void>> LiveTemplates::prepare(std::string key, std::string archive,
                                                     std::string modules) {
    if (has(key)) co_return Result<void>();
    std::error_code failed;
    fs::create_directories(root_, failed);
    // Short, because a socket's path has little room.
    auto folder = std::make_shared<Folder>(root_ / std::to_string(++clock_));
    fs::create_directories(folder->source(), failed);
    fs::permissions(folder->path, fs::perms::owner_all, failed);
    if (failed) co_return internal_error("cannot create a folder for the template", failed.message());
    auto source = folder->source();
    auto limits = options_.archive_limits;
    auto unpack = [source, archive, modules, limits] {
        return unpack_template(source, archive, modules, limits);
    };
    auto unpacked = co_await offload(options_.workers, std::move(unpack));
    if (!unpacked) co_return unpacked.error();
    auto initialized = co_await initialize(*folder);
    if (!initialized) co_return initialized.error();
    // Somebody else may have been faster.
    if (has(key)) co_return Result<void>();
    make_room();
    folder->last_used = ++clock_;
    folders_.emplace(std::move(key), std::move(folder));
    co_return Result<void>();
}

asio::awaitable<Result<void>> LiveTemplates::initialize(Folder& folder) {
    Turn turn(*this, folder);
    auto taken = co_await turn.take();
    if (!taken) co_return taken.error();
    auto args = init_command(options_.terraform);
    auto environment = base_environment(options_.host_environment);
    auto result = co_await run(folder.source(), std::move(args), std::move(environment), limits_.preparation);
    if (!result) co_return result.error();
    if (!result->ok()) co_return internal_error(result->failure("terraform init"));
    auto questions = find_questions(folder.source(), options_.terraform.tofu);
    if (!questions) co_return questions.error();
    folder.questions = std::move(*questions);
    co_return Result<void>();
}

asio::awaitable<Result<LiveAnswer>> LiveTemplates::evaluate(std::string key, pb::PlanRequest question) {
    auto found = folders_.find(key);
    if (found == folders_.end()) co_return not_found("the template is not prepared");
    auto folder = found->second;
    folder->last_used = ++clock_;
    if (folder->questions.empty()) co_return LiveAnswer();
    Turn turn(*this, *folder);
    auto taken = co_await turn.take();
    if (!taken) co_return taken.error();
    auto answer = co_await evaluate_in(*folder, std::move(question));
    co_return answer;
}

asio::awaitable<Result<LiveAnswer>> LiveTemplates::evaluate_in(Folder& folder, pb::PlanRequest question) {
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
        auto pass = co_await plan(folder, question, files->plan);
        if (!pass) co_return pass.error();
        if (pass->ok) co_return answer_of(pass->model, question, refusals);
        if (take_refused(pass->errors, folder.questions, question, refusals)) continue;
        LiveAnswer broken;
        broken.problems = std::move(pass->errors);
        co_return broken;
    }
}

asio::awaitable<Result<LiveTemplates::Pass>> LiveTemplates::plan(Folder& folder,
                                                                 const pb::PlanRequest& question,
                                                                 fs::path variables) {
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
    auto show_environment = *environment;
    auto result = co_await run(folder.source(), std::move(args), std::move(*environment), limits_.evaluation);
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

}  // namespace berth::terraform
