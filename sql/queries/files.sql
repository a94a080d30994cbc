-- name: InsertFile :one
-- authorize: create file (owner=@created_by)
INSERT INTO files (id, hash, created_at, created_by, mimetype, data)
VALUES (@id, @hash, @created_at, @created_by, @mimetype, @data)
RETURNING id;

-- name: GetFileByID :one
-- authorize: read file (id=id, owner=created_by)
-- The content too: up to 100 MiB.
SELECT * FROM files WHERE id = $1;

-- name: GetFileMetadataByID :one
-- authorize: read file (id=id, owner=created_by)
SELECT id, hash, created_at, created_by, mimetype, octet_length(data)::bigint AS size FROM files WHERE id = $1;

-- name: GetFileIDByHashAndCreator :one
-- authorize: read file (id=id, owner=created_by)
SELECT id, created_by FROM files WHERE hash = @hash AND created_by = @created_by;

-- name: GetFileOfTemplateVersion :one
-- authorize: update template via GetTemplateVersionByID(@template_version_id)
-- The sources of a version, for whoever may change its template.
SELECT files.* FROM files
JOIN provisioner_jobs ON provisioner_jobs.file_id = files.id
JOIN template_versions ON template_versions.job_id = provisioner_jobs.id
WHERE template_versions.id = @template_version_id;

-- name: ListTemplateVersionsOfFile :many
-- authorize: filter template v (organization=v.organization_id, id=v.template_id, user_acl=v.template_user_acl, group_acl=v.template_group_acl)
-- The versions made of a file, as far as the actor may see them.
SELECT v.* FROM template_versions_with_user AS v
JOIN provisioner_jobs ON provisioner_jobs.id = v.job_id
WHERE provisioner_jobs.file_id = @file_id /* authorize_filter */;
