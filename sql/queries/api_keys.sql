-- name: ReplaceWorkspaceToken :execrows
-- authorize: create api_key (owner=@user_id)
-- The id belongs to the workspace, so that a new token takes the place of the old. Its login type is not "token": those
-- are what people made and manage.
INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, updated_at, login_type,
    lifetime_seconds, ip_address, token_name, scopes, allow_list)
VALUES (@id, @hashed_secret, @user_id, @created_at, @expires_at, @created_at, @created_at, 'password',
    @lifetime_seconds, '0.0.0.0', @token_name, @scopes, @allow_list)
ON CONFLICT (id) DO UPDATE SET hashed_secret = excluded.hashed_secret, last_used = excluded.last_used,
    expires_at = excluded.expires_at, created_at = excluded.created_at, updated_at = excluded.updated_at,
    lifetime_seconds = excluded.lifetime_seconds, scopes = excluded.scopes, allow_list = excluded.allow_list
WHERE api_keys.user_id = excluded.user_id AND api_keys.token_name = excluded.token_name;

-- name: InsertAPIKey :one
-- authorize: create api_key (owner=@user_id)
INSERT INTO api_keys (id, hashed_secret, user_id, last_used, expires_at, created_at, updated_at, login_type,
    lifetime_seconds, ip_address, token_name, scopes, allow_list)
VALUES (@id, @hashed_secret, @user_id, @created_at, @expires_at, @created_at, @created_at, @login_type,
    @lifetime_seconds, @ip_address, @token_name, @scopes, @allow_list)
RETURNING *;

-- name: GetAPIKeyByID :one
-- authorize: read api_key (owner=user_id)
SELECT * FROM api_keys WHERE id = $1;

-- name: GetAPIKeyByName :one
-- authorize: read api_key (owner=user_id)
SELECT * FROM api_keys WHERE user_id = @user_id AND token_name = @token_name AND token_name <> '';

-- name: ListAPIKeysOfUser :many
-- authorize: filter api_key k (owner=k.user_id)
SELECT k.* FROM api_keys AS k
WHERE k.user_id = @user_id AND k.login_type = @login_type
    AND (@include_expired::boolean OR k.expires_at > @now) /* authorize_filter */
ORDER BY k.created_at DESC;

-- name: ListAPIKeys :many
-- authorize: filter api_key k (owner=k.user_id)
SELECT k.* FROM api_keys AS k
WHERE k.login_type = @login_type AND (@include_expired::boolean OR k.expires_at > @now) /* authorize_filter */
ORDER BY k.created_at DESC;

-- name: UpdateAPIKeyUse :exec
-- authorize: actor key_reader
UPDATE api_keys SET last_used = @last_used, expires_at = @expires_at, ip_address = @ip_address, updated_at = @last_used
WHERE id = @id;

-- name: DeleteAPIKeyByID :exec
-- authorize: delete api_key via GetAPIKeyByID(@id)
DELETE FROM api_keys WHERE id = @id;

-- name: ExpireAPIKey :exec
-- authorize: update api_key via GetAPIKeyByID(@id)
UPDATE api_keys SET expires_at = @now, updated_at = @now WHERE id = @id AND expires_at > @now;

-- name: DeleteAPIKeysOfUser :exec
-- authorize: delete api_key (owner=@user_id)
DELETE FROM api_keys WHERE user_id = @user_id;

-- name: DeleteAPIKeysByName :exec
-- authorize: delete api_key (owner=@user_id)
DELETE FROM api_keys WHERE user_id = @user_id AND token_name = @token_name AND token_name <> '';

-- name: DeleteExpiredAPIKeys :execrows
-- authorize: actor purge
DELETE FROM api_keys WHERE id IN (
    SELECT old.id FROM api_keys AS old WHERE old.expires_at < @before ORDER BY old.expires_at LIMIT @row_limit::integer);
