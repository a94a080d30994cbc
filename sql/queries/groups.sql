-- name: InsertGroup :one
-- authorize: create group (organization=@organization_id)
INSERT INTO groups (id, name, display_name, organization_id, avatar_url, quota_allowance, source)
VALUES (@id, @name, @display_name, @organization_id, @avatar_url, @quota_allowance, @source)
RETURNING *;

-- name: GetGroupByID :one
-- authorize: read group (id=id, organization=organization_id)
SELECT * FROM groups WHERE id = $1;

-- name: GetGroupByOrganizationAndName :one
-- authorize: read group (id=id, organization=organization_id)
SELECT * FROM groups WHERE organization_id = @organization_id AND lower(name) = lower(@name);

-- name: ListGroups :many
-- authorize: filter group g (id=g.id, organization=g.organization_id)
SELECT g.* FROM groups AS g
WHERE (sqlc.narg('organization_id')::uuid IS NULL OR g.organization_id = sqlc.narg('organization_id'))
    /* authorize_filter */
ORDER BY lower(g.name);

-- name: GetGroupNamesOfUser :many
-- authorize: actor provisionerd, key_reader
-- "Everyone" included, as terraform's owner data lists it.
SELECT group_name FROM group_members_expanded
WHERE user_id = @user_id AND organization_id = @organization_id ORDER BY group_name;

-- name: InsertGroupMember :exec
-- authorize: update group via GetGroupByID(@group_id)
INSERT INTO group_members (user_id, group_id) VALUES (@user_id, @group_id) ON CONFLICT DO NOTHING;

-- name: DeleteGroupMember :exec
-- authorize: update group via GetGroupByID(@group_id)
DELETE FROM group_members WHERE user_id = @user_id AND group_id = @group_id;
