-- name: CountUsers :one
-- authorize: actor bootstrap, metrics, key_reader
-- People only; system users do not count.
SELECT count(*) FROM users WHERE NOT deleted AND NOT is_system;

-- name: InsertUser :one
-- authorize: create user ()
INSERT INTO users (id, email, username, name, avatar_url, status, login_type, rbac_roles, created_at, updated_at)
VALUES (@id, @email, @username, @name, @avatar_url, @status, @login_type, @rbac_roles, @created_at, @created_at)
RETURNING *;

-- name: GetUserByID :one
-- authorize: read user (id=id, owner=id)
SELECT * FROM users WHERE id = $1;

-- name: GetUserByEmailOrUsername :one
-- authorize: read user (id=id, owner=id)
SELECT * FROM users
WHERE (lower(email) = lower(@email) OR lower(username) = lower(@username)) AND NOT deleted
ORDER BY lower(username) = lower(@username) DESC
LIMIT 1;

-- name: GetUsersByIDs :many
-- authorize: filter user u
SELECT u.* FROM users AS u WHERE u.id = ANY (@ids::uuid[]) /* authorize_filter */;

-- name: ListUsers :many
-- authorize: filter user u
-- total_count is that of all pages. Empty lists and texts do not filter; row_limit 0 means all.
SELECT sqlc.embed(u), count(*) OVER () AS total_count
FROM users AS u
WHERE NOT u.deleted AND NOT u.is_system
    AND (@search::text = '' OR u.username ILIKE '%' || @search || '%' OR u.email ILIKE '%' || @search || '%'
        OR u.name ILIKE '%' || @search || '%')
    AND (cardinality(@statuses::user_status[]) = 0 OR u.status = ANY (@statuses))
    AND (cardinality(@rbac_roles::text[]) = 0 OR u.rbac_roles && @rbac_roles
        OR 'member' = ANY (@rbac_roles))
    AND (cardinality(@login_types::login_type[]) = 0 OR u.login_type = ANY (@login_types))
    AND (sqlc.narg('after_id')::uuid IS NULL OR lower(u.username) > (
        SELECT lower(after.username) FROM users AS after WHERE after.id = sqlc.narg('after_id')::uuid))
    /* authorize_filter */
ORDER BY lower(u.username)
LIMIT nullif(@row_limit::integer, 0) OFFSET @row_offset::integer;

-- name: UpdateUserProfile :one
-- authorize: update_personal user via GetUserByID(@id)
UPDATE users SET username = @username, name = @name, avatar_url = @avatar_url, updated_at = @updated_at
WHERE id = @id AND NOT deleted RETURNING *;

-- name: UpdateUserStatus :one
-- authorize: update user via GetUserByID(@id)
UPDATE users SET status = @status, updated_at = @updated_at WHERE id = @id AND NOT deleted RETURNING *;

-- name: UpdateUserRoles :one
-- authorize: update user via GetUserByID(@id)
UPDATE users SET rbac_roles = @rbac_roles, updated_at = @updated_at WHERE id = @id AND NOT deleted RETURNING *;

-- name: UpdateUserAppearance :one
-- authorize: update_personal user via GetUserByID(@id)
UPDATE users SET theme_preference = @theme_preference, terminal_font = @terminal_font, updated_at = @updated_at
WHERE id = @id AND NOT deleted RETURNING *;

-- name: UpdateUserLastSeen :exec
-- authorize: actor key_reader
UPDATE users SET last_seen_at = @last_seen_at,
    status = CASE WHEN status = 'dormant' THEN 'active'::user_status ELSE status END
WHERE id = @id AND last_seen_at < @last_seen_at;

-- name: DeleteUser :exec
-- authorize: delete user via GetUserByID(@id)
UPDATE users SET deleted = true, updated_at = @updated_at WHERE id = @id;

-- name: GetUserPassword :one
-- authorize: actor key_reader
SELECT hashed_password FROM user_passwords WHERE user_id = $1;

-- name: UpsertUserPassword :exec
-- authorize: actor bootstrap
-- authorize: update_personal user via GetUserByID(@user_id)
INSERT INTO user_passwords (user_id, hashed_password, updated_at) VALUES (@user_id, @hashed_password, @updated_at)
ON CONFLICT (user_id) DO UPDATE SET hashed_password = excluded.hashed_password, updated_at = excluded.updated_at;

-- name: GetAuthorizationOfUser :one
-- authorize: actor key_reader, provisionerd, agent
-- All that an actor is made of: site roles, memberships as {"<organization>": ["<role>", …]}, groups.
SELECT users.id, users.username, users.status, users.deleted, users.is_system, users.rbac_roles,
    coalesce((SELECT jsonb_object_agg(m.organization_id, to_jsonb(m.roles)) FROM organization_members AS m
        JOIN organizations AS o ON o.id = m.organization_id
        WHERE m.user_id = users.id AND NOT o.deleted), '{}')::jsonb AS memberships,
    ARRAY(SELECT g.group_id FROM group_members AS g WHERE g.user_id = users.id)::uuid[] AS group_ids
FROM users WHERE users.id = $1;
