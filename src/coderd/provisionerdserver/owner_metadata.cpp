#include "coderd/provisionerdserver/owner_metadata.h"

#include <boost/json.hpp>

#include "coderd/provisionerdserver/held_job.h"

namespace berth::coderd {
namespace {

void add_role(provisioner::Metadata& metadata, std::string name, std::string organization) {
    auto* role = metadata.add_workspace_owner_rbac_roles();
    role->set_name(std::move(name));
    role->set_org_id(std::move(organization));
}

/// Site roles have no organization; membership itself is a role, as people write templates against it.
void add_roles(provisioner::Metadata& metadata, const std::vector<std::string>& site_roles,
               const std::string& memberships_json) {
    add_role(metadata, "member", "");
    for (const auto& name : site_roles)
        if (name != "member") add_role(metadata, name, "");
    boost::system::error_code error;
    auto memberships = boost::json::parse(memberships_json, error);
    if (error || !memberships.is_object()) return;
    for (const auto& [organization, names] : memberships.get_object()) {
        add_role(metadata, "organization-member", std::string(organization));
        if (!names.is_array()) continue;
        for (const auto& name : names.get_array())
            if (name.is_string() && name.get_string() != "organization-member")
                add_role(metadata, std::string(name.get_string()), std::string(organization));
    }
}

}  // namespace

void describe_owner(const db::User& owner, std::vector<std::string> groups, const std::string& memberships,
                    provisioner::Metadata& metadata) {
    metadata.set_workspace_owner(owner.username);
    metadata.set_workspace_owner_id(owner.id.to_string());
    metadata.set_workspace_owner_email(owner.email);
    metadata.set_workspace_owner_name(owner.name);
    metadata.set_workspace_owner_login_type(std::string(to_string(owner.login_type)));
    for (auto& group : groups)
        metadata.add_workspace_owner_groups(std::move(group));
    add_roles(metadata, owner.rbac_roles, memberships);
}

asio::awaitable<Result<void>> fill_owner_metadata(Context& context, db::User owner, Uuid organization_id,
                                                  provisioner::Metadata& metadata) {
    auto groups =
        co_await context.store.get_group_names_of_user(provisionerd_actor(), owner.id, organization_id);
    if (!groups) co_return groups.error().wrap("the owner's groups");
    auto roles = co_await context.store.get_authorization_of_user(provisionerd_actor(), owner.id);
    if (!roles) co_return roles.error().wrap("the owner's roles");
    describe_owner(owner, std::move(*groups), roles->memberships, metadata);
    co_return Result<void>();
}

}  // namespace berth::coderd
