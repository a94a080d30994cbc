-- People, organizations and what they sign in with.

-- Deployment-wide settings and secrets as key and value: deployment id, signing keys, runtime settings.
CREATE TABLE site_configs (
    key text PRIMARY KEY,
    value text NOT NULL
);

CREATE TYPE login_type AS ENUM ('password', 'github', 'oidc', 'token', 'none');
CREATE TYPE user_status AS ENUM ('active', 'dormant', 'suspended');

CREATE TABLE users (
    id uuid PRIMARY KEY,
    email text NOT NULL,
    username text NOT NULL,
    name text NOT NULL DEFAULT '',
    avatar_url text NOT NULL DEFAULT '',
    status user_status NOT NULL DEFAULT 'active',
    login_type login_type NOT NULL DEFAULT 'password',
    -- Site-wide roles by name; everybody is a member without it being listed.
    rbac_roles text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    theme_preference text NOT NULL DEFAULT '',
    terminal_font text NOT NULL DEFAULT '',
    quiet_hours_schedule text NOT NULL DEFAULT '',
    -- System users own things (prebuilt workspaces) but can neither sign in nor be listed.
    is_system boolean NOT NULL DEFAULT false,
    deleted boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email)) WHERE NOT deleted;
CREATE UNIQUE INDEX users_username_key ON users (lower(username)) WHERE NOT deleted;

-- Apart from users, so that no query of people can carry a password hash.
CREATE TABLE user_passwords (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    hashed_password text NOT NULL,
    updated_at timestamptz NOT NULL
);

-- Identities of other providers.
CREATE TABLE user_links (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    login_type login_type NOT NULL,
    linked_id text NOT NULL DEFAULT '',
    oauth_access_token text NOT NULL DEFAULT '',
    oauth_refresh_token text NOT NULL DEFAULT '',
    oauth_expiry timestamptz NOT NULL DEFAULT '0001-01-01 00:00:00+00',
    claims jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (user_id, login_type)
);
CREATE UNIQUE INDEX user_links_linked_id_key ON user_links (login_type, linked_id) WHERE linked_id <> '';

CREATE TABLE api_keys (
    -- The public part of the key; the secret part is kept only as its SHA-256.
    id text PRIMARY KEY CHECK (length(id) = 10),
    hashed_secret bytea NOT NULL CHECK (length(hashed_secret) = 32),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    last_used timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    login_type login_type NOT NULL,
    lifetime_seconds bigint NOT NULL DEFAULT 86400,
    ip_address text NOT NULL DEFAULT '',
    token_name text NOT NULL DEFAULT '',
    scopes text[] NOT NULL DEFAULT '{coder:all}',
    -- Each "<resource>:<uuid or *>".
    allow_list text[] NOT NULL DEFAULT '{*:*}'
);
CREATE INDEX api_keys_user ON api_keys (user_id);
CREATE INDEX api_keys_expiry ON api_keys (expires_at);
CREATE UNIQUE INDEX api_keys_token_name_key ON api_keys (user_id, token_name) WHERE login_type = 'token';

CREATE TABLE git_ssh_keys (
    user_id uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    private_key text NOT NULL,
    public_key text NOT NULL
);

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    icon text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    is_default boolean NOT NULL DEFAULT false,
    deleted boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX organizations_name_key ON organizations (lower(name)) WHERE NOT deleted;
CREATE UNIQUE INDEX organizations_default_key ON organizations (is_default) WHERE is_default;

CREATE TABLE organization_members (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    -- Roles of this organization by name; membership itself is implied.
    roles text[] NOT NULL DEFAULT '{}',
    PRIMARY KEY (organization_id, user_id)
);
CREATE INDEX organization_members_user ON organization_members (user_id);

-- Roles made by administrators; permissions are JSON lists of {resource_type, action, negate}.
CREATE TABLE custom_roles (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    organization_id uuid REFERENCES organizations (id) ON DELETE CASCADE,
    site_permissions jsonb NOT NULL DEFAULT '[]',
    organization_permissions jsonb NOT NULL DEFAULT '[]',
    user_permissions jsonb NOT NULL DEFAULT '[]',
    member_permissions jsonb NOT NULL DEFAULT '[]',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX custom_roles_name_key
    ON custom_roles (lower(name), coalesce(organization_id, '00000000-0000-0000-0000-000000000000'));

CREATE TYPE group_source AS ENUM ('user', 'oidc');

-- The group "Everyone" of an organization has the organization's own id and no rows in group_members.
CREATE TABLE groups (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    display_name text NOT NULL DEFAULT '',
    organization_id uuid NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    avatar_url text NOT NULL DEFAULT '',
    quota_allowance integer NOT NULL DEFAULT 0,
    source group_source NOT NULL DEFAULT 'user',
    UNIQUE (organization_id, name)
);

CREATE TABLE group_members (
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id uuid NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (group_id, user_id)
);
CREATE INDEX group_members_user ON group_members (user_id);

-- Servers that share this database.
CREATE TABLE replicas (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    started_at timestamptz NOT NULL,
    stopped_at timestamptz,
    updated_at timestamptz NOT NULL,
    hostname text NOT NULL,
    region_id integer NOT NULL DEFAULT 0,
    relay_address text NOT NULL DEFAULT '',
    database_latency_us integer NOT NULL DEFAULT 0,
    version text NOT NULL,
    error text NOT NULL DEFAULT ''
);

INSERT INTO users (id, email, username, name, login_type, created_at, updated_at, is_system)
VALUES ('c42fdf75-3097-471c-8c33-fb52454d81c0', 'prebuilds@system', 'prebuilds', 'Prebuilds Owner', 'none', now(), now(),
        true);

WITH organization AS (
    INSERT INTO organizations (id, name, display_name, description, created_at, updated_at, is_default)
    VALUES (gen_random_uuid(), 'coder', 'Coder', 'The default organization.', now(), now(), true)
    RETURNING id
)
INSERT INTO groups (id, name, display_name, organization_id)
SELECT id, 'Everyone', 'Everyone', id FROM organization;
