#include "coderd/parameters/evaluate.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/parameters/form_type.h"
#include "coderd/provisionerdserver/build_message.h"
#include "coderd/provisionerdserver/held_job.h"
#include "coderd/provisionerdserver/owner_metadata.h"

namespace berth::coderd {
namespace {

using base::to_valid_utf8;

/// From what the import stored: options and defaults do not change with the answers.
asio::awaitable<Result<Evaluation>> evaluate_stored(Context& context, const db::TemplateVersion& version,
                                                    const ParameterValues& answers) {
    auto rows = co_await context.store.get_template_version_parameters(provisionerd_actor(), version.id);
    if (!rows) co_return rows.error();
    Evaluation evaluation;
    for (const auto& row : *rows) {
        auto& parameter = evaluation.parameters.emplace_back();
        parameter.definition = parameter_message(row);
        auto answer = answers.find(row.name);
        if (answer != answers.end()) {
            parameter.value = answer->second;
            auto wrong = parameter_complaint(row, answer->second, nullptr);
            if (!wrong.empty()) parameter.problems.push_back({true, "The value cannot be used", wrong, ""});
        } else if (!row.required) {
            parameter.value = row.default_value;
        }
    }
    co_return evaluation;
}

asio::awaitable<Result<provisioner::PlanRequest>> make_question(Context& context,
                                                                const ParameterQuestion& asked) {
    const auto& version = asked.version;
    provisioner::PlanRequest question;
    auto& metadata = *question.mutable_metadata();
    metadata.set_coder_url(context.options.access_url);
    metadata.set_workspace_transition(provisioner::START);
    metadata.set_template_version(version.name);
    metadata.set_template_version_id(version.id.to_string());
    auto owner = co_await context.store.get_user_by_id(provisionerd_actor(), asked.owner_id);
    if (!owner) co_return owner.error();
    auto filled = co_await fill_owner_metadata(context, *owner, version.organization_id, metadata);
    if (!filled) co_return filled.error();
    auto variables = co_await fill_variables(context, version.id, *question.mutable_variable_values());
    if (!variables) co_return variables.error();
    for (const auto& [name, value] : asked.answers) {
        auto* parameter = question.add_rich_parameter_values();
        parameter->set_name(name);
        parameter->set_value(value);
    }
    co_return question;
}

asio::awaitable<Result<TemplateFiles>> load_files(Context& context, db::TemplateVersion version) {
    auto job = co_await context.store.get_provisioner_job_by_id(provisionerd_actor(), version.job_id);
    if (!job) co_return job.error();
    auto archive = co_await context.store.get_file_by_id(provisionerd_actor(), job->file_id);
    if (!archive) co_return archive.error().wrap("the template's files");
    TemplateFiles files;
    files.archive = std::move(archive->data);
    auto stored = co_await context.store.get_template_version_module_files(provisionerd_actor(), version.id);
    if (!stored && stored.error().code() == ErrorCode::not_found) co_return files;
    if (!stored) co_return stored.error().wrap("the template's modules");
    auto modules = co_await context.store.get_file_by_id(provisionerd_actor(), stored->id);
    if (!modules) co_return modules.error().wrap("the template's modules");
    files.modules = std::move(modules->data);
    co_return files;
}

asio::awaitable<Result<Evaluation>> evaluate_live(Context& context, const ParameterQuestion& asked) {
    auto question = co_await make_question(context, asked);
    if (!question) co_return question.error();
    EvaluationRequest request;
    request.version_id = asked.version.id.to_string();
    request.user_id = asked.asker_id.to_string();
    request.patient = asked.patient;
    request.question = std::move(*question);
    request.load = [&context, version = asked.version] { return load_files(context, version); };
    auto evaluation = co_await context.evaluator->evaluate(std::move(request));
    co_return evaluation;
}

void mark_missing(Evaluation& evaluation) {
    for (auto& parameter : evaluation.parameters)
        if (!parameter.value && parameter.problems.empty())
            parameter.problems.push_back(
                {true, "An answer is needed", "This parameter has no default.", "required"});
}

}  // namespace

asio::awaitable<Result<Evaluation>> evaluate_parameters(Context& context, ParameterQuestion asked) {
    if (asked.answers.size() > max_parameter_values)
        co_return invalid_argument("There are more than " + std::to_string(max_parameter_values) +
                                   " parameter values.");
    Result<Evaluation> evaluation = Evaluation();
    if (context.evaluator == nullptr)
        evaluation = co_await evaluate_stored(context, asked.version, asked.answers);
    else
        evaluation = co_await evaluate_live(context, asked);
    if (evaluation) mark_missing(*evaluation);
    co_return evaluation;
}

db::TemplateVersionParameter parameter_row(const provisioner::RichParameter& parameter) {
    db::TemplateVersionParameter row;
    row.name = to_valid_utf8(parameter.name());
    row.display_name = to_valid_utf8(parameter.display_name());
    row.description = to_valid_utf8(parameter.description());
    row.type = to_valid_utf8(parameter.type());
    row.form_type = std::string(form_type_name(parameter.form_type()));
    row.mutable_ = parameter.mutable_();
    row.default_value = to_valid_utf8(parameter.default_value());
    row.icon = to_valid_utf8(parameter.icon());
    boost::json::array options;
    for (const auto& option : parameter.options()) {
        options.push_back({{"name", to_valid_utf8(option.name())},
                           {"description", to_valid_utf8(option.description())},
                           {"value", to_valid_utf8(option.value())},
                           {"icon", to_valid_utf8(option.icon())}});
    }
    row.options = boost::json::serialize(options);
    row.validation_regex = to_valid_utf8(parameter.validation_regex());
    if (parameter.has_validation_min()) row.validation_min = parameter.validation_min();
    if (parameter.has_validation_max()) row.validation_max = parameter.validation_max();
    row.validation_error = to_valid_utf8(parameter.validation_error());
    row.validation_monotonic = to_valid_utf8(parameter.validation_monotonic());
    row.required = parameter.required();
    row.display_order = parameter.order();
    row.ephemeral = parameter.ephemeral();
    return row;
}

provisioner::RichParameter parameter_message(const db::TemplateVersionParameter& row) {
    provisioner::RichParameter parameter;
    parameter.set_name(row.name);
    parameter.set_display_name(row.display_name);
    parameter.set_description(row.description);
    parameter.set_type(row.type);
    parameter.set_form_type(form_type_of(row.form_type));
    parameter.set_mutable_(row.mutable_);
    parameter.set_default_value(row.default_value);
    parameter.set_icon(row.icon);
    boost::system::error_code error;
    auto options = boost::json::parse(row.options, error);
    if (!error && options.is_array()) {
        for (const auto& item : options.get_array()) {
            if (!item.is_object()) continue;
            auto text = [&item](std::string_view key) {
                const auto* value = item.get_object().if_contains(key);
                return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                              : std::string();
            };
            auto* option = parameter.add_options();
            option->set_name(text("name"));
            option->set_description(text("description"));
            option->set_value(text("value"));
            option->set_icon(text("icon"));
        }
    }
    parameter.set_validation_regex(row.validation_regex);
    if (row.validation_min) parameter.set_validation_min(*row.validation_min);
    if (row.validation_max) parameter.set_validation_max(*row.validation_max);
    parameter.set_validation_error(row.validation_error);
    parameter.set_validation_monotonic(row.validation_monotonic);
    parameter.set_required(row.required);
    parameter.set_order(row.display_order);
    parameter.set_ephemeral(row.ephemeral);
    return parameter;
}

}  // namespace berth::coderd
