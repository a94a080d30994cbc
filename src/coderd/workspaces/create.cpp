#include "coderd/workspaces/create.h"

#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

Error bad_request(std::string field, std::string detail) {
    return invalid_argument("The workspace cannot be created.")
        .with_field(std::move(field), std::move(detail));
}

/// The template asked for, by itself or by one of its versions.
asio::awaitable<Result<db::Template>> find_template(db::Transaction& tx, const rbac::Actor& actor,
                                                    const sdk::CreateWorkspaceRequest& request) {
    Uuid template_id = request.template_id;
    if (!request.template_version_id.is_nil()) {
        auto version = co_await tx.get_template_version_by_id(actor, request.template_version_id);
        if (!version && version.error().code() == ErrorCode::not_found)
            co_return bad_request("template_version_id", "there is no such template version");
        if (!version) co_return version.error();
        if (!version->template_id) co_return bad_request("template_version_id", "belongs to no template");
        template_id = *version->template_id;
    }
    if (template_id.is_nil()) co_return bad_request("template_id", "is required");
    auto found = co_await tx.get_template_by_id(actor, template_id);
    if (!found && found.error().code() == ErrorCode::not_found)
        co_return bad_request("template_id", "there is no such template");
    if (!found) co_return found.error();
    if (found->deleted) co_return bad_request("template_id", "the template is deleted");
    if (!found->deprecated.empty())
        co_return bad_request("template_id", "the template is deprecated: " + found->deprecated);
    co_return found;
}

asio::awaitable<Result<void>> insert_task(db::Transaction& tx, const rbac::Actor& actor,
                                          const NewWorkspace& workspace,
                                          const db::InsertWorkspaceParams& of) {
    db::InsertTaskParams task;
    task.id = Uuid::random();
    task.created_at = of.created_at;
    task.organization_id = of.organization_id;
    task.owner_id = of.owner_id;
    task.name = of.name;
    task.display_name = workspace.task->display_name;
    task.template_version_id = workspace.request.template_version_id;
    task.workspace_id = of.id;
    task.prompt = workspace.task->prompt;
    auto inserted = co_await tx.insert_task(actor, task);
    co_return inserted;
}

}  // namespace

asio::awaitable<Result<db::Workspace>> create_workspace(db::Transaction& tx, const rbac::Actor& actor,
                                                        const NewWorkspace& workspace, base::Time now) {
    const auto& request = workspace.request;
    auto found = co_await find_template(tx, actor, request);
    if (!found) co_return found.error();
    rbac::Object object{.resource = rbac::Resource::template_,
                        .id = found->id,
                        .organization = found->organization_id,
                        .user_acl = rbac::Acl::parse(found->user_acl),
                        .group_acl = rbac::Acl::parse(found->group_acl)};
    auto may_use = rbac::authorize(actor, rbac::Action::use, object);
    if (!may_use) co_return Error(ErrorCode::permission_denied, "You may not use this template.");

    db::InsertWorkspaceParams row;
    row.id = Uuid::random();
    row.created_at = now;
    row.owner_id = workspace.owner_id;
    row.organization_id = found->organization_id;
    row.template_id = found->id;
    row.name = request.name;
    if (request.autostart_schedule && !request.autostart_schedule->empty())
        row.autostart_schedule = request.autostart_schedule;
    if (request.ttl_ms && *request.ttl_ms > 0) row.ttl_ms = request.ttl_ms;
    if (!request.ttl_ms && found->default_ttl_ms > 0) row.ttl_ms = found->default_ttl_ms;
    row.automatic_updates = request.automatic_updates == sdk::AutomaticUpdates::always
                                ? db::AutomaticUpdates::always
                                : db::AutomaticUpdates::never;
    auto inserted = co_await tx.insert_workspace(actor, row);
    if (!inserted) co_return inserted.error();

    if (workspace.task) {
        // Before the build, which terraform is told of together with its task.
        auto added = co_await insert_task(tx, actor, workspace, row);
        if (!added) co_return added.error();
    }

    NewBuild build;
    build.workspace_id = row.id;
    build.initiator_id = workspace.initiator_id;
    build.template_version_id = found->active_version_id;
    if (!request.template_version_id.is_nil()) build.template_version_id = request.template_version_id;
    if (!request.template_version_preset_id.is_nil()) build.preset_id = request.template_version_preset_id;
    for (const auto& parameter : request.rich_parameter_values)
        if (!build.parameters.emplace(parameter.name, parameter.value).second)
            co_return bad_request(parameter.name, "is given twice");
    build.definitions = workspace.definitions;
    build.tags = workspace.tags;
    auto first = co_await create_build(tx, actor, build, now);
    if (!first) co_return first.error();
    auto expanded = co_await tx.get_workspace_by_id(actor, row.id);
    co_return expanded;
}

}  // namespace berth::coderd
