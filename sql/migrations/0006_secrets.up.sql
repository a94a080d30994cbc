-- Secrets that people keep for their workspaces, and what encrypts secrets at rest.

-- The keys that encrypted something at some time. A server starts only with all that are not revoked.
CREATE TABLE dbcrypt_keys (
    -- Short digest of the key; what the key_id columns name.
    id text PRIMARY KEY,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz,
    -- A known text encrypted with the key: proves that a key is the right one.
    proof text NOT NULL
);

CREATE TABLE user_secrets (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name text NOT NULL,
    description text NOT NULL DEFAULT '',
    -- Where workspaces find it; empty for not at all.
    env_name text NOT NULL DEFAULT '',
    file_path text NOT NULL DEFAULT '',
    value text NOT NULL,
    -- Null while the value is not encrypted.
    value_key_id text REFERENCES dbcrypt_keys (id),
    -- In bytes, before it was encrypted.
    value_size integer NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX user_secrets_name_key ON user_secrets (user_id, name);
CREATE UNIQUE INDEX user_secrets_env_name_key ON user_secrets (user_id, env_name) WHERE env_name <> '';
CREATE UNIQUE INDEX user_secrets_file_path_key ON user_secrets (user_id, file_path) WHERE file_path <> '';

-- What may be shown: everything but the value.
CREATE VIEW user_secret_summaries AS
SELECT id, user_id, name, description, env_name, file_path, value_size, created_at, updated_at FROM user_secrets;

ALTER TABLE git_ssh_keys ADD COLUMN private_key_key_id text REFERENCES dbcrypt_keys (id);
-- Of both tokens.
ALTER TABLE user_links ADD COLUMN oauth_key_id text REFERENCES dbcrypt_keys (id);
