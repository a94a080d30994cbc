-- name: InsertWorkspace :one
-- authorize: create workspace (owner=@owner_id, organization=@organization_id)
INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name, autostart_schedule,
    ttl_ms, last_used_at, automatic_updates, next_start_at)
VALUES (@id, @created_at, @created_at, @owner_id, @organization_id, @template_id, @name,
    sqlc.narg('autostart_schedule'), sqlc.narg('ttl_ms'), @created_at, @automatic_updates, sqlc.narg('next_start_at'))
RETURNING *;

-- name: GetWorkspaceByID :one
-- authorize: read workspace
-- Deleted ones too: see the column.
SELECT * FROM workspaces_expanded WHERE id = $1;

-- name: LockWorkspaceByID :one
-- authorize: read workspace
-- In a transaction: makes builds of one workspace take turns.
SELECT * FROM workspaces WHERE id = $1 FOR UPDATE;

-- name: GetWorkspaceByOwnerAndName :one
-- authorize: read workspace
-- With deleted, the one deleted last.
SELECT * FROM workspaces_expanded
WHERE owner_id = @owner_id AND lower(name) = lower(@name) AND deleted = @deleted
ORDER BY created_at DESC LIMIT 1;

-- name: GetWorkspaceByAgentID :one
-- authorize: read workspace
SELECT w.* FROM workspaces_expanded AS w
JOIN workspace_builds AS b ON b.workspace_id = w.id
JOIN workspace_resources AS r ON r.job_id = b.job_id
JOIN workspace_agents AS a ON a.resource_id = r.id
WHERE a.id = @agent_id;

-- name: GetWorkspaceByAppID :one
-- authorize: read workspace
SELECT w.* FROM workspaces_expanded AS w
JOIN workspace_builds AS b ON b.workspace_id = w.id
JOIN workspace_resources AS r ON r.job_id = b.job_id
JOIN workspace_agents AS a ON a.resource_id = r.id
JOIN workspace_apps AS p ON p.agent_id = a.id
WHERE p.id = @app_id;

-- name: ListWorkspaces :many
-- authorize: filter workspace w
-- total_count is that of all pages. Empty lists and texts and nulls do not filter; row_limit 0 means all.
-- status is a workspace status of the REST API. requester_id decides whose favorites come first.
SELECT sqlc.embed(w), count(*) OVER () AS total_count
FROM workspaces_expanded AS w
JOIN workspace_latest_builds AS latest ON latest.workspace_id = w.id
JOIN provisioner_jobs AS job ON job.id = latest.job_id
WHERE w.deleted = @deleted::boolean
    AND (cardinality(@ids::uuid[]) = 0 OR w.id = ANY (@ids))
    AND (sqlc.narg('owner_id')::uuid IS NULL OR w.owner_id = sqlc.narg('owner_id'))
    AND (@owner_username::text = '' OR lower(w.owner_username) = lower(@owner_username))
    AND (sqlc.narg('organization_id')::uuid IS NULL OR w.organization_id = sqlc.narg('organization_id'))
    AND (@template_name::text = '' OR lower(w.template_name) = lower(@template_name))
    AND (cardinality(@template_ids::uuid[]) = 0 OR w.template_id = ANY (@template_ids))
    AND (@name::text = '' OR w.name ILIKE '%' || @name || '%')
    AND (@exact_name::text = '' OR lower(w.name) = lower(@exact_name))
    AND (@status::text = '' OR @status = CASE
        WHEN job.job_status IN ('pending', 'failed', 'canceling', 'canceled') THEN job.job_status::text
        WHEN job.job_status = 'running' THEN
            CASE latest.transition WHEN 'start' THEN 'starting' WHEN 'stop' THEN 'stopping' ELSE 'deleting' END
        ELSE CASE latest.transition WHEN 'start' THEN 'running' WHEN 'stop' THEN 'stopped' ELSE 'deleted' END
    END)
    AND (@has_agent::text = '' OR EXISTS (
        SELECT 1 FROM workspace_agents AS a JOIN workspace_resources AS r ON r.id = a.resource_id
        WHERE r.job_id = latest.job_id AND NOT a.deleted AND @has_agent = CASE
            WHEN a.first_connected_at IS NULL THEN
                CASE WHEN a.connection_timeout_seconds > 0
                    AND a.created_at + a.connection_timeout_seconds * interval '1 second' < @now THEN 'timeout'
                ELSE 'connecting' END
            WHEN a.disconnected_at > a.last_connected_at THEN 'disconnected'
            WHEN a.last_connected_at + sqlc.arg('inactive_seconds')::bigint * interval '1 second' < @now THEN 'disconnected'
            ELSE 'connected' END))
    AND (sqlc.narg('is_dormant')::boolean IS NULL OR (w.dormant_at IS NOT NULL) = sqlc.narg('is_dormant'))
    AND (sqlc.narg('is_outdated')::boolean IS NULL
        OR (latest.template_version_id <> w.template_active_version_id) = sqlc.narg('is_outdated'))
    AND (sqlc.narg('last_used_before')::timestamptz IS NULL OR w.last_used_at <= sqlc.narg('last_used_before'))
    AND (sqlc.narg('last_used_after')::timestamptz IS NULL OR w.last_used_at >= sqlc.narg('last_used_after'))
    AND (sqlc.narg('has_ai_task')::boolean IS NULL OR coalesce(latest.has_ai_task, false) = sqlc.narg('has_ai_task'))
    AND (sqlc.narg('has_external_agent')::boolean IS NULL
        OR coalesce(latest.has_external_agent, false) = sqlc.narg('has_external_agent'))
    AND (sqlc.narg('is_shared')::boolean IS NULL
        OR (w.user_acl <> '{}' OR w.group_acl <> '{}') = sqlc.narg('is_shared'))
    AND (sqlc.narg('shared_with_user')::uuid IS NULL OR jsonb_exists(w.user_acl, sqlc.narg('shared_with_user')::uuid::text))
    AND (sqlc.narg('shared_with_group')::uuid IS NULL
        OR jsonb_exists(w.group_acl, sqlc.narg('shared_with_group')::uuid::text))
    AND (cardinality(@parameter_names::text[]) = 0 OR NOT EXISTS (
        SELECT 1 FROM (SELECT unnest(@parameter_names::text[]) AS name, unnest(@parameter_values::text[]) AS value)
            AS wanted
        WHERE NOT EXISTS (
            SELECT 1 FROM workspace_build_parameters AS p JOIN workspace_builds AS pb ON pb.id = p.workspace_build_id
            WHERE pb.job_id = latest.job_id AND lower(p.name) = lower(wanted.name)
                AND (wanted.value = '' OR lower(p.value) = lower(wanted.value)))))
    /* authorize_filter */
ORDER BY (w.favorite AND w.owner_id = @requester_id) DESC,
    (job.job_status = 'succeeded' AND latest.transition = 'start') DESC,
    lower(w.owner_username), lower(w.name)
LIMIT nullif(@row_limit::integer, 0) OFFSET @row_offset::integer;

-- name: UpdateWorkspaceName :one
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET name = @name, updated_at = @updated_at WHERE id = @id AND NOT deleted RETURNING *;

-- name: UpdateWorkspaceAutostart :execrows
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET autostart_schedule = sqlc.narg('autostart_schedule'), next_start_at = sqlc.narg('next_start_at'),
    updated_at = @updated_at
WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceNextStartAt :execrows
-- authorize: actor autostart, provisionerd
UPDATE workspaces SET next_start_at = sqlc.narg('next_start_at') WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceTTL :execrows
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET ttl_ms = sqlc.narg('ttl_ms'), updated_at = @updated_at WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceAutomaticUpdates :execrows
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET automatic_updates = @automatic_updates, updated_at = @updated_at WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceDormant :execrows
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET dormant_at = sqlc.narg('dormant_at'), deleting_at = sqlc.narg('deleting_at'),
    last_used_at = CASE WHEN sqlc.narg('dormant_at')::timestamptz IS NULL THEN @now ELSE last_used_at END,
    updated_at = @now
WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceFavorite :execrows
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET favorite = @favorite WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceACL :execrows
-- authorize: share workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET user_acl = @user_acl, group_acl = @group_acl, updated_at = @updated_at
WHERE id = @id AND NOT deleted;

-- name: UpdateWorkspaceLastUsedAt :execrows
-- authorize: update workspace via GetWorkspaceByID(@id)
UPDATE workspaces SET last_used_at = @last_used_at WHERE id = @id AND last_used_at < @last_used_at AND NOT deleted;

-- name: SoftDeleteWorkspace :execrows
-- authorize: delete workspace via GetWorkspaceByID(@id)
-- Its task goes with it.
WITH gone AS (
    UPDATE tasks SET deleted_at = @updated_at, updated_at = @updated_at WHERE workspace_id = @id AND deleted_at IS NULL
)
UPDATE workspaces SET deleted = true, updated_at = @updated_at WHERE workspaces.id = @id AND NOT deleted;

-- name: GetWorkspacesDueForTransition :many
-- authorize: actor autostart
-- Workspaces whose schedule may ask for a build now; the caller decides.
SELECT w.* FROM workspaces_expanded AS w
JOIN workspace_latest_builds AS latest ON latest.workspace_id = w.id
JOIN provisioner_jobs AS job ON job.id = latest.job_id
WHERE NOT w.deleted AND job.completed_at IS NOT NULL AND (
    (latest.transition = 'start' AND latest.deadline IS NOT NULL AND latest.deadline <= @now)
    OR (latest.transition = 'stop' AND w.next_start_at <= @now AND w.dormant_at IS NULL)
    OR (w.deleting_at <= @now))
ORDER BY w.id;

-- name: CountWorkspacesOfOwner :one
-- authorize: read user via GetUserByID(@owner_id)
SELECT count(*) FROM workspaces WHERE owner_id = @owner_id AND NOT deleted;
