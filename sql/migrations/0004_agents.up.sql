-- The agents inside workspaces, and what they run and report.

CREATE TYPE workspace_agent_lifecycle_state AS ENUM ('created', 'starting', 'start_timeout', 'start_error', 'ready',
    'shutting_down', 'shutdown_timeout', 'shutdown_error', 'off');
CREATE TYPE workspace_agent_subsystem AS ENUM ('envbox', 'envbuilder', 'exectrace');
CREATE TYPE display_app AS ENUM ('vscode', 'vscode_insiders', 'web_terminal', 'ssh_helper', 'port_forwarding_helper');
CREATE TYPE agent_key_scope AS ENUM ('all', 'no_user_data');
CREATE TYPE workspace_app_health AS ENUM ('disabled', 'initializing', 'healthy', 'unhealthy');
CREATE TYPE workspace_app_open_in AS ENUM ('window', 'slim-window', 'tab');
CREATE TYPE workspace_app_status_state AS ENUM ('working', 'idle', 'complete', 'failure');
CREATE TYPE workspace_agent_script_timing_stage AS ENUM ('start', 'stop', 'cron');
CREATE TYPE workspace_agent_script_timing_status AS ENUM ('ok', 'exit_failure', 'timed_out', 'pipes_left_open');
CREATE TYPE port_share_protocol AS ENUM ('http', 'https');

CREATE TABLE workspace_agents (
    id uuid PRIMARY KEY,
    -- Set on sub-agents (dev containers).
    parent_id uuid REFERENCES workspace_agents (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    resource_id uuid NOT NULL REFERENCES workspace_resources (id) ON DELETE CASCADE,
    name text NOT NULL,
    -- What the agent proves itself with. A secret. Builds that keep the agent's resource keep its token, so several
    -- rows may share one: that of the workspace's latest build counts.
    auth_token uuid NOT NULL,
    auth_instance_id text,
    architecture text NOT NULL,
    operating_system text NOT NULL,
    -- JSON object of text.
    environment_variables jsonb NOT NULL DEFAULT '{}',
    directory text NOT NULL DEFAULT '',
    expanded_directory text NOT NULL DEFAULT '',
    version text NOT NULL DEFAULT '',
    api_version text NOT NULL DEFAULT '',
    connection_timeout_seconds integer NOT NULL DEFAULT 0,
    troubleshooting_url text NOT NULL DEFAULT '',
    motd_file text NOT NULL DEFAULT '',
    lifecycle_state workspace_agent_lifecycle_state NOT NULL DEFAULT 'created',
    started_at timestamptz,
    ready_at timestamptz,
    first_connected_at timestamptz,
    last_connected_at timestamptz,
    disconnected_at timestamptz,
    last_connected_replica_id uuid,
    -- Bytes of log output kept so far.
    logs_length integer NOT NULL DEFAULT 0,
    logs_overflowed boolean NOT NULL DEFAULT false,
    subsystems workspace_agent_subsystem[] NOT NULL DEFAULT '{}',
    display_apps display_app[] NOT NULL DEFAULT '{}',
    display_order integer NOT NULL DEFAULT 0,
    api_key_scope agent_key_scope NOT NULL DEFAULT 'all',
    deleted boolean NOT NULL DEFAULT false,
    -- Sub-agents never prove themselves with their machine's identity.
    CHECK (parent_id IS NULL OR auth_instance_id IS NULL)
);
CREATE INDEX workspace_agents_resource ON workspace_agents (resource_id);
CREATE INDEX workspace_agents_token ON workspace_agents (auth_token);
CREATE INDEX workspace_agents_parent ON workspace_agents (parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX workspace_agents_instance ON workspace_agents (auth_instance_id)
    WHERE auth_instance_id IS NOT NULL AND NOT deleted;

CREATE TABLE workspace_apps (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    slug text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    icon text NOT NULL DEFAULT '',
    command text NOT NULL DEFAULT '',
    url text NOT NULL DEFAULT '',
    external boolean NOT NULL DEFAULT false,
    subdomain boolean NOT NULL DEFAULT false,
    sharing_level app_sharing_level NOT NULL DEFAULT 'owner',
    healthcheck_url text NOT NULL DEFAULT '',
    healthcheck_interval integer NOT NULL DEFAULT 0,
    healthcheck_threshold integer NOT NULL DEFAULT 0,
    health workspace_app_health NOT NULL DEFAULT 'disabled',
    display_order integer NOT NULL DEFAULT 0,
    display_group text NOT NULL DEFAULT '',
    hidden boolean NOT NULL DEFAULT false,
    open_in workspace_app_open_in NOT NULL DEFAULT 'slim-window',
    tooltip text NOT NULL DEFAULT '',
    UNIQUE (agent_id, slug)
);

CREATE TABLE workspace_app_statuses (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    app_id uuid NOT NULL REFERENCES workspace_apps (id) ON DELETE CASCADE,
    state workspace_app_status_state NOT NULL,
    message text NOT NULL DEFAULT '',
    uri text NOT NULL DEFAULT ''
);
CREATE INDEX workspace_app_statuses_workspace ON workspace_app_statuses (workspace_id, created_at DESC);
CREATE INDEX workspace_app_statuses_app ON workspace_app_statuses (app_id, created_at DESC);

CREATE TABLE workspace_agent_log_sources (
    workspace_agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    display_name text NOT NULL,
    icon text NOT NULL DEFAULT '',
    PRIMARY KEY (workspace_agent_id, id)
);

CREATE TABLE workspace_agent_scripts (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    workspace_agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    log_source_id uuid NOT NULL,
    log_path text NOT NULL DEFAULT '',
    display_name text NOT NULL DEFAULT '',
    script text NOT NULL,
    cron text NOT NULL DEFAULT '',
    start_blocks_login boolean NOT NULL DEFAULT false,
    run_on_start boolean NOT NULL DEFAULT false,
    run_on_stop boolean NOT NULL DEFAULT false,
    timeout_seconds integer NOT NULL DEFAULT 0,
    -- Order of definition: scripts of one agent are inserted together and keep their place.
    display_order integer NOT NULL DEFAULT 0
);
CREATE INDEX workspace_agent_scripts_agent ON workspace_agent_scripts (workspace_agent_id);

CREATE TABLE workspace_agent_script_timings (
    script_id uuid NOT NULL REFERENCES workspace_agent_scripts (id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    exit_code integer NOT NULL,
    stage workspace_agent_script_timing_stage NOT NULL,
    status workspace_agent_script_timing_status NOT NULL,
    UNIQUE (script_id, started_at)
);

CREATE TABLE workspace_agent_logs (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    output text NOT NULL,
    level log_level NOT NULL DEFAULT 'info',
    log_source_id uuid NOT NULL
);
CREATE INDEX workspace_agent_logs_agent ON workspace_agent_logs (agent_id, id);

CREATE TABLE workspace_agent_metadata (
    workspace_agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    key text NOT NULL,
    display_name text NOT NULL,
    script text NOT NULL,
    interval_seconds bigint NOT NULL DEFAULT 0,
    timeout_seconds bigint NOT NULL DEFAULT 0,
    display_order integer NOT NULL DEFAULT 0,
    value text NOT NULL DEFAULT '',
    error text NOT NULL DEFAULT '',
    collected_at timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    PRIMARY KEY (workspace_agent_id, key)
);

CREATE TABLE workspace_agent_devcontainers (
    id uuid PRIMARY KEY,
    workspace_agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    workspace_folder text NOT NULL,
    config_path text NOT NULL DEFAULT '',
    name text NOT NULL,
    subagent_id uuid REFERENCES workspace_agents (id) ON DELETE SET NULL
);
CREATE INDEX workspace_agent_devcontainers_agent ON workspace_agent_devcontainers (workspace_agent_id);

CREATE TABLE workspace_agent_memory_resource_monitors (
    agent_id uuid PRIMARY KEY REFERENCES workspace_agents (id) ON DELETE CASCADE,
    enabled boolean NOT NULL,
    threshold integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE workspace_agent_volume_resource_monitors (
    agent_id uuid NOT NULL REFERENCES workspace_agents (id) ON DELETE CASCADE,
    path text NOT NULL,
    enabled boolean NOT NULL,
    threshold integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (agent_id, path)
);

CREATE TABLE workspace_agent_port_shares (
    workspace_id uuid NOT NULL REFERENCES workspaces (id) ON DELETE CASCADE,
    agent_name text NOT NULL,
    port integer NOT NULL,
    share_level app_sharing_level NOT NULL,
    protocol port_share_protocol NOT NULL DEFAULT 'http',
    PRIMARY KEY (workspace_id, agent_name, port)
);
