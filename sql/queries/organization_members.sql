-- name: InsertOrganizationMember :one
-- authorize: create organization_member (organization=@organization_id)
INSERT INTO organization_members (organization_id, user_id, created_at, updated_at, roles)
VALUES (@organization_id, @user_id, @created_at, @created_at, @roles)
RETURNING *;

-- name: GetOrganizationMember :one
-- authorize: read organization_member (id=user_id, owner=user_id, organization=organization_id)
SELECT * FROM organization_members WHERE organization_id = @organization_id AND user_id = @user_id;

-- name: ListOrganizationMembers :many
-- authorize: filter organization_member m (id=m.user_id, owner=m.user_id, organization=m.organization_id)
SELECT sqlc.embed(m), u.username, u.name, u.email, u.avatar_url, u.rbac_roles, count(*) OVER () AS total_count
FROM organization_members AS m
JOIN users AS u ON u.id = m.user_id AND NOT u.deleted
WHERE m.organization_id = @organization_id AND (@include_system::boolean OR NOT u.is_system)
    AND (sqlc.narg('user_id')::uuid IS NULL OR m.user_id = sqlc.narg('user_id'))
    AND (@github_user_id::text = '' OR EXISTS (SELECT 1 FROM user_links AS l
        WHERE l.user_id = m.user_id AND l.login_type = 'github' AND l.linked_id = @github_user_id))
    /* authorize_filter */
ORDER BY lower(u.username)
LIMIT nullif(@row_limit::integer, 0) OFFSET @row_offset::integer;

-- name: ListMembershipsOfUsers :many
-- authorize: filter organization_member m (id=m.user_id, owner=m.user_id, organization=m.organization_id)
SELECT m.* FROM organization_members AS m
JOIN organizations AS o ON o.id = m.organization_id
WHERE m.user_id = ANY (@user_ids::uuid[]) AND NOT o.deleted /* authorize_filter */
ORDER BY m.created_at;

-- name: UpdateOrganizationMemberRoles :one
-- authorize: update organization_member via GetOrganizationMember(@organization_id, @user_id)
UPDATE organization_members SET roles = @roles, updated_at = @updated_at
WHERE organization_id = @organization_id AND user_id = @user_id RETURNING *;

-- name: DeleteOrganizationMember :exec
-- authorize: delete organization_member via GetOrganizationMember(@organization_id, @user_id)
DELETE FROM organization_members WHERE organization_id = @organization_id AND user_id = @user_id;
