-- name: GetGitSSHKey :one
-- authorize: read_personal user via GetUserByID(@user_id)
SELECT * FROM git_ssh_keys WHERE user_id = @user_id;

-- name: UpsertGitSSHKey :one
-- authorize: actor bootstrap
-- authorize: update_personal user via GetUserByID(@user_id)
INSERT INTO git_ssh_keys (user_id, created_at, updated_at, private_key, private_key_key_id, public_key)
VALUES (@user_id, @now, @now, @private_key, sqlc.narg('private_key_key_id'), @public_key)
ON CONFLICT (user_id) DO UPDATE SET private_key = excluded.private_key,
    private_key_key_id = excluded.private_key_key_id, public_key = excluded.public_key,
    updated_at = excluded.updated_at
RETURNING *;
