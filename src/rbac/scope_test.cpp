#include "rbac/scope.h"

#include <gtest/gtest.h>

#include "rbac/actors_testing.h"
#include "rbac/authorize.h"

namespace berth::rbac {
namespace {

const Uuid workspace_id = test_id(0x31);
const Uuid other_workspace_id = test_id(0x32);

Scope scope_of(std::vector<std::string> names, std::vector<AllowTarget> allow_list = {}) {
    return *Scope::from_names(names, std::move(allow_list));
}

Object my_workspace(std::optional<Uuid> id = workspace_id) {
    return {.resource = Resource::workspace, .id = id, .owner = test_user, .organization = test_organization};
}

TEST(Scope, UnknownNamesAreRefusedByName) {
    for (std::string name : {"", "ALL", "workspace", "workspace:", ":read", "workspace:fly", "user:ssh",
                             "*:read", "*:*", "coder:everything", "workspace:read "}) {
        auto scope = Scope::from_names(std::vector<std::string>{"all", name});
        ASSERT_FALSE(scope) << name;
        EXPECT_EQ(scope.error().code(), ErrorCode::invalid_argument);
        EXPECT_NE(scope.error().detail().find("\"" + name + "\""), std::string::npos);
    }
}

struct ScopeCase {
    std::vector<std::string> names;
    Action action;
    Resource resource;
    bool allowed;
};

TEST(Scope, NamesExpand) {
    for (const auto& row : std::vector<ScopeCase>{
             {{}, Action::read, Resource::workspace, false},
             {{"all"}, Action::delete_, Resource::license, true},
             {{"coder:all"}, Action::delete_, Resource::license, true},
             {{"application_connect"}, Action::application_connect, Resource::workspace, true},
             {{"application_connect"}, Action::read, Resource::workspace, false},
             {{"workspace:read"}, Action::read, Resource::workspace, true},
             {{"workspace:read"}, Action::read, Resource::workspace_dormant, false},
             {{"workspace:*"}, Action::ssh, Resource::workspace, true},
             {{"workspace:*"}, Action::read, Resource::template_, false},
             {{"template:read", "workspace:ssh"}, Action::ssh, Resource::workspace, true},
             {{"template:read", "workspace:ssh"}, Action::ssh, Resource::template_, false},
             {{"coder:workspaces.operate"}, Action::start, Resource::workspace, true},
             {{"coder:workspaces.operate"}, Action::delete_, Resource::workspace, false},
             {{"coder:workspaces.create"}, Action::use, Resource::template_, true},
             {{"coder:workspaces.access"}, Action::ssh, Resource::workspace, true},
             {{"coder:templates.author"}, Action::create, Resource::file, true},
             {{"coder:apikeys.manage_self"}, Action::create, Resource::api_key, true},
         })
        EXPECT_EQ(scope_of(row.names).permissions.contains(row.resource, row.action), row.allowed)
            << (row.names.empty() ? "" : row.names[0]) << " " << to_string(row.action);
}

TEST(Scope, NeverGivesWhatTheOwnerHasNot) {
    auto actor = make_actor({.organizations = {{test_organization, {}}}, .scope = scope_of({"workspace:*"})});
    EXPECT_TRUE(authorize(actor, Action::ssh, my_workspace()));
    auto theirs = my_workspace();
    theirs.owner = test_id(9);
    EXPECT_FALSE(authorize(actor, Action::ssh, theirs));
    EXPECT_FALSE(authorize(actor, Action::read, {.resource = Resource::user, .owner = test_user}));
}

TEST(Scope, AllowListsHoldForObjectsNotForKindsAlone) {
    auto actor = make_actor({.organizations = {{test_organization, {}}},
                             .scope = scope_of({"coder:all"}, {{Resource::workspace, workspace_id}})});
    EXPECT_TRUE(authorize(actor, Action::read, my_workspace()));
    EXPECT_FALSE(authorize(actor, Action::read, my_workspace(other_workspace_id)));
    // A thing about to be created has no id, so a list of single objects does not cover it.
    EXPECT_FALSE(authorize(actor, Action::create, my_workspace(std::nullopt)));
    EXPECT_FALSE(
        authorize(actor, Action::read, {.resource = Resource::user, .id = test_user, .owner = test_user}));
}

TEST(Scope, WithinKeepsTheNarrowerOfBoth) {
    auto actor =
        make_actor({.organizations = {{test_organization, {}}}, .scope = scope_of({"workspace:read"})});
    auto wider = actor.within(Scope::all());
    EXPECT_TRUE(authorize(wider, Action::read, my_workspace()));
    EXPECT_FALSE(authorize(wider, Action::ssh, my_workspace()));
    auto disjoint = actor.within(scope_of({"workspace:ssh"}));
    EXPECT_FALSE(authorize(disjoint, Action::read, my_workspace()));
    EXPECT_FALSE(authorize(disjoint, Action::ssh, my_workspace()));
}

TEST(AllowTarget, ReadsAndPrintsItsText) {
    const std::string id = workspace_id.to_string();
    for (const std::string& text : {std::string("*:*"), std::string("template:*"), "workspace:" + id}) {
        auto target = AllowTarget::parse(text);
        ASSERT_TRUE(target) << text;
        EXPECT_EQ(target->to_string(), text);
    }
    for (const std::string& text :
         {std::string(), std::string("workspace"), std::string("workspace:"), ":" + id, "planet:" + id,
          "workspace:" + id + " ", "*:" + id, std::string("workspace:abc")})
        EXPECT_FALSE(AllowTarget::parse(text)) << text;
}

}  // namespace
}  // namespace berth::rbac
