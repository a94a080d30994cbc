#include "coderd/builds/create.h"

#include <algorithm>

#include "coderd/jobs/channels.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

rbac::Action action_for(db::WorkspaceTransition transition) {
    switch (transition) {
        case db::WorkspaceTransition::start:
            return rbac::Action::start;
        case db::WorkspaceTransition::stop:
            return rbac::Action::stop;
        case db::WorkspaceTransition::delete_:
            return rbac::Action::delete_;
        case db::WorkspaceTransition::unrecognized:
            break;
    }
    return rbac::Action::delete_;
}

Result<void> may_build(const rbac::Actor& actor, const db::Workspace& workspace,
                       db::WorkspaceTransition transition) {
    rbac::Object object{
        .resource = workspace.dormant_at ? rbac::Resource::workspace_dormant : rbac::Resource::workspace,
        .id = workspace.id,
        .owner = workspace.owner_id,
        .organization = workspace.organization_id,
        .user_acl = rbac::Acl::parse(workspace.user_acl),
        .group_acl = rbac::Acl::parse(workspace.group_acl)};
    return rbac::authorize(actor, action_for(transition), object);
}

/// What the last build was, when there is one.
struct Last {
    std::optional<db::WorkspaceBuild> build;
    ParameterValues parameters;
};

asio::awaitable<Result<Last>> read_last(db::Transaction& tx, const rbac::Actor& actor, Uuid workspace_id) {
    Last last;
    auto build = co_await tx.get_latest_workspace_build(actor, workspace_id);
    if (!build && build.error().code() == ErrorCode::not_found) co_return last;
    if (!build) co_return build.error();
    std::vector<Uuid> job_ids{build->job_id};
    auto jobs = co_await tx.get_workspace_build_jobs(actor, job_ids);
    if (!jobs) co_return jobs.error();
    if (!jobs->empty() && !jobs->front().completed_at)
        co_return Error(ErrorCode::conflict, "A workspace build is already active.");
    auto parameters = co_await tx.get_workspace_build_parameters(actor, build->id);
    if (!parameters) co_return parameters.error();
    for (auto& parameter : *parameters)
        last.parameters[parameter.name] = parameter.value;
    last.build = std::move(*build);
    co_return last;
}

/// People build what their template's keepers chose, where these want that; the keepers build any version.
asio::awaitable<Result<void>> check_active(db::Transaction& tx, const rbac::Actor& actor,
                                           const db::TemplateVersion& version,
                                           const db::Workspace& workspace) {
    if (!workspace.template_require_active_version || version.id == workspace.template_active_version_id)
        co_return Result<void>();
    auto owner = co_await tx.get_template_by_id(actor, workspace.template_id);
    if (!owner) co_return owner.error();
    rbac::Object object{.resource = rbac::Resource::template_,
                        .id = owner->id,
                        .organization = owner->organization_id,
                        .user_acl = rbac::Acl::parse(owner->user_acl),
                        .group_acl = rbac::Acl::parse(owner->group_acl)};
    auto keeper = rbac::authorize(actor, rbac::Action::update, object);
    if (!keeper)
        co_return Error(ErrorCode::permission_denied,
                        "The template's active version is required; this is another one.",
                        "Update the workspace.");
    co_return Result<void>();
}

/// A version that is built must belong to the workspace's template, and its import must have succeeded. A
/// workspace keeps a version that was archived meanwhile, but comes to none.
asio::awaitable<Result<void>> check_version(db::Transaction& tx, const rbac::Actor& actor,
                                            const db::TemplateVersion& version,
                                            const db::Workspace& workspace, bool is_new) {
    if (version.template_id != workspace.template_id)
        co_return invalid_argument("The template version belongs to another template.")
            .with_field("template_version_id", "is not a version of this workspace's template");
    if (version.archived && is_new)
        co_return invalid_argument("The template version is archived.")
            .with_field("template_version_id", "is archived");
    std::vector<Uuid> job_ids{version.job_id};
    auto jobs = co_await tx.get_template_version_jobs(actor, job_ids);
    if (!jobs) co_return jobs.error();
    if (jobs->empty()) co_return internal_error("a template version without its job");
    auto status = jobs->front().job_status;
    if (status == db::ProvisionerJobStatus::succeeded) co_return Result<void>();
    co_return Error(ErrorCode::failed_precondition, "The template version \"" + version.name +
                                                        "\" cannot be built: its import is " +
                                                        std::string(to_string(status)) + ".");
}

asio::awaitable<Result<ParameterValues>> preset_values(db::Transaction& tx, const rbac::Actor& actor,
                                                       Uuid version_id, std::optional<Uuid> preset_id) {
    ParameterValues values;
    if (!preset_id) co_return values;
    auto presets = co_await tx.get_template_version_presets(actor, version_id);
    if (!presets) co_return presets.error();
    bool known = std::any_of(presets->begin(), presets->end(),
                             [&](const auto& preset) { return preset.id == *preset_id; });
    if (!known)
        co_return invalid_argument("The preset cannot be used.")
            .with_field("template_version_preset_id", "is not a preset of this template version");
    auto parameters = co_await tx.get_template_version_preset_parameters(actor, version_id);
    if (!parameters) co_return parameters.error();
    for (auto& parameter : *parameters)
        if (parameter.template_version_preset_id == *preset_id) values[parameter.name] = parameter.value;
    co_return values;
}

/// What a stop or delete gets: the values of the start, without those that were for that build only.
asio::awaitable<Result<ParameterValues>> repeated_values(db::Transaction& tx, const rbac::Actor& actor,
                                                         const Last& last) {
    auto values = last.parameters;
    if (values.empty() || !last.build) co_return values;
    auto definitions = co_await tx.get_template_version_parameters(actor, last.build->template_version_id);
    if (!definitions) co_return definitions.error();
    for (const auto& definition : *definitions)
        if (definition.ephemeral) values.erase(definition.name);
    co_return values;
}

asio::awaitable<Result<ParameterValues>> decide_parameters(db::Transaction& tx, const rbac::Actor& actor,
                                                           const NewBuild& build, const Last& last,
                                                           Uuid version_id) {
    if (build.transition != db::WorkspaceTransition::start) {
        auto repeated = co_await repeated_values(tx, actor, last);
        co_return repeated;
    }
    auto preset = co_await preset_values(tx, actor, version_id, build.preset_id);
    if (!preset) co_return preset.error();
    Result<std::vector<db::TemplateVersionParameter>> definitions =
        std::vector<db::TemplateVersionParameter>();
    if (build.definitions)
        definitions = *build.definitions;
    else
        definitions = co_await tx.get_template_version_parameters(actor, version_id);
    if (!definitions) co_return definitions.error();
    co_return resolve_parameters(*definitions, build.parameters, *preset, last.parameters,
                                 !last.build.has_value());
}

/// A start asks for what the template says now. Whatever ran the workspace so far also stops and deletes it.
asio::awaitable<Result<Tags>> decide_tags(db::Transaction& tx, const rbac::Actor& actor,
                                          const NewBuild& build, const db::Workspace& workspace,
                                          const db::ProvisionerJob& import) {
    std::string text = import.tags;
    if (build.transition != db::WorkspaceTransition::start) {
        auto ran = co_await tx.get_tags_that_ran_workspace(actor, workspace.id);
        if (!ran && ran.error().code() != ErrorCode::not_found) co_return ran.error();
        if (ran) text = *ran;
    }
    auto tags = tags_from_json(text);
    if (!tags) co_return tags.error();
    if (build.tags)
        for (const auto& [key, value] : *build.tags)
            (*tags)[key] = value;
    // A template of its author's own daemon would otherwise wait for the author's, not the owner's.
    co_return complete_tags(std::move(*tags), workspace.owner_id);
}

asio::awaitable<Result<NewJob>> insert_job(db::Transaction& tx, const rbac::Actor& actor,
                                           const NewBuild& build, const db::Workspace& workspace,
                                           Uuid version_job_id, Uuid build_id, base::Time now) {
    std::vector<Uuid> job_ids{version_job_id};
    auto imports = co_await tx.get_template_version_jobs(actor, job_ids);
    if (!imports) co_return imports.error();
    if (imports->empty()) co_return internal_error("a template version without its job");
    const auto& import = imports->front();
    auto tags = co_await decide_tags(tx, actor, build, workspace, import);
    if (!tags) co_return tags.error();
    NewJob job;
    job.organization_id = import.organization_id;
    job.initiator_id = build.initiator_id;
    job.provisioner = import.provisioner;
    job.type = db::ProvisionerJobType::workspace_build;
    job.file_id = import.file_id;
    job.input.workspace_build_id = build_id;
    job.input.log_level = build.log_level;
    job.tags = std::move(*tags);
    auto inserted = co_await insert_build_job(tx, actor, build.workspace_id, job, now);
    if (!inserted) co_return inserted.error();
    co_return job;
}

asio::awaitable<Result<void>> carry_state(db::Transaction& tx, const rbac::Actor& actor,
                                          const NewBuild& build, Uuid build_id) {
    if (build.state) {
        auto stored = co_await tx.upsert_workspace_build_state(actor, build_id, *build.state);
        co_return stored;
    }
    if (build.orphan) co_return Result<void>();
    auto copied = co_await tx.copy_workspace_build_state(actor, build_id);
    if (!copied) co_return copied.error();
    co_return Result<void>();
}

/// Forgetting what terraform made needs no terraform, and so no daemon, template or provider that works.
asio::awaitable<Result<void>> delete_now(db::Transaction& tx, const rbac::Actor& actor, Uuid workspace_id,
                                         Uuid build_id, base::Time now) {
    auto ended = co_await tx.end_unneeded_job(actor, now, build_id, workspace_id);
    if (!ended) co_return ended.error();
    auto deleted = co_await tx.soft_delete_workspace(actor, now, workspace_id);
    if (!deleted) co_return deleted.error();
    co_return Result<void>();
}

asio::awaitable<Result<void>> insert_parameters(db::Transaction& tx, const rbac::Actor& actor, Uuid build_id,
                                                const ParameterValues& values) {
    if (values.empty()) co_return Result<void>();
    std::vector<std::string> names;
    std::vector<std::string> texts;
    for (const auto& [name, value] : values) {
        names.push_back(name);
        texts.push_back(value);
    }
    auto inserted = co_await tx.insert_workspace_build_parameters(actor, build_id, names, texts);
    co_return inserted;
}

}  // namespace

asio::awaitable<Result<db::WorkspaceBuild>> create_build(db::Transaction& tx, const rbac::Actor& actor,
                                                         const NewBuild& build, base::Time now) {
    auto locked = co_await tx.lock_workspace_by_id(actor, build.workspace_id);
    if (!locked) co_return locked.error();
    auto workspace = co_await tx.get_workspace_by_id(actor, build.workspace_id);
    if (!workspace) co_return workspace.error();
    if (workspace->deleted) co_return Error(ErrorCode::failed_precondition, "The workspace is deleted.");
    auto allowed = may_build(actor, *workspace, build.transition);
    if (!allowed) co_return allowed.error();
    auto last = co_await read_last(tx, actor, build.workspace_id);
    if (!last) co_return last.error();

    Uuid version_id = workspace->template_active_version_id;
    if (last->build) version_id = last->build->template_version_id;
    if (build.template_version_id) version_id = *build.template_version_id;
    auto version = co_await tx.get_template_version_by_id(actor, version_id);
    if (!version) co_return version.error();
    bool starts = build.transition == db::WorkspaceTransition::start;
    bool is_new = !last->build || last->build->template_version_id != version_id;
    // What runs already can always be stopped and deleted.
    if (starts || is_new) {
        auto usable = co_await check_version(tx, actor, *version, *workspace, is_new);
        if (!usable) co_return usable.error();
    }
    if (starts) {
        auto active = co_await check_active(tx, actor, *version, *workspace);
        if (!active) co_return active.error();
    }
    auto parameters = co_await decide_parameters(tx, actor, build, *last, version_id);
    if (!parameters) co_return parameters.error();

    db::InsertWorkspaceBuildParams row;
    row.id = Uuid::random();
    row.created_at = now;
    row.workspace_id = build.workspace_id;
    row.template_version_id = version_id;
    row.build_number = last->build ? last->build->build_number + 1 : 1;
    row.transition = build.transition;
    row.initiator_id = build.initiator_id;
    row.reason = build.reason;
    row.template_version_preset_id = build.preset_id;
    auto job = co_await insert_job(tx, actor, build, *workspace, version->job_id, row.id, now);
    if (!job) co_return job.error();
    row.job_id = job->id;
    auto inserted = co_await tx.insert_workspace_build(actor, row);
    if (!inserted) co_return inserted.error();
    auto with_parameters = co_await insert_parameters(tx, actor, row.id, *parameters);
    if (!with_parameters) co_return with_parameters.error();
    auto with_state = co_await carry_state(tx, actor, build, row.id);
    if (!with_state) co_return with_state.error();
    if (build.orphan) {
        auto deleted = co_await delete_now(tx, actor, build.workspace_id, row.id, now);
        if (!deleted) co_return deleted.error();
    }
    auto told = co_await tx.notify(workspace_channel(build.workspace_id), "");
    if (!told) co_return told.error();
    auto complete = co_await tx.get_workspace_build_by_id(actor, row.id);
    co_return complete;
}

}  // namespace berth::coderd
