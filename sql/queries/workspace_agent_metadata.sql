-- name: InsertWorkspaceAgentMetadata :exec
-- authorize: actor provisionerd
INSERT INTO workspace_agent_metadata (workspace_agent_id, key, display_name, script, interval_seconds, timeout_seconds,
    display_order)
SELECT @workspace_agent_id, unnest(@keys::text[]), unnest(@display_names::text[]), unnest(@scripts::text[]),
    unnest(@interval_seconds::bigint[]), unnest(@timeout_seconds::bigint[]), unnest(@display_orders::integer[]);

-- name: UpdateWorkspaceAgentMetadata :exec
-- authorize: actor agent
UPDATE workspace_agent_metadata AS m SET value = item.value, error = item.error, collected_at = item.collected_at
FROM (SELECT unnest(@keys::text[]) AS key, unnest(@values::text[]) AS value, unnest(@errors::text[]) AS error,
    unnest(@collected_at::timestamptz[]) AS collected_at) AS item
WHERE m.workspace_agent_id = @workspace_agent_id AND m.key = item.key;

-- name: GetWorkspaceAgentMetadata :many
-- authorize: read workspace via GetWorkspaceByAgentID(@workspace_agent_id)
SELECT * FROM workspace_agent_metadata WHERE workspace_agent_id = @workspace_agent_id ORDER BY display_order, key;

-- name: InsertWorkspaceAgentDevcontainers :exec
-- authorize: actor provisionerd
-- A nil subagent id means none.
INSERT INTO workspace_agent_devcontainers (id, workspace_agent_id, created_at, workspace_folder, config_path, name,
    subagent_id)
SELECT item.id, @workspace_agent_id, @created_at, item.workspace_folder, item.config_path, item.name,
    nullif(item.subagent_id, '00000000-0000-0000-0000-000000000000')
FROM (SELECT unnest(@ids::uuid[]) AS id, unnest(@workspace_folders::text[]) AS workspace_folder,
    unnest(@config_paths::text[]) AS config_path, unnest(@names::text[]) AS name,
    unnest(@subagent_ids::uuid[]) AS subagent_id) AS item;

-- name: GetWorkspaceAgentDevcontainers :many
-- authorize: read workspace via GetWorkspaceByAgentID(@workspace_agent_id)
SELECT * FROM workspace_agent_devcontainers WHERE workspace_agent_id = @workspace_agent_id ORDER BY created_at, id;

-- name: InsertWorkspaceAgentMemoryMonitor :exec
-- authorize: actor provisionerd
INSERT INTO workspace_agent_memory_resource_monitors (agent_id, enabled, threshold, created_at, updated_at)
VALUES (@agent_id, @enabled, @threshold, @created_at, @created_at);

-- name: InsertWorkspaceAgentVolumeMonitors :exec
-- authorize: actor provisionerd
INSERT INTO workspace_agent_volume_resource_monitors (agent_id, path, enabled, threshold, created_at, updated_at)
SELECT @agent_id, unnest(@paths::text[]), unnest(@enabled::boolean[]), unnest(@thresholds::integer[]), @created_at,
    @created_at;

-- name: GetWorkspaceAgentMemoryMonitor :one
-- authorize: actor agent
SELECT * FROM workspace_agent_memory_resource_monitors WHERE agent_id = @agent_id;

-- name: GetWorkspaceAgentVolumeMonitors :many
-- authorize: actor agent
SELECT * FROM workspace_agent_volume_resource_monitors WHERE agent_id = @agent_id ORDER BY path;
