-- Templates, their versions, and the queue of provisioner jobs.

-- Uploaded archives. The content is large: only queries of one file select it.
CREATE TABLE files (
    id uuid PRIMARY KEY,
    -- SHA-256 of the content, hexadecimal.
    hash text NOT NULL CHECK (length(hash) = 64),
    created_at timestamptz NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    mimetype text NOT NULL,
    data bytea NOT NULL,
    UNIQUE (hash, created_by)
);

CREATE TYPE provisioner_type AS ENUM ('echo', 'terraform');
CREATE TYPE provisioner_job_type AS ENUM ('template_version_import', 'template_version_dry_run', 'workspace_build');
CREATE TYPE provisioner_job_status AS ENUM ('pending', 'running', 'succeeded', 'canceling', 'canceled', 'failed');
CREATE TYPE log_level AS ENUM ('trace', 'debug', 'info', 'warn', 'error');
CREATE TYPE log_source AS ENUM ('provisioner_daemon', 'provisioner');
CREATE TYPE provisioner_job_timing_stage AS ENUM ('init', 'plan', 'graph', 'apply');
CREATE TYPE app_sharing_level AS ENUM ('owner', 'authenticated', 'organization', 'public');
CREATE TYPE cors_behavior AS ENUM ('simple', 'passthru');

CREATE TABLE provisioner_keys (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name text NOT NULL,
    hashed_secret bytea NOT NULL,
    tags jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX provisioner_keys_name_key ON provisioner_keys (organization_id, lower(name));
CREATE INDEX provisioner_keys_secret ON provisioner_keys (hashed_secret);

CREATE TABLE provisioner_daemons (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    key_id uuid NOT NULL REFERENCES provisioner_keys (id) ON DELETE CASCADE,
    name text NOT NULL,
    provisioners provisioner_type[] NOT NULL,
    tags jsonb NOT NULL DEFAULT '{}',
    version text NOT NULL DEFAULT '',
    api_version text NOT NULL DEFAULT '1.0',
    replica_id uuid,
    last_seen_at timestamptz
);
CREATE UNIQUE INDEX provisioner_daemons_name_key
    ON provisioner_daemons (organization_id, lower(name), coalesce(tags ->> 'owner', ''));

CREATE TABLE provisioner_jobs (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    canceled_at timestamptz,
    completed_at timestamptz,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    initiator_id uuid NOT NULL REFERENCES users (id),
    provisioner provisioner_type NOT NULL,
    type provisioner_job_type NOT NULL,
    file_id uuid NOT NULL REFERENCES files (id),
    -- What the job is about, by type: {"template_version_id": …}, {"workspace_build_id": …, "log_level": …}.
    input jsonb NOT NULL DEFAULT '{}',
    tags jsonb NOT NULL DEFAULT '{}',
    -- Higher runs first; people's builds before prebuilds.
    priority smallint NOT NULL DEFAULT 0,
    worker_id uuid,
    error text,
    error_code text,
    trace_metadata jsonb NOT NULL DEFAULT '{}',
    -- Bytes of log output kept so far.
    logs_length integer NOT NULL DEFAULT 0,
    logs_overflowed boolean NOT NULL DEFAULT false,
    job_status provisioner_job_status NOT NULL GENERATED ALWAYS AS (
        CASE
            WHEN completed_at IS NOT NULL THEN
                CASE
                    WHEN error IS NOT NULL AND error <> '' THEN 'failed'::provisioner_job_status
                    WHEN canceled_at IS NOT NULL THEN 'canceled'::provisioner_job_status
                    ELSE 'succeeded'::provisioner_job_status
                END
            WHEN canceled_at IS NOT NULL THEN 'canceling'::provisioner_job_status
            WHEN started_at IS NULL THEN 'pending'::provisioner_job_status
            ELSE 'running'::provisioner_job_status
        END
    ) STORED
);
CREATE INDEX provisioner_jobs_queue ON provisioner_jobs (organization_id, priority DESC, created_at)
    WHERE started_at IS NULL AND canceled_at IS NULL AND completed_at IS NULL;
CREATE INDEX provisioner_jobs_unfinished ON provisioner_jobs (updated_at) WHERE completed_at IS NULL;
CREATE INDEX provisioner_jobs_worker ON provisioner_jobs (worker_id, started_at DESC) WHERE worker_id IS NOT NULL;
CREATE INDEX provisioner_jobs_organization ON provisioner_jobs (organization_id, created_at DESC);
CREATE INDEX provisioner_jobs_file ON provisioner_jobs (file_id);

-- A daemon takes a job when it has all of the job's tags. A job without tags of its own (only the scope of its
-- organization) is left to daemons without tags of their own, so that special machines stay free.
CREATE FUNCTION provisioner_tags_match(daemon_tags jsonb, job_tags jsonb) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE
        WHEN job_tags = '{"scope": "organization", "owner": ""}'::jsonb THEN job_tags = daemon_tags
        ELSE job_tags <@ daemon_tags
    END;

CREATE TABLE provisioner_job_logs (
    id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
    job_id uuid NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    source log_source NOT NULL,
    level log_level NOT NULL,
    stage text NOT NULL,
    output text NOT NULL
);
CREATE INDEX provisioner_job_logs_job ON provisioner_job_logs (job_id, id);

CREATE TABLE provisioner_job_timings (
    job_id uuid NOT NULL REFERENCES provisioner_jobs (id) ON DELETE CASCADE,
    started_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    stage provisioner_job_timing_stage NOT NULL,
    source text NOT NULL,
    action text NOT NULL,
    resource text NOT NULL
);
CREATE INDEX provisioner_job_timings_job ON provisioner_job_timings (job_id);

CREATE TABLE templates (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    deleted boolean NOT NULL DEFAULT false,
    name text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    icon text NOT NULL DEFAULT '',
    provisioner provisioner_type NOT NULL,
    active_version_id uuid NOT NULL,
    created_by uuid NOT NULL REFERENCES users (id),
    -- Empty while the template is not deprecated, else why.
    deprecated text NOT NULL DEFAULT '',
    default_ttl_ms bigint NOT NULL DEFAULT 0,
    activity_bump_ms bigint NOT NULL DEFAULT 3600000,
    failure_ttl_ms bigint NOT NULL DEFAULT 0,
    time_til_dormant_ms bigint NOT NULL DEFAULT 0,
    time_til_dormant_autodelete_ms bigint NOT NULL DEFAULT 0,
    -- Bits from Monday (1) to Sunday (64).
    autostop_requirement_days_of_week smallint NOT NULL DEFAULT 0,
    autostop_requirement_weeks bigint NOT NULL DEFAULT 1,
    autostart_block_days_of_week smallint NOT NULL DEFAULT 0,
    allow_user_autostart boolean NOT NULL DEFAULT true,
    allow_user_autostop boolean NOT NULL DEFAULT true,
    allow_user_cancel_workspace_jobs boolean NOT NULL DEFAULT true,
    require_active_version boolean NOT NULL DEFAULT false,
    max_port_share_level app_sharing_level NOT NULL DEFAULT 'public',
    cors_behavior cors_behavior NOT NULL DEFAULT 'simple',
    use_classic_parameter_flow boolean NOT NULL DEFAULT false,
    use_terraform_workspace_cache boolean NOT NULL DEFAULT false,
    -- {"<user or group id>": ["<action>", …]}
    user_acl jsonb NOT NULL DEFAULT '{}',
    group_acl jsonb NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX templates_name_key ON templates (organization_id, lower(name)) WHERE NOT deleted;

CREATE TABLE template_versions (
    id uuid PRIMARY KEY,
    -- Null until a template is made of it.
    template_id uuid REFERENCES templates (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    name text NOT NULL,
    message text NOT NULL DEFAULT '',
    readme text NOT NULL DEFAULT '',
    job_id uuid NOT NULL UNIQUE REFERENCES provisioner_jobs (id),
    created_by uuid NOT NULL REFERENCES users (id),
    -- JSON list of {id, optional}.
    external_auth_providers jsonb NOT NULL DEFAULT '[]',
    archived boolean NOT NULL DEFAULT false,
    source_example_id text,
    has_ai_task boolean,
    has_external_agent boolean
);
CREATE UNIQUE INDEX template_versions_name_key ON template_versions (template_id, lower(name));
CREATE INDEX template_versions_created ON template_versions (template_id, created_at DESC);

ALTER TABLE templates ADD CONSTRAINT templates_active_version_id_fkey FOREIGN KEY (active_version_id)
    REFERENCES template_versions (id) DEFERRABLE INITIALLY DEFERRED;

-- What terraform computed at import. Large: only builds read it, one at a time.
CREATE TABLE template_version_terraform_values (
    template_version_id uuid PRIMARY KEY REFERENCES template_versions (id) ON DELETE CASCADE,
    updated_at timestamptz NOT NULL,
    cached_plan jsonb NOT NULL DEFAULT '{}',
    -- Archive of .terraform/modules; null when the template has none or they were too big.
    cached_module_files uuid REFERENCES files (id),
    provisionerd_version text NOT NULL DEFAULT ''
);

CREATE TABLE template_version_parameters (
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    type text NOT NULL,
    form_type text NOT NULL DEFAULT '',
    mutable boolean NOT NULL DEFAULT false,
    default_value text NOT NULL DEFAULT '',
    icon text NOT NULL DEFAULT '',
    -- JSON list of {name, description, value, icon}.
    options jsonb NOT NULL DEFAULT '[]',
    validation_regex text NOT NULL DEFAULT '',
    validation_min integer,
    validation_max integer,
    validation_error text NOT NULL DEFAULT '',
    validation_monotonic text NOT NULL DEFAULT '',
    required boolean NOT NULL DEFAULT true,
    display_order integer NOT NULL DEFAULT 0,
    ephemeral boolean NOT NULL DEFAULT false,
    PRIMARY KEY (template_version_id, name)
);

CREATE TABLE template_version_variables (
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    type text NOT NULL,
    -- May be secret (see sensitive); answers to clients blank it.
    value text NOT NULL DEFAULT '',
    default_value text NOT NULL DEFAULT '',
    required boolean NOT NULL DEFAULT false,
    sensitive boolean NOT NULL DEFAULT false,
    PRIMARY KEY (template_version_id, name)
);

CREATE TABLE template_version_workspace_tags (
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    key text NOT NULL,
    -- A Terraform expression.
    value text NOT NULL,
    PRIMARY KEY (template_version_id, key)
);

CREATE TABLE template_version_presets (
    id uuid PRIMARY KEY,
    template_version_id uuid NOT NULL REFERENCES template_versions (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    icon text NOT NULL DEFAULT '',
    is_default boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    -- Null when the preset keeps no prebuilt workspaces.
    desired_instances integer,
    invalidate_after_secs integer,
    scheduling_timezone text NOT NULL DEFAULT '',
    UNIQUE (template_version_id, name)
);
CREATE UNIQUE INDEX template_version_presets_default_key ON template_version_presets (template_version_id) WHERE is_default;

CREATE TABLE template_version_preset_parameters (
    template_version_preset_id uuid NOT NULL REFERENCES template_version_presets (id) ON DELETE CASCADE,
    name text NOT NULL,
    value text NOT NULL,
    PRIMARY KEY (template_version_preset_id, name)
);

CREATE TABLE template_version_preset_prebuild_schedules (
    id uuid PRIMARY KEY,
    preset_id uuid NOT NULL REFERENCES template_version_presets (id) ON DELETE CASCADE,
    cron_expression text NOT NULL,
    desired_instances integer NOT NULL
);
CREATE INDEX template_version_preset_prebuild_schedules_preset ON template_version_preset_prebuild_schedules (preset_id);

-- Daemons without a key of their own stand under one of these.
INSERT INTO provisioner_keys (id, created_at, organization_id, name, hashed_secret)
SELECT reserved.id::uuid, now(), organizations.id, reserved.name, ''
FROM organizations,
    (VALUES ('00000000-0000-0000-0000-000000000001', 'built-in'),
            ('00000000-0000-0000-0000-000000000002', 'user-auth'),
            ('00000000-0000-0000-0000-000000000003', 'psk')) AS reserved (id, name)
WHERE organizations.is_default;
