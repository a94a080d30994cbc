#include "coderd/provisionerdserver/acquire_message.h"

#include "coderd/provisionerdserver/build_message.h"
#include "coderd/provisionerdserver/held_job.h"
#include "net/drpc/method.h"

namespace berth::coderd {
namespace {

/// What the framing around a message may take.
constexpr std::size_t message_slack = 4096;

std::int64_t unix_milliseconds(base::Time time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

asio::awaitable<Result<void>> fill_version(Context& context, const JobInput& input,
                                           provisioner::Metadata& metadata) {
    if (!input.template_version_id) co_return invalid_argument("the job names no template version");
    auto version =
        co_await context.store.get_template_version_by_id(provisionerd_actor(), *input.template_version_id);
    if (!version) co_return version.error().wrap("the job's template version");
    metadata.set_coder_url(context.options.access_url);
    metadata.set_template_version(version->name);
    metadata.set_template_version_id(version->id.to_string());
    if (!version->template_id) co_return Result<void>();
    auto owner = co_await context.store.get_template_by_id(provisionerd_actor(), *version->template_id);
    if (!owner) co_return owner.error().wrap("the job's template");
    metadata.set_template_id(owner->id.to_string());
    metadata.set_template_name(owner->name);
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_import(Context& context, const JobInput& input,
                                          provisionerd::AcquiredJob_TemplateImport& message) {
    for (const auto& [name, value] : input.user_variable_values) {
        auto* variable = message.add_user_variable_values();
        variable->set_name(name);
        variable->set_value(value);
    }
    auto filled = co_await fill_version(context, input, *message.mutable_metadata());
    co_return filled;
}

asio::awaitable<Result<void>> fill_dry_run(Context& context, const JobInput& input,
                                           provisionerd::AcquiredJob_TemplateDryRun& message) {
    for (const auto& [name, value] : input.rich_parameter_values) {
        auto* parameter = message.add_rich_parameter_values();
        parameter->set_name(name);
        parameter->set_value(value);
    }
    auto filled = co_await fill_version(context, input, *message.mutable_metadata());
    if (!filled) co_return filled.error();
    message.mutable_metadata()->set_workspace_name(input.workspace_name);
    auto variables =
        co_await fill_variables(context, *input.template_version_id, *message.mutable_variable_values());
    if (!variables) co_return variables.error();
    for (const auto& [name, value] : input.user_variable_values) {
        for (auto& variable : *message.mutable_variable_values())
            if (variable.name() == name) variable.set_value(value);
    }
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_arm(Context& context, const db::ProvisionerJobTable& job,
                                       const JobInput& input, provisionerd::AcquiredJob& message) {
    Result<void> filled = internal_error("the job's type is unknown");
    switch (job.type) {
        case db::ProvisionerJobType::workspace_build:
            filled = co_await fill_workspace_build(context, job, input, *message.mutable_workspace_build());
            break;
        case db::ProvisionerJobType::template_version_import:
            filled = co_await fill_import(context, input, *message.mutable_template_import());
            break;
        case db::ProvisionerJobType::template_version_dry_run:
            filled = co_await fill_dry_run(context, input, *message.mutable_template_dry_run());
            break;
        case db::ProvisionerJobType::unrecognized:
            break;
    }
    co_return filled;
}

}  // namespace

asio::awaitable<Result<void>> fill_variables(
    Context& context, const Uuid& template_version_id,
    google::protobuf::RepeatedPtrField<provisioner::VariableValue>& into) {
    auto rows =
        co_await context.store.get_template_version_variables(provisionerd_actor(), template_version_id);
    if (!rows) co_return rows.error().wrap("the template's variables");
    for (const auto& row : *rows) {
        auto* variable = into.Add();
        variable->set_name(row.name);
        variable->set_value(row.value);
        variable->set_sensitive(row.sensitive);
    }
    co_return Result<void>();
}

asio::awaitable<Result<provisionerd::AcquiredJob>> build_acquired_job(Context& context,
                                                                      db::ProvisionerJobTable job,
                                                                      std::size_t max_message) {
    auto input = JobInput::from_json(job.input);
    if (!input) co_return input.error();
    provisionerd::AcquiredJob message;
    message.set_job_id(job.id.to_string());
    message.set_created_at(unix_milliseconds(job.created_at));
    message.set_provisioner(std::string(to_string(job.provisioner)));
    auto initiator = co_await context.store.get_user_by_id(provisionerd_actor(), job.initiator_id);
    if (!initiator) co_return initiator.error().wrap("the job's initiator");
    message.set_user_name(initiator->username);
    auto filled = co_await fill_arm(context, job, *input, message);
    if (!filled) co_return filled.error();
    auto file = co_await context.store.get_file_by_id(provisionerd_actor(), job.file_id);
    if (!file) co_return file.error().wrap("the template's files");
    message.set_template_source_archive(std::move(file->data));
    if (message.ByteSizeLong() + message_slack > max_message)
        co_return Error(ErrorCode::too_large,
                        "The template's files and the workspace's Terraform state are too large for this "
                        "provisioner daemon: together they must stay below " +
                            std::to_string(max_message >> 20) + " MiB.");
    co_return message;
}

}  // namespace berth::coderd
