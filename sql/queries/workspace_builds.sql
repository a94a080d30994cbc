-- name: InsertWorkspaceBuild :exec
-- authorize: update workspace via GetWorkspaceByID(@workspace_id)
-- A taken build_number is a conflict: another build came first.
INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id, build_number, transition,
    initiator_id, job_id, reason, deadline, max_deadline, template_version_preset_id)
VALUES (@id, @created_at, @created_at, @workspace_id, @template_version_id, @build_number, @transition, @initiator_id,
    @job_id, @reason, sqlc.narg('deadline'), sqlc.narg('max_deadline'), sqlc.narg('template_version_preset_id'));

-- name: GetWorkspaceBuildByID :one
-- authorize: read workspace (id=workspace_id, owner=workspace_owner_id, organization=organization_id, user_acl=workspace_user_acl, group_acl=workspace_group_acl)
SELECT * FROM workspace_builds_with_user WHERE id = $1;

-- name: GetWorkspaceBuildByJobID :one
-- authorize: read workspace (id=workspace_id, owner=workspace_owner_id, organization=organization_id, user_acl=workspace_user_acl, group_acl=workspace_group_acl)
SELECT * FROM workspace_builds_with_user WHERE job_id = $1;

-- name: GetWorkspaceBuildByNumber :one
-- authorize: read workspace (id=workspace_id, owner=workspace_owner_id, organization=organization_id, user_acl=workspace_user_acl, group_acl=workspace_group_acl)
SELECT * FROM workspace_builds_with_user WHERE workspace_id = @workspace_id AND build_number = @build_number;

-- name: GetLatestWorkspaceBuild :one
-- authorize: read workspace (id=workspace_id, owner=workspace_owner_id, organization=organization_id, user_acl=workspace_user_acl, group_acl=workspace_group_acl)
SELECT * FROM workspace_builds_with_user WHERE workspace_id = @workspace_id ORDER BY build_number DESC LIMIT 1;

-- name: GetTagsThatRanWorkspace :one
-- authorize: read workspace via GetWorkspaceByID(@workspace_id)
-- Of the last build that a daemon took; not_found when none ever did.
SELECT j.tags::text FROM workspace_builds AS b
JOIN provisioner_jobs AS j ON j.id = b.job_id
WHERE b.workspace_id = @workspace_id AND j.started_at IS NOT NULL
ORDER BY b.build_number DESC LIMIT 1;

-- name: GetLatestWorkspaceBuilds :many
-- authorize: filter workspace b (id=b.workspace_id, owner=b.workspace_owner_id, organization=b.organization_id, user_acl=b.workspace_user_acl, group_acl=b.workspace_group_acl)
SELECT b.* FROM workspace_builds_with_user AS b
WHERE b.workspace_id = ANY (@workspace_ids::uuid[])
    AND NOT EXISTS (SELECT 1 FROM workspace_builds AS later
        WHERE later.workspace_id = b.workspace_id AND later.build_number > b.build_number)
    /* authorize_filter */;

-- name: ListWorkspaceBuilds :many
-- authorize: filter workspace b (id=b.workspace_id, owner=b.workspace_owner_id, organization=b.organization_id, user_acl=b.workspace_user_acl, group_acl=b.workspace_group_acl)
-- Newest first.
SELECT b.* FROM workspace_builds_with_user AS b
WHERE b.workspace_id = @workspace_id AND b.created_at > @since
    AND (sqlc.narg('after_id')::uuid IS NULL OR b.build_number < (
        SELECT after.build_number FROM workspace_builds AS after WHERE after.id = sqlc.narg('after_id')::uuid))
    /* authorize_filter */
ORDER BY b.build_number DESC
LIMIT nullif(@row_limit::integer, 0) OFFSET @row_offset::integer;

-- name: CountUnfinishedBuilds :one
-- authorize: read workspace via GetWorkspaceByID(@workspace_id)
SELECT count(*) FROM workspace_builds JOIN provisioner_jobs ON provisioner_jobs.id = workspace_builds.job_id
WHERE workspace_builds.workspace_id = @workspace_id AND provisioner_jobs.completed_at IS NULL;

-- name: UpdateWorkspaceBuildDeadline :execrows
-- authorize: update workspace via GetWorkspaceBuildByID(@id)
UPDATE workspace_builds SET deadline = sqlc.narg('deadline'), max_deadline = sqlc.narg('max_deadline'),
    updated_at = @updated_at
WHERE id = @id;

-- name: UpdateWorkspaceBuildOutcome :exec
-- authorize: actor provisionerd
-- What completing a build knows about it.
UPDATE workspace_builds SET daily_cost = @daily_cost, has_ai_task = sqlc.narg('has_ai_task'),
    has_external_agent = sqlc.narg('has_external_agent'), deadline = sqlc.narg('deadline'),
    max_deadline = sqlc.narg('max_deadline'), ai_task_app_id = sqlc.narg('ai_task_app_id'), updated_at = @updated_at
WHERE id = @id;

-- name: InsertWorkspaceBuildParameters :exec
-- authorize: update workspace via GetWorkspaceBuildByID(@workspace_build_id)
INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
SELECT @workspace_build_id, unnest(@names::text[]), unnest(@values::text[]);

-- name: GetWorkspaceBuildParameters :many
-- authorize: read workspace via GetWorkspaceBuildByID(@workspace_build_id)
SELECT * FROM workspace_build_parameters WHERE workspace_build_id = @workspace_build_id ORDER BY lower(name);

-- name: GetUserWorkspaceBuildParameters :many
-- authorize: read_personal user via GetUserByID(@owner_id)
-- What a person chose last for each parameter of a template, the latest choice first. An ephemeral value was for one
-- build only. A parameter that the import did not see depends on other answers.
SELECT latest.name, latest.value FROM (
    SELECT DISTINCT ON (parameter.name) parameter.name, parameter.value, build.created_at
    FROM workspace_build_parameters AS parameter
    JOIN workspace_builds AS build ON build.id = parameter.workspace_build_id
    JOIN workspaces AS workspace ON workspace.id = build.workspace_id
    LEFT JOIN template_version_parameters AS definition
        ON definition.template_version_id = build.template_version_id AND definition.name = parameter.name
    WHERE workspace.owner_id = @owner_id AND build.initiator_id = @owner_id AND workspace.template_id = @template_id
        AND build.transition = 'start' AND definition.ephemeral IS NOT TRUE
    ORDER BY parameter.name, build.created_at DESC, build.build_number DESC
) AS latest
ORDER BY latest.created_at DESC, lower(latest.name)
LIMIT 100;

-- name: GetWorkspaceBuildState :one
-- authorize: update template via GetTemplateOfWorkspaceBuild(@workspace_build_id)
-- Terraform state holds secrets of the template, so it is for those who may change that. not_found when there is none.
SELECT state FROM workspace_build_states WHERE workspace_build_id = @workspace_build_id;

-- name: GetProvisionerStateOfBuild :one
-- authorize: actor provisionerd, reaper
SELECT state FROM workspace_build_states WHERE workspace_build_id = @workspace_build_id;

-- name: UpsertWorkspaceBuildState :exec
-- authorize: actor provisionerd, reaper
-- authorize: update template via GetTemplateOfWorkspaceBuild(@workspace_build_id)
-- By hand only for people who may change the template.
INSERT INTO workspace_build_states (workspace_build_id, state) VALUES (@workspace_build_id, @state)
ON CONFLICT (workspace_build_id) DO UPDATE SET state = excluded.state;

-- name: CopyWorkspaceBuildState :execrows
-- authorize: actor provisionerd, reaper, autostart, prebuilds
-- authorize: update workspace via GetWorkspaceBuildByID(@to_build_id)
-- Carries the newest state of the workspace's earlier builds over to a build without one, inside the database.
INSERT INTO workspace_build_states (workspace_build_id, state)
SELECT target.id, s.state FROM workspace_builds AS target
JOIN workspace_builds AS earlier ON earlier.workspace_id = target.workspace_id
    AND earlier.build_number < target.build_number
JOIN workspace_build_states AS s ON s.workspace_build_id = earlier.id
WHERE target.id = @to_build_id
ORDER BY earlier.build_number DESC LIMIT 1
ON CONFLICT (workspace_build_id) DO NOTHING;

-- name: GetTemplateOfWorkspaceBuild :one
-- authorize: read template
SELECT t.* FROM templates_with_names AS t
JOIN workspaces AS w ON w.template_id = t.id
JOIN workspace_builds AS b ON b.workspace_id = w.id
WHERE b.id = @workspace_build_id;

-- name: InsertWorkspaceBuildResourceReplacements :exec
-- authorize: actor provisionerd
INSERT INTO workspace_build_resource_replacements (workspace_build_id, resource, paths)
VALUES (@workspace_build_id, @resource, @paths) ON CONFLICT DO NOTHING;
