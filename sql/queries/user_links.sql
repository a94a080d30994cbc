-- name: GetUserLink :one
-- authorize: read_personal user via GetUserByID(@user_id)
SELECT * FROM user_links WHERE user_id = @user_id AND login_type = @login_type;

-- name: GetUserLinkByLinkedID :one
-- authorize: actor key_reader
SELECT * FROM user_links WHERE login_type = @login_type AND linked_id = @linked_id;

-- name: UpsertUserLink :one
-- authorize: update_personal user via GetUserByID(@user_id)
INSERT INTO user_links (user_id, login_type, linked_id, oauth_access_token, oauth_refresh_token, oauth_expiry, oauth_key_id,
    claims)
VALUES (@user_id, @login_type, @linked_id, @oauth_access_token, @oauth_refresh_token, @oauth_expiry,
    sqlc.narg('oauth_key_id'), @claims)
ON CONFLICT (user_id, login_type) DO UPDATE SET linked_id = excluded.linked_id,
    oauth_access_token = excluded.oauth_access_token, oauth_refresh_token = excluded.oauth_refresh_token,
    oauth_expiry = excluded.oauth_expiry, oauth_key_id = excluded.oauth_key_id, claims = excluded.claims
RETURNING *;
