#include <array>
#include <vector>

#include "rbac/actor.h"

namespace berth::rbac {

Actor make_system_actor(SystemActor actor);

namespace {

using enum Action;

struct SystemGrant {
    Resource resource;
    ActionSet actions;
};

struct SystemActorRow {
    SystemActor actor;
    std::string_view name;
    std::vector<SystemGrant> grants;
};

constexpr ActionSet create_read{create, read};
constexpr ActionSet read_update{read, update};
constexpr ActionSet read_delete{read, delete_};
constexpr ActionSet create_read_update{create, read, update};
constexpr ActionSet everything{create, read, update, delete_};
/// What builds of a workspace that somebody else owns need.
constexpr ActionSet operate_workspace{read, update, start, stop};

const std::vector<SystemActorRow>& rows() {
    static const std::vector<SystemActorRow> table{
        {SystemActor::bootstrap,
         "bootstrap",
         {{Resource::user, {create, read, update}},
          {Resource::organization, create_read_update},
          {Resource::organization_member, create_read_update},
          {Resource::group, create_read_update},
          {Resource::crypto_key, create_read},
          {Resource::deployment_config, read_update},
          {Resource::provisioner_daemon, create_read_update}}},
        {SystemActor::key_reader,
         "key_reader",
         {{Resource::api_key, create_read_update | delete_},
          {Resource::user, {read, read_personal, update}},
          {Resource::organization, read},
          {Resource::organization_member, read},
          {Resource::group, read},
          {Resource::group_member, read},
          {Resource::assign_org_role, read},
          {Resource::workspace, read},
          {Resource::workspace_dormant, read},
          {Resource::provisioner_daemon, read},
          {Resource::crypto_key, read}}},
        {SystemActor::provisionerd,
         "provisionerd",
         {{Resource::provisioner_jobs, create_read_update},
          {Resource::provisioner_daemon, create_read_update},
          {Resource::file, create_read},
          {Resource::template_, read_update},
          {Resource::workspace, operate_workspace | delete_ | create_agent},
          {Resource::workspace_dormant, {read, update, delete_, stop, create_agent}},
          {Resource::task, read_update},
          {Resource::user, {read, read_personal}},
          {Resource::organization, read},
          {Resource::organization_member, read},
          {Resource::group, read},
          {Resource::group_member, read},
          {Resource::assign_org_role, read},
          {Resource::api_key, {create, read, delete_}},
          {Resource::user_secret, read},
          {Resource::notification_message, create_read},
          {Resource::usage_event, create},
          {Resource::audit_log, create}}},
        {SystemActor::provisioner_daemons_reader,
         "provisioner_daemons_reader",
         {{Resource::provisioner_daemon, read}}},
        {SystemActor::agent,
         "agent",
         {{Resource::workspace, {read, update, create_agent, delete_agent}},
          {Resource::workspace_dormant, {read, update}},
          {Resource::template_, read},
          {Resource::task, read_update},
          {Resource::user, {read, read_personal}},
          {Resource::organization, read},
          {Resource::workspace_agent_devcontainers, create},
          {Resource::workspace_agent_resource_monitor, create_read_update},
          {Resource::connection_log, read_update},
          {Resource::inbox_notification, create},
          {Resource::notification_message, create_read}}},
        {SystemActor::autostart,
         "autostart",
         {{Resource::workspace, operate_workspace | delete_},
          {Resource::workspace_dormant, {read, update, delete_, stop}},
          {Resource::template_, {read, use}},
          {Resource::task, read_update},
          {Resource::file, read},
          {Resource::user, read},
          {Resource::organization, read},
          {Resource::organization_member, read},
          {Resource::provisioner_jobs, create_read},
          {Resource::provisioner_daemon, read},
          {Resource::notification_message, create_read},
          {Resource::audit_log, create}}},
        {SystemActor::prebuilds,
         "prebuilds",
         {{Resource::workspace, {create, read, update, start, stop, delete_}},
          {Resource::workspace_dormant, read_update},
          {Resource::prebuilt_workspace, {update, delete_}},
          {Resource::template_, {read, use, update}},
          {Resource::file, read},
          {Resource::user, read},
          {Resource::organization, read},
          {Resource::organization_member, {create, read}},
          {Resource::group, create_read_update},
          {Resource::group_member, read},
          {Resource::provisioner_jobs, create_read},
          {Resource::provisioner_daemon, read},
          {Resource::api_key, read_delete},
          {Resource::notification_message, create_read},
          {Resource::deployment_config, read}}},
        {SystemActor::notifier,
         "notifier",
         {{Resource::notification_message, everything},
          {Resource::notification_template, read},
          {Resource::notification_preference, read},
          {Resource::inbox_notification, create},
          {Resource::webpush_subscription, read_delete},
          {Resource::user, read},
          {Resource::deployment_config, read}}},
        {SystemActor::reaper,
         "reaper",
         {{Resource::provisioner_jobs, read_update},
          {Resource::workspace, read_update},
          {Resource::workspace_dormant, read_update},
          {Resource::template_, read},
          {Resource::organization, read}}},
        {SystemActor::purge,
         "purge",
         {{Resource::system, delete_},
          {Resource::api_key, read_delete},
          {Resource::audit_log, read},
          {Resource::boundary_usage, read_delete},
          {Resource::provisioner_daemon, delete_},
          {Resource::notification_message, delete_},
          {Resource::deployment_config, read}}},
        {SystemActor::oauth2,
         "oauth2",
         {{Resource::oauth2_app, everything},
          {Resource::oauth2_app_secret, everything},
          {Resource::oauth2_app_code_token, {create, read, delete_}},
          {Resource::api_key, read_delete},
          {Resource::user, read},
          {Resource::organization, read}}},
        {SystemActor::key_rotator, "key_rotator", {{Resource::crypto_key, everything}}},
        {SystemActor::replicas, "replicas", {{Resource::replicas, read}, {Resource::system, everything}}},
        {SystemActor::metrics,
         "metrics",
         {{Resource::workspace, read},
          {Resource::workspace_dormant, read},
          {Resource::template_, {read, view_insights}},
          {Resource::user, read},
          {Resource::organization, read},
          {Resource::provisioner_jobs, read},
          {Resource::provisioner_daemon, read},
          {Resource::deployment_stats, read}}},
        {SystemActor::audit, "audit", {{Resource::audit_log, create}, {Resource::connection_log, update}}},
    };
    return table;
}

}  // namespace

std::string_view to_string(SystemActor actor) {
    for (const auto& row : rows())
        if (row.actor == actor) return row.name;
    return "unknown";
}

std::optional<SystemActor> parse_system_actor(std::string_view name) {
    for (const auto& row : rows())
        if (row.name == name) return row.actor;
    return std::nullopt;
}

std::span<const SystemActor> all_system_actors() {
    static const std::vector<SystemActor> actors = [] {
        std::vector<SystemActor> list;
        for (const auto& row : rows())
            list.push_back(row.actor);
        return list;
    }();
    return actors;
}

Uuid prebuilds_user_id() { return *Uuid::parse("c42fdf75-3097-471c-8c33-fb52454d81c0"); }

Actor make_system_actor(SystemActor wanted) {
    Actor actor;
    actor.system_ = wanted;
    actor.name_ = std::string(to_string(wanted));
    for (const auto& row : rows()) {
        if (row.actor != wanted) continue;
        for (const auto& grant : row.grants)
            actor.site_.allow.add(grant.resource, grant.actions);
    }
    return actor;
}

const Actor& Actor::system(SystemActor wanted) {
    static const std::vector<Actor> actors = [] {
        std::vector<Actor> list;
        for (SystemActor each : all_system_actors())
            list.push_back(make_system_actor(each));
        return list;
    }();
    return actors[static_cast<std::size_t>(wanted)];
}

}  // namespace berth::rbac
