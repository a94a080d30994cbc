-- name: InsertProvisionerKey :one
-- authorize: create provisioner_daemon (organization=@organization_id)
INSERT INTO provisioner_keys (id, created_at, organization_id, name, hashed_secret, tags)
VALUES (@id, @created_at, @organization_id, @name, @hashed_secret, @tags)
RETURNING *;

-- name: GetProvisionerKeyByHashedSecret :one
-- authorize: actor key_reader
SELECT * FROM provisioner_keys WHERE hashed_secret = @hashed_secret AND hashed_secret <> '';

-- name: GetProvisionerKeyByID :one
-- authorize: read provisioner_daemon (id=id, organization=organization_id)
SELECT * FROM provisioner_keys WHERE id = $1;

-- name: GetProvisionerKeyByName :one
-- authorize: read provisioner_daemon (id=id, organization=organization_id)
SELECT * FROM provisioner_keys WHERE organization_id = @organization_id AND lower(name) = lower(@name);

-- name: ListProvisionerKeys :many
-- authorize: filter provisioner_daemon k
SELECT k.* FROM provisioner_keys AS k WHERE k.organization_id = @organization_id /* authorize_filter */
ORDER BY k.created_at, k.id;

-- name: DeleteProvisionerKey :execrows
-- authorize: delete provisioner_daemon via GetProvisionerKeyByID(@id)
DELETE FROM provisioner_keys WHERE id = @id AND hashed_secret <> '';
