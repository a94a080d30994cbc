#include <gtest/gtest.h>

#include "rbac/actors_testing.h"
#include "rbac/authorize.h"

namespace berth::rbac {
namespace {

struct Permitted {
    Action action;
    Resource resource;
};

struct ActorCase {
    SystemActor actor;
    std::vector<Permitted> may;
    std::vector<Permitted> may_not;
};

const std::vector<ActorCase>& cases() {
    using enum Action;
    static const std::vector<ActorCase> table{
        {SystemActor::bootstrap,
         {{create, Resource::user},
          {create, Resource::organization},
          {create, Resource::organization_member}},
         {{delete_, Resource::user}, {read, Resource::workspace}, {create, Resource::api_key}}},
        {SystemActor::key_reader,
         {{read, Resource::api_key},
          {update, Resource::api_key},
          {read, Resource::user},
          {read, Resource::group_member}},
         {{create, Resource::user},
          {delete_, Resource::user},
          {update, Resource::workspace},
          {ssh, Resource::workspace}}},
        {SystemActor::provisionerd,
         {{create, Resource::file},
          {read, Resource::file},
          {update, Resource::provisioner_jobs},
          {read, Resource::user_secret},
          {delete_, Resource::workspace},
          {create, Resource::api_key}},
         {{ssh, Resource::workspace},
          {create, Resource::user},
          {update, Resource::user_secret},
          {delete_, Resource::template_},
          {update, Resource::deployment_config}}},
        {SystemActor::provisioner_daemons_reader,
         {{read, Resource::provisioner_daemon}},
         {{update, Resource::provisioner_daemon},
          {read, Resource::provisioner_jobs},
          {read, Resource::workspace},
          {read, Resource::user}}},
        {SystemActor::agent,
         {{read, Resource::workspace},
          {update, Resource::workspace},
          {create, Resource::workspace_agent_devcontainers},
          {update, Resource::workspace_agent_resource_monitor}},
         {{create, Resource::workspace},
          {delete_, Resource::workspace},
          {start, Resource::workspace},
          {read, Resource::user_secret},
          {read, Resource::api_key},
          {update, Resource::template_}}},
        {SystemActor::autostart,
         {{start, Resource::workspace},
          {stop, Resource::workspace},
          {delete_, Resource::workspace_dormant},
          {read, Resource::template_}},
         {{create, Resource::workspace},
          {ssh, Resource::workspace},
          {update, Resource::template_},
          {read, Resource::user_secret}}},
        {SystemActor::prebuilds,
         {{create, Resource::workspace},
          {update, Resource::prebuilt_workspace},
          {delete_, Resource::api_key}},
         {{create, Resource::api_key},
          {ssh, Resource::workspace},
          {create, Resource::user},
          {read, Resource::user_secret}}},
        {SystemActor::notifier,
         {{read, Resource::notification_message},
          {delete_, Resource::notification_message},
          {read, Resource::notification_preference}},
         {{read, Resource::workspace}, {update, Resource::user}, {update, Resource::notification_template}}},
        {SystemActor::reaper,
         {{update, Resource::provisioner_jobs}, {read, Resource::workspace}},
         {{create, Resource::provisioner_jobs},
          {delete_, Resource::workspace},
          {start, Resource::workspace},
          {read, Resource::file}}},
        {SystemActor::purge,
         {{delete_, Resource::system}, {delete_, Resource::api_key}},
         {{delete_, Resource::user}, {delete_, Resource::workspace}, {create, Resource::system}}},
        {SystemActor::oauth2,
         {{create, Resource::oauth2_app},
          {delete_, Resource::oauth2_app_secret},
          {create, Resource::oauth2_app_code_token},
          {read, Resource::oauth2_app_code_token},
          {read, Resource::api_key},
          {delete_, Resource::api_key},
          {read, Resource::user},
          {read, Resource::organization}},
         {{create, Resource::api_key},
          {update, Resource::api_key},
          {update, Resource::user},
          {read, Resource::workspace},
          {update, Resource::organization}}},
        {SystemActor::key_rotator,
         {{update, Resource::crypto_key}},
         {{read, Resource::api_key}, {read, Resource::user}}},
        {SystemActor::replicas,
         {{read, Resource::replicas}, {update, Resource::system}},
         {{read, Resource::workspace}}},
        {SystemActor::metrics,
         {{read, Resource::workspace}, {read, Resource::deployment_stats}},
         {{update, Resource::workspace}, {read, Resource::user_secret}, {read, Resource::api_key}}},
        {SystemActor::audit,
         {{create, Resource::audit_log}, {update, Resource::connection_log}},
         {{read, Resource::audit_log}, {read, Resource::workspace}}},
    };
    return table;
}

Object anything_of(Resource resource) {
    return {.resource = resource, .id = test_id(3), .owner = test_user, .organization = test_organization};
}

TEST(SystemActors, MayAndMayNot) {
    for (const auto& row : cases()) {
        const Actor& actor = Actor::system(row.actor);
        EXPECT_TRUE(actor.is(row.actor));
        EXPECT_FALSE(actor.is_user());
        for (const auto& [action, resource] : row.may)
            EXPECT_TRUE(authorize(actor, action, anything_of(resource)))
                << actor.name() << " " << to_string(action) << " " << to_string(resource);
        for (const auto& [action, resource] : row.may_not)
            EXPECT_FALSE(authorize(actor, action, anything_of(resource)))
                << actor.name() << " " << to_string(action) << " " << to_string(resource);
    }
}

TEST(SystemActors, EachHasARowHereAndAName) {
    EXPECT_EQ(cases().size(), all_system_actors().size());
    for (std::size_t at = 0; at < cases().size(); ++at) {
        SystemActor actor = all_system_actors()[at];
        EXPECT_EQ(cases()[at].actor, actor);
        EXPECT_EQ(static_cast<std::size_t>(actor), at);
        EXPECT_EQ(parse_system_actor(to_string(actor)), actor);
    }
    EXPECT_FALSE(parse_system_actor("root"));
}

TEST(SystemActors, NoneIsAllPowerful) {
    for (SystemActor each : all_system_actors()) {
        const Actor& actor = Actor::system(each);
        EXPECT_FALSE(authorize(actor, Action::ssh, anything_of(Resource::workspace))) << actor.name();
        EXPECT_FALSE(authorize(actor, Action::update_personal, anything_of(Resource::user))) << actor.name();
        EXPECT_FALSE(authorize(actor, Action::assign, anything_of(Resource::assign_role))) << actor.name();
        EXPECT_FALSE(authorize(actor, Action::create, anything_of(Resource::license))) << actor.name();
    }
}

TEST(SystemActors, QueriesNameThoseTheyServe) {
    const Actor& oauth2 = Actor::system(SystemActor::oauth2);
    EXPECT_TRUE(authorize_system(oauth2, {SystemActor::provisionerd, SystemActor::oauth2}));
    EXPECT_FALSE(authorize_system(oauth2, {SystemActor::provisionerd}));
    EXPECT_FALSE(authorize_system(oauth2, {}));
    EXPECT_FALSE(authorize_system(make_actor({.site_roles = {"owner"}}), {SystemActor::oauth2}));
    EXPECT_FALSE(authorize_system(Actor(), {SystemActor::bootstrap}));
}

}  // namespace
}  // namespace berth::rbac
