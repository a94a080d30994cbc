-- name: UpsertReplica :one
-- authorize: actor replicas
INSERT INTO replicas (id, created_at, started_at, updated_at, hostname, region_id, relay_address, database_latency_us,
    version, error)
VALUES (@id, @now, @started_at, @now, @hostname, @region_id, @relay_address, @database_latency_us, @version, @error)
ON CONFLICT (id) DO UPDATE SET updated_at = excluded.updated_at, hostname = excluded.hostname,
    relay_address = excluded.relay_address, database_latency_us = excluded.database_latency_us,
    version = excluded.version, error = excluded.error, stopped_at = NULL
RETURNING *;

-- name: StopReplica :exec
-- authorize: actor replicas
UPDATE replicas SET stopped_at = @now, updated_at = @now WHERE id = @id;

-- name: ListReplicas :many
-- authorize: filter replicas r ()
SELECT r.* FROM replicas AS r WHERE r.updated_at > @updated_after AND r.stopped_at IS NULL /* authorize_filter */
ORDER BY r.created_at;

-- name: DeleteOldReplicas :execrows
-- authorize: actor replicas
DELETE FROM replicas WHERE updated_at < @before;
