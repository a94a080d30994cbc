-- name: InsertWorkspaceAgentLogs :many
-- authorize: actor agent
-- In the order given; adds output_length bytes to the agent's total. Returns them with their ids.
WITH counted AS (
    UPDATE workspace_agents SET logs_length = logs_length + @output_length::integer WHERE workspace_agents.id = @agent_id
)
INSERT INTO workspace_agent_logs (agent_id, created_at, output, level, log_source_id)
SELECT @agent_id, unnest(@created_at::timestamptz[]), unnest(@output::text[]), unnest(@level::log_level[]),
    @log_source_id
RETURNING *;

-- name: GetWorkspaceAgentLogsAfter :many
-- authorize: read workspace via GetWorkspaceByAgentID(@agent_id)
SELECT * FROM workspace_agent_logs WHERE agent_id = @agent_id AND id > @after_id::bigint
    AND (@before_id::bigint = 0 OR id < @before_id)
ORDER BY id LIMIT nullif(@row_limit::integer, 0);

-- name: UpdateWorkspaceAgentLogsOverflowed :exec
-- authorize: actor agent
UPDATE workspace_agents SET logs_overflowed = true WHERE id = @id;

-- name: DeleteOldWorkspaceAgentLogs :execrows
-- authorize: actor purge
-- Logs of agents that have been silent since then, except those of a workspace's latest build.
DELETE FROM workspace_agent_logs WHERE agent_id IN (
    SELECT a.id FROM workspace_agents AS a
    JOIN workspace_resources AS r ON r.id = a.resource_id
    JOIN workspace_builds AS b ON b.job_id = r.job_id
    WHERE coalesce(a.last_connected_at, a.created_at) < @before
        AND EXISTS (SELECT 1 FROM workspace_builds AS later
            WHERE later.workspace_id = b.workspace_id AND later.build_number > b.build_number));
