#include "coderd/provisionerdserver/build_message.h"

#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/owner_metadata.h"
#include "coderd/provisionerdserver/session_token.h"
#include "coderd/secrets/read_secrets.h"

namespace berth::coderd {
namespace {

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

/// Stopping and deleting must not depend on what can no longer be decrypted.
bool needs_secrets(const db::GetBuildOfJobRow& row) {
    return row.transition == db::WorkspaceTransition::start;
}

Result<void> fill_ssh_key(Context& context, const db::GetBuildOfJobRow& row,
                          provisioner::Metadata& metadata) {
    if (!row.ssh_private_key) return {};
    metadata.set_workspace_owner_ssh_public_key(row.ssh_public_key.value_or(""));
    auto opened =
        context.vault.open({*row.ssh_private_key, row.private_key_key_id}, git_ssh_key_place(row.user.id));
    if (opened) metadata.set_workspace_owner_ssh_private_key(opened->reveal());
    if (!opened && needs_secrets(row)) return opened.error().wrap("the owner's SSH key");
    return {};
}

asio::awaitable<Result<void>> fill_identity(Context& context, const db::GetBuildOfJobRow& row,
                                            provisioner::Metadata& metadata) {
    if (row.user.login_type != db::LoginType::oidc) co_return Result<void>();
    auto link = co_await context.store.get_user_link(provisionerd_actor(), row.user.id, db::LoginType::oidc);
    if (!link && link.error().code() != ErrorCode::not_found)
        co_return link.error().wrap("the owner's identity");
    if (!link) co_return Result<void>();
    auto opened =
        context.vault.open({link->oauth_access_token, link->oauth_key_id},
                           user_link_place(row.user.id, to_string(link->login_type), "oauth_access_token"));
    if (opened) metadata.set_workspace_owner_oidc_access_token(opened->reveal());
    if (!opened && needs_secrets(row)) co_return opened.error().wrap("the owner's identity");
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_session_token(Context& context, const db::GetBuildOfJobRow& row,
                                                 provisioner::Metadata& metadata) {
    if (row.transition != db::WorkspaceTransition::start) {
        auto ended = co_await end_workspace_token(context.store, row.user.id, row.workspace_id);
        co_return ended;
    }
    if (row.user.id == rbac::prebuilds_user_id()) co_return Result<void>();
    auto token = co_await renew_workspace_token(context, row.user.id, row.workspace_id);
    if (!token) co_return token.error().wrap("the owner's session token");
    metadata.set_workspace_owner_session_token(token->reveal());
    co_return Result<void>();
}

/// A claimed prebuilt workspace keeps its agents running, so terraform is told their tokens.
asio::awaitable<Result<void>> fill_prebuild(Context& context, const db::GetBuildOfJobRow& row,
                                            const JobInput& input, provisioner::Metadata& metadata) {
    if (input.prebuild_stage == "create") metadata.set_prebuilt_workspace_build_stage(provisioner::CREATE);
    if (input.prebuild_stage != "claim") co_return Result<void>();
    metadata.set_prebuilt_workspace_build_stage(provisioner::CLAIM);
    const auto& actor = provisionerd_actor();
    auto previous =
        co_await context.store.get_workspace_build_by_number(actor, row.workspace_id, row.build_number - 1);
    if (!previous) co_return previous.error().wrap("the prebuilt workspace's build");
    auto tokens = co_await context.store.list_running_agent_tokens(actor, previous->job_id);
    if (!tokens) co_return tokens.error().wrap("the prebuilt workspace's agents");
    for (const auto& each : *tokens) {
        auto* token = metadata.add_running_agent_auth_tokens();
        token->set_agent_id(each.id.to_string());
        token->set_token(each.auth_token.to_string());
    }
    auto ended = co_await end_workspace_token(context.store, rbac::prebuilds_user_id(), row.workspace_id);
    co_return ended;
}

void describe_build(const Context& context, const db::GetBuildOfJobRow& row,
                    provisioner::Metadata& metadata) {
    metadata.set_coder_url(context.options.access_url);
    metadata.set_workspace_transition(to_message(row.transition));
    metadata.set_workspace_name(row.workspace_name);
    metadata.set_workspace_id(row.workspace_id.to_string());
    metadata.set_workspace_build_id(row.build_id.to_string());
    metadata.set_template_id(row.template_id.to_string());
    metadata.set_template_name(row.template_name);
    metadata.set_template_version(row.template_version_name);
    metadata.set_template_version_id(row.template_version_id.to_string());
    if (row.cached_module_files)
        metadata.set_template_version_modules_file(row.cached_module_files->to_string());
    if (row.task_id) metadata.set_task_id(row.task_id->to_string());
    if (row.task_prompt) metadata.set_task_prompt(*row.task_prompt);
    describe_owner(row.user, row.owner_groups, row.memberships, metadata);
}

asio::awaitable<Result<void>> fill_metadata(Context& context, const db::GetBuildOfJobRow& row,
                                            const JobInput& input, provisioner::Metadata& metadata) {
    describe_build(context, row, metadata);
    auto key = fill_ssh_key(context, row, metadata);
    if (!key) co_return key.error();
    auto identity = co_await fill_identity(context, row, metadata);
    if (!identity) co_return identity.error();
    auto prebuild = co_await fill_prebuild(context, row, input, metadata);
    if (!prebuild) co_return prebuild.error();
    auto token = co_await fill_session_token(context, row, metadata);
    co_return token;
}

/// Only a start gets secrets: stopping and deleting must not depend on them.
asio::awaitable<Result<void>> fill_secrets(Context& context, const db::GetBuildOfJobRow& row,
                                           provisionerd::AcquiredJob_WorkspaceBuild& message) {
    if (!row.has_secrets || row.transition != db::WorkspaceTransition::start) co_return Result<void>();
    auto secrets = co_await read_user_secrets(context, provisionerd_actor(), row.user.id);
    if (!secrets) co_return secrets.error();
    for (auto& secret : *secrets) {
        auto* value = message.add_user_secrets();
        value->set_env_name(std::move(secret.env_name));
        value->set_file_path(std::move(secret.file_path));
        value->set_value(secret.value.reveal());
    }
    co_return Result<void>();
}

Result<void> fill_values(const db::GetBuildOfJobRow& row, provisionerd::AcquiredJob_WorkspaceBuild& message) {
    auto parameters = fill_parameters(row.parameters, *message.mutable_rich_parameter_values());
    if (!parameters) return parameters;
    auto previous = fill_parameters(row.previous_parameters, *message.mutable_previous_parameter_values());
    if (!previous) return previous;
    return fill_variables(row.variables, *message.mutable_variable_values());
}

}  // namespace

asio::awaitable<Result<void>> fill_workspace_build(Context& context, const db::ProvisionerJobTable& job,
                                                   const JobInput& input,
                                                   provisionerd::AcquiredJob& message) {
    auto row = co_await context.store.get_build_of_job(provisionerd_actor(), job.id);
    if (!row) co_return row.error().wrap("the job's workspace build");
    if (input.workspace_build_id != row->build_id)
        co_return invalid_argument("the job's workspace build belongs to another job");
    message.set_user_name(row->initiator_username);
    message.set_template_source_archive(std::move(row->template_files));
    auto& build = *message.mutable_workspace_build();
    build.set_workspace_build_id(row->build_id.to_string());
    build.set_workspace_name(row->workspace_name);
    build.set_log_level(input.log_level);
    build.set_use_terraform_workspace_cache(row->use_terraform_workspace_cache);
    auto values = fill_values(*row, build);
    if (!values) co_return values.error();
    if (row->state) build.set_state(std::move(*row->state));
    auto secrets = co_await fill_secrets(context, *row, build);
    if (!secrets) co_return secrets.error();
    auto metadata = co_await fill_metadata(context, *row, input, *build.mutable_metadata());
    co_return metadata;
}

}  // namespace berth::coderd
