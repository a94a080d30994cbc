-- name: InsertWorkspaceAgent :one
-- authorize: actor provisionerd, agent
-- No row when the id is taken.
INSERT INTO workspace_agents (id, parent_id, created_at, updated_at, resource_id, name, auth_token, auth_instance_id,
    architecture, operating_system, environment_variables, directory, connection_timeout_seconds, troubleshooting_url,
    motd_file, display_apps, display_order, api_key_scope)
VALUES (@id, sqlc.narg('parent_id'), @created_at, @created_at, @resource_id, @name, @auth_token,
    sqlc.narg('auth_instance_id'), @architecture, @operating_system, @environment_variables, @directory,
    @connection_timeout_seconds, @troubleshooting_url, @motd_file, @display_apps, @display_order, @api_key_scope)
ON CONFLICT (id) DO NOTHING
RETURNING *;

-- name: GetWorkspaceAgentByAuthToken :one
-- authorize: actor key_reader, agent
-- Everything a request of an agent needs, in one statement. Agents of older builds, of deleted workspaces and of
-- owners who are not active get nothing.
SELECT sqlc.embed(a), sqlc.embed(w), b.id AS build_id, b.build_number, b.transition, b.job_id, b.template_version_id,
    owner.status AS owner_status, owner.email AS owner_email
FROM workspace_agents AS a
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces_expanded AS w ON w.id = b.workspace_id
JOIN users AS owner ON owner.id = w.owner_id
WHERE a.auth_token = @auth_token AND NOT a.deleted AND NOT w.deleted AND NOT owner.deleted
    AND owner.status <> 'suspended'
    AND NOT EXISTS (SELECT 1 FROM workspace_builds AS later
        WHERE later.workspace_id = b.workspace_id AND later.build_number > b.build_number);

-- name: GetWorkspaceAgentsByInstanceID :many
-- authorize: actor key_reader
-- Root agents with this machine identity, of the latest build of their workspace, by name.
SELECT a.* FROM workspace_agents AS a
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE a.auth_instance_id = @auth_instance_id::text AND a.parent_id IS NULL AND NOT a.deleted AND NOT w.deleted
    AND NOT EXISTS (SELECT 1 FROM workspace_builds AS later
        WHERE later.workspace_id = b.workspace_id AND later.build_number > b.build_number)
ORDER BY a.name;

-- name: GetWorkspaceAgentByID :one
-- authorize: read workspace via GetWorkspaceByAgentID(@id)
SELECT * FROM workspace_agents WHERE id = @id AND NOT deleted;

-- name: GetWorkspaceAgents :many
-- authorize: filter workspace w
-- Of the builds with these jobs; row order as the template defines it.
SELECT a.* FROM workspace_agents AS a
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE r.job_id = ANY (@job_ids::uuid[]) AND NOT a.deleted /* authorize_filter */
ORDER BY a.display_order, a.created_at, a.name, a.id;

-- name: GetTemplateVersionAgents :many
-- authorize: read template via GetTemplateVersionByJobID(@job_id)
SELECT a.* FROM workspace_agents AS a
JOIN workspace_resources AS r ON r.id = a.resource_id
WHERE r.job_id = @job_id AND NOT a.deleted ORDER BY a.display_order, a.name, a.id;

-- name: GetDryRunAgents :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT a.* FROM workspace_agents AS a
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN provisioner_jobs AS j ON j.id = r.job_id AND j.input ->> 'template_version_id' = (@template_version_id::uuid)::text
WHERE r.job_id = @job_id AND NOT a.deleted ORDER BY a.display_order, a.name, a.id;

-- name: ListSubAgents :many
-- authorize: actor agent
SELECT * FROM workspace_agents WHERE parent_id = @parent_id::uuid AND NOT deleted ORDER BY created_at;

-- name: DeleteSubAgent :execrows
-- authorize: actor agent
UPDATE workspace_agents SET deleted = true, updated_at = @updated_at
WHERE id = @id AND parent_id = @parent_id::uuid AND NOT deleted;

-- name: UpdateWorkspaceAgentStartup :exec
-- authorize: actor agent
UPDATE workspace_agents SET version = @version, api_version = @api_version, expanded_directory = @expanded_directory,
    subsystems = @subsystems, updated_at = @updated_at
WHERE id = @id;

-- name: UpdateWorkspaceAgentLifecycle :execrows
-- authorize: actor agent
UPDATE workspace_agents SET lifecycle_state = @lifecycle_state, started_at = sqlc.narg('started_at'),
    ready_at = sqlc.narg('ready_at'), updated_at = @updated_at
WHERE id = @id;

-- name: DisconnectWorkspaceAgent :exec
-- authorize: actor agent
-- Marks the agent as gone, unless it was noted as connected after @last_connected_at: by a newer connection.
UPDATE workspace_agents SET disconnected_at = @now, updated_at = @now
WHERE id = @id AND last_connected_at = @last_connected_at;

-- name: ConnectWorkspaceAgent :one
-- authorize: actor agent
-- Marks the agent as connected now; answers the row as it is afterwards.
UPDATE workspace_agents SET first_connected_at = coalesce(first_connected_at, @now), last_connected_at = @now,
    disconnected_at = NULL, last_connected_replica_id = sqlc.narg('replica_id'), updated_at = @now
WHERE id = @id RETURNING *;

-- name: GetWorkspaceAgentScripts :many
-- authorize: filter workspace w
-- Of the builds with these jobs.
SELECT s.* FROM workspace_agent_scripts AS s
JOIN workspace_agents AS a ON a.id = s.workspace_agent_id
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE r.job_id = ANY (@job_ids::uuid[]) AND NOT a.deleted /* authorize_filter */
ORDER BY s.workspace_agent_id, s.display_order, s.created_at, s.id;

-- name: GetScriptsOfAgent :many
-- authorize: read workspace via GetWorkspaceByAgentID(@agent_id)
SELECT * FROM workspace_agent_scripts WHERE workspace_agent_id = @agent_id ORDER BY display_order, created_at, id;

-- name: InsertWorkspaceAgentScripts :exec
-- authorize: actor provisionerd, agent
INSERT INTO workspace_agent_scripts (id, created_at, workspace_agent_id, log_source_id, log_path, display_name, script,
    cron, start_blocks_login, run_on_start, run_on_stop, timeout_seconds, display_order)
SELECT unnest(@ids::uuid[]), @created_at, @workspace_agent_id, unnest(@log_source_ids::uuid[]),
    unnest(@log_paths::text[]), unnest(@display_names::text[]), unnest(@scripts::text[]), unnest(@crons::text[]),
    unnest(@start_blocks_login::boolean[]), unnest(@run_on_start::boolean[]), unnest(@run_on_stop::boolean[]),
    unnest(@timeout_seconds::integer[]), generate_subscripts(@ids::uuid[], 1);

-- name: InsertWorkspaceAgentScriptTiming :exec
-- authorize: actor agent
-- Only for scripts of that agent. Reported twice, it counts once.
INSERT INTO workspace_agent_script_timings (script_id, started_at, ended_at, exit_code, stage, status)
SELECT s.id, @started_at, @ended_at, @exit_code, @stage, @status
FROM workspace_agent_scripts AS s WHERE s.id = @script_id AND s.workspace_agent_id = @agent_id
ON CONFLICT DO NOTHING;

-- name: GetWorkspaceBuildScriptTimings :many
-- authorize: read workspace via GetWorkspaceBuildByID(@build_id)
SELECT t.*, s.display_name, a.id AS workspace_agent_id, a.name AS workspace_agent_name
FROM workspace_agent_script_timings AS t
JOIN workspace_agent_scripts AS s ON s.id = t.script_id
JOIN workspace_agents AS a ON a.id = s.workspace_agent_id
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
WHERE b.id = @build_id
ORDER BY t.started_at;

-- name: InsertWorkspaceAgentLogSources :exec
-- authorize: actor provisionerd, agent
INSERT INTO workspace_agent_log_sources (workspace_agent_id, id, created_at, display_name, icon)
SELECT @workspace_agent_id, unnest(@ids::uuid[]), @created_at, unnest(@display_names::text[]), unnest(@icons::text[])
ON CONFLICT (workspace_agent_id, id) DO NOTHING;

-- name: GetWorkspaceAgentLogSources :many
-- authorize: filter workspace w
-- Of the builds with these jobs.
SELECT s.* FROM workspace_agent_log_sources AS s
JOIN workspace_agents AS a ON a.id = s.workspace_agent_id
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE r.job_id = ANY (@job_ids::uuid[]) AND NOT a.deleted /* authorize_filter */
ORDER BY s.created_at, s.id;

-- name: GetLogSourcesOfAgent :many
-- authorize: read workspace via GetWorkspaceByAgentID(@agent_id)
SELECT * FROM workspace_agent_log_sources WHERE workspace_agent_id = @agent_id ORDER BY created_at, id;

-- name: GetJobIDOfAgent :one
-- authorize: read workspace via GetWorkspaceByAgentID(@agent_id)
-- The job that made the agent.
SELECT r.job_id FROM workspace_agents AS a JOIN workspace_resources AS r ON r.id = a.resource_id WHERE a.id = @agent_id;
