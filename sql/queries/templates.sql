-- name: InsertTemplate :one
-- authorize: create template (organization=@organization_id)
-- The version must get the template's id in the same transaction.
INSERT INTO templates (id, created_at, updated_at, organization_id, name, display_name, description, icon, provisioner,
    active_version_id, created_by, default_ttl_ms, activity_bump_ms, failure_ttl_ms, time_til_dormant_ms,
    time_til_dormant_autodelete_ms, autostop_requirement_days_of_week, autostop_requirement_weeks,
    autostart_block_days_of_week, allow_user_autostart, allow_user_autostop, allow_user_cancel_workspace_jobs,
    require_active_version, max_port_share_level, cors_behavior, use_classic_parameter_flow, user_acl, group_acl)
VALUES (@id, @created_at, @created_at, @organization_id, @name, @display_name, @description, @icon, @provisioner,
    @active_version_id, @created_by, @default_ttl_ms, @activity_bump_ms, @failure_ttl_ms, @time_til_dormant_ms,
    @time_til_dormant_autodelete_ms, @autostop_requirement_days_of_week, @autostop_requirement_weeks,
    @autostart_block_days_of_week, @allow_user_autostart, @allow_user_autostop, @allow_user_cancel_workspace_jobs,
    @require_active_version, @max_port_share_level, @cors_behavior, @use_classic_parameter_flow, @user_acl, @group_acl)
RETURNING id;

-- name: GetTemplateByID :one
-- authorize: read template
-- Deleted ones too: see the column.
SELECT * FROM templates_with_names WHERE id = $1;

-- name: GetTemplateByOrganizationAndName :one
-- authorize: read template
SELECT * FROM templates_with_names
WHERE organization_id = @organization_id AND lower(name) = lower(@name) AND NOT deleted;

-- name: ListTemplates :many
-- authorize: filter template t
-- Empty texts, lists and nulls do not filter.
SELECT t.* FROM templates_with_names AS t
WHERE t.deleted = @deleted::boolean
    AND (sqlc.narg('organization_id')::uuid IS NULL OR t.organization_id = sqlc.narg('organization_id'))
    AND (@exact_name::text = '' OR lower(t.name) = lower(@exact_name))
    AND (@exact_display_name::text = '' OR lower(t.display_name) = lower(@exact_display_name))
    AND (@fuzzy_name::text = '' OR t.name ILIKE '%' || @fuzzy_name || '%')
    AND (@fuzzy_display_name::text = '' OR t.display_name ILIKE '%' || @fuzzy_display_name || '%')
    AND (sqlc.narg('deprecated')::boolean IS NULL OR (t.deprecated <> '') = sqlc.narg('deprecated'))
    AND (sqlc.narg('created_by')::uuid IS NULL OR t.created_by = sqlc.narg('created_by'))
    AND (cardinality(@ids::uuid[]) = 0 OR t.id = ANY (@ids))
    AND (sqlc.narg('has_external_agent')::boolean IS NULL OR EXISTS (
        SELECT 1 FROM template_versions AS v WHERE v.id = t.active_version_id
            AND coalesce(v.has_external_agent, false) = sqlc.narg('has_external_agent')))
    /* authorize_filter */
ORDER BY lower(t.name), t.id;

-- name: UpdateTemplateMeta :exec
-- authorize: update template via GetTemplateByID(@id)
UPDATE templates SET updated_at = @updated_at, name = @name, display_name = @display_name, description = @description,
    icon = @icon, default_ttl_ms = @default_ttl_ms, activity_bump_ms = @activity_bump_ms,
    failure_ttl_ms = @failure_ttl_ms, time_til_dormant_ms = @time_til_dormant_ms,
    time_til_dormant_autodelete_ms = @time_til_dormant_autodelete_ms,
    autostop_requirement_days_of_week = @autostop_requirement_days_of_week,
    autostop_requirement_weeks = @autostop_requirement_weeks,
    autostart_block_days_of_week = @autostart_block_days_of_week, allow_user_autostart = @allow_user_autostart,
    allow_user_autostop = @allow_user_autostop, allow_user_cancel_workspace_jobs = @allow_user_cancel_workspace_jobs,
    require_active_version = @require_active_version, deprecated = @deprecated,
    max_port_share_level = @max_port_share_level, cors_behavior = @cors_behavior,
    use_classic_parameter_flow = @use_classic_parameter_flow,
    use_terraform_workspace_cache = @use_terraform_workspace_cache, group_acl = @group_acl
WHERE id = @id AND NOT deleted;

-- name: UpdateTemplateACL :exec
-- authorize: update template via GetTemplateByID(@id)
UPDATE templates SET user_acl = @user_acl, group_acl = @group_acl, updated_at = @updated_at
WHERE id = @id AND NOT deleted;

-- name: UpdateTemplateActiveVersion :execrows
-- authorize: update template via GetTemplateByID(@id)
UPDATE templates SET active_version_id = @active_version_id, updated_at = @updated_at WHERE id = @id AND NOT deleted;

-- name: SoftDeleteTemplate :execrows
-- authorize: delete template via GetTemplateByID(@id)
-- 0 rows while live workspaces use it.
UPDATE templates SET deleted = true, updated_at = @updated_at
WHERE templates.id = @id AND NOT templates.deleted
    AND NOT EXISTS (SELECT 1 FROM workspaces AS w WHERE w.template_id = @id AND NOT w.deleted);

-- name: CountWorkspacesOfTemplate :one
-- authorize: read template via GetTemplateByID(@template_id)
SELECT count(*) FROM workspaces WHERE template_id = @template_id AND NOT deleted;

-- name: GetTemplateUserCounts :many
-- authorize: filter template t
-- Owners of live workspaces, per template.
SELECT t.id AS template_id, count(DISTINCT w.owner_id) AS user_count
FROM templates AS t JOIN workspaces AS w ON w.template_id = t.id AND NOT w.deleted
WHERE t.id = ANY (@template_ids::uuid[]) /* authorize_filter */
GROUP BY t.id;

-- name: GetTemplateBuildTimes :many
-- authorize: filter template t
-- Milliseconds of the last 100 successful builds of each template and transition; null without one.
SELECT t.id AS template_id, times.transition,
    (percentile_cont(0.5) WITHIN GROUP (ORDER BY times.milliseconds))::double precision AS p50_ms,
    (percentile_cont(0.95) WITHIN GROUP (ORDER BY times.milliseconds))::double precision AS p95_ms
FROM templates AS t
CROSS JOIN LATERAL (
    SELECT b.transition, (extract(epoch FROM (j.completed_at - j.started_at)) * 1000)::double precision AS milliseconds
    FROM workspace_builds AS b
    JOIN template_versions AS v ON v.id = b.template_version_id AND v.template_id = t.id
    JOIN provisioner_jobs AS j ON j.id = b.job_id AND j.job_status = 'succeeded'
    ORDER BY b.created_at DESC LIMIT 100
) AS times
WHERE t.id = ANY (@template_ids::uuid[]) /* authorize_filter */
GROUP BY t.id, times.transition;
