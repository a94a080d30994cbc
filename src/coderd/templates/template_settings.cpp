#include "coderd/templates/template_settings.h"

#include <boost/json.hpp>

#include "base/text.h"
#include "coderd/templates/convert.h"

namespace berth::coderd {
namespace {

constexpr std::int64_t thirty_days_ms = std::int64_t(30) * 24 * 3600 * 1000;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::size_t longest_description = 128;

Error bad(std::string field, std::string detail) {
    return invalid_argument("The template's settings are not valid.")
        .with_field(std::move(field), std::move(detail));
}

Result<void> check_duration(std::string field, std::int64_t value, std::int64_t at_least = 0) {
    if (value < 0) return bad(std::move(field), "must be zero or more");
    if (value > 0 && value < at_least) return bad(std::move(field), "must be zero or at least a minute");
    return {};
}

/// Common to new and changed rows, which have the same members.
template <class Row>
Result<void> check_row(const Row& row) {
    auto checks = {
        check_duration("default_ttl_ms", row.default_ttl_ms),
        check_duration("activity_bump_ms", row.activity_bump_ms),
        check_duration("failure_ttl_ms", row.failure_ttl_ms, minute_ms),
        check_duration("time_til_dormant_ms", row.time_til_dormant_ms, minute_ms),
        check_duration("time_til_dormant_autodelete_ms", row.time_til_dormant_autodelete_ms, minute_ms)};
    for (const auto& check : checks)
        if (!check) return check;
    if (row.default_ttl_ms > thirty_days_ms) return bad("default_ttl_ms", "must be at most 30 days");
    if (row.autostop_requirement_weeks < 0 || row.autostop_requirement_weeks > 16)
        return bad("autostop_requirement.weeks", "must be from 0 to 16");
    if (row.description.size() > longest_description)
        return bad("description", "must have at most 128 bytes");
    return {};
}

template <class Row>
Result<void> apply_autostop(Row& row, const std::optional<sdk::TemplateAutostopRequirement>& requirement) {
    if (!requirement) return {};
    auto days = days_to_bits(requirement->days_of_week, "autostop_requirement.days_of_week");
    if (!days) return days.error();
    row.autostop_requirement_days_of_week = *days;
    row.autostop_requirement_weeks = requirement->weeks == 0 ? 1 : requirement->weeks;
    return {};
}

template <class Row>
Result<void> apply_autostart(Row& row, const std::optional<sdk::TemplateAutostartRequirement>& requirement) {
    if (!requirement) return {};
    auto days = days_to_bits(requirement->days_of_week, "autostart_requirement.days_of_week");
    if (!days) return days.error();
    row.autostart_block_days_of_week = static_cast<std::int16_t>(~*days & all_days);
    return {};
}

template <class Row>
Result<void> apply_choices(Row& row, const std::optional<sdk::WorkspaceAgentPortShareLevel>& share,
                           const std::optional<sdk::CORSBehavior>& cors) {
    if (share && *share != sdk::WorkspaceAgentPortShareLevel::unset) {
        auto level = db::parse_app_sharing_level(sdk::to_string(*share));
        if (!level) return bad("max_port_share_level", "is unknown");
        row.max_port_share_level = *level;
    }
    if (cors && *cors != sdk::CORSBehavior::unset) {
        auto behavior = db::parse_cors_behavior(sdk::to_string(*cors));
        if (!behavior) return bad("cors_behavior", "is unknown");
        row.cors_behavior = *behavior;
    }
    return {};
}

}  // namespace

std::string use_acl(const Uuid& subject) {
    boost::json::object acl;
    acl[subject.to_string()] = boost::json::array{"read", "use"};
    return boost::json::serialize(acl);
}

sdk::TemplateRole role_of_actions(const std::vector<std::string>& actions) {
    auto has = [&](std::string_view action) {
        return std::find(actions.begin(), actions.end(), action) != actions.end();
    };
    if (has("*")) return sdk::TemplateRole::admin;
    if (has("read")) return sdk::TemplateRole::use;
    return sdk::TemplateRole::unset;
}

std::vector<std::string> actions_of_role(sdk::TemplateRole role) {
    if (role == sdk::TemplateRole::admin) return {"*"};
    if (role == sdk::TemplateRole::use) return {"read", "use"};
    return {};
}

Result<db::InsertTemplateParams> new_template_row(const sdk::CreateTemplateRequest& body,
                                                  const Uuid& organization_id, const Uuid& user_id) {
    db::InsertTemplateParams row;
    row.id = Uuid::random();
    row.organization_id = organization_id;
    row.name = body.name;
    row.display_name = body.display_name;
    row.description = body.description;
    row.icon = body.icon;
    row.provisioner = db::ProvisionerType::terraform;
    row.active_version_id = body.template_version_id;
    row.created_by = user_id;
    row.default_ttl_ms = body.default_ttl_ms.value_or(0);
    row.activity_bump_ms = body.activity_bump_ms.value_or(3'600'000);
    row.failure_ttl_ms = body.failure_ttl_ms.value_or(0);
    row.time_til_dormant_ms = body.dormant_ttl_ms.value_or(0);
    row.time_til_dormant_autodelete_ms = body.delete_ttl_ms.value_or(0);
    row.autostop_requirement_weeks = 1;
    row.allow_user_autostart = body.allow_user_autostart.value_or(true);
    row.allow_user_autostop = body.allow_user_autostop.value_or(true);
    row.allow_user_cancel_workspace_jobs = body.allow_user_cancel_workspace_jobs.value_or(true);
    row.require_active_version = body.require_active_version;
    row.max_port_share_level = db::AppSharingLevel::public_;
    row.cors_behavior = db::CorsBehavior::simple;
    row.use_classic_parameter_flow = body.template_use_classic_parameter_flow.value_or(false);
    row.user_acl = "{}";
    // Everybody of the organization may use a template unless its maker says otherwise.
    row.group_acl = body.disable_everyone_group_access ? "{}" : use_acl(organization_id);
    auto autostop = apply_autostop(row, body.autostop_requirement);
    if (!autostop) return autostop.error();
    auto autostart = apply_autostart(row, body.autostart_requirement);
    if (!autostart) return autostart.error();
    auto choices = apply_choices(row, body.max_port_share_level, body.cors_behavior);
    if (!choices) return choices.error();
    auto checked = check_row(row);
    if (!checked) return checked.error();
    return row;
}

Result<db::UpdateTemplateMetaParams> changed_template_row(const db::Template& row,
                                                          const sdk::UpdateTemplateMeta& body) {
    db::UpdateTemplateMetaParams change;
    change.id = row.id;
    change.name = body.name.empty() ? row.name : body.name;
    change.display_name = body.display_name.value_or(row.display_name);
    change.description = body.description.value_or(row.description);
    change.icon = body.icon.value_or(row.icon);
    change.default_ttl_ms = body.default_ttl_ms;
    change.activity_bump_ms = body.activity_bump_ms;
    change.failure_ttl_ms = body.failure_ttl_ms;
    change.time_til_dormant_ms = body.time_til_dormant_ms;
    change.time_til_dormant_autodelete_ms = body.time_til_dormant_autodelete_ms;
    change.autostop_requirement_days_of_week = row.autostop_requirement_days_of_week;
    change.autostop_requirement_weeks = row.autostop_requirement_weeks;
    change.autostart_block_days_of_week = row.autostart_block_days_of_week;
    change.allow_user_autostart = body.allow_user_autostart;
    change.allow_user_autostop = body.allow_user_autostop;
    change.allow_user_cancel_workspace_jobs = body.allow_user_cancel_workspace_jobs;
    change.require_active_version = body.require_active_version;
    change.deprecated = body.deprecation_message.value_or(row.deprecated);
    change.max_port_share_level = row.max_port_share_level;
    change.cors_behavior = row.cors_behavior;
    change.use_classic_parameter_flow =
        body.use_classic_parameter_flow.value_or(row.use_classic_parameter_flow);
    change.use_terraform_workspace_cache =
        body.use_terraform_workspace_cache.value_or(row.use_terraform_workspace_cache);
    change.group_acl = row.group_acl;
    if (body.disable_everyone_group_access) {
        boost::system::error_code error;
        auto acl = boost::json::parse(row.group_acl, error);
        if (!error && acl.is_object()) {
            acl.get_object().erase(row.organization_id.to_string());
            change.group_acl = boost::json::serialize(acl);
        }
    }
    auto autostop = apply_autostop(change, body.autostop_requirement);
    if (!autostop) return autostop.error();
    auto autostart = apply_autostart(change, body.autostart_requirement);
    if (!autostart) return autostart.error();
    auto choices = apply_choices(change, body.max_port_share_level, body.cors_behavior);
    if (!choices) return choices.error();
    auto checked = check_row(change);
    if (!checked) return checked.error();
    return change;
}

bool changes_anything(const db::Template& row, const db::UpdateTemplateMetaParams& change) {
    auto settings = [](const auto& each) {
        return std::tie(each.name, each.display_name, each.description, each.icon, each.default_ttl_ms,
                        each.activity_bump_ms, each.failure_ttl_ms, each.time_til_dormant_ms,
                        each.time_til_dormant_autodelete_ms, each.autostop_requirement_days_of_week,
                        each.autostop_requirement_weeks, each.autostart_block_days_of_week,
                        each.allow_user_autostart, each.allow_user_autostop,
                        each.allow_user_cancel_workspace_jobs, each.require_active_version, each.deprecated,
                        each.max_port_share_level, each.cors_behavior, each.use_classic_parameter_flow,
                        each.use_terraform_workspace_cache, each.group_acl);
    };
    return settings(row) != settings(change);
}

}  // namespace berth::coderd
