-- Workspaces, their builds, and what a build made.

CREATE TYPE automatic_updates AS ENUM ('always', 'never');
CREATE TYPE workspace_transition AS ENUM ('start', 'stop', 'delete');
CREATE TYPE build_reason AS ENUM ('initiator', 'autostart', 'autostop', 'dormancy', 'dashboard', 'cli',
    'ssh_connection', 'vscode_connection', 'jetbrains_connection');

CREATE TABLE workspaces (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    owner_id uuid NOT NULL REFERENCES users (id),
    organization_id uuid NOT NULL REFERENCES organizations (id),
    template_id uuid NOT NULL REFERENCES templates (id),
    deleted boolean NOT NULL DEFAULT false,
    name text NOT NULL,
    autostart_schedule text,
    ttl_ms bigint,
    last_used_at timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    dormant_at timestamptz,
    deleting_at timestamptz,
    automatic_updates automatic_updates NOT NULL DEFAULT 'never',
    favorite boolean NOT NULL DEFAULT false,
    next_start_at timestamptz,
    -- {"<user or group id>": ["<action>", …]}
    user_acl jsonb NOT NULL DEFAULT '{}',
    group_acl jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX workspaces_owner_name_key ON workspaces (owner_id, lower(name)) WHERE NOT deleted;
CREATE INDEX workspaces_template ON workspaces (template_id) WHERE NOT deleted;
CREATE INDEX workspaces_organization ON workspaces (organization_id) WHERE NOT deleted;
CREATE INDEX workspaces_next_start ON workspaces (next_start_at) WHERE NOT deleted AND next_start_at IS NOT NULL;

CREATE TABLE workspace_builds (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    template_version_id uuid NOT NULL REFERENCES template_versions (id),
    build_number integer NOT NULL,
    transition workspace_transition NOT NULL,
    initiator_id uuid NOT NULL REFERENCES users (id),
    job_id uuid NOT NULL UNIQUE REFERENCES provisioner_jobs (id),
    reason build_reason NOT NULL DEFAULT 'initiator',
    deadline timestamptz,
    max_deadline timestamptz,
    daily_cost integer NOT NULL DEFAULT 0,
    template_version_preset_id uuid REFERENCES template_version_presets (id) ON DELETE SET NULL,
    has_ai_task boolean,
    has_external_agent boolean,
    UNIQUE (workspace_id, build_number)
);
CREATE INDEX workspace_builds_version ON workspace_builds (template_version_id);

-- Terraform state. Large: only the build that continues it and state pull read it.
CREATE TABLE workspace_build_states (
    workspace_build_id uuid PRIMARY KEY REFERENCES workspace_builds (id) ON DELETE CASCADE,
    state bytea NOT NULL
);

CREATE TABLE workspace_build_parameters (
    workspace_build_id uuid NOT NULL REFERENCES workspace_builds (id) ON DELETE CASCADE,
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (workspace_build_id, name)
);

-- What terraform had to replace although the workspace was only claimed.
CREATE TABLE workspace_build_resource_replacements (
    workspace_build_id uuid NOT NULL REFERENCES workspace_builds (id) ON DELETE CASCADE,
    resource text NOT NULL,
    paths text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_build_id, resource)
);

-- Resources of any job: builds, imports and dry runs.
CREATE TABLE workspace_resources (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    job_id uuid NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    transition workspace_transition NOT NULL,
    type text NOT NULL,
    name text NOT NULL,
    hide boolean NOT NULL DEFAULT false,
    icon text NOT NULL DEFAULT '',
    instance_type text NOT NULL DEFAULT '',
    daily_cost integer NOT NULL DEFAULT 0,
    module_path text NOT NULL DEFAULT ''
);
CREATE INDEX workspace_resources_job ON workspace_resources (job_id);

CREATE TABLE workspace_resource_metadata (
    -- Order of definition.
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    workspace_resource_id uuid NOT NULL REFERENCES workspace_resources (id) ON DELETE CASCADE,
    key text NOT NULL,
    value text,
    sensitive boolean NOT NULL DEFAULT false,
    UNIQUE (workspace_resource_id, key)
);

CREATE TABLE workspace_modules (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    job_id uuid NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    transition workspace_transition NOT NULL,
    source text NOT NULL,
    version text NOT NULL,
    key text NOT NULL
);
CREATE INDEX workspace_modules_job ON workspace_modules (job_id);
