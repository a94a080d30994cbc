#include "rbac/authorize.h"

#include <set>

#include <gtest/gtest.h>

#include "base/text.h"
#include "rbac/actors_testing.h"
#include "rbac/sql_filter.h"

namespace berth::rbac {
namespace {

const Uuid stranger = test_id(9);

/// The people of the table below, by short names.
const std::map<std::string, Actor>& people() {
    using Orgs = std::map<Uuid, std::vector<std::string_view>>;
    const Orgs member{{test_organization, {}}};
    auto in_organization = [](std::string_view role) { return Orgs{{test_organization, {role}}}; };
    static const std::map<std::string, Actor> all{
        {"anonymous", Actor()},
        {"member", make_actor({.organizations = member})},
        {"outsider", make_actor({.organizations = {{other_organization, {}}}})},
        {"owner", make_actor({.site_roles = {"owner"}})},
        {"template-admin", make_actor({.site_roles = {"template-admin"}})},
        {"user-admin", make_actor({.site_roles = {"user-admin"}})},
        {"auditor", make_actor({.site_roles = {"auditor"}})},
        {"o-admin", make_actor({.organizations = in_organization("organization-admin")})},
        {"o-template", make_actor({.organizations = in_organization("organization-template-admin")})},
        {"o-user", make_actor({.organizations = in_organization("organization-user-admin")})},
        {"o-auditor", make_actor({.organizations = in_organization("organization-auditor")})},
        {"o-banned", make_actor({.organizations = in_organization("organization-workspace-creation-ban")})},
        {"x-admin", make_actor({.organizations = {{other_organization, {"organization-admin"}}}})},
    };
    return all;
}

enum class Relation { mine, theirs, shared_kind };

struct Case {
    Resource resource;
    ActionSet actions;
    /// `mine`: owned by the actor; `theirs`: by a stranger; `shared_kind`: by nobody.
    Relation relation;
    bool in_organization;
    /// Everybody else must be refused.
    const char* allowed;
};

constexpr const char* org_members = "member o-admin o-template o-user o-auditor o-banned";

const std::vector<Case>& cases() {
    using enum Action;
    using enum Relation;
    static const std::vector<Case> table{
        // Workspaces: mine, other people's, and what a ban takes away.
        {Resource::workspace, read, mine, true, "OWN template-admin"},
        {Resource::workspace, {update, start, stop, ssh, application_connect}, mine, true, "OWN"},
        {Resource::workspace,
         {create, delete_},
         mine,
         true,
         "member o-admin o-template o-user o-auditor owner"},
        {Resource::workspace, read, theirs, true, "owner template-admin o-admin o-template"},
        {Resource::workspace, {create, update, delete_, start, stop}, theirs, true, "owner o-admin"},
        {Resource::workspace, {ssh, application_connect}, theirs, true, "owner"},
        {Resource::workspace_dormant, read, mine, true, "OWN template-admin"},
        {Resource::workspace_dormant, {update, stop}, mine, true, "OWN"},
        {Resource::workspace_dormant, {ssh, application_connect, start}, mine, true, ""},
        {Resource::workspace_dormant, {update, delete_}, theirs, true, "owner o-admin"},
        {Resource::prebuilt_workspace,
         {update, delete_},
         theirs,
         true,
         "owner template-admin o-admin o-template"},
        {Resource::task, {read}, theirs, true, "owner template-admin o-admin o-template"},
        {Resource::task, {create, update, delete_}, mine, true, "OWN"},
        // Templates are given to members by access lists, not by roles.
        {Resource::template_, read, shared_kind, true,
         "owner template-admin auditor o-admin o-template o-auditor"},
        {Resource::template_,
         {create, update, delete_, use},
         shared_kind,
         true,
         "owner template-admin o-admin o-template"},
        {Resource::template_, view_insights, shared_kind, true,
         "owner template-admin auditor o-admin o-template o-auditor"},
        {Resource::file, {create, read}, mine, false, "EVERYBODY"},
        {Resource::file, {create, read}, theirs, false, "owner template-admin"},
        // Organizations and their people.
        {Resource::organization, read, shared_kind, true, "MEMBERS"},
        {Resource::organization, create, shared_kind, false, "owner"},
        {Resource::organization, {update, delete_}, shared_kind, true, "owner o-admin"},
        {Resource::organization_member, read, mine, true, "MEMBERS"},
        {Resource::organization_member, read, theirs, true,
         "owner template-admin user-admin auditor o-admin o-template o-user o-auditor"},
        {Resource::organization_member,
         {create, update, delete_},
         theirs,
         true,
         "owner user-admin o-admin o-user"},
        {Resource::group, read, shared_kind, true,
         "owner template-admin user-admin auditor o-admin o-template o-user o-auditor"},
        {Resource::group, {create, update, delete_}, shared_kind, true, "owner user-admin o-admin o-user"},
        {Resource::assign_org_role, read, shared_kind, true,
         "owner user-admin member o-admin o-template o-user o-auditor o-banned"},
        {Resource::assign_org_role, {assign, unassign}, shared_kind, true, "owner user-admin o-admin o-user"},
        {Resource::assign_org_role, {create, update, delete_}, shared_kind, true, "owner o-admin"},
        {Resource::idpsync_settings, {read, update}, shared_kind, true, "owner user-admin o-admin o-user"},
        // People and what is theirs alone.
        {Resource::user, {read, read_personal, update_personal}, mine, false, "EVERYBODY"},
        {Resource::user, read, theirs, false, "owner user-admin template-admin auditor"},
        {Resource::user,
         {create, update, delete_, read_personal, update_personal},
         theirs,
         false,
         "owner user-admin"},
        {Resource::user, {update, delete_}, mine, false, "owner user-admin"},
        {Resource::api_key, {create, read, update, delete_}, mine, false, "EVERYBODY"},
        {Resource::api_key, {create, read, update, delete_}, theirs, false, "owner"},
        {Resource::user_secret, {create, read, update, delete_}, mine, false, "EVERYBODY"},
        {Resource::user_secret, {create, read, update, delete_}, theirs, false, ""},
        {Resource::inbox_notification, {create, read, update}, mine, false, "EVERYBODY"},
        {Resource::notification_preference, {read, update}, theirs, false, "owner"},
        {Resource::webpush_subscription, {create, read, delete_}, mine, false, "EVERYBODY"},
        // The site.
        {Resource::assign_role, read, shared_kind, false, "EVERYBODY"},
        {Resource::assign_role, {assign, unassign}, shared_kind, false, "owner user-admin"},
        {Resource::oauth2_app, read, shared_kind, false, "EVERYBODY"},
        {Resource::oauth2_app, {create, update, delete_}, shared_kind, false, "owner"},
        {Resource::oauth2_app_secret, {create, read, update, delete_}, shared_kind, false, "owner"},
        {Resource::workspace_proxy, read, shared_kind, false, "EVERYBODY"},
        {Resource::workspace_proxy, {create, update, delete_}, shared_kind, false, "owner"},
        {Resource::deployment_config, read, shared_kind, false, "owner auditor"},
        {Resource::deployment_config, update, shared_kind, false, "owner"},
        {Resource::deployment_stats, read, shared_kind, false, "owner auditor"},
        {Resource::audit_log, read, shared_kind, true, "owner auditor o-admin o-auditor"},
        {Resource::audit_log, read, shared_kind, false, "owner auditor"},
        {Resource::connection_log, read, shared_kind, true, "owner auditor o-admin o-auditor"},
        {Resource::license, {create, read, delete_}, shared_kind, false, "owner"},
        {Resource::crypto_key, {create, read, update, delete_}, shared_kind, false, "owner"},
        {Resource::debug_info, read, shared_kind, false, "owner"},
        {Resource::replicas, read, shared_kind, false, "owner"},
        {Resource::system, {create, read, update, delete_}, shared_kind, false, "owner"},
        {Resource::usage_event, {create, read, update}, shared_kind, false, ""},
        {Resource::boundary_usage, {read, update, delete_}, shared_kind, false, ""},
        // Provisioners.
        {Resource::provisioner_daemon,
         {create, read, update, delete_},
         shared_kind,
         true,
         "owner template-admin o-admin o-template"},
        {Resource::provisioner_daemon,
         {create, read, update, delete_},
         mine,
         true,
         "owner template-admin member o-admin o-template o-user o-auditor o-banned"},
        {Resource::provisioner_jobs, {create, read, update}, mine, true, "OWN template-admin"},
        {Resource::provisioner_jobs, read, theirs, true, "owner template-admin o-admin o-template"},
        {Resource::provisioner_jobs,
         {create, update},
         theirs,
         true,
         "owner template-admin o-admin o-template"},
    };
    return table;
}

std::set<std::string> allowed_names(const Case& row) {
    std::set<std::string> names;
    for (auto word : base::split(row.allowed, ' ')) {
        std::string name(word);
        if (name == "OWN" || name == "MEMBERS") {
            for (auto member : base::split(org_members, ' '))
                names.emplace(member);
            names.insert("owner");
            if (name == "MEMBERS") names.insert({"template-admin", "user-admin", "auditor"});
        } else if (name == "EVERYBODY") {
            for (const auto& [person, actor] : people())
                if (person != "anonymous") names.insert(person);
        } else {
            names.insert(name);
        }
    }
    return names;
}

Object object_of(const Case& row) {
    Object object{.resource = row.resource, .id = test_id(0x77)};
    if (row.relation == Relation::mine) object.owner = test_user;
    if (row.relation == Relation::theirs) object.owner = stranger;
    if (row.in_organization) object.organization = test_organization;
    return object;
}

std::string describe(const std::string& person, Action action, const Case& row) {
    static constexpr const char* relations[] = {"own", "other's", "the"};
    return person + " " + std::string(to_string(action)) + " " + relations[static_cast<int>(row.relation)] +
           " " + std::string(to_string(row.resource)) + (row.in_organization ? " (organization)" : "");
}

TEST(Authorize, RolesDecideAsTheTableSays) {
    for (const auto& row : cases()) {
        auto allowed = allowed_names(row);
        for (Action action : all_actions()) {
            if (!row.actions.contains(action)) continue;
            for (const auto& [name, actor] : people()) {
                bool expected = allowed.contains(name);
                EXPECT_EQ(authorize(actor, action, object_of(row)).ok(), expected)
                    << describe(name, action, row);
            }
        }
    }
}

/// TRUE and FALSE predicates must hold for whatever stands in the table.
TEST(Authorize, ConstantPredicatesAgreeWithDecisions) {
    const Columns columns{"id", "owner_id", "organization_id", "user_acl", "group_acl"};
    for (const auto& row : cases()) {
        for (const auto& [name, actor] : people()) {
            for (Action action : all_actions()) {
                auto filter = sql_filter(actor, action, row.resource, columns);
                bool allowed = authorize(actor, action, object_of(row)).ok();
                if (filter.always() || filter.never()) {
                    EXPECT_EQ(allowed, filter.always()) << describe(name, action, row);
                }
            }
        }
    }
}

TEST(Authorize, NothingIsAllowedWithoutAScope) {
    auto actor = make_actor({.site_roles = {"owner"}, .scope = Scope{}});
    EXPECT_FALSE(authorize(actor, Action::read, {.resource = Resource::template_}));
    EXPECT_TRUE(sql_filter(actor, Action::read, Resource::template_, {}).never());
}

TEST(Authorize, NilIdentifiersAreNobodys) {
    auto actor = make_actor({.organizations = {{test_organization, {}}}});
    Object object{
        .resource = Resource::workspace, .id = Uuid{}, .owner = Uuid{}, .organization = test_organization};
    EXPECT_FALSE(authorize(actor, Action::read, object));
    EXPECT_FALSE(authorize(Actor(), Action::read, {.resource = Resource::api_key, .owner = Uuid{}}));
}

TEST(Authorize, OwnThingsOfAForeignOrganizationAreLost) {
    auto actor = make_actor({.organizations = {{other_organization, {}}}});
    Object workspace{.resource = Resource::workspace, .owner = test_user, .organization = test_organization};
    EXPECT_FALSE(authorize(actor, Action::read, workspace));
    workspace.organization = other_organization;
    EXPECT_TRUE(authorize(actor, Action::read, workspace));
}

TEST(Authorize, AccessLists) {
    const std::string me = test_user.to_string();
    const std::string group = test_id(0x55).to_string();
    const std::string everyone = test_organization.to_string();
    auto entry = [](const std::string& id, const std::string& actions) {
        return "{\"" + id + "\": [" + actions + "]}";
    };
    struct Row {
        const char* name;
        std::string user_acl;
        std::string group_acl;
        Action action;
        bool member;
        bool allowed;
    };
    const std::vector<Row> rows{
        {"no lists", "{}", "{}", Action::read, true, false},
        {"named user", entry(me, "\"read\""), "{}", Action::read, true, true},
        {"another action", entry(me, "\"read\""), "{}", Action::use, true, false},
        {"star", entry(me, "\"*\""), "{}", Action::update, true, true},
        {"group", "{}", entry(group, "\"read\", \"use\""), Action::use, true, true},
        {"everyone group", "{}", entry(everyone, "\"read\""), Action::read, true, true},
        {"user id in the group list", "{}", entry(me, "\"read\""), Action::read, true, false},
        {"group id in the user list", entry(group, "\"read\""), "{}", Action::read, true, false},
        // CVE-2026-111928: an entry does not survive leaving the organization.
        {"no longer a member", entry(me, "\"read\""), entry(group, "\"read\""), Action::read, false, false},
        {"not JSON", "{", "]", Action::read, true, false},
        {"not an object", "[\"read\"]", "\"read\"", Action::read, true, false},
        {"entry is no list", "{\"" + me + "\": \"read\"}", "{}", Action::read, true, false},
        {"unknown actions", entry(me, "\"fly\", 7, null"), "{}", Action::read, true, false},
    };
    for (const auto& row : rows) {
        TestUser user{.groups = {test_id(0x55)}};
        if (row.member) user.organizations[test_organization] = {};
        Object object{.resource = Resource::template_,
                      .organization = test_organization,
                      .user_acl = Acl::parse(row.user_acl),
                      .group_acl = Acl::parse(row.group_acl)};
        EXPECT_EQ(authorize(make_actor(user), row.action, object).ok(), row.allowed) << row.name;
    }
}

TEST(Authorize, ABanDefeatsAccessListsAndAdministration) {
    const std::string lists = "{\"" + test_user.to_string() + "\": [\"*\"]}";
    Object object{.resource = Resource::workspace,
                  .owner = stranger,
                  .organization = test_organization,
                  .user_acl = Acl::parse(lists)};
    auto banned =
        make_actor({.organizations = {{test_organization, {"organization-workspace-creation-ban"}}}});
    EXPECT_FALSE(authorize(banned, Action::delete_, object));
    EXPECT_TRUE(authorize(banned, Action::read, object));
    auto banned_admin =
        make_actor({.organizations = {
                        {test_organization, {"organization-admin", "organization-workspace-creation-ban"}}}});
    EXPECT_FALSE(authorize(banned_admin, Action::create, object));
    auto owner =
        make_actor({.site_roles = {"owner"},
                    .organizations = {{test_organization, {"organization-workspace-creation-ban"}}}});
    EXPECT_TRUE(authorize(owner, Action::create, object));
}

TEST(Authorize, CustomRolesAllowAndForbidAtEachLevel) {
    Role role{.name = "custom", .display_name = "Custom", .organization_id = test_organization};
    role.organization = {{false, Resource::template_, std::nullopt},
                         {true, Resource::template_, Action::delete_}};
    role.member = {{true, Resource::workspace, Action::ssh}};
    std::vector<OrganizationRoles> memberships{{test_organization, {role}}, {other_organization, {role}}};
    auto actor = Actor::user(test_user, "tester", {}, memberships, {}, Scope::all());

    Object object{.resource = Resource::template_, .organization = test_organization};
    EXPECT_TRUE(authorize(actor, Action::update, object));
    EXPECT_FALSE(authorize(actor, Action::delete_, object));
    // The role belongs to one organization and counts in no other, whatever list it came in.
    object.organization = other_organization;
    EXPECT_FALSE(authorize(actor, Action::update, object));

    Object workspace{.resource = Resource::workspace, .owner = test_user, .organization = test_organization};
    EXPECT_TRUE(authorize(actor, Action::start, workspace));
    EXPECT_FALSE(authorize(actor, Action::ssh, workspace));
    workspace.organization = other_organization;
    EXPECT_TRUE(authorize(actor, Action::ssh, workspace));
}

TEST(Authorize, RoleOptionsNarrowTheBuiltInRoles) {
    Object theirs{.resource = Resource::workspace, .owner = stranger, .organization = test_organization};
    auto owner = make_actor({.site_roles = {"owner"}, .options = {.owner_workspace_exec = false}});
    EXPECT_FALSE(authorize(owner, Action::ssh, theirs));
    EXPECT_FALSE(authorize(owner, Action::application_connect, theirs));
    EXPECT_TRUE(authorize(owner, Action::delete_, theirs));

    Object mine{.resource = Resource::workspace, .owner = test_user, .organization = test_organization};
    TestUser user{.organizations = {{test_organization, {}}}};
    EXPECT_TRUE(authorize(make_actor(user), Action::share, mine));
    user.options.workspace_sharing = false;
    EXPECT_FALSE(authorize(make_actor(user), Action::share, mine));
}

TEST(Authorize, RefusalsNameTheActionAndNothingElse) {
    auto refused = authorize(Actor(), Action::read_personal, {.resource = Resource::user, .id = test_user});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code(), ErrorCode::permission_denied);
    EXPECT_EQ(refused.error().message(), "You may not read personal this user.");
    EXPECT_EQ(hidden(Resource::workspace).code(), ErrorCode::not_found);
}

TEST(MayAssign, NobodyLiftsAboveThemselves) {
    struct Row {
        std::string_view holder;
        std::string_view role;
        bool custom;
        bool allowed;
    };
    for (const auto& row : std::vector<Row>{
             {"owner", "owner", false, true},
             {"owner", "organization-admin", false, true},
             {"owner", "made-up", true, true},
             {"owner", "made-up", false, false},
             {"user-admin", "owner", false, false},
             {"user-admin", "user-admin", false, false},
             {"user-admin", "member", false, true},
             {"user-admin", "organization-admin", false, false},
             {"organization-admin", "organization-admin", false, true},
             {"organization-admin", "owner", false, false},
             {"organization-admin", "made-up", true, true},
             {"organization-user-admin", "organization-admin", false, false},
             {"organization-user-admin", "organization-member", false, true},
             {"template-admin", "member", false, false},
             {"member", "member", false, false},
             {"", "member", false, false},
         })
        EXPECT_EQ(may_assign(row.holder, row.role, row.custom), row.allowed) << row.holder << " " << row.role;
}

}  // namespace
}  // namespace berth::rbac
