-- name: InsertTemplateVersion :exec
-- authorize: create template (organization=@organization_id)
-- The first version of a template to come.
INSERT INTO template_versions (id, organization_id, created_at, updated_at, name, message, readme, job_id, created_by,
    source_example_id)
VALUES (@id, @organization_id, @created_at, @created_at, @name, @message, @readme, @job_id, @created_by,
    sqlc.narg('source_example_id'));

-- name: InsertVersionOfTemplate :one
-- authorize: create template via GetTemplateByID(@template_id)
INSERT INTO template_versions (id, template_id, organization_id, created_at, updated_at, name, message, readme, job_id,
    created_by, source_example_id)
SELECT @id, t.id, t.organization_id, @created_at, @created_at, @name, @message, @readme, @job_id, @created_by,
    sqlc.narg('source_example_id')
FROM templates AS t WHERE t.id = @template_id AND NOT t.deleted
RETURNING id;

-- name: GetTemplateVersionByID :one
-- authorize: read template (id=template_id, organization=organization_id, user_acl=template_user_acl, group_acl=template_group_acl)
SELECT * FROM template_versions_with_user WHERE id = $1;

-- name: GetTemplateVersionByJobID :one
-- authorize: read template (id=template_id, organization=organization_id, user_acl=template_user_acl, group_acl=template_group_acl)
SELECT * FROM template_versions_with_user WHERE job_id = $1;

-- name: GetTemplateVersionByTemplateAndName :one
-- authorize: read template (id=template_id, organization=organization_id, user_acl=template_user_acl, group_acl=template_group_acl)
SELECT * FROM template_versions_with_user WHERE template_id = @template_id AND lower(name) = lower(@name);

-- name: GetPreviousTemplateVersion :one
-- authorize: read template (id=template_id, organization=organization_id, user_acl=template_user_acl, group_acl=template_group_acl)
SELECT v.* FROM template_versions_with_user AS v
WHERE v.template_id = @template_id AND v.created_at < (
    SELECT named.created_at FROM template_versions AS named
    WHERE named.template_id = @template_id AND lower(named.name) = lower(@name))
ORDER BY v.created_at DESC LIMIT 1;

-- name: GetTemplateVersionsByIDs :many
-- authorize: filter template v (id=v.template_id, organization=v.organization_id, user_acl=v.template_user_acl, group_acl=v.template_group_acl)
SELECT v.* FROM template_versions_with_user AS v WHERE v.id = ANY (@ids::uuid[]) /* authorize_filter */;

-- name: ListTemplateVersions :many
-- authorize: filter template v (id=v.template_id, organization=v.organization_id, user_acl=v.template_user_acl, group_acl=v.template_group_acl)
SELECT v.* FROM template_versions_with_user AS v
WHERE v.template_id = @template_id
    AND (@include_archived::boolean OR NOT v.archived)
    AND (sqlc.narg('after_id')::uuid IS NULL OR (v.created_at, v.id) > (
        SELECT previous.created_at, previous.id FROM template_versions AS previous
        WHERE previous.id = sqlc.narg('after_id')::uuid))
    /* authorize_filter */
ORDER BY v.created_at, v.id
LIMIT nullif(@row_limit::integer, 0) OFFSET @row_offset::integer;

-- name: UpdateTemplateVersion :execrows
-- authorize: update template via GetTemplateVersionByID(@id)
UPDATE template_versions SET name = @name, message = @message, updated_at = @updated_at WHERE id = @id;

-- name: UpdateTemplateVersionTemplate :execrows
-- authorize: update template via GetTemplateVersionByID(@id)
UPDATE template_versions SET template_id = @template_id::uuid, updated_at = @updated_at
WHERE id = @id AND (template_id IS NULL OR template_id = @template_id::uuid);

-- name: ArchiveTemplateVersion :execrows
-- authorize: update template via GetTemplateVersionByID(@id)
-- 0 rows for an active version.
UPDATE template_versions SET archived = @archived, updated_at = @updated_at
WHERE template_versions.id = @id AND NOT EXISTS (SELECT 1 FROM templates AS t WHERE t.active_version_id = @id);

-- name: UpdateTemplateVersionReadme :exec
-- authorize: actor provisionerd
UPDATE template_versions SET readme = @readme, updated_at = @updated_at WHERE job_id = @job_id;

-- name: UpdateTemplateVersionImported :exec
-- authorize: actor provisionerd
UPDATE template_versions SET external_auth_providers = @external_auth_providers, has_ai_task = @has_ai_task::boolean,
    has_external_agent = @has_external_agent::boolean, updated_at = @updated_at
WHERE job_id = @job_id;

-- name: UpsertTemplateVersionTerraformValues :exec
-- authorize: actor provisionerd
INSERT INTO template_version_terraform_values (template_version_id, updated_at, cached_plan, cached_module_files,
    provisionerd_version, static_parameters)
SELECT v.id, @updated_at, @cached_plan, sqlc.narg('cached_module_files')::uuid, @provisionerd_version,
    @static_parameters::boolean
FROM template_versions AS v WHERE v.job_id = @job_id
ON CONFLICT (template_version_id) DO UPDATE SET updated_at = excluded.updated_at, cached_plan = excluded.cached_plan,
    cached_module_files = excluded.cached_module_files, provisionerd_version = excluded.provisionerd_version,
    static_parameters = excluded.static_parameters;

-- name: HasStaticParameters :one
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
-- False for versions of which it is not known.
SELECT coalesce(bool_or(static_parameters), false)::boolean FROM template_version_terraform_values
WHERE template_version_id = @template_version_id;

-- name: GetTemplateVersionModuleFiles :one
-- authorize: actor provisionerd
-- The module archive's file id, its hash and size; not_found without one.
SELECT files.id, files.hash, octet_length(files.data)::bigint AS size FROM files
JOIN template_version_terraform_values AS v ON v.cached_module_files = files.id
WHERE v.template_version_id = @template_version_id;

-- name: GetTemplateVersionCachedPlan :one
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT cached_plan::text FROM template_version_terraform_values WHERE template_version_id = @template_version_id;

-- name: InsertTemplateVersionParameters :exec
-- authorize: actor provisionerd
-- One JSON list of objects with the columns' names.
INSERT INTO template_version_parameters (template_version_id, name, display_name, description, type, form_type, mutable,
    default_value, icon, options, validation_regex, validation_min, validation_max, validation_error,
    validation_monotonic, required, display_order, ephemeral)
SELECT @template_version_id, p.name, p.display_name, p.description, p.type, p.form_type, p.mutable, p.default_value,
    p.icon, p.options, p.validation_regex, p.validation_min, p.validation_max, p.validation_error,
    p.validation_monotonic, p.required, p.display_order, p.ephemeral
FROM jsonb_to_recordset(@parameters::jsonb) AS p (name text, display_name text, description text, type text,
    form_type text, mutable boolean, default_value text, icon text, options jsonb, validation_regex text,
    validation_min integer, validation_max integer, validation_error text, validation_monotonic text, required boolean,
    display_order integer, ephemeral boolean);

-- name: GetTemplateVersionParameters :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT * FROM template_version_parameters WHERE template_version_id = @template_version_id
ORDER BY display_order, lower(name);

-- name: InsertTemplateVersionVariables :exec
-- authorize: actor provisionerd
INSERT INTO template_version_variables (template_version_id, name, description, type, value, default_value, required,
    sensitive, given)
SELECT @template_version_id, unnest(@names::text[]), unnest(@descriptions::text[]), unnest(@types::text[]),
    unnest(@values::text[]), unnest(@default_values::text[]), unnest(@required::boolean[]), unnest(@sensitive::boolean[]),
    unnest(@given::boolean[])
ON CONFLICT (template_version_id, name) DO UPDATE SET description = excluded.description, type = excluded.type,
    value = excluded.value, default_value = excluded.default_value, required = excluded.required,
    sensitive = excluded.sensitive, given = excluded.given;

-- name: GetTemplateVersionVariables :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT * FROM template_version_variables WHERE template_version_id = @template_version_id ORDER BY lower(name);

-- name: InsertTemplateVersionWorkspaceTags :exec
-- authorize: actor provisionerd
INSERT INTO template_version_workspace_tags (template_version_id, key, value)
SELECT @template_version_id, unnest(@keys::text[]), unnest(@values::text[])
ON CONFLICT (template_version_id, key) DO UPDATE SET value = excluded.value;

-- name: GetTemplateVersionWorkspaceTags :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT * FROM template_version_workspace_tags WHERE template_version_id = @template_version_id ORDER BY key;

-- name: InsertTemplateVersionPreset :exec
-- authorize: actor provisionerd
INSERT INTO template_version_presets (id, template_version_id, name, description, icon, is_default, created_at,
    desired_instances, invalidate_after_secs, scheduling_timezone)
VALUES (@id, @template_version_id, @name, @description, @icon, @is_default, @created_at,
    sqlc.narg('desired_instances'), sqlc.narg('invalidate_after_secs'), @scheduling_timezone);

-- name: InsertTemplateVersionPresetParameters :exec
-- authorize: actor provisionerd
INSERT INTO template_version_preset_parameters (template_version_preset_id, name, value)
SELECT @template_version_preset_id, unnest(@names::text[]), unnest(@values::text[]);

-- name: InsertPresetPrebuildSchedules :exec
-- authorize: actor provisionerd
INSERT INTO template_version_preset_prebuild_schedules (id, preset_id, cron_expression, desired_instances)
SELECT gen_random_uuid(), @preset_id, unnest(@cron_expressions::text[]), unnest(@desired_instances::integer[]);

-- name: GetTemplateVersionPresets :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT * FROM template_version_presets WHERE template_version_id = @template_version_id ORDER BY lower(name);

-- name: GetTemplateVersionPresetParameters :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
-- Of all presets of the version.
SELECT parameter.* FROM template_version_preset_parameters AS parameter
JOIN template_version_presets AS preset ON preset.id = parameter.template_version_preset_id
WHERE preset.template_version_id = @template_version_id
ORDER BY parameter.template_version_preset_id, lower(parameter.name);
