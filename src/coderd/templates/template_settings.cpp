#include "coderd/templates/template_settings.h"

#include <array>

#include "base/text.h"
#include "coderd/api/convert.h"

namespace berth::coderd {
namespace {

constexpr std::array<std::string_view, 7> day_names{"monday", "tuesday",  "wednesday", "thursday",
                                                    "friday", "saturday", "sunday"};
constexpr std::int16_t all_days = 127;

Error bad_setting(std::string_view field, std::string detail) {
    return invalid_argument("The template's settings cannot be used.").with_field(std::string(field), std::move(detail));
}

Result<void> check_durations(std::initializer_list<std::pair<std::string_view, std::int64_t>> durations) {
    for (const auto& [name, milliseconds] : durations)
        if (milliseconds < 0) return bad_setting(name, "must not be negative");
    return {};
}

Result<std::int64_t> weeks_of(const sdk::TemplateAutostopRequirement& requirement) {
    std::int64_t weeks = requirement.weeks == 0 ? 1 : requirement.weeks;
    if (weeks < 1 || weeks > 16) return bad_setting("autostop_requirement.weeks", "must be from 1 to 16");
    return weeks;
}

}  // namespace

Result<std::int16_t> days_to_bits(const std::vector<std::string>& days, std::string_view field) {
    std::int16_t bits = 0;
    for (const auto& day : days) {
        auto it = std::find(day_names.begin(), day_names.end(), base::to_lower(day));
        if (it == day_names.end()) return bad_setting(field, "\"" + day + "\" is not a day of the week");
        bits = static_cast<std::int16_t>(bits | 1 << (it - day_names.begin()));
    }
    return bits;
}

std::vector<std::string> bits_to_days(std::int16_t bits) {
    std::vector<std::string> days;
    for (std::size_t i = 0; i < day_names.size(); ++i)
        if ((bits & 1 << i) != 0) days.emplace_back(day_names[i]);
    return days;
}

std::string everyone_acl(const Uuid& organization, bool allowed) {
    // The group "Everyone" has the organization's id.
    return allowed ? R"({")" + organization.to_string() + R"(":["read","use"]})" : "{}";
}

Result<db::InsertTemplateParams> template_row(const sdk::CreateTemplateRequest& request, const Uuid& organization) {
    db::InsertTemplateParams row;
    row.id = Uuid::random();
    row.organization_id = organization;
    row.name = request.name;
    row.display_name = request.display_name;
    row.description = request.description;
    row.icon = request.icon;
    row.provisioner = db::ProvisionerType::terraform;
    row.default_ttl_ms = request.default_ttl_ms.value_or(0);
    row.activity_bump_ms = request.activity_bump_ms.value_or(3'600'000);
    row.failure_ttl_ms = request.failure_ttl_ms.value_or(0);
    row.time_til_dormant_ms = request.dormant_ttl_ms.value_or(0);
    row.time_til_dormant_autodelete_ms = request.delete_ttl_ms.value_or(0);
    auto durations = check_durations({{"default_ttl_ms", row.default_ttl_ms},
                                      {"activity_bump_ms", row.activity_bump_ms},
                                      {"failure_ttl_ms", row.failure_ttl_ms},
                                      {"dormant_ttl_ms", row.time_til_dormant_ms},
                                      {"delete_ttl_ms", row.time_til_dormant_autodelete_ms}});
    if (!durations) return durations.error();
    auto stop = request.autostop_requirement.value_or(sdk::TemplateAutostopRequirement{});
    auto stop_days = days_to_bits(stop.days_of_week, "autostop_requirement.days_of_week");
    if (!stop_days) return stop_days.error();
    row.autostop_requirement_days_of_week = *stop_days;
    auto weeks = weeks_of(stop);
    if (!weeks) return weeks.error();
    row.autostop_requirement_weeks = *weeks;
    if (request.autostart_requirement) {
        auto days = days_to_bits(request.autostart_requirement->days_of_week, "autostart_requirement.days_of_week");
        if (!days) return days.error();
        row.autostart_block_days_of_week = static_cast<std::int16_t>(all_days & ~*days);
    }
    row.allow_user_autostart = request.allow_user_autostart.value_or(true);
    row.allow_user_autostop = request.allow_user_autostop.value_or(true);
    row.allow_user_cancel_workspace_jobs = request.allow_user_cancel_workspace_jobs.value_or(true);
    row.require_active_version = request.require_active_version;
    row.max_port_share_level = db::AppSharingLevel::public_;
    if (request.max_port_share_level)
        row.max_port_share_level = db::parse_app_sharing_level(sdk::to_string(*request.max_port_share_level))
                                       .value_or(db::AppSharingLevel::public_);
    row.cors_behavior = db::CorsBehavior::simple;
    if (request.cors_behavior)
        row.cors_behavior =
            db::parse_cors_behavior(sdk::to_string(*request.cors_behavior)).value_or(db::CorsBehavior::simple);
    row.use_classic_parameter_flow = request.template_use_classic_parameter_flow.value_or(false);
    row.user_acl = "{}";
    row.group_acl = everyone_acl(organization, !request.disable_everyone_group_access);
    return row;
}

Result<db::UpdateTemplateMetaParams> changed_row(const db::Template& row, const sdk::UpdateTemplateMeta& request) {
    db::UpdateTemplateMetaParams change;
    change.id = row.id;
    change.name = request.name.empty() ? row.name : request.name;
    change.display_name = request.display_name.value_or(row.display_name);
    change.description = request.description.value_or(row.description);
    change.icon = request.icon.value_or(row.icon);
    change.default_ttl_ms = request.default_ttl_ms;
    change.activity_bump_ms = request.activity_bump_ms;
    change.failure_ttl_ms = request.failure_ttl_ms;
    change.time_til_dormant_ms = request.time_til_dormant_ms;
    change.time_til_dormant_autodelete_ms = request.time_til_dormant_autodelete_ms;
    auto durations = check_durations({{"default_ttl_ms", change.default_ttl_ms},
                                      {"activity_bump_ms", change.activity_bump_ms},
                                      {"failure_ttl_ms", change.failure_ttl_ms},
                                      {"time_til_dormant_ms", change.time_til_dormant_ms},
                                      {"time_til_dormant_autodelete_ms", change.time_til_dormant_autodelete_ms}});
    if (!durations) return durations.error();
    change.autostop_requirement_days_of_week = row.autostop_requirement_days_of_week;
    change.autostop_requirement_weeks = row.autostop_requirement_weeks;
    if (request.autostop_requirement) {
        auto days = days_to_bits(request.autostop_requirement->days_of_week, "autostop_requirement.days_of_week");
        if (!days) return days.error();
        auto weeks = weeks_of(*request.autostop_requirement);
        if (!weeks) return weeks.error();
        change.autostop_requirement_days_of_week = *days;
        change.autostop_requirement_weeks = *weeks;
    }
    change.autostart_block_days_of_week = row.autostart_block_days_of_week;
    if (request.autostart_requirement) {
        auto days = days_to_bits(request.autostart_requirement->days_of_week, "autostart_requirement.days_of_week");
        if (!days) return days.error();
        change.autostart_block_days_of_week = static_cast<std::int16_t>(all_days & ~*days);
    }
    change.allow_user_autostart = request.allow_user_autostart;
    change.allow_user_autostop = request.allow_user_autostop;
    change.allow_user_cancel_workspace_jobs = request.allow_user_cancel_workspace_jobs;
    change.require_active_version = request.require_active_version;
    change.deprecated = request.deprecation_message.value_or(row.deprecated);
    change.max_port_share_level = row.max_port_share_level;
    if (request.max_port_share_level)
        change.max_port_share_level = db::parse_app_sharing_level(sdk::to_string(*request.max_port_share_level))
                                          .value_or(row.max_port_share_level);
    change.cors_behavior = row.cors_behavior;
    if (request.cors_behavior)
        change.cors_behavior = db::parse_cors_behavior(sdk::to_string(*request.cors_behavior)).value_or(row.cors_behavior);
    change.use_classic_parameter_flow = request.use_classic_parameter_flow.value_or(row.use_classic_parameter_flow);
    change.group_acl = request.disable_everyone_group_access ? everyone_acl(row.organization_id, false) : row.group_acl;
    return change;
}

bool is_same(const db::Template& row, const db::UpdateTemplateMetaParams& change) {
    auto settings = [](const auto& r) {
        return std::tie(r.name, r.display_name, r.description, r.icon, r.default_ttl_ms, r.activity_bump_ms,
                        r.failure_ttl_ms, r.time_til_dormant_ms, r.time_til_dormant_autodelete_ms,
                        r.autostop_requirement_days_of_week, r.autostop_requirement_weeks,
                        r.autostart_block_days_of_week, r.allow_user_autostart, r.allow_user_autostop,
                        r.allow_user_cancel_workspace_jobs, r.require_active_version, r.deprecated,
                        r.max_port_share_level, r.cors_behavior, r.use_classic_parameter_flow, r.group_acl);
    };
    return settings(row) == settings(change);
}

sdk::Template template_to_sdk(const db::Template& row) {
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
    out.build_time_stats = {{"start", {}}, {"stop", {}}, {"delete", {}}};
    out.description = row.description;
    out.deprecated = !row.deprecated.empty();
    out.deprecation_message = row.deprecated;
    out.icon = row.icon;
    out.default_ttl_ms = row.default_ttl_ms;
    out.activity_bump_ms = row.activity_bump_ms;
    out.autostop_requirement.days_of_week = bits_to_days(row.autostop_requirement_days_of_week);
    out.autostop_requirement.weeks = row.autostop_requirement_weeks;
    out.autostart_requirement.days_of_week =
        bits_to_days(static_cast<std::int16_t>(all_days & ~row.autostart_block_days_of_week));
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
    return out;
}

}  // namespace berth::coderd
