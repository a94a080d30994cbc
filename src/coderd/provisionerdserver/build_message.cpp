#include "coderd/provisionerdserver/build_message.h"

#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/owner_metadata.h"
#include "coderd/provisionerdserver/session_token.h"
#include "coderd/secrets/read_secrets.h"

namespace berth::coderd {
namespace {

struct BuildRows {
    db::WorkspaceBuild build;
    db::Workspace workspace;
    db::Template template_row;
    db::User owner;
};

provisioner::WorkspaceTransition to_message(db::WorkspaceTransition transition) {
    switch (transition) {
        case db::WorkspaceTransition::stop:
            return provisioner::STOP;
        case db::WorkspaceTransition::delete_:
            return provisioner::DESTROY;
        case db::WorkspaceTransition::start:
        case db::WorkspaceTransition::unrecognized:
            break;
    }
    return provisioner::START;
}

asio::awaitable<Result<BuildRows>> load(Context& context, const JobInput& input) {
    const auto& actor = provisionerd_actor();
    if (!input.workspace_build_id) co_return invalid_argument("the job names no workspace build");
    auto build = co_await context.store.get_workspace_build_by_id(actor, *input.workspace_build_id);
    if (!build) co_return build.error().wrap("the job's workspace build");
    auto workspace = co_await context.store.get_workspace_by_id(actor, build->workspace_id);
    if (!workspace) co_return workspace.error().wrap("the job's workspace");
    auto template_row = co_await context.store.get_template_by_id(actor, workspace->template_id);
    if (!template_row) co_return template_row.error().wrap("the job's template");
    auto owner = co_await context.store.get_user_by_id(actor, workspace->owner_id);
    if (!owner) co_return owner.error().wrap("the workspace's owner");
    BuildRows rows;
    rows.build = std::move(*build);
    rows.workspace = std::move(*workspace);
    rows.template_row = std::move(*template_row);
    rows.owner = std::move(*owner);
    co_return rows;
}

asio::awaitable<Result<void>> fill_owner(Context& context, const BuildRows& rows,
                                         provisioner::Metadata& metadata) {
    const auto& actor = provisionerd_actor();
    const auto& owner = rows.owner;
    auto filled = co_await fill_owner_metadata(context, owner, rows.workspace.organization_id, metadata);
    if (!filled) co_return filled.error();
    auto key = co_await context.store.get_git_ssh_key(actor, owner.id);
    if (!key && key.error().code() != ErrorCode::not_found) co_return key.error().wrap("the owner's SSH key");
    // Stopping and deleting must not depend on what can no longer be decrypted.
    bool needed = rows.build.transition == db::WorkspaceTransition::start;
    if (key) {
        auto opened =
            context.vault.open({key->private_key, key->private_key_key_id}, git_ssh_key_place(owner.id));
        if (!opened && needed) co_return opened.error().wrap("the owner's SSH key");
        metadata.set_workspace_owner_ssh_public_key(key->public_key);
        if (opened) metadata.set_workspace_owner_ssh_private_key(opened->reveal());
    }
    if (owner.login_type == db::LoginType::oidc) {
        auto link = co_await context.store.get_user_link(actor, owner.id, db::LoginType::oidc);
        if (!link && link.error().code() != ErrorCode::not_found)
            co_return link.error().wrap("the owner's identity");
        if (!link) co_return Result<void>();
        auto opened =
            context.vault.open({link->oauth_access_token, link->oauth_key_id},
                               user_link_place(owner.id, to_string(link->login_type), "oauth_access_token"));
        if (!opened && needed) co_return opened.error().wrap("the owner's identity");
        if (opened) metadata.set_workspace_owner_oidc_access_token(opened->reveal());
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_session_token(Context& context, const BuildRows& rows,
                                                 provisioner::Metadata& metadata) {
    if (rows.build.transition != db::WorkspaceTransition::start) {
        auto ended = co_await end_workspace_token(context.store, rows.owner.id, rows.workspace.id);
        co_return ended;
    }
    if (rows.owner.id == rbac::prebuilds_user_id()) co_return Result<void>();
    auto token = co_await renew_workspace_token(context, rows.owner.id, rows.workspace.id);
    if (!token) co_return token.error().wrap("the owner's session token");
    metadata.set_workspace_owner_session_token(token->reveal());
    co_return Result<void>();
}

/// A claimed prebuilt workspace keeps its agents running, so terraform is told their tokens.
asio::awaitable<Result<void>> fill_prebuild(Context& context, const BuildRows& rows, const JobInput& input,
                                            provisioner::Metadata& metadata) {
    if (input.prebuild_stage == "create") metadata.set_prebuilt_workspace_build_stage(provisioner::CREATE);
    if (input.prebuild_stage != "claim") co_return Result<void>();
    metadata.set_prebuilt_workspace_build_stage(provisioner::CLAIM);
    const auto& actor = provisionerd_actor();
    auto previous = co_await context.store.get_workspace_build_by_number(actor, rows.workspace.id,
                                                                         rows.build.build_number - 1);
    if (!previous) co_return previous.error().wrap("the prebuilt workspace's build");
    auto tokens = co_await context.store.list_running_agent_tokens(actor, previous->job_id);
    if (!tokens) co_return tokens.error().wrap("the prebuilt workspace's agents");
    for (const auto& row : *tokens) {
        auto* token = metadata.add_running_agent_auth_tokens();
        token->set_agent_id(row.id.to_string());
        token->set_token(row.auth_token.to_string());
    }
    auto ended = co_await end_workspace_token(context.store, rbac::prebuilds_user_id(), rows.workspace.id);
    co_return ended;
}

asio::awaitable<Result<void>> fill_metadata(Context& context, const BuildRows& rows, const JobInput& input,
                                            provisioner::Metadata& metadata) {
    metadata.set_coder_url(context.options.access_url);
    metadata.set_workspace_transition(to_message(rows.build.transition));
    metadata.set_workspace_name(rows.workspace.name);
    metadata.set_workspace_id(rows.workspace.id.to_string());
    metadata.set_workspace_build_id(rows.build.id.to_string());
    metadata.set_template_id(rows.template_row.id.to_string());
    metadata.set_template_name(rows.template_row.name);
    metadata.set_template_version(rows.build.template_version_name);
    metadata.set_template_version_id(rows.build.template_version_id.to_string());
    auto modules = co_await context.store.get_template_version_module_files(provisionerd_actor(),
                                                                            rows.build.template_version_id);
    if (!modules && modules.error().code() != ErrorCode::not_found)
        co_return modules.error().wrap("the template's modules");
    if (modules) metadata.set_template_version_modules_file(modules->id.to_string());
    auto owner = co_await fill_owner(context, rows, metadata);
    if (!owner) co_return owner.error();
    auto prebuild = co_await fill_prebuild(context, rows, input, metadata);
    if (!prebuild) co_return prebuild.error();
    auto token = co_await fill_session_token(context, rows, metadata);
    co_return token;
}

/// Only a start gets secrets: stopping and deleting must not depend on them.
asio::awaitable<Result<void>> fill_secrets(Context& context, const BuildRows& rows,
                                           provisionerd::AcquiredJob_WorkspaceBuild& message) {
    if (rows.build.transition != db::WorkspaceTransition::start) co_return Result<void>();
    auto secrets = co_await read_user_secrets(context, provisionerd_actor(), rows.owner.id);
    if (!secrets) co_return secrets.error();
    for (auto& secret : *secrets) {
        auto* value = message.add_user_secrets();
        value->set_env_name(std::move(secret.env_name));
        value->set_file_path(std::move(secret.file_path));
        value->set_value(secret.value.reveal());
    }
    co_return Result<void>();
}

using ParameterMessages = google::protobuf::RepeatedPtrField<provisioner::RichParameterValue>;

asio::awaitable<Result<void>> fill_parameters(Context& context, Uuid build_id, ParameterMessages& into) {
    auto rows = co_await context.store.get_workspace_build_parameters(provisionerd_actor(), build_id);
    if (!rows) co_return rows.error().wrap("the build's parameters");
    for (const auto& row : *rows) {
        auto* value = into.Add();
        value->set_name(row.name);
        value->set_value(row.value);
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_previous_parameters(Context& context, const db::WorkspaceBuild& build,
                                                       ParameterMessages& into) {
    if (build.build_number <= 1) co_return Result<void>();
    auto previous = co_await context.store.get_workspace_build_by_number(
        provisionerd_actor(), build.workspace_id, build.build_number - 1);
    if (!previous && previous.error().code() == ErrorCode::not_found) co_return Result<void>();
    if (!previous) co_return previous.error().wrap("the previous build");
    auto filled = co_await fill_parameters(context, previous->id, into);
    co_return filled;
}

}  // namespace

asio::awaitable<Result<void>> fill_workspace_build(Context& context, const db::ProvisionerJobTable& job,
                                                   const JobInput& input,
                                                   provisionerd::AcquiredJob_WorkspaceBuild& message) {
    auto rows = co_await load(context, input);
    if (!rows) co_return rows.error();
    if (rows->build.job_id != job.id)
        co_return invalid_argument("the job's workspace build belongs to another job");
    message.set_workspace_build_id(rows->build.id.to_string());
    message.set_workspace_name(rows->workspace.name);
    message.set_log_level(input.log_level);
    auto parameters =
        co_await fill_parameters(context, rows->build.id, *message.mutable_rich_parameter_values());
    if (!parameters) co_return parameters.error();
    auto previous =
        co_await fill_previous_parameters(context, rows->build, *message.mutable_previous_parameter_values());
    if (!previous) co_return previous.error();
    auto variables =
        co_await fill_variables(context, rows->build.template_version_id, *message.mutable_variable_values());
    if (!variables) co_return variables.error();
    auto state = co_await context.store.get_provisioner_state_of_build(provisionerd_actor(), rows->build.id);
    if (!state && state.error().code() != ErrorCode::not_found)
        co_return state.error().wrap("the workspace's state");
    if (state) message.set_state(std::move(*state));
    auto secrets = co_await fill_secrets(context, *rows, message);
    if (!secrets) co_return secrets.error();
    auto metadata = co_await fill_metadata(context, *rows, input, *message.mutable_metadata());
    co_return metadata;
}

}  // namespace berth::coderd
