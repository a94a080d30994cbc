"""The `-- authorize:` lines of a query."""

import re
from dataclasses import dataclass, field

from model import QueryError

# As src/rbac/actor.h and src/rbac/resource.h name them; a test compares.
ACTORS = {
    "bootstrap", "key_reader", "provisionerd", "provisioner_daemons_reader", "agent", "autostart", "prebuilds", "notifier",
    "reaper", "purge", "oauth2", "key_rotator", "replicas", "metrics", "audit",
}
RESOURCES = {
    "aibridge_interception", "api_key", "assign_org_role", "assign_role", "audit_log", "boundary_usage", "connection_log",
    "crypto_key", "debug_info", "deployment_config", "deployment_stats", "file", "group", "group_member",
    "idpsync_settings", "inbox_notification", "license", "notification_message", "notification_preference",
    "notification_template", "oauth2_app", "oauth2_app_code_token", "oauth2_app_secret", "organization",
    "organization_member", "prebuilt_workspace", "provisioner_daemon", "provisioner_jobs", "replicas", "system",
    "tailnet_coordinator", "task", "template", "usage_event", "user", "user_secret", "webpush_subscription", "workspace",
    "workspace_agent_devcontainers", "workspace_agent_resource_monitor", "workspace_dormant", "workspace_proxy",
}
ACTIONS = {
    "application_connect", "assign", "create", "create_agent", "delete", "delete_agent", "read", "read_personal", "ssh",
    "share", "unassign", "update", "update_personal", "use", "view_insights", "start", "stop",
}
PROPERTIES = ["id", "owner", "organization", "user_acl", "group_acl"]

# What a policy without parentheses means.
DEFAULTS = {
    "workspace": {"id": "id", "owner": "owner_id", "organization": "organization_id", "user_acl": "user_acl",
                  "group_acl": "group_acl"},
    "template": {"id": "id", "organization": "organization_id", "user_acl": "user_acl", "group_acl": "group_acl"},
    "task": {"id": "id", "owner": "owner_id", "organization": "organization_id"},
    "user": {"id": "id", "owner": "id"},
    "provisioner_jobs": {"id": "id", "organization": "organization_id"},
    "provisioner_daemon": {"id": "id", "organization": "organization_id"},
}

FORMS = """one of
  -- authorize: actor <system actor>, …
  -- authorize: <action> <resource> [(id=<column>, owner=…, organization=…, user_acl=…, group_acl=…)]
  -- authorize: <action> <resource> (owner=@<parameter>, organization=@<parameter>)
  -- authorize: <action> <resource> via <Query>(@<parameter>, …)
  -- authorize: filter <resource> <alias> [(id=<expression>, …)]   with /* authorize_filter */ in the statement"""


@dataclass
class Policy:
    actors: list = field(default_factory=list)
    kind: str = "actors"  # actors, row, arguments, via, filter
    action: str = "read"
    resource: str = "system"
    properties: dict = field(default_factory=dict)  # property -> column, parameter or expression
    via: str = ""
    via_arguments: list = field(default_factory=list)


def parse(query_name: str, lines: list) -> Policy:
    """From the texts after `authorize:`; at most one line of actors and one of another form."""
    if not lines:
        raise QueryError(f"{query_name}: no `-- authorize:` line; it must be {FORMS}")
    policy = Policy()
    others = 0
    for line in lines:
        if line.startswith("actor "):
            if policy.actors:
                raise QueryError(f"{query_name}: two lines of actors")
            policy.actors = [name.strip() for name in line.removeprefix("actor ").split(",")]
            for name in policy.actors:
                if name not in ACTORS:
                    raise QueryError(f"{query_name}: there is no system actor {name!r}")
        else:
            others += 1
            _parse_check(query_name, line, policy)
    if others > 1:
        raise QueryError(f"{query_name}: more than one check")
    return policy


def _parse_check(query_name: str, line: str, policy: Policy) -> None:
    filtered = re.fullmatch(r"filter (\w+) (\w+)(?: \((.*)\))?", line)
    via = re.fullmatch(r"(\w+) (\w+) via (\w+)\((.*)\)", line)
    plain = re.fullmatch(r"(\w+) (\w+)(?: \((.*)\))?", line)
    if filtered:
        policy.kind, policy.resource = "filter", filtered[1]
        if filtered[3] is None:
            policy.properties = {key: f"{filtered[2]}.{column}" for key, column in _default(query_name, filtered[1]).items()}
        else:
            policy.properties = _properties(query_name, filtered[3])
    elif via:
        policy.kind, policy.action, policy.resource, policy.via = "via", via[1], via[2], via[3]
        for argument in via[4].split(","):
            if not argument.strip().startswith("@"):
                raise QueryError(f"{query_name}: arguments of {via[3]} are parameters, like @id")
            policy.via_arguments.append(argument.strip()[1:])
    elif plain:
        policy.action, policy.resource = plain[1], plain[2]
        policy.properties = _default(query_name, plain[2]) if plain[3] is None else _properties(query_name, plain[3])
        parameters = [value for value in policy.properties.values() if value.startswith("@")]
        if parameters and len(parameters) != len(policy.properties):
            raise QueryError(f"{query_name}: columns and parameters mixed in one policy")
        # Nothing is there yet to read columns from.
        policy.kind = "arguments" if parameters or policy.action == "create" or not policy.properties else "row"
        if policy.kind == "arguments" and len(parameters) != len(policy.properties):
            raise QueryError(f"{query_name}: `create` is decided by parameters, like owner=@owner_id")
        policy.properties = {key: value.removeprefix("@") for key, value in policy.properties.items()}
    else:
        raise QueryError(f"{query_name}: cannot read `authorize: {line}`; it must be {FORMS}")
    if policy.resource not in RESOURCES:
        raise QueryError(f"{query_name}: there is no resource {policy.resource!r}")
    if policy.action not in ACTIONS:
        raise QueryError(f"{query_name}: there is no action {policy.action!r}")


def _default(query_name: str, resource: str) -> dict:
    if resource not in DEFAULTS:
        raise QueryError(f"{query_name}: say where the properties of {resource} are, like (id=id, owner=owner_id)")
    return dict(DEFAULTS[resource])


def _properties(query_name: str, text: str) -> dict:
    properties = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, separator, value = part.partition("=")
        if not separator or key not in PROPERTIES or not re.fullmatch(r"@?[\w.]+", value):
            raise QueryError(f"{query_name}: {part!r} is not one of {', '.join(PROPERTIES)} = a column")
        properties[key] = value
    return properties
