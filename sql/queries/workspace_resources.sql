-- name: InsertWorkspaceResources :exec
-- authorize: actor provisionerd
INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name, hide, icon, instance_type, daily_cost,
    module_path)
SELECT unnest(@ids::uuid[]), @created_at, @job_id, unnest(@transitions::workspace_transition[]), unnest(@types::text[]),
    unnest(@names::text[]), unnest(@hides::boolean[]), unnest(@icons::text[]), unnest(@instance_types::text[]),
    unnest(@daily_costs::integer[]), unnest(@module_paths::text[]);

-- name: InsertWorkspaceResourceMetadata :exec
-- authorize: actor provisionerd
-- Values where is_null says so are stored as null.
INSERT INTO workspace_resource_metadata (workspace_resource_id, key, value, sensitive)
SELECT @workspace_resource_id, item.key, CASE WHEN item.is_null THEN NULL ELSE item.value END, item.sensitive
FROM (SELECT unnest(@keys::text[]) AS key, unnest(@values::text[]) AS value, unnest(@sensitive::boolean[]) AS sensitive,
    unnest(@is_null::boolean[]) AS is_null) AS item
ON CONFLICT (workspace_resource_id, key) DO UPDATE SET value = excluded.value, sensitive = excluded.sensitive;

-- name: InsertWorkspaceModules :exec
-- authorize: actor provisionerd
INSERT INTO workspace_modules (id, created_at, job_id, transition, source, version, key)
SELECT gen_random_uuid(), @created_at, @job_id, @transition, unnest(@sources::text[]), unnest(@versions::text[]),
    unnest(@keys::text[]);

-- name: GetWorkspaceModules :many
-- authorize: actor provisionerd, metrics
SELECT * FROM workspace_modules WHERE job_id = @job_id ORDER BY key;

-- name: GetWorkspaceResources :many
-- authorize: filter workspace w
-- Of the builds with these jobs.
SELECT r.* FROM workspace_resources AS r
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE r.job_id = ANY (@job_ids::uuid[]) /* authorize_filter */
ORDER BY r.job_id, r.type, r.name, r.id;

-- name: GetTemplateVersionResources :many
-- authorize: read template via GetTemplateVersionByJobID(@job_id)
SELECT r.* FROM workspace_resources AS r WHERE r.job_id = @job_id ORDER BY r.transition, r.type, r.name, r.id;

-- name: GetWorkspaceResourceMetadata :many
-- authorize: filter workspace w
-- Of the builds with these jobs, in order of definition.
SELECT m.* FROM workspace_resource_metadata AS m
JOIN workspace_resources AS r ON r.id = m.workspace_resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE r.job_id = ANY (@job_ids::uuid[]) /* authorize_filter */
ORDER BY m.id;

-- name: GetTemplateVersionResourceMetadata :many
-- authorize: read template via GetTemplateVersionByJobID(@job_id)
SELECT m.* FROM workspace_resource_metadata AS m
JOIN workspace_resources AS r ON r.id = m.workspace_resource_id
WHERE r.job_id = @job_id ORDER BY m.id;

-- name: GetDryRunResources :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT r.* FROM workspace_resources AS r
JOIN provisioner_jobs AS j ON j.id = r.job_id AND j.input ->> 'template_version_id' = (@template_version_id::uuid)::text
WHERE r.job_id = @job_id ORDER BY r.transition, r.type, r.name, r.id;

-- name: GetDryRunResourceMetadata :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT m.* FROM workspace_resource_metadata AS m
JOIN workspace_resources AS r ON r.id = m.workspace_resource_id
JOIN provisioner_jobs AS j ON j.id = r.job_id AND j.input ->> 'template_version_id' = (@template_version_id::uuid)::text
WHERE r.job_id = @job_id ORDER BY m.id;
