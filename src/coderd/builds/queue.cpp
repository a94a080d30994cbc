#include "coderd/builds/queue.h"

#include "coderd/parameters/evaluate.h"
#include "coderd/provisionerdserver/build_message.h"
#include "coderd/provisionerdserver/held_job.h"

namespace berth::coderd {
namespace {

/// All that the template has to know to say what its parameters and tags are.
struct Consultation {
    Uuid version_id;
    Uuid owner_id;
    Uuid initiator_id;
    std::optional<Uuid> preset_id;
    ParameterValues last;
    ParameterValues given;
};

struct Advice {
    /// Nothing when the import's hold.
    std::optional<std::vector<db::TemplateVersionParameter>> definitions;
    Tags tags;
};

asio::awaitable<Result<ParameterValues>> answers_of(Context& context, const rbac::Actor& actor,
                                                    const Consultation& about) {
    ParameterValues answers = about.given;
    for (const auto& [name, value] : about.last)
        answers.emplace(name, value);
    if (!about.preset_id) co_return answers;
    auto preset = co_await context.store.get_template_version_preset_parameters(actor, about.version_id);
    if (!preset) co_return preset.error();
    for (const auto& row : *preset)
        if (row.template_version_preset_id == *about.preset_id) answers[row.name] = row.value;
    co_return answers;
}

asio::awaitable<Result<Advice>> consult(Context& context, const rbac::Actor& actor,
                                        const Consultation& about) {
    auto version = co_await context.store.get_template_version_by_id(actor, about.version_id);
    if (!version) co_return version.error();
    auto answers = co_await answers_of(context, actor, about);
    if (!answers) co_return answers.error();
    ParameterQuestion question;
    question.version = std::move(*version);
    question.owner_id = about.owner_id;
    question.asker_id = about.initiator_id;
    question.patient = true;
    question.answers = std::move(*answers);
    auto evaluation = co_await evaluate_parameters(context, std::move(question));
    if (!evaluation) co_return evaluation.error();
    for (const auto& problem : evaluation->problems)
        if (problem.error)
            co_return Error(ErrorCode::failed_precondition,
                            "The template cannot be evaluated: " + problem.summary, problem.detail);
    Advice advice;
    advice.tags = std::move(evaluation->tags);
    advice.definitions.emplace();
    for (const auto& parameter : evaluation->parameters)
        advice.definitions->push_back(parameter_row(parameter.definition));
    co_return advice;
}

/// Only then can it be built at all; create_build() says why it cannot.
asio::awaitable<Result<bool>> is_imported(Context& context, const rbac::Actor& actor, Uuid version_id) {
    auto version = co_await context.store.get_template_version_by_id(actor, version_id);
    if (!version) co_return version.error();
    std::vector<Uuid> ids{version->job_id};
    auto jobs = co_await context.store.get_template_version_jobs(actor, ids);
    if (!jobs) co_return jobs.error();
    co_return !jobs->empty() && jobs->front().job_status == db::ProvisionerJobStatus::succeeded;
}

/// Terraform could not be run to its end here (a registry that only the template's own daemon reaches, a slow
/// machine), which says nothing about the template, and would not be better the next time.
bool may_be_of_this_machine(const Error& error) {
    return error.code() == ErrorCode::internal || error.code() == ErrorCode::deadline_exceeded;
}

/// The tags as far as they can be known without terraform, which is refused when that is not all of them.
asio::awaitable<Result<Advice>> read_tags(Context& context, const rbac::Actor& actor,
                                          const Consultation& about) {
    Error beyond_us(
        ErrorCode::failed_precondition,
        "The template chooses its provisioner by workspace tags, which this server cannot evaluate.",
        "It needs terraform.");
    if (context.tag_reader == nullptr) co_return beyond_us;
    auto answers = co_await answers_of(context, actor, about);
    if (!answers) co_return answers.error();
    auto version = co_await context.store.get_template_version_by_id(actor, about.version_id);
    if (!version) co_return version.error();
    auto job = co_await context.store.get_provisioner_job_by_id(provisionerd_actor(), version->job_id);
    if (!job) co_return job.error();
    auto file = co_await context.store.get_file_by_id(provisionerd_actor(), job->file_id);
    if (!file) co_return file.error().wrap("the template's files");
    provisioner::PlanRequest values;
    auto filled = co_await fill_variables(context, about.version_id, *values.mutable_variable_values());
    if (!filled) co_return filled.error();
    TagReader::Values variables;
    for (const auto& value : values.variable_values())
        variables[value.name()] = value.value();
    auto tags =
        co_await context.tag_reader->read(std::move(file->data), std::move(variables), std::move(*answers));
    if (!tags) co_return tags.error();
    if (!tags->unknown.empty()) co_return beyond_us;
    Advice advice;
    advice.tags = std::move(tags->values);
    co_return advice;
}

/// What the template says with these answers; nothing when the import has said it all.
asio::awaitable<Result<std::optional<Advice>>> consult_if_needed(Context& context, const rbac::Actor& actor,
                                                                 const Consultation& about) {
    auto tags = co_await context.store.get_template_version_workspace_tags(actor, about.version_id);
    if (!tags) co_return tags.error();
    auto settled = co_await context.store.has_static_parameters(actor, about.version_id);
    if (!settled) co_return settled.error();
    if (tags->empty() && (*settled || context.evaluator == nullptr)) co_return std::optional<Advice>();
    auto imported = co_await is_imported(context, actor, about.version_id);
    if (!imported) co_return imported.error();
    if (!*imported) co_return std::optional<Advice>();
    if (context.evaluator == nullptr) {
        auto read = co_await read_tags(context, actor, about);
        if (!read) co_return read.error();
        co_return std::optional<Advice>(std::move(*read));
    }
    auto advice = co_await consult(context, actor, about);
    if (advice) co_return std::optional<Advice>(std::move(*advice));
    // The import knows the questions that follow from the defaults only: by them, good answers would be
    // refused and bad ones taken, just because others were first.
    if (advice.error().code() == ErrorCode::resource_exhausted)
        co_return unavailable("The template's parameters cannot be evaluated right now.",
                              advice.error().message());
    if (!may_be_of_this_machine(advice.error())) co_return advice.error();
    context.log.warn("the template cannot be evaluated here; its import decides",
                     field("template_version_id", about.version_id), field("error", advice.error()));
    if (tags->empty()) co_return std::optional<Advice>();
    auto read = co_await read_tags(context, actor, about);
    if (!read) co_return advice.error();
    co_return std::optional<Advice>(std::move(*read));
}

/// An ephemeral value was for one build only.
asio::awaitable<Result<ParameterValues>> lasting_values(Context& context, const rbac::Actor& actor,
                                                        const db::WorkspaceBuild& last) {
    ParameterValues lasting;
    auto values = co_await context.store.get_workspace_build_parameters(actor, last.id);
    if (!values) co_return values.error();
    for (auto& row : *values)
        lasting[row.name] = row.value;
    auto definitions =
        co_await context.store.get_template_version_parameters(actor, last.template_version_id);
    if (!definitions) co_return definitions.error();
    for (const auto& definition : *definitions)
        if (definition.ephemeral) lasting.erase(definition.name);
    co_return lasting;
}

asio::awaitable<Result<Consultation>> about_build(Context& context, const rbac::Actor& actor,
                                                  const NewBuild& build) {
    auto workspace = co_await context.store.get_workspace_by_id(actor, build.workspace_id);
    if (!workspace) co_return workspace.error();
    Consultation about;
    about.owner_id = workspace->owner_id;
    about.initiator_id = build.initiator_id;
    about.version_id = workspace->template_active_version_id;
    about.preset_id = build.preset_id;
    about.given = build.parameters;
    auto last = co_await context.store.get_latest_workspace_build(actor, build.workspace_id);
    if (!last && last.error().code() != ErrorCode::not_found) co_return last.error();
    if (last) {
        about.version_id = last->template_version_id;
        auto values = co_await lasting_values(context, actor, *last);
        if (!values) co_return values.error();
        about.last = std::move(*values);
    }
    if (build.template_version_id) about.version_id = *build.template_version_id;
    co_return about;
}

asio::awaitable<Result<Consultation>> about_workspace(Context& context, const rbac::Actor& actor,
                                                      const NewWorkspace& workspace) {
    const auto& request = workspace.request;
    Consultation about;
    about.owner_id = workspace.owner_id;
    about.initiator_id = workspace.initiator_id;
    about.version_id = request.template_version_id;
    if (!request.template_version_preset_id.is_nil()) about.preset_id = request.template_version_preset_id;
    for (const auto& parameter : request.rich_parameter_values)
        about.given[parameter.name] = parameter.value;
    if (!about.version_id.is_nil()) co_return about;
    auto found = co_await context.store.get_template_by_id(actor, request.template_id);
    if (!found) co_return found.error();
    about.version_id = found->active_version_id;
    co_return about;
}

}  // namespace

asio::awaitable<Result<db::WorkspaceBuild>> queue_build(Context& context, const rbac::Actor& actor,
                                                        NewBuild build) {
    // A stop or delete repeats what was: it must not depend on what the template says now.
    if (build.transition == db::WorkspaceTransition::start) {
        auto about = co_await about_build(context, actor, build);
        if (!about) co_return about.error();
        auto advice = co_await consult_if_needed(context, actor, *about);
        if (!advice) co_return advice.error();
        if (*advice) {
            build.definitions = std::move((*advice)->definitions);
            build.tags = std::move((*advice)->tags);
            // Another may become the active one meanwhile.
            build.template_version_id = about->version_id;
        }
    }
    auto created = co_await context.store.transaction({}, create_build, std::cref(actor), std::cref(build),
                                                      context.clock.now());
    co_return created;
}

asio::awaitable<Result<db::Workspace>> queue_workspace(Context& context, const rbac::Actor& actor,
                                                       NewWorkspace workspace) {
    auto about = co_await about_workspace(context, actor, workspace);
    Result<std::optional<Advice>> advice = std::optional<Advice>();
    if (about) advice = co_await consult_if_needed(context, actor, *about);
    // That there is no such template is said by create_workspace(), with the field.
    if (!advice && advice.error().code() != ErrorCode::not_found) co_return advice.error();
    if (advice && *advice) {
        workspace.definitions = std::move((*advice)->definitions);
        workspace.tags = std::move((*advice)->tags);
        workspace.request.template_version_id = about->version_id;
    }
    auto created = co_await context.store.transaction({}, create_workspace, std::cref(actor),
                                                      std::cref(workspace), context.clock.now());
    co_return created;
}

}  // namespace berth::coderd
