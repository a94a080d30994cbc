-- name: ListDbcryptKeys :many
-- authorize: actor key_rotator
SELECT * FROM dbcrypt_keys ORDER BY created_at, id;

-- name: InsertDbcryptKey :exec
-- authorize: actor key_rotator
-- A key that was revoked before is in use again.
INSERT INTO dbcrypt_keys (id, created_at, proof) VALUES (@id, @created_at, @proof)
ON CONFLICT (id) DO UPDATE SET revoked_at = NULL;

-- name: RevokeDbcryptKeys :exec
-- authorize: actor key_rotator
-- All but those.
UPDATE dbcrypt_keys SET revoked_at = @now::timestamptz WHERE revoked_at IS NULL AND NOT (id = ANY (@kept_ids::text[]));

-- name: LockSealedUserSecrets :many
-- authorize: actor key_rotator
SELECT id, value, value_key_id FROM user_secrets FOR UPDATE;

-- name: ReplaceUserSecretValue :exec
-- authorize: actor key_rotator
UPDATE user_secrets SET value = @value, value_key_id = sqlc.narg('value_key_id') WHERE id = @id;

-- name: LockSealedGitSSHKeys :many
-- authorize: actor key_rotator
SELECT user_id, private_key, private_key_key_id FROM git_ssh_keys FOR UPDATE;

-- name: ReplaceGitSSHPrivateKey :exec
-- authorize: actor key_rotator
UPDATE git_ssh_keys SET private_key = @private_key, private_key_key_id = sqlc.narg('private_key_key_id')
WHERE user_id = @user_id;

-- name: LockSealedUserLinks :many
-- authorize: actor key_rotator
SELECT user_id, login_type, oauth_access_token, oauth_refresh_token, oauth_key_id FROM user_links FOR UPDATE;

-- name: ReplaceUserLinkTokens :exec
-- authorize: actor key_rotator
UPDATE user_links SET oauth_access_token = @oauth_access_token, oauth_refresh_token = @oauth_refresh_token,
    oauth_key_id = sqlc.narg('oauth_key_id')
WHERE user_id = @user_id AND login_type = @login_type;
