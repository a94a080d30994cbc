#include "coderd/provisionerdserver/acquire_message.h"

#include <boost/json.hpp>

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

/// The rows of a JSON list of objects, one `add` each.
template <class Add>
Result<void> each_object(const std::string& json, Add add) {
    boost::system::error_code error;
    auto list = boost::json::parse(json, error);
    if (error || !list.is_array()) return internal_error("a list of the database is malformed");
    for (const auto& item : list.get_array())
        if (const auto* object = item.if_object()) add(*object);
    return {};
}

std::string text_of(const boost::json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Common to imports and dry runs.
struct VersionParts {
    std::string initiator;
    std::string files;
    std::string variables;
};

asio::awaitable<Result<VersionParts>> fill_version(Context& context, Uuid job_id, const JobInput& input,
                                                   provisioner::Metadata& metadata) {
    if (!input.template_version_id) co_return invalid_argument("the job names no template version");
    auto row =
        co_await context.store.get_version_of_job(provisionerd_actor(), *input.template_version_id, job_id);
    if (!row) co_return row.error().wrap("the job's template version");
    metadata.set_coder_url(context.options.access_url);
    metadata.set_template_version(row->template_version_name);
    metadata.set_template_version_id(row->template_version_id.to_string());
    if (row->template_id) metadata.set_template_id(row->template_id->to_string());
    if (row->template_name) metadata.set_template_name(*row->template_name);
    if (row->cached_module_files)
        metadata.set_template_version_modules_file(row->cached_module_files->to_string());
    VersionParts parts;
    parts.initiator = std::move(row->initiator_username);
    parts.files = std::move(row->template_files);
    parts.variables = std::move(row->variables);
    co_return parts;
}

void take(VersionParts& parts, provisionerd::AcquiredJob& message) {
    message.set_user_name(std::move(parts.initiator));
    message.set_template_source_archive(std::move(parts.files));
}

asio::awaitable<Result<void>> fill_import(Context& context, Uuid job_id, const JobInput& input,
                                          provisionerd::AcquiredJob& message) {
    auto& import = *message.mutable_template_import();
    for (const auto& [name, value] : input.user_variable_values) {
        auto* variable = import.add_user_variable_values();
        variable->set_name(name);
        variable->set_value(value);
    }
    auto parts = co_await fill_version(context, job_id, input, *import.mutable_metadata());
    if (!parts) co_return parts.error();
    take(*parts, message);
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_dry_run(Context& context, Uuid job_id, const JobInput& input,
                                           provisionerd::AcquiredJob& message) {
    auto& run = *message.mutable_template_dry_run();
    for (const auto& [name, value] : input.rich_parameter_values) {
        auto* parameter = run.add_rich_parameter_values();
        parameter->set_name(name);
        parameter->set_value(value);
    }
    auto parts = co_await fill_version(context, job_id, input, *run.mutable_metadata());
    if (!parts) co_return parts.error();
    run.mutable_metadata()->set_workspace_name(input.workspace_name);
    auto variables = fill_variables(parts->variables, *run.mutable_variable_values());
    if (!variables) co_return variables.error();
    for (const auto& [name, value] : input.user_variable_values) {
        for (auto& variable : *run.mutable_variable_values()) {
            if (variable.name() != name) continue;
            variable.set_value(value);
            variable.set_given(true);
        }
    }
    take(*parts, message);
    co_return Result<void>();
}

asio::awaitable<Result<void>> fill_arm(Context& context, const db::ProvisionerJobTable& job,
                                       const JobInput& input, provisionerd::AcquiredJob& message) {
    Result<void> filled = internal_error("the job's type is unknown");
    switch (job.type) {
        case db::ProvisionerJobType::workspace_build:
            filled = co_await fill_workspace_build(context, job, input, message);
            break;
        case db::ProvisionerJobType::template_version_import:
            filled = co_await fill_import(context, job.id, input, message);
            break;
        case db::ProvisionerJobType::template_version_dry_run:
            filled = co_await fill_dry_run(context, job.id, input, message);
            break;
        case db::ProvisionerJobType::unrecognized:
            break;
    }
    co_return filled;
}

}  // namespace

Result<void> fill_variables(const std::string& json, VariableMessages& into) {
    return each_object(json, [&into](const boost::json::object& row) {
        auto* variable = into.Add();
        variable->set_name(text_of(row, "name"));
        variable->set_value(text_of(row, "value"));
        const auto* sensitive = row.if_contains("sensitive");
        variable->set_sensitive(sensitive != nullptr && sensitive->is_bool() && sensitive->get_bool());
        const auto* given = row.if_contains("given");
        if (given != nullptr && given->is_bool()) variable->set_given(given->get_bool());
    });
}

Result<void> fill_parameters(const std::string& json, ParameterMessages& into) {
    return each_object(json, [&into](const boost::json::object& row) {
        auto* value = into.Add();
        value->set_name(text_of(row, "name"));
        value->set_value(text_of(row, "value"));
    });
}

asio::awaitable<Result<void>> fill_variables(Context& context, const Uuid& template_version_id,
                                             VariableMessages& into) {
    auto rows =
        co_await context.store.get_template_version_variables(provisionerd_actor(), template_version_id);
    if (!rows) co_return rows.error().wrap("the template's variables");
    for (const auto& row : *rows) {
        auto* variable = into.Add();
        variable->set_name(row.name);
        variable->set_value(row.value);
        variable->set_sensitive(row.sensitive);
        if (row.given) variable->set_given(*row.given);
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
    auto filled = co_await fill_arm(context, job, *input, message);
    if (!filled) co_return filled.error();
    if (message.ByteSizeLong() + message_slack > max_message)
        co_return Error(ErrorCode::too_large,
                        "The template's files and the workspace's Terraform state are too large for this "
                        "provisioner daemon: together they must stay below " +
                            std::to_string(max_message >> 20) + " MiB.");
    co_return message;
}

}  // namespace berth::coderd
