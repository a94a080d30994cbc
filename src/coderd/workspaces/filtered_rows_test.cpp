#include <gtest/gtest.h>

#include "coderd/coderd_testing.h"
#include "rbac/actors_testing.h"
#include "rbac/authorize.h"
#include "rbac/sql_filter.h"

namespace berth::coderd {
namespace {

using rbac::Action;
using rbac::Resource;
using testing::Api;
using testing::Fixture;

using db::testing::quoted;

/// A row as the policies see it.
struct ProtectedRow {
    Uuid id = Uuid::random();
    std::string name;
    std::optional<Uuid> owner = {};
    Uuid organization;
    std::string user_acl;
    std::string group_acl;
};

/// Workspaces and templates in two organizations, of two owners, with all kinds of access lists; and actors
/// of all kinds. What a statement filters must be what authorize() lets through, row by row.
class FilteredRowsTest : public ::testing::Test {
protected:
    Api api;
    Uuid here = api.organization;
    Uuid there = Uuid::random();
    Uuid mary = api.add_user("mary").id;
    Uuid paul = api.add_user("paul").id;
    Uuid crew = Uuid::random();
    Fixture::Imported made = api.add_template("base");
    std::vector<ProtectedRow> rows;

    FilteredRowsTest() {
        api.sql(
            "INSERT INTO organizations (id, name, display_name, description, created_at, updated_at) VALUES "
            "(" +
            quoted(there) + ", 'other', 'Other', '', now(), now())");
    }

    static std::string entry(const Uuid& subject, const std::string& actions) {
        return "{\"" + subject.to_string() + "\": " + actions + "}";
    }
    void fill_rows(const std::vector<std::optional<Uuid>>& owners) {
        const std::vector<std::string> of_users = {"{}", entry(mary, R"(["read"])"), entry(mary, R"(["*"])"),
                                                   entry(paul, R"(["read", "use", "ssh"])"),
                                                   entry(mary, R"("read")")};
        const std::vector<std::string> of_groups = {"{}", entry(crew, R"(["read", "update"])"),
                                                    entry(here, R"(["read", "use"])"),
                                                    entry(there, R"(["*"])")};
        for (const auto& organization : {here, there})
            for (const auto& owner : owners)
                for (const auto& user_acl : of_users)
                    for (const auto& group_acl : of_groups) {
                        auto& row = rows.emplace_back();
                        row.name = "row-" + std::to_string(1000 + rows.size());
                        row.owner = owner;
                        row.organization = organization;
                        row.user_acl = user_acl;
                        row.group_acl = group_acl;
                    }
    }
    void store_workspaces() {
        fill_rows({mary, paul});
        for (const auto& row : rows)
            api.sql(
                "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, "
                "name, "
                "user_acl, group_acl) VALUES (" +
                quoted(row.id) + ", now(), now(), " + quoted(*row.owner) + ", " + quoted(row.organization) +
                ", " + quoted(made.template_id) + ", '" + row.name + "', '" + row.user_acl + "', '" +
                row.group_acl + "')");
    }
    void store_templates() {
        fill_rows({std::nullopt});
        for (const auto& row : rows)
            api.sql(
                "INSERT INTO templates (id, created_at, updated_at, organization_id, name, provisioner, "
                "active_version_id, created_by, user_acl, group_acl) VALUES (" +
                quoted(row.id) + ", now(), now(), " + quoted(row.organization) + ", '" + row.name +
                "', 'terraform', " + quoted(made.version_id) + ", " + quoted(api.user) + ", '" +
                row.user_acl + "', '" + row.group_acl + "')");
    }

    std::vector<std::pair<std::string, rbac::Actor>> actors() {
        auto user = [&](rbac::TestUser from) {
            from.id = mary;
            return rbac::make_actor(from);
        };
        auto reading = *rbac::Scope::from_names(std::vector<std::string>{"workspace:read", "template:read"});
        auto chosen = rbac::Scope::all();
        chosen.allow_list = {{Resource::workspace, rows.front().id}, {Resource::template_, rows.back().id}};
        return {
            {"nobody", rbac::Actor()},
            {"a member of nothing", user({})},
            {"a member", user({.organizations = {{here, {}}}})},
            {"a member of both", user({.organizations = {{here, {}}, {there, {}}}})},
            {"one of the crew", user({.organizations = {{here, {}}}, .groups = {crew}})},
            {"an admin here", user({.organizations = {{here, {rbac::role_name::organization_admin}}}})},
            {"an auditor there", user({.organizations = {{there, {rbac::role_name::organization_auditor}}}})},
            {"a banned member",
             user({.organizations = {{here, {rbac::role_name::organization_workspace_creation_ban}},
                                     {there, {}}},
                   .groups = {crew}})},
            {"a template admin", user({.site_roles = {rbac::role_name::template_admin}})},
            {"a user admin", user({.site_roles = {rbac::role_name::user_admin}})},
            {"an owner", user({.site_roles = {rbac::role_name::owner}})},
            {"an owner who may not enter",
             user({.site_roles = {rbac::role_name::owner}, .options = {.owner_workspace_exec = false}})},
            {"a key that reads", user({.organizations = {{here, {}}}, .groups = {crew}, .scope = reading})},
            {"a key for two things", user({.site_roles = {rbac::role_name::owner}, .scope = chosen})},
            {"a key for nothing", user({.site_roles = {rbac::role_name::owner}, .scope = {}})},
            {"provisionerd", rbac::Actor::system(rbac::SystemActor::provisionerd)},
            {"the metrics", rbac::Actor::system(rbac::SystemActor::metrics)},
        };
    }

    /// How many rows were let through in all.
    std::size_t compare(const std::string& table, Resource resource, const rbac::Columns& columns,
                        const std::vector<Action>& actions) {
        std::size_t all = 0;
        for (const auto& [who, actor] : actors()) {
            for (auto action : actions) {
                std::string expected;
                for (const auto& row : rows) {
                    rbac::Object object{.resource = resource,
                                        .id = row.id,
                                        .owner = row.owner,
                                        .organization = row.organization,
                                        .user_acl = rbac::Acl::parse(row.user_acl),
                                        .group_acl = rbac::Acl::parse(row.group_acl)};
                    if (!rbac::authorize(actor, action, object)) continue;
                    expected += (expected.empty() ? "" : " ") + row.name;
                    ++all;
                }
                auto filter = rbac::sql_filter(actor, action, resource, columns);
                auto found = api.sql("SELECT coalesce(string_agg(x.name, ' ' ORDER BY x.name), '') FROM " +
                                     table + " AS x WHERE x.name LIKE 'row-%' AND " + filter.text);
                EXPECT_EQ(found, expected) << who << ", " << to_string(action) << ": " << filter.text;
            }
        }
        return all;
    }
};

TEST_F(FilteredRowsTest, WorkspacesAreThoseThatAuthorizeLetsThrough) {
    store_workspaces();
    auto all = compare("workspaces", Resource::workspace,
                       {.id = "x.id",
                        .owner = "x.owner_id",
                        .organization = "x.organization_id",
                        .user_acl = "x.user_acl",
                        .group_acl = "x.group_acl"},
                       {Action::read, Action::update, Action::delete_, Action::ssh, Action::start,
                        Action::share, Action::create, Action::create_agent});
    EXPECT_GT(all, rows.size());
}

TEST_F(FilteredRowsTest, TemplatesAreThoseThatAuthorizeLetsThrough) {
    store_templates();
    auto all = compare(
        "templates", Resource::template_,
        {.id = "x.id",
         .organization = "x.organization_id",
         .user_acl = "x.user_acl",
         .group_acl = "x.group_acl"},
        {Action::read, Action::use, Action::update, Action::delete_, Action::create, Action::view_insights});
    EXPECT_GT(all, rows.size());
}

}  // namespace
}  // namespace berth::coderd
