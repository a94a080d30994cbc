#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "base/text.h"
#include "provisioner/terraform/describe.h"
#include "provisioner/terraform/files.h"
#include "provisioner/terraform/last_values.h"
#include "provisioner/terraform/saved_state.h"
#include "provisioner/terraform/secret_values.h"
#include "provisioner/terraform/session_state.h"

namespace berth::terraform {
namespace {

namespace pb = ::provisioner;

/// Above this the plan would not fit into its message beside the rest.
constexpr std::size_t max_plan = 2 << 20;

// Built apart from the coroutines: g++ 12 cannot compile braced lists beside co_await.
std::vector<std::string> plan_command(const std::string& path, const std::string& variables, bool destroy,
                                      bool refresh) {
    std::vector<std::string> args{
        "plan",        "-input=false", "-no-color", "-json", refresh ? "-refresh=true" : "-refresh=false",
        "-out=" + path};
    if (!variables.empty()) args.push_back("-var-file=" + variables);
    if (destroy) args.push_back("-destroy");
    return args;
}

std::vector<std::string> apply_command(const std::string& path, const std::string& variables) {
    std::vector<std::string> args{"apply", "-input=false", "-no-color", "-json", "-auto-approve"};
    if (!variables.empty()) args.push_back("-var-file=" + variables);
    args.push_back(path);
    return args;
}

/// Of a plan, or with an empty path of the state.
std::vector<std::string> show_command(const std::string& path) {
    std::vector<std::string> args{"show", "-json", "-no-color"};
    if (!path.empty()) args.push_back(path);
    return args;
}

std::vector<std::string> graph_command() { return {"graph", "-no-color"}; }

struct ReadPlan {
    Model model;
    std::string data_sources;
};

std::ptrdiff_t agent_count(const Model& model) {
    return std::count_if(model.instances.begin(), model.instances.end(), [](const Instance& instance) {
        return !instance.data && instance.type == "coder_agent";
    });
}

Result<ReadPlan> read_whole_plan(const std::string& json) {
    auto model = read_plan(json);
    if (!model) return model.error();
    auto data = plan_of_data_sources(json);
    if (!data) return data.error();
    return ReadPlan{std::move(*model), std::move(*data)};
}

}  // namespace

asio::awaitable<Result<Environment>> Session::command_environment(pb::Metadata metadata, bool secrets) {
    auto environment =
        build_environment(plain_environment(), metadata, inputs_, options_.init_script, secrets);
    if (!environment) co_return environment;
    if (!options_.keep_provider || provider_failed_) co_return environment;
    if (!provider_ || provider_->environment() != *environment) {
        provider_.reset();
        auto providers = shareable_providers(folder_->source());
        auto host = co_await ProviderHost::start(folder_->source(), folder_->path(), std::move(providers),
                                                 *environment, *options_.clock);
        provider_failed_ = !host.ok();
        if (host) {
            provider_ = std::move(*host);
        } else {
            co_await log(pb::DEBUG, "The providers are not kept running: " + host.error().message());
        }
    }
    if (provider_) (*environment)["TF_REATTACH_PROVIDERS"] = provider_->address();
    co_return environment;
}

Environment Session::reading_environment() const {
    auto environment = base_;
    if (provider_) environment["TF_REATTACH_PROVIDERS"] = provider_->address();
    return environment;
}

asio::awaitable<pb::PlanComplete> Session::plan(pb::PlanRequest request) {
    pb::PlanComplete complete;
    planned_.reset();
    applied_ = false;
    nothing_to_destroy_ = false;
    if (!initialized_) {
        complete.set_error("init must succeed before plan");
        co_return complete;
    }
    auto state = std::move(*request.mutable_state());
    inputs_ = std::move(request);
    if (debugging()) secrets_ = secret_values(inputs_);
    Result<void> done;
    std::error_code ignored;
    if (state.empty()) {
        std::filesystem::remove(folder_->state(), ignored);
    } else {
        done = write_private_file(folder_->state(), state);
    }
    if (done) done = co_await give_variables();
    if (done) done = co_await run_plan(complete);
    if (!done) complete.set_error(done.error().message());
    co_return complete;
}

asio::awaitable<Result<void>> Session::give_variables() {
    auto values = std::make_shared<VariableValues>(std::move(*inputs_.mutable_variable_values()));
    auto folder = folder_->source();
    VariableFiles files;
    files.plan = folder_->variables();
    files.apply = folder_->ephemeral_variables();
    auto tofu = options_.terraform.tofu;
    auto work = [folder, files, values, tofu] { return write_given_variables(folder, files, *values, tofu); };
    auto written = co_await offload(std::move(work));
    variable_files_ = written.ok() ? *written : VariableFiles();
    if (!written) {
        if (inputs_.metadata().workspace_transition() == pb::START) co_return written.error();
        // A stop or delete must go on, with what the template's own files say.
        co_await log(pb::WARN, written.error().message());
    }
    *inputs_.mutable_variable_values() = std::move(*values);
    co_return Result<void>();
}

asio::awaitable<Result<CommandResult>> Session::write_plan(pb::PlanComplete& complete,
                                                           const Environment& environment, bool destroy) {
    auto terraform = executor();
    // Reading an agent gives it a new token, unless the provider is told the old one, and it can be told only
    // one. Where several run on, all keep theirs because none is read.
    bool refresh = inputs_.metadata().running_agent_auth_tokens_size() <= 1;
    auto args = plan_command(folder_->plan().string(), variable_files_.plan.string(), destroy, refresh);
    Timings timings("plan", options_.clock->now());
    auto result = co_await terraform->run(std::move(args), environment, timings);
    bool ok = result && result->ok();
    set_timings(complete, timings.finish(options_.clock->now(), ok, "planning", "workspace"));
    co_return result;
}

/// A workspace can be stopped and deleted with values that its template allows no longer.
asio::awaitable<bool> Session::accept_what_was_refused(const CommandResult& refused) {
    if (refused.cancelled || refused.errors.empty()) co_return false;
    std::map<std::string, std::string> values;
    for (const auto& value : inputs_.rich_parameter_values())
        values[value.name()] = value.value();
    auto folder = folder_->source();
    auto errors = refused.errors;
    auto tofu = options_.terraform.tofu;
    auto work = [folder, errors, values, tofu] { return accept_last_values(folder, errors, values, tofu); };
    auto accepted = co_await offload(std::move(work));
    if (!accepted || accepted->empty()) co_return false;
    co_await log(pb::WARN,
                 "The template does not allow the last value of these parameters any more, which is "
                 "no reason not to end here: " +
                     base::join(*accepted, ", "));
    co_return true;
}

asio::awaitable<Result<void>> Session::run_plan(pb::PlanComplete& complete) {
    const auto& metadata = inputs_.metadata();
    bool destroy = metadata.workspace_transition() == pb::DESTROY;
    std::error_code ignored;
    if (destroy && !std::filesystem::exists(folder_->state(), ignored)) {
        nothing_to_destroy_ = true;
        planned_.emplace();
        co_await log(pb::INFO, "The workspace has no state: there is nothing to destroy.");
        co_return Result<void>();
    }
    auto environment = co_await command_environment(metadata, true);
    if (!environment) co_return environment.error();
    auto result = co_await write_plan(complete, *environment, destroy);
    if (result && !result->ok() && metadata.workspace_transition() != pb::START) {
        bool again = co_await accept_what_was_refused(*result);
        if (again) result = co_await write_plan(complete, *environment, destroy);
    }
    if (!result) co_return result.error();
    if (!result->ok()) co_return internal_error(result->failure("terraform plan"));

    auto terraform = executor();
    auto show = show_command(folder_->plan().string());
    auto json = co_await terraform->capture(std::move(show), reading_environment());
    if (!json) co_return json.error();
    auto text = std::move(*json);
    auto work = [text] { return read_whole_plan(text); };
    auto read = co_await offload(std::move(work));
    if (!read) co_return read.error();
    planned_ = std::move(read->model);
    if (read->data_sources.size() <= max_plan) {
        complete.set_plan(std::move(read->data_sources));
    } else {
        co_await log(pb::WARN, "The plan's data sources are too large to be stored with the template.");
    }
    complete.set_dailycost(daily_cost(*planned_));
    complete.set_ai_task_count(ai_task_count(*planned_));
    for (const auto& replacement : planned_->replacements) {
        *complete.add_resource_replacements() = replacement;
        co_await log(pb::INFO, fmt::format("{} will be made anew, because of: {}", replacement.resource(),
                                           fmt::join(replacement.paths(), ", ")));
    }
    co_return Result<void>();
}

asio::awaitable<pb::ApplyComplete> Session::apply(pb::ApplyRequest request) {
    pb::ApplyComplete complete;
    if (!planned_) {
        complete.set_error("plan must succeed before apply");
        co_return complete;
    }
    if (nothing_to_destroy_) {
        applied_ = true;
        co_return complete;
    }
    auto done = co_await run_apply(std::move(request), complete);
    // Whatever happened: what terraform made must be remembered.
    auto path = folder_->state();
    auto work = [path] { return read_saved_state(path); };
    auto state = co_await offload(std::move(work));
    if (state)
        complete.set_state(std::move(*state));
    else
        folder_->keep();
    if (done && !state) done = state.error().wrap("the workspace's new state");
    applied_ = done.ok();
    if (!done) complete.set_error(done.error().message());
    co_return complete;
}

asio::awaitable<Result<void>> Session::run_apply(pb::ApplyRequest request, pb::ApplyComplete& complete) {
    auto metadata = request.has_metadata() ? request.metadata() : inputs_.metadata();
    // Every agent that is made now would be given the one running agent's token.
    if (agent_count(*planned_) > 1) metadata.clear_running_agent_auth_tokens();
    auto environment = co_await command_environment(std::move(metadata), false);
    if (!environment) co_return environment.error();
    auto terraform = executor();
    Timings timings("apply", options_.clock->now());
    auto args = apply_command(folder_->plan().string(), variable_files_.apply.string());
    auto result = co_await terraform->run(std::move(args), *environment, timings, true);
    bool ok = result && result->ok();
    set_timings(complete, timings.finish(options_.clock->now(), ok, "applying", "workspace"));
    if (!result) co_return result.error();
    if (!ok) co_return internal_error(result->failure("terraform apply"));
    co_return Result<void>();
}

asio::awaitable<pb::GraphComplete> Session::graph(pb::GraphRequest request) {
    auto started = options_.clock->now();
    auto done = co_await run_graph(request.source());
    pb::GraphComplete complete;
    if (done) {
        complete = std::move(*done);
    } else {
        complete.set_error(done.error().message());
    }
    Timings timings("graph", started);
    set_timings(complete, timings.finish(options_.clock->now(), done.ok(), "reading the dependency graph",
                                         "workspace"));
    co_return complete;
}

asio::awaitable<Result<pb::GraphComplete>> Session::run_graph(pb::GraphSource source) {
    bool plan = source == pb::SOURCE_PLAN;
    if (!plan && source != pb::SOURCE_STATE)
        co_return invalid_argument("the graph's source must be the plan or the state");
    if (plan && !planned_) co_return invalid_argument("plan must succeed before its graph");
    if (!plan && !initialized_) co_return invalid_argument("init must succeed before the state's graph");
    if (nothing_to_destroy_) co_return pb::GraphComplete();
    auto loaded = co_await load_graph();
    if (!loaded) co_return loaded.error();
    if (plan) {
        auto described = co_await describe_and_warn(*planned_);
        co_return described;
    }
    auto terraform = executor();
    auto show = show_command({});
    auto json = co_await terraform->capture(std::move(show), reading_environment());
    if (!json) co_return json.error();
    auto text = std::move(*json);
    auto work = [text] { return read_state(text); };
    auto model = co_await offload(std::move(work));
    if (!model) co_return model.error();
    auto described = co_await describe_and_warn(*model);
    co_return described;
}

asio::awaitable<Result<pb::GraphComplete>> Session::describe_and_warn(const Model& model) {
    auto described = describe(model, *graph_, inputs_.metadata().workspace_transition() == pb::START);
    if (!described) co_return described.error();
    for (auto& warning : described->warnings)
        // The state's graph has mostly the same as the plan's.
        if (warned_.insert(warning).second) co_await log(pb::WARN, std::move(warning));
    co_return std::move(described->message);
}

asio::awaitable<Result<void>> Session::load_graph() {
    // It depends on the configuration alone, which does not change during a session.
    if (graph_) co_return Result<void>();
    auto terraform = executor();
    auto args = graph_command();
    auto dot = co_await terraform->capture(std::move(args), reading_environment(), 64 << 20);
    if (!dot) co_return dot.error();
    auto graph = Graph::parse(*dot);
    if (!graph) co_return graph.error();
    graph_ = std::move(*graph);
    co_return Result<void>();
}

}  // namespace berth::terraform
