-- name: InsertWorkspaceApp :one
-- authorize: actor provisionerd, agent
INSERT INTO workspace_apps (id, created_at, agent_id, slug, display_name, icon, command, url, external, subdomain,
    sharing_level, healthcheck_url, healthcheck_interval, healthcheck_threshold, health, display_order, display_group,
    hidden, open_in, tooltip)
VALUES (@id, @created_at, @agent_id, @slug, @display_name, @icon, @command, @url, @external, @subdomain, @sharing_level,
    @healthcheck_url, @healthcheck_interval, @healthcheck_threshold, @health, @display_order, @display_group, @hidden,
    @open_in, @tooltip)
ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, agent_id = excluded.agent_id, slug = excluded.slug,
    display_name = excluded.display_name, icon = excluded.icon, command = excluded.command, url = excluded.url,
    external = excluded.external, subdomain = excluded.subdomain, sharing_level = excluded.sharing_level,
    healthcheck_url = excluded.healthcheck_url, healthcheck_interval = excluded.healthcheck_interval,
    healthcheck_threshold = excluded.healthcheck_threshold, health = excluded.health,
    display_order = excluded.display_order, display_group = excluded.display_group, hidden = excluded.hidden,
    open_in = excluded.open_in, tooltip = excluded.tooltip
RETURNING *;

-- name: GetWorkspaceApps :many
-- authorize: filter workspace w
-- Of the builds with these jobs.
SELECT p.* FROM workspace_apps AS p
JOIN workspace_agents AS a ON a.id = p.agent_id
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN workspace_builds AS b ON b.job_id = r.job_id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE r.job_id = ANY (@job_ids::uuid[]) AND NOT a.deleted /* authorize_filter */
ORDER BY p.display_order, p.slug;

-- name: GetTemplateVersionApps :many
-- authorize: read template via GetTemplateVersionByJobID(@job_id)
SELECT p.* FROM workspace_apps AS p
JOIN workspace_agents AS a ON a.id = p.agent_id
JOIN workspace_resources AS r ON r.id = a.resource_id
WHERE r.job_id = @job_id ORDER BY p.display_order, p.slug;

-- name: GetDryRunApps :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT p.* FROM workspace_apps AS p
JOIN workspace_agents AS a ON a.id = p.agent_id
JOIN workspace_resources AS r ON r.id = a.resource_id
JOIN provisioner_jobs AS j ON j.id = r.job_id AND j.input ->> 'template_version_id' = (@template_version_id::uuid)::text
WHERE r.job_id = @job_id ORDER BY p.display_order, p.slug;

-- name: GetAppsOfAgent :many
-- authorize: read workspace via GetWorkspaceByAgentID(@agent_id)
SELECT * FROM workspace_apps WHERE agent_id = @agent_id ORDER BY display_order, slug;

-- name: UpdateWorkspaceAppHealth :execrows
-- authorize: actor agent
-- Only for apps of that agent. 0 rows when nothing changed.
UPDATE workspace_apps SET health = @health WHERE id = @id AND agent_id = @agent_id AND health <> @health;

-- name: InsertWorkspaceAppStatus :one
-- authorize: actor agent
INSERT INTO workspace_app_statuses (id, created_at, workspace_id, agent_id, app_id, state, message, uri)
VALUES (@id, @created_at, @workspace_id, @agent_id, @app_id, @state, @message, @uri)
RETURNING *;

-- name: GetLatestWorkspaceAppStatuses :many
-- authorize: filter workspace w
-- The newest of each workspace.
SELECT DISTINCT ON (s.workspace_id) s.* FROM workspace_app_statuses AS s
JOIN workspaces AS w ON w.id = s.workspace_id
WHERE s.workspace_id = ANY (@workspace_ids::uuid[]) /* authorize_filter */
ORDER BY s.workspace_id, s.created_at DESC, s.id;

-- name: GetWorkspaceAppStatuses :many
-- authorize: filter workspace w
-- Newest first.
SELECT s.* FROM workspace_app_statuses AS s
JOIN workspaces AS w ON w.id = s.workspace_id
WHERE s.app_id = ANY (@app_ids::uuid[]) /* authorize_filter */
ORDER BY s.created_at DESC, s.id;
