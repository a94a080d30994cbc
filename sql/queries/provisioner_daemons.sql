-- name: UpsertProvisionerDaemon :one
-- authorize: create provisioner_daemon (organization=@organization_id)
-- A daemon that comes back under its name is the same one, with its jobs. Nobody takes the name of a daemon that has
-- another key and is there (seen since stale_before), or is one of the server's own; then nothing is returned.
INSERT INTO provisioner_daemons (id, created_at, organization_id, key_id, name, provisioners, tags, version,
    api_version, replica_id, last_seen_at)
VALUES (@id, @now, @organization_id, @key_id, @name, @provisioners, @tags, @version, @api_version,
    sqlc.narg('replica_id'), @now)
ON CONFLICT (organization_id, lower(name), coalesce(tags ->> 'owner', '')) DO UPDATE SET key_id = excluded.key_id,
    provisioners = excluded.provisioners, tags = excluded.tags, version = excluded.version,
    api_version = excluded.api_version, replica_id = excluded.replica_id, last_seen_at = excluded.last_seen_at
WHERE provisioner_daemons.key_id = excluded.key_id OR excluded.key_id = @builtin_key_id::uuid
    OR (provisioner_daemons.key_id <> @builtin_key_id AND provisioner_daemons.last_seen_at < @stale_before::timestamptz)
RETURNING *;

-- name: HeartbeatProvisionerDaemon :exec
-- authorize: actor provisionerd
UPDATE provisioner_daemons SET last_seen_at = @last_seen_at::timestamptz
WHERE id = @id AND (last_seen_at IS NULL OR last_seen_at <= @last_seen_at::timestamptz);

-- name: ListProvisionerDaemons :many
-- authorize: filter provisioner_daemon d
-- Empty lists and nulls do not filter. A status is offline (silent since stale_before), busy or idle.
SELECT sqlc.embed(d), k.name AS key_name FROM provisioner_daemons AS d
JOIN provisioner_keys AS k ON k.id = d.key_id
WHERE d.organization_id = @organization_id
    AND (cardinality(@ids::uuid[]) = 0 OR d.id = ANY (@ids))
    AND (@tags::jsonb = '{}' OR d.tags @> @tags)
    AND (sqlc.narg('seen_after')::timestamptz IS NULL OR d.last_seen_at > sqlc.narg('seen_after'))
    AND (cardinality(@statuses::text[]) = 0 OR CASE
        WHEN d.last_seen_at IS NULL OR d.last_seen_at < @stale_before THEN 'offline'
        WHEN EXISTS (SELECT 1 FROM provisioner_jobs AS j WHERE j.worker_id = d.id AND j.completed_at IS NULL) THEN 'busy'
        ELSE 'idle' END = ANY (@statuses))
    /* authorize_filter */
ORDER BY d.created_at
LIMIT nullif(@row_limit::integer, 0);

-- name: GetMatchingDaemonsOfJobs :many
-- authorize: actor provisioner_daemons_reader
-- Pairs of job and daemon that could do it.
SELECT j.id AS job_id, d.id AS daemon_id, d.last_seen_at FROM provisioner_jobs AS j
JOIN provisioner_daemons AS d ON d.organization_id = j.organization_id AND j.provisioner = ANY (d.provisioners)
    AND provisioner_tags_match(d.tags, j.tags)
WHERE j.id = ANY (@job_ids::uuid[])
ORDER BY d.created_at;

-- name: DeleteOldProvisionerDaemons :execrows
-- authorize: actor purge
DELETE FROM provisioner_daemons WHERE coalesce(last_seen_at, created_at) < @before;

-- name: ListLiveProvisionerDaemons :many
-- authorize: actor provisioner_daemons_reader
-- What the daemons of an organization offer that said something lately.
SELECT provisioners, tags FROM provisioner_daemons
WHERE organization_id = @organization_id AND last_seen_at > @seen_after::timestamptz;
