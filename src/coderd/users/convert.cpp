#include "coderd/users/convert.h"

#include "coderd/api/convert.h"
#include "rbac/role.h"

namespace berth::coderd {

sdk::SlimRole slim_site_role(const std::string& name) {
    auto role = rbac::built_in_site_role(name);
    sdk::SlimRole slim;
    slim.name = name;
    slim.display_name = role ? role->display_name : name;
    return slim;
}

sdk::SlimRole slim_organization_role(const std::string& name, const Uuid& organization) {
    auto role = rbac::built_in_organization_role(name, organization);
    sdk::SlimRole slim;
    slim.name = name;
    slim.display_name = role ? role->display_name : name;
    slim.organization_id = organization.to_string();
    return slim;
}

asio::awaitable<Result<std::vector<sdk::User>>> users_to_sdk(db::Store& store, const rbac::Actor& actor,
                                                             std::vector<db::User> rows) {
    std::vector<Uuid> ids;
    for (const auto& row : rows)
        ids.push_back(row.id);
    auto memberships = co_await store.list_memberships_of_users(actor, ids);
    if (!memberships) co_return memberships.error();
    std::map<Uuid, std::vector<Uuid>> organizations;
    for (const auto& membership : *memberships)
        organizations[membership.user_id].push_back(membership.organization_id);

    std::vector<sdk::User> users;
    for (auto& row : rows) {
        sdk::User user;
        user.id = row.id;
        user.username = row.username;
        user.name = row.name;
        user.avatar_url = row.avatar_url;
        user.email = row.email;
        user.created_at = row.created_at;
        user.updated_at = row.updated_at;
        user.last_seen_at = row.last_seen_at;
        user.status = to_sdk<sdk::UserStatus>(row.status);
        user.login_type = to_sdk<sdk::LoginType>(row.login_type);
        user.theme_preference = row.theme_preference;
        user.organization_ids = organizations[row.id];
        for (const auto& role : row.rbac_roles)
            user.roles.push_back(slim_site_role(role));
        users.push_back(std::move(user));
    }
    co_return users;
}

asio::awaitable<Result<sdk::User>> user_to_sdk(db::Store& store, const rbac::Actor& actor, db::User row) {
    std::vector<db::User> rows;
    rows.push_back(std::move(row));
    auto users = co_await users_to_sdk(store, actor, std::move(rows));
    if (!users) co_return users.error();
    co_return std::move(users->front());
}

}  // namespace berth::coderd
