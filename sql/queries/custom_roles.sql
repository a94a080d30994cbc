-- name: ListCustomRoles :many
-- authorize: filter assign_org_role r (organization=r.organization_id)
-- authorize: actor key_reader, provisionerd
SELECT r.* FROM custom_roles AS r
WHERE (sqlc.narg('organization_id')::uuid IS NULL OR r.organization_id = sqlc.narg('organization_id')
    OR r.organization_id IS NULL) /* authorize_filter */
ORDER BY r.name;
