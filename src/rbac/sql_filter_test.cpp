#include "rbac/sql_filter.h"

#include <gtest/gtest.h>

#include "rbac/actors_testing.h"

namespace berth::rbac {
namespace {

const Columns workspace_columns{.id = "w.id",
                                .owner = "w.owner_id",
                                .organization = "w.organization_id",
                                .user_acl = "w.user_acl",
                                .group_acl = "w.group_acl"};

std::string literal(const Uuid& id) { return "'" + id.to_string() + "'::uuid"; }

TEST(SqlFilter, ConstantsAreFolded) {
    EXPECT_TRUE(sql_filter(Actor(), Action::read, Resource::workspace, workspace_columns).never());
    auto owner = make_actor({.site_roles = {"owner"}});
    EXPECT_TRUE(sql_filter(owner, Action::read, Resource::workspace, workspace_columns).always());
    EXPECT_TRUE(sql_filter(owner, Action::read, Resource::user_secret, {.id = "s.id"}).never());
    const Actor& reaper = Actor::system(SystemActor::reaper);
    EXPECT_TRUE(sql_filter(reaper, Action::update, Resource::provisioner_jobs, {}).always());
    EXPECT_TRUE(sql_filter(reaper, Action::read, Resource::file, {}).never());
}

TEST(SqlFilter, OwnThings) {
    auto actor = make_actor({});
    EXPECT_EQ(sql_filter(actor, Action::read, Resource::api_key, {.id = "id", .owner = "user_id"}).text,
              "(COALESCE(user_id IN (" + literal(test_user) + "), FALSE))");
    EXPECT_TRUE(sql_filter(actor, Action::read, Resource::api_key, {.id = "id"}).never());
}

TEST(SqlFilter, OwnThingsOfAnOrganization) {
    auto actor = make_actor({.organizations = {{test_organization, {}}}});
    EXPECT_EQ(sql_filter(actor, Action::read, Resource::workspace,
                         {.owner = "w.owner_id", .organization = "w.organization_id"})
                  .text,
              "(COALESCE(w.owner_id IN (" + literal(test_user) +
                  "), FALSE) AND COALESCE(w.organization_id IN (" + literal(test_organization) +
                  "), FALSE))");
}

TEST(SqlFilter, AccessLists) {
    auto actor = make_actor({.organizations = {{test_organization, {}}}});
    auto text =
        sql_filter(
            actor, Action::use, Resource::template_,
            {.organization = "t.organization_id", .user_acl = "t.user_acl", .group_acl = "t.group_acl"})
            .text;
    EXPECT_EQ(text, "(COALESCE(t.organization_id IN (" + literal(test_organization) +
                        "), FALSE) AND (COALESCE(t.user_acl -> '" + test_user.to_string() +
                        "' @> '[\"use\"]' OR t.user_acl -> '" + test_user.to_string() +
                        "' @> '[\"*\"]', FALSE) OR COALESCE(t.group_acl -> '" +
                        test_organization.to_string() + "' @> '[\"use\"]' OR t.group_acl -> '" +
                        test_organization.to_string() + "' @> '[\"*\"]', FALSE)))");
}

TEST(SqlFilter, ScopesAndAllowLists) {
    auto narrow = [](std::vector<std::string> names, std::vector<AllowTarget> targets) {
        return make_actor({.site_roles = {"owner"}, .scope = *Scope::from_names(names, std::move(targets))});
    };
    auto filter = [&](const Actor& actor) {
        return sql_filter(actor, Action::read, Resource::workspace, workspace_columns);
    };
    EXPECT_TRUE(filter(narrow({"template:read"}, {})).never());
    EXPECT_TRUE(filter(narrow({"workspace:read"}, {})).always());
    EXPECT_TRUE(filter(narrow({"workspace:read"}, {{Resource::template_, std::nullopt}})).never());
    EXPECT_EQ(
        filter(narrow({"all"}, {{Resource::workspace, test_id(5)}, {Resource::template_, test_id(6)}})).text,
        "(COALESCE(w.id IN (" + literal(test_id(5)) + "), FALSE))");
    EXPECT_TRUE(sql_filter(narrow({"all"}, {{Resource::workspace, test_id(5)}}), Action::read,
                           Resource::workspace, {})
                    .never());
}

TEST(SqlFilter, BansTakeTheirOrganizationOut) {
    auto actor = make_actor({.organizations = {{test_organization, {"organization-workspace-creation-ban"}},
                                               {other_organization, {"organization-admin"}}}});
    auto text = sql_filter(actor, Action::delete_, Resource::workspace, workspace_columns).text;
    EXPECT_EQ(text.find(test_organization.to_string() + "'::uuid"), std::string::npos) << text;
    EXPECT_NE(text.find(other_organization.to_string() + "'::uuid"), std::string::npos) << text;
}

}  // namespace
}  // namespace berth::rbac
