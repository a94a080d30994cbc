-- name: GetOrganizationByID :one
-- authorize: read organization (id=id, organization=id)
SELECT * FROM organizations WHERE id = $1 AND NOT deleted;

-- name: GetOrganizationByName :one
-- authorize: read organization (id=id, organization=id)
SELECT * FROM organizations WHERE lower(name) = lower(@name) AND NOT deleted;

-- name: GetDefaultOrganization :one
-- authorize: read organization (id=id, organization=id)
SELECT * FROM organizations WHERE is_default;

-- name: ListOrganizations :many
-- authorize: filter organization o (id=o.id, organization=o.id)
SELECT o.* FROM organizations AS o WHERE NOT o.deleted /* authorize_filter */ ORDER BY lower(o.name);

-- name: ListOrganizationsOfUser :many
-- authorize: filter organization o (id=o.id, organization=o.id)
SELECT o.* FROM organizations AS o
JOIN organization_members AS m ON m.organization_id = o.id
WHERE m.user_id = @user_id AND NOT o.deleted /* authorize_filter */
ORDER BY lower(o.name);

-- name: InsertOrganization :one
-- authorize: create organization ()
-- A trigger-free pair: insert the group "Everyone" with the same id in the same transaction.
INSERT INTO organizations (id, name, display_name, description, icon, created_at, updated_at)
VALUES (@id, @name, @display_name, @description, @icon, @created_at, @created_at)
RETURNING *;

-- name: UpdateOrganization :one
-- authorize: update organization via GetOrganizationByID(@id)
UPDATE organizations SET name = @name, display_name = @display_name, description = @description, icon = @icon,
    updated_at = @updated_at
WHERE id = @id AND NOT deleted RETURNING *;

-- name: DeleteOrganization :exec
-- authorize: delete organization via GetOrganizationByID(@id)
UPDATE organizations SET deleted = true, updated_at = @updated_at WHERE id = @id AND NOT is_default;
