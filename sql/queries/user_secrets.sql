-- name: InsertUserSecret :exec
-- authorize: create user_secret (owner=@user_id)
INSERT INTO user_secrets (id, user_id, name, description, env_name, file_path, value, value_key_id, value_size,
    created_at, updated_at)
VALUES (@id, @user_id, @name, @description, @env_name, @file_path, @value, sqlc.narg('value_key_id'),
    @value_size, @now, @now);

-- name: ListUserSecrets :many
-- authorize: read user_secret (owner=@user_id)
SELECT * FROM user_secret_summaries WHERE user_id = @user_id ORDER BY name;

-- name: GetUserSecretByName :one
-- authorize: read user_secret (owner=@user_id)
SELECT * FROM user_secret_summaries WHERE user_id = @user_id AND name = @name;

-- name: ListUserSecretsWithValues :many
-- authorize: actor provisionerd, agent
-- Those that a workspace gets.
SELECT * FROM user_secrets WHERE user_id = @user_id AND (env_name <> '' OR file_path <> '') ORDER BY name;

-- name: UpdateUserSecret :execrows
-- authorize: update user_secret (owner=@user_id)
UPDATE user_secrets SET description = @description, env_name = @env_name, file_path = @file_path,
    updated_at = @updated_at
WHERE user_id = @user_id AND id = @id;

-- name: UpdateUserSecretValue :execrows
-- authorize: update user_secret (owner=@user_id)
UPDATE user_secrets SET value = @value, value_key_id = sqlc.narg('value_key_id'), value_size = @value_size,
    updated_at = @updated_at
WHERE user_id = @user_id AND id = @id;

-- name: DeleteUserSecret :execrows
-- authorize: delete user_secret (owner=@user_id)
DELETE FROM user_secrets WHERE user_id = @user_id AND name = @name;
