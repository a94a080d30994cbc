#include <boost/json.hpp>

#include "coderd/api/convert.h"
#include "coderd/templates/template_routes.h"
#include "coderd/templates/template_settings.h"
#include "coderd/templates/version_routes.h"
#include "coderd/users/convert.h"
#include "rbac/authorize.h"

namespace berth::coderd {
namespace {

using AclEntries = std::map<Uuid, std::vector<std::string>>;

AclEntries parse_acl(const std::string& json) {
    AclEntries entries;
    boost::system::error_code error;
    auto value = boost::json::parse(json, error);
    if (error || !value.is_object()) return entries;
    for (const auto& [key, actions] : value.get_object()) {
        auto id = Uuid::parse(key);
        if (!id || !actions.is_array()) continue;
        for (const auto& action : actions.get_array())
            if (action.is_string()) entries[*id].emplace_back(action.get_string());
    }
    return entries;
}

std::string acl_json(const AclEntries& entries) {
    boost::json::object object;
    for (const auto& [id, actions] : entries) {
        auto& list = object[id.to_string()].emplace_array();
        for (const auto& action : actions)
            list.emplace_back(action);
    }
    return boost::json::serialize(object);
}

Result<void> apply_roles(AclEntries& entries, const std::map<std::string, sdk::TemplateRole>& roles,
                         std::string_view field) {
    for (const auto& [key, role] : roles) {
        auto id = Uuid::parse(key);
        if (!id || role == sdk::TemplateRole::unknown)
            return invalid_argument("The access list is not valid.")
                .with_field(std::string(field), "needs ids and roles");
        auto actions = actions_of_role(role);
        if (actions.empty()) {
            entries.erase(*id);
        } else {
            entries[*id] = std::move(actions);
        }
    }
    return {};
}

std::vector<Uuid> ids_of(const AclEntries& entries) {
    std::vector<Uuid> ids;
    for (const auto& [id, actions] : entries)
        ids.push_back(id);
    return ids;
}

}  // namespace

asio::awaitable<Result<sdk::TemplateACL>> TemplateRoutes::acl(const Request& request) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto users = parse_acl(row->user_acl);
    auto groups = parse_acl(row->group_acl);
    sdk::TemplateACL answer;
    auto rows = co_await context_.store.get_users_by_ids(request.actor(), ids_of(users));
    if (!rows) co_return rows.error();
    auto people = co_await users_to_sdk(context_.store, request.actor(), std::move(*rows));
    if (!people) co_return people.error();
    for (auto& person : *people) {
        sdk::TemplateUser entry;
        static_cast<sdk::User&>(entry) = person;
        entry.role = role_of_actions(users[person.id]);
        answer.users.push_back(std::move(entry));
    }
    auto known = co_await context_.store.list_groups(request.actor(), row->organization_id);
    if (!known) co_return known.error();
    for (const auto& group : *known) {
        auto found = groups.find(group.id);
        if (found == groups.end()) continue;
        sdk::TemplateGroup entry;
        entry.id = group.id;
        entry.name = group.name;
        entry.display_name = group.display_name;
        entry.organization_id = group.organization_id;
        entry.avatar_url = group.avatar_url;
        entry.quota_allowance = group.quota_allowance;
        entry.source = to_sdk<sdk::GroupSource>(group.source);
        entry.organization_name = row->organization_name;
        entry.organization_display_name = row->organization_display_name;
        entry.role = role_of_actions(found->second);
        answer.group.push_back(std::move(entry));
    }
    co_return answer;
}

asio::awaitable<Result<sdk::Response>> TemplateRoutes::update_acl(const Request& request,
                                                                  sdk::UpdateTemplateACL body) {
    auto row = co_await find_template(context_.store, request);
    if (!row) co_return row.error();
    auto users = parse_acl(row->user_acl);
    auto groups = parse_acl(row->group_acl);
    auto with_users = apply_roles(users, body.user_perms, "user_perms");
    if (!with_users) co_return with_users.error();
    auto with_groups = apply_roles(groups, body.group_perms, "group_perms");
    if (!with_groups) co_return with_groups.error();
    db::UpdateTemplateACLParams change;
    change.id = row->id;
    change.user_acl = acl_json(users);
    change.group_acl = acl_json(groups);
    change.updated_at = context_.clock.now();
    auto updated = co_await context_.store.update_template_acl(request.actor(), change);
    if (!updated) co_return updated.error();
    sdk::Response answer;
    answer.message = "The template's access list is changed.";
    co_return answer;
}

}  // namespace berth::coderd
