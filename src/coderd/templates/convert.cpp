#include "coderd/templates/convert.h"

#include <cmath>

#include <boost/json.hpp>

#include "coderd/api/convert.h"
#include "coderd/jobs/jobs.h"
#include "coderd/jobs/matched.h"

namespace berth::coderd {
namespace {

constexpr std::string_view day_names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                          "friday", "saturday", "sunday"};

sdk::Template plain_template(const db::Template& row) {
    sdk::Template out;
    out.id = row.id;
    out.created_at = row.created_at;
    out.updated_at = row.updated_at;
    out.organization_id = row.organization_id;
    out.organization_name = row.organization_name;
    out.organization_display_name = row.organization_display_name;
    out.organization_icon = row.organization_icon;
    out.name = row.name;
    out.display_name = row.display_name;
    out.provisioner = to_sdk<sdk::ProvisionerType>(row.provisioner);
    out.active_version_id = row.active_version_id;
    out.description = row.description;
    out.deprecated = !row.deprecated.empty();
    out.deprecation_message = row.deprecated;
    out.icon = row.icon;
    out.default_ttl_ms = row.default_ttl_ms;
    out.activity_bump_ms = row.activity_bump_ms;
    out.autostop_requirement.days_of_week = days_from_bits(row.autostop_requirement_days_of_week);
    out.autostop_requirement.weeks = std::max<std::int64_t>(1, row.autostop_requirement_weeks);
    out.autostart_requirement.days_of_week =
        days_from_bits(static_cast<std::int16_t>(~row.autostart_block_days_of_week & all_days));
    out.created_by_id = row.created_by;
    out.created_by_name = row.created_by_username;
    out.allow_user_autostart = row.allow_user_autostart;
    out.allow_user_autostop = row.allow_user_autostop;
    out.allow_user_cancel_workspace_jobs = row.allow_user_cancel_workspace_jobs;
    out.failure_ttl_ms = row.failure_ttl_ms;
    out.time_til_dormant_ms = row.time_til_dormant_ms;
    out.time_til_dormant_autodelete_ms = row.time_til_dormant_autodelete_ms;
    out.require_active_version = row.require_active_version;
    out.max_port_share_level = to_sdk<sdk::WorkspaceAgentPortShareLevel>(row.max_port_share_level);
    out.cors_behavior = to_sdk<sdk::CORSBehavior>(row.cors_behavior);
    out.use_classic_parameter_flow = row.use_classic_parameter_flow;
    out.use_terraform_workspace_cache = row.use_terraform_workspace_cache;
    for (const char* transition : {"start", "stop", "delete"})
        out.build_time_stats[transition];
    return out;
}

sdk::TemplateVersion plain_version(const db::TemplateVersion& row) {
    sdk::TemplateVersion out;
    out.id = row.id;
    out.template_id = row.template_id;
    out.organization_id = row.organization_id;
    out.created_at = row.created_at;
    out.updated_at = row.updated_at;
    out.name = row.name;
    out.message = row.message;
    out.readme = row.readme;
    out.created_by.id = row.created_by;
    out.created_by.username = row.created_by_username;
    out.created_by.name = row.created_by_name;
    out.created_by.avatar_url = row.created_by_avatar_url;
    out.archived = row.archived;
    out.has_external_agent = row.has_external_agent.value_or(false);
    return out;
}

}  // namespace

std::vector<std::string> days_from_bits(std::int16_t bits) {
    std::vector<std::string> days;
    for (int i = 0; i < 7; ++i)
        if ((bits & (1 << i)) != 0) days.emplace_back(day_names[i]);
    return days;
}

Result<std::int16_t> days_to_bits(const std::vector<std::string>& days, std::string_view field) {
    int bits = 0;
    for (const auto& day : days) {
        auto found = std::find(std::begin(day_names), std::end(day_names), day);
        if (found == std::end(day_names))
            return invalid_argument("The template's settings are not valid.")
                .with_field(std::string(field), "\"" + day + "\" is no day of the week");
        bits |= 1 << (found - std::begin(day_names));
    }
    return static_cast<std::int16_t>(bits);
}

asio::awaitable<Result<std::vector<sdk::Template>>> templates_to_sdk(Context& context,
                                                                     const rbac::Actor& actor,
                                                                     std::vector<db::Template> rows) {
    std::vector<Uuid> ids;
    for (const auto& row : rows)
        ids.push_back(row.id);
    auto users = co_await context.store.get_template_user_counts(actor, ids);
    if (!users) co_return users.error();
    auto times = co_await context.store.get_template_build_times(actor, ids);
    if (!times) co_return times.error();
    std::vector<sdk::Template> templates;
    for (const auto& row : rows) {
        auto& out = templates.emplace_back(plain_template(row));
        for (const auto& count : *users)
            if (count.template_id == row.id) out.active_user_count = count.user_count;
        for (const auto& time : *times) {
            if (time.template_id != row.id) continue;
            auto& stats = out.build_time_stats[std::string(to_string(time.transition))];
            stats.p50 = std::llround(time.p50_ms);
            stats.p95 = std::llround(time.p95_ms);
        }
    }
    co_return templates;
}

asio::awaitable<Result<sdk::Template>> template_to_sdk(Context& context, const rbac::Actor& actor,
                                                       db::Template row) {
    std::vector<db::Template> rows;
    rows.push_back(std::move(row));
    auto templates = co_await templates_to_sdk(context, actor, std::move(rows));
    if (!templates) co_return templates.error();
    co_return std::move(templates->front());
}

asio::awaitable<Result<std::vector<sdk::TemplateVersion>>> versions_to_sdk(
    Context& context, const rbac::Actor& actor, std::vector<db::TemplateVersion> rows) {
    std::vector<Uuid> ids;
    for (const auto& row : rows)
        ids.push_back(row.job_id);
    auto jobs = co_await context.store.get_template_version_jobs(actor, ids);
    if (!jobs) co_return jobs.error();
    auto places = co_await queue_places(context.store, *jobs, context.clock.now());
    if (!places) co_return places.error();
    std::vector<sdk::TemplateVersion> versions;
    for (const auto& row : rows) {
        auto job = std::find_if(jobs->begin(), jobs->end(),
                                [&](const JobRow& each) { return each.id == row.job_id; });
        if (job == jobs->end()) continue;
        versions.push_back(plain_version(row));
        versions.back().job = job_to_sdk(*job, *places);
    }
    co_return versions;
}

asio::awaitable<Result<sdk::TemplateVersion>> version_to_sdk(Context& context, const rbac::Actor& actor,
                                                             db::TemplateVersion row) {
    std::vector<db::TemplateVersion> rows;
    rows.push_back(std::move(row));
    auto versions = co_await versions_to_sdk(context, actor, std::move(rows));
    if (!versions) co_return versions.error();
    if (versions->empty()) co_return not_found("There is no such template version, or you may not see it.");
    auto& version = versions->front();
    if (version.job.status == sdk::ProvisionerJobStatus::pending) {
        std::vector<Uuid> ids(1, version.job.id);
        auto matched = co_await matched_provisioners(context, ids);
        if (!matched) co_return matched.error();
        version.matched_provisioners = (*matched)[version.job.id];
    }
    co_return std::move(version);
}

sdk::TemplateVersionParameter parameter_to_sdk(const db::TemplateVersionParameter& row) {
    sdk::TemplateVersionParameter out;
    out.name = row.name;
    out.display_name = row.display_name;
    out.description = row.description;
    out.description_plaintext = plain_text(row.description);
    out.type = row.type;
    out.form_type = row.form_type;
    out.mutable_ = row.mutable_;
    out.default_value = row.default_value;
    out.icon = row.icon;
    out.validation_error = row.validation_error;
    out.validation_regex = row.validation_regex;
    out.validation_min = row.validation_min;
    out.validation_max = row.validation_max;
    out.validation_monotonic = sdk::parse_enum<sdk::ValidationMonotonicOrder>(row.validation_monotonic)
                                   .value_or(sdk::ValidationMonotonicOrder::unset);
    out.required = row.required;
    out.ephemeral = row.ephemeral;
    boost::system::error_code error;
    auto options = boost::json::parse(row.options, error);
    if (error || !options.is_array()) return out;
    for (const auto& option : options.get_array()) {
        if (!option.is_object()) continue;
        const auto& object = option.get_object();
        out.options.push_back({text_of(object, "name"), text_of(object, "description"),
                               text_of(object, "value"), text_of(object, "icon")});
    }
    return out;
}

sdk::TemplateVersionVariable variable_to_sdk(const db::TemplateVersionVariable& row) {
    sdk::TemplateVersionVariable out;
    out.name = row.name;
    out.description = row.description;
    out.type = row.type;
    out.required = row.required;
    out.sensitive = row.sensitive;
    if (!row.sensitive) {
        out.value = row.value;
        out.default_value = row.default_value;
    }
    return out;
}

std::string plain_text(std::string_view markdown) {
    std::string out;
    std::size_t at = 0;
    while (at < markdown.size()) {
        char c = markdown[at];
        if (c == '*' || c == '`' || (c == '#' && (out.empty() || out.back() == '\n'))) {
            ++at;
            continue;
        }
        // [text](target) -> text
        if (c == '[') {
            auto middle = markdown.find("](", at);
            auto end = middle == std::string_view::npos ? middle : markdown.find(')', middle);
            if (end != std::string_view::npos) {
                out += markdown.substr(at + 1, middle - at - 1);
                at = end + 1;
                continue;
            }
        }
        out += c;
        ++at;
    }
    auto begin = out.find_first_not_of(" \n\t");
    if (begin == std::string::npos) return {};
    return out.substr(begin, out.find_last_not_of(" \n\t") - begin + 1);
}

}  // namespace berth::coderd
