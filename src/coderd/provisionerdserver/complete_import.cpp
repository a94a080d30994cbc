#include "coderd/provisionerdserver/finish_job.h"

#include <set>

#include <boost/json.hpp>

#include "base/crypto.h"
#include "base/text.h"
#include "coderd/parameters/evaluate.h"
#include "coderd/provisionerdserver/insert_resources.h"

namespace berth::coderd {
namespace {

using base::to_valid_utf8;

boost::json::object parameter_json(const provisioner::RichParameter& parameter) {
    auto row = parameter_row(parameter);
    boost::json::object json;
    json["name"] = row.name;
    json["display_name"] = row.display_name;
    json["description"] = row.description;
    json["type"] = row.type;
    json["form_type"] = row.form_type;
    json["mutable"] = row.mutable_;
    json["default_value"] = row.default_value;
    json["icon"] = row.icon;
    json["options"] = boost::json::parse(row.options);
    json["validation_regex"] = row.validation_regex;
    json["validation_min"] = nullptr;
    json["validation_max"] = nullptr;
    if (row.validation_min) json["validation_min"] = *row.validation_min;
    if (row.validation_max) json["validation_max"] = *row.validation_max;
    json["validation_error"] = row.validation_error;
    json["validation_monotonic"] = row.validation_monotonic;
    json["required"] = row.required;
    json["display_order"] = row.display_order;
    json["ephemeral"] = row.ephemeral;
    return json;
}

std::string external_auth_json(const provisionerd::CompletedJob_TemplateImport& message) {
    boost::json::array list;
    for (const auto& provider : message.external_auth_providers())
        list.push_back({{"id", to_valid_utf8(provider.id())}, {"optional", provider.optional()}});
    // Daemons of old send names only.
    if (list.empty())
        for (const auto& name : message.external_auth_providers_names())
            list.push_back({{"id", to_valid_utf8(name)}, {"optional", false}});
    return boost::json::serialize(list);
}

/// jsonb takes neither broken JSON nor NUL characters; a plan that has them is not worth failing the import
/// for.
std::string storable_plan(const std::string& plan) {
    boost::system::error_code error;
    boost::json::parse_options options;
    options.max_depth = 256;
    if (!plan.empty()) {
        auto value = boost::json::parse(plan, error, {}, options);
        if (!error && value.is_object() && plan.find("\\u0000") == std::string::npos) return plan;
    }
    return "{}";
}

asio::awaitable<Result<void>> insert_preset(db::Transaction& tx, Uuid version_id,
                                            const provisioner::Preset& preset, base::Time now) {
    db::InsertTemplateVersionPresetParams row;
    row.id = Uuid::random();
    row.template_version_id = version_id;
    row.name = to_valid_utf8(preset.name());
    row.description = to_valid_utf8(preset.description());
    row.icon = to_valid_utf8(preset.icon());
    row.is_default = preset.default_();
    row.created_at = now;
    if (preset.has_prebuild()) {
        row.desired_instances = preset.prebuild().instances();
        if (preset.prebuild().has_expiration_policy())
            row.invalidate_after_secs = preset.prebuild().expiration_policy().ttl();
        row.scheduling_timezone = to_valid_utf8(preset.prebuild().scheduling().timezone());
    }
    auto inserted = co_await tx.insert_template_version_preset(provisionerd_actor(), row);
    if (!inserted) co_return inserted.error();
    std::vector<std::string> names;
    std::vector<std::string> values;
    for (const auto& parameter : preset.parameters()) {
        names.push_back(to_valid_utf8(parameter.name()));
        values.push_back(to_valid_utf8(parameter.value()));
    }
    if (!names.empty()) {
        auto stored = co_await tx.insert_template_version_preset_parameters(provisionerd_actor(), row.id,
                                                                            names, values);
        if (!stored) co_return stored.error();
    }
    std::vector<std::string> crons;
    std::vector<std::int32_t> instances;
    for (const auto& schedule : preset.prebuild().scheduling().schedule()) {
        crons.push_back(to_valid_utf8(schedule.cron()));
        instances.push_back(schedule.instances());
    }
    if (crons.empty()) co_return Result<void>();
    auto scheduled =
        co_await tx.insert_preset_prebuild_schedules(provisionerd_actor(), row.id, crons, instances);
    co_return scheduled;
}

asio::awaitable<Result<void>> insert_presets(db::Transaction& tx, Uuid version_id,
                                             const provisionerd::CompletedJob_TemplateImport& message,
                                             base::Time now) {
    std::set<std::string> names;
    int defaults = 0;
    for (const auto& preset : message.presets()) {
        if (!names.insert(preset.name()).second)
            co_return invalid_argument("two presets have the name \"" + to_valid_utf8(preset.name()) + "\"");
        if (preset.default_() && ++defaults > 1)
            co_return invalid_argument("more than one preset is the default");
        auto inserted = co_await insert_preset(tx, version_id, preset, now);
        if (!inserted) co_return inserted.error();
    }
    co_return Result<void>();
}

/// The module archive was uploaded before; a job finds only what was uploaded in its initiator's name.
asio::awaitable<Result<std::optional<Uuid>>> module_file(db::Transaction& tx,
                                                         const db::ProvisionerJobTable& job,
                                                         const std::string& hash) {
    if (hash.empty()) co_return std::optional<Uuid>();
    if (hash.size() != 32) co_return invalid_argument("the hash of the module archive is not a SHA-256");
    auto bytes = std::span(reinterpret_cast<const std::uint8_t*>(hash.data()), hash.size());
    auto file = co_await tx.get_file_id_by_hash_and_creator(provisionerd_actor(), base::hex_encode(bytes),
                                                            job.initiator_id);
    if (!file && file.error().code() == ErrorCode::not_found)
        co_return invalid_argument("the module archive was not uploaded");
    if (!file) co_return file.error();
    co_return std::optional<Uuid>(file->id);
}

asio::awaitable<Result<void>> store_version(db::Transaction& tx,
                                            const provisionerd::CompletedJob_TemplateImport& message,
                                            const db::ProvisionerJobTable& job, const Daemon& daemon,
                                            base::Time now) {
    db::UpdateTemplateVersionImportedParams imported;
    imported.job_id = job.id;
    imported.updated_at = now;
    imported.external_auth_providers = external_auth_json(message);
    imported.has_ai_task = message.has_ai_tasks();
    imported.has_external_agent = message.has_external_agents();
    auto updated = co_await tx.update_template_version_imported(provisionerd_actor(), imported);
    if (!updated) co_return updated.error();
    auto modules = co_await module_file(tx, job, message.module_files_hash());
    if (!modules) co_return modules.error();
    db::UpsertTemplateVersionTerraformValuesParams values;
    values.job_id = job.id;
    values.updated_at = now;
    values.cached_plan = storable_plan(message.plan());
    values.cached_module_files = *modules;
    values.provisionerd_version = daemon.api_version;
    values.static_parameters = message.static_parameters();
    auto stored = co_await tx.upsert_template_version_terraform_values(provisionerd_actor(), values);
    co_return stored;
}

}  // namespace

Result<std::string> parameters_json(
    const google::protobuf::RepeatedPtrField<provisioner::RichParameter>& parameters) {
    std::set<std::string> names;
    boost::json::array list;
    for (const auto& parameter : parameters) {
        if (parameter.name().empty()) return invalid_argument("a parameter has no name");
        if (!names.insert(parameter.name()).second)
            return invalid_argument("two parameters have the name \"" + to_valid_utf8(parameter.name()) +
                                    "\"");
        list.push_back(parameter_json(parameter));
    }
    return boost::json::serialize(list);
}

asio::awaitable<Result<void>> complete_import_in(db::Transaction& tx,
                                                 const provisionerd::CompletedJob_TemplateImport& message,
                                                 const db::ProvisionerJobTable& job, const Daemon& daemon,
                                                 base::Time now) {
    using enum db::WorkspaceTransition;
    auto version = co_await tx.get_template_version_by_job_id(provisionerd_actor(), job.id);
    if (!version) co_return version.error();
    auto started = co_await insert_resources(tx, job.id, start, message.start_resources(), now);
    if (!started) co_return started.error();
    auto stopped = co_await insert_resources(tx, job.id, stop, message.stop_resources(), now);
    if (!stopped) co_return stopped.error();
    auto modules = co_await insert_modules(tx, job.id, start, message.start_modules(), now);
    if (!modules) co_return modules.error();
    auto list = parameters_json(message.rich_parameters());
    if (!list) co_return list.error();
    auto parameters =
        co_await tx.insert_template_version_parameters(provisionerd_actor(), version->id, *list);
    if (!parameters) co_return parameters.error();
    auto presets = co_await insert_presets(tx, version->id, message, now);
    if (!presets) co_return presets.error();
    auto stored = co_await store_version(tx, message, job, daemon, now);
    co_return stored;
}

}  // namespace berth::coderd
