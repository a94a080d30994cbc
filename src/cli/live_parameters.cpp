#include "cli/live_parameters.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

namespace berth::cli {
namespace {

using Answer = Result<terraform::LiveAnswer>;

asio::awaitable<std::optional<Answer>> ask(terraform::LiveTemplates& templates,
                                           terraform::LiveQuestion question,
                                           std::shared_ptr<terraform::CancelToken> stop) {
    auto answer = co_await templates.evaluate(std::move(question), std::move(stop));
    co_return answer;
}

asio::awaitable<Result<terraform::LiveFiles>> load_files(
    std::function<asio::awaitable<Result<coderd::TemplateFiles>>()> load) {
    auto loaded = co_await load();
    if (!loaded) co_return loaded.error();
    terraform::LiveFiles files;
    files.archive = std::move(loaded->archive);
    files.modules = std::move(loaded->modules);
    co_return files;
}

terraform::LiveQuestion question_of(coderd::EvaluationRequest request) {
    terraform::LiveQuestion question;
    question.key = std::move(request.version_id);
    question.user = std::move(request.user_id);
    question.patient = request.patient;
    question.request = std::move(request.question);
    question.load = [load = std::move(request.load)] { return load_files(load); };
    return question;
}

/// Asks on the templates' loop and waits for the answer even when the caller is cancelled: what is cancelled
/// belongs to another loop, so it is told there, and ends soon.
asio::awaitable<Answer> ask_at_home(terraform::LiveTemplates& templates, terraform::LiveQuestion question) {
    auto stop = std::make_shared<terraform::CancelToken>(templates.home());
    auto state = co_await asio::this_coro::cancellation_state;
    auto slot = state.slot();
    if (slot.is_connected())
        slot.assign([stop, home = templates.home()](asio::cancellation_type) {
            asio::post(home, [stop] { stop->kill(); });
        });
    auto answer =
        co_await asio::co_spawn(templates.home(), ask(templates, std::move(question), std::move(stop)),
                                asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
    slot.clear();
    co_return std::move(*answer);
}

coderd::ParameterProblem problem_of(const terraform::Diagnostic& diagnostic) {
    coderd::ParameterProblem problem;
    problem.error = diagnostic.error;
    problem.summary = diagnostic.summary;
    problem.detail = diagnostic.detail;
    // The place helps the author of a broken template, and only then is there no parameter to show it beside.
    if (diagnostic.address.empty() && !diagnostic.file.empty())
        problem.summary = diagnostic.file + ":" + std::to_string(diagnostic.line) + ": " + problem.summary;
    return problem;
}

coderd::Evaluation evaluation_of(terraform::LiveAnswer answer) {
    coderd::Evaluation evaluation;
    evaluation.tags = std::move(answer.tags);
    for (auto& parameter : answer.parameters) {
        auto& out = evaluation.parameters.emplace_back();
        out.definition = std::move(parameter.definition);
        out.value = std::move(parameter.value);
        out.styling = std::move(parameter.styling);
        for (const auto& problem : parameter.problems)
            out.problems.push_back(problem_of(problem));
    }
    for (const auto& problem : answer.problems)
        evaluation.problems.push_back(problem_of(problem));
    return evaluation;
}

}  // namespace

LiveParameters::LiveParameters(asio::any_io_executor home, std::filesystem::path root,
                               const terraform::SessionOptions& options)
    : templates_(std::move(home), std::move(root), options) {}

asio::awaitable<Result<coderd::Evaluation>> LiveParameters::evaluate(coderd::EvaluationRequest request) {
    auto question = question_of(std::move(request));
    auto answer = co_await ask_at_home(templates_, std::move(question));
    if (!answer) co_return answer.error();
    co_return evaluation_of(std::move(*answer));
}

asio::awaitable<void> LiveParameters::close() {
    co_await asio::co_spawn(templates_.home(), templates_.close(), asio::use_awaitable);
}

}  // namespace berth::cli
