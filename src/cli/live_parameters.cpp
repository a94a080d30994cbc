#include "cli/live_parameters.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

namespace berth::cli {
namespace {

template <class T>
asio::awaitable<std::optional<T>> keep_value(asio::awaitable<T> work) {
    auto value = co_await std::move(work);
    co_return std::optional<T>(std::move(value));
}

/// Runs `work` on another loop, to its end even when the caller is cancelled: a cancellation must not be sent
/// across threads. What takes long ends by its own limits, or by close().
template <class T>
asio::awaitable<T> on_loop(asio::any_io_executor loop, asio::awaitable<T> work) {
    auto value =
        co_await asio::co_spawn(loop, keep_value<T>(std::move(work)),
                                asio::bind_cancellation_slot(asio::cancellation_slot(), asio::use_awaitable));
    co_return std::move(*value);
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

asio::awaitable<void> close_templates(terraform::LiveTemplates& templates) {
    templates.close();
    co_return;
}

}  // namespace

LiveParameters::LiveParameters(asio::any_io_executor home, std::filesystem::path root,
                               const terraform::SessionOptions& options)
    : templates_(std::move(home), std::move(root), options) {}

asio::awaitable<Result<void>> LiveParameters::prepare(std::string version_id, std::string archive,
                                                      std::string modules) {
    auto work = templates_.prepare(std::move(version_id), std::move(archive), std::move(modules));
    auto done = co_await on_loop(templates_.home(), std::move(work));
    co_return done;
}

asio::awaitable<Result<coderd::Evaluation>> LiveParameters::evaluate(std::string version_id,
                                                                     provisioner::PlanRequest question) {
    auto work = templates_.evaluate(std::move(version_id), std::move(question));
    auto answer = co_await on_loop(templates_.home(), std::move(work));
    if (!answer) co_return answer.error();
    co_return evaluation_of(std::move(*answer));
}

asio::awaitable<void> LiveParameters::close() {
    co_await asio::co_spawn(templates_.home(), close_templates(templates_), asio::use_awaitable);
}

}  // namespace berth::cli
