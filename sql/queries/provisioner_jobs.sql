-- name: InsertProvisionerJob :exec
-- authorize: actor autostart, prebuilds
-- authorize: create provisioner_jobs (owner=@initiator_id, organization=@organization_id)
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, provisioner, type, file_id,
    input, tags, priority, trace_metadata)
VALUES (@id, @created_at, @created_at, @organization_id, @initiator_id, @provisioner, @type, @file_id, @input, @tags,
    @priority, @trace_metadata);

-- name: InsertWorkspaceBuildJob :exec
-- authorize: update workspace via GetWorkspaceByID(@workspace_id)
-- For people, who may build their workspace but not queue jobs at will.
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, provisioner, type, file_id,
    input, tags, priority, trace_metadata)
SELECT @id, @created_at, @created_at, w.organization_id, @initiator_id, @provisioner, 'workspace_build', @file_id,
    @input, @tags, @priority, @trace_metadata
FROM workspaces AS w WHERE w.id = @workspace_id;

-- name: InsertTemplateVersionJob :exec
-- authorize: create template (organization=@organization_id)
-- The import of a version that belongs to no template yet.
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, provisioner, type, file_id,
    input, tags, trace_metadata)
VALUES (@id, @created_at, @created_at, @organization_id, @initiator_id, @provisioner, 'template_version_import', @file_id,
    @input, @tags, @trace_metadata);

-- name: InsertJobOfTemplate :one
-- authorize: create template via GetTemplateByID(@template_id)
-- The import of another version, for whom the template's own lists let push to it.
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, provisioner, type, file_id,
    input, tags, trace_metadata)
SELECT @id, @created_at, @created_at, t.organization_id, @initiator_id, @provisioner, 'template_version_import', @file_id,
    @input, @tags, @trace_metadata
FROM templates AS t WHERE t.id = @template_id AND NOT t.deleted
RETURNING id;

-- name: AcquireProvisionerJobs :many
-- authorize: actor provisionerd
-- For daemons that can do the same: the first waiting jobs, one for each worker while there are any. `place` counts the
-- workers from 1. Two workers never get the same job. Tells those who watch the jobs, their workspaces or all builds, as
-- notify_job() does.
WITH locked AS MATERIALIZED (
    SELECT waiting.id, waiting.priority, waiting.created_at FROM provisioner_jobs AS waiting
    WHERE waiting.started_at IS NULL AND waiting.canceled_at IS NULL AND waiting.completed_at IS NULL
        AND waiting.organization_id = @organization_id
        AND waiting.provisioner = ANY (@provisioners::provisioner_type[])
        AND provisioner_tags_match(@daemon_tags::jsonb, waiting.tags)
    ORDER BY waiting.priority DESC, waiting.created_at
    LIMIT cardinality(@worker_ids::uuid[])
    FOR UPDATE SKIP LOCKED
), chosen AS (
    SELECT id, row_number() OVER (ORDER BY priority DESC, created_at) AS place FROM locked
)
UPDATE provisioner_jobs SET started_at = @started_at::timestamptz, updated_at = @started_at::timestamptz,
    worker_id = (@worker_ids::uuid[])[chosen.place]
FROM chosen WHERE provisioner_jobs.id = chosen.id
RETURNING sqlc.embed(provisioner_jobs), chosen.place::bigint AS place, (
    SELECT count(pg_notify(news.channel, news.payload)) FROM (
        SELECT @job_channel::text || provisioner_jobs.id AS channel, '' AS payload
        UNION ALL SELECT @workspace_channel::text || b.workspace_id, ''
            FROM workspace_builds AS b WHERE b.job_id = provisioner_jobs.id
        UNION ALL SELECT @builds_channel::text, jsonb_build_object('workspace_id', b.workspace_id, 'build_id', b.id)::text
            FROM workspace_builds AS b WHERE b.job_id = provisioner_jobs.id
    ) AS news
)::bigint AS told;

-- name: GetProvisionerJobByID :one
-- authorize: read provisioner_jobs (id=id, organization=organization_id)
SELECT * FROM provisioner_jobs_expanded WHERE id = $1;

-- name: EndUnneededJob :exec
-- authorize: delete workspace via GetWorkspaceByID(@workspace_id)
-- Of a build that has nothing to do for a daemon: it is done before anybody takes it.
UPDATE provisioner_jobs SET started_at = @now::timestamptz, updated_at = @now::timestamptz, completed_at = @now::timestamptz
WHERE id = (SELECT b.job_id FROM workspace_builds AS b WHERE b.id = @build_id AND b.workspace_id = @workspace_id);

-- name: GetQueuePlaces :many
-- authorize: actor provisioner_daemons_reader
-- Of those of the jobs that wait: their places among the waiting jobs of the same organization and tags.
WITH lines AS (
    SELECT DISTINCT organization_id, tags FROM provisioner_jobs
    WHERE id = ANY (@job_ids::uuid[]) AND started_at IS NULL AND canceled_at IS NULL AND completed_at IS NULL
), places AS (
    SELECT j.id, row_number() OVER line AS place, count(*) OVER (PARTITION BY j.organization_id, j.tags) AS size
    FROM provisioner_jobs AS j JOIN lines USING (organization_id, tags)
    WHERE j.started_at IS NULL AND j.canceled_at IS NULL AND j.completed_at IS NULL
    WINDOW line AS (PARTITION BY j.organization_id, j.tags ORDER BY j.priority DESC, j.created_at, j.id)
)
SELECT places.id, places.place::bigint AS place, places.size::bigint AS size FROM places
WHERE places.id = ANY (@job_ids::uuid[]);

-- name: LockProvisionerJobByID :one
-- authorize: actor provisionerd, reaper, autostart, prebuilds
-- In a transaction: nobody else changes the job until it ends.
SELECT * FROM provisioner_jobs WHERE id = $1 FOR UPDATE;

-- name: ListProvisionerJobs :many
-- authorize: filter provisioner_jobs j
SELECT j.* FROM provisioner_jobs_expanded AS j
WHERE j.organization_id = @organization_id
    AND (cardinality(@ids::uuid[]) = 0 OR j.id = ANY (@ids))
    AND (cardinality(@statuses::provisioner_job_status[]) = 0 OR j.job_status = ANY (@statuses))
    AND (@tags::jsonb = '{}' OR j.tags @> @tags)
    AND (sqlc.narg('initiator_id')::uuid IS NULL OR j.initiator_id = sqlc.narg('initiator_id'))
    /* authorize_filter */
ORDER BY j.created_at DESC, j.id
LIMIT nullif(@row_limit::integer, 0);

-- name: GetWorkspaceBuildJobs :many
-- authorize: filter workspace w
-- The jobs of builds, for whoever may see the workspace.
SELECT j.* FROM provisioner_jobs_expanded AS j
JOIN workspace_builds AS b ON b.job_id = j.id
JOIN workspaces AS w ON w.id = b.workspace_id
WHERE j.id = ANY (@job_ids::uuid[]) /* authorize_filter */;

-- name: GetTemplateVersionJobs :many
-- authorize: filter template v (id=v.template_id, organization=v.organization_id, user_acl=v.template_user_acl, group_acl=v.template_group_acl)
-- The import jobs of versions, for whoever may see the template.
SELECT j.* FROM provisioner_jobs_expanded AS j
JOIN template_versions_with_user AS v ON v.job_id = j.id
WHERE j.id = ANY (@job_ids::uuid[]) /* authorize_filter */;

-- name: GetTemplateVersionDryRunJob :one
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT * FROM provisioner_jobs_expanded
WHERE id = @job_id AND type = 'template_version_dry_run'
    AND input ->> 'template_version_id' = (@template_version_id::uuid)::text;

-- name: GetActiveJobsOfDaemons :many
-- authorize: actor provisioner_daemons_reader
-- The newest running or finished job of each daemon, running ones first.
SELECT DISTINCT ON (worker_id, completed_at IS NULL) worker_id::uuid AS worker_id, id, job_status, completed_at, input
FROM provisioner_jobs
WHERE worker_id = ANY (@worker_ids::uuid[])
ORDER BY worker_id, completed_at IS NULL DESC, started_at DESC;

-- name: HeartbeatProvisionerJob :execrows
-- authorize: actor provisionerd
-- 0 rows when the job is not this worker's any more.
UPDATE provisioner_jobs SET updated_at = @now
WHERE id = @id AND worker_id = @worker_id::uuid AND completed_at IS NULL;

-- name: CompleteProvisionerJob :execrows
-- authorize: actor provisionerd, reaper
-- 0 rows when it was complete already. An empty error means success (or canceled, when that was asked for).
UPDATE provisioner_jobs SET completed_at = @completed_at::timestamptz, updated_at = @completed_at::timestamptz,
    started_at = coalesce(started_at, @completed_at::timestamptz),
    error = nullif(@error::text, ''), error_code = nullif(@error_code::text, '')
WHERE id = @id AND completed_at IS NULL;

-- name: CancelWorkspaceBuildJob :execrows
-- authorize: update workspace via GetWorkspaceBuildByJobID(@job_id)
-- A job that nobody took yet is complete at once. 0 rows when it was complete or canceled already, or is not in the
-- status that a text which is not empty asks for.
UPDATE provisioner_jobs SET canceled_at = @now::timestamptz, updated_at = @now::timestamptz,
    completed_at = CASE WHEN started_at IS NULL THEN @now::timestamptz END
WHERE id = @job_id AND completed_at IS NULL AND canceled_at IS NULL
    AND (@expected_status::text = '' OR job_status::text = @expected_status);

-- name: CancelTemplateVersionJob :execrows
-- authorize: update template via GetTemplateVersionByJobID(@job_id)
UPDATE provisioner_jobs SET canceled_at = @now::timestamptz, updated_at = @now::timestamptz,
    completed_at = CASE WHEN started_at IS NULL THEN @now::timestamptz END
WHERE id = @job_id AND completed_at IS NULL AND canceled_at IS NULL;

-- name: CancelTemplateVersionDryRunJob :execrows
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
UPDATE provisioner_jobs SET canceled_at = @now::timestamptz, updated_at = @now::timestamptz,
    completed_at = CASE WHEN started_at IS NULL THEN @now::timestamptz END
WHERE id = @job_id AND completed_at IS NULL AND canceled_at IS NULL
    AND input ->> 'template_version_id' = (@template_version_id::uuid)::text;

-- name: GetReapableProvisionerJobs :many
-- authorize: actor reaper
-- Running (or canceling) jobs that went silent, and jobs nobody took. Locked against other reapers.
SELECT * FROM provisioner_jobs
WHERE completed_at IS NULL
    AND ((started_at IS NOT NULL AND updated_at < @silent_since) OR (started_at IS NULL AND updated_at < @pending_since))
ORDER BY updated_at
LIMIT @row_limit::integer
FOR UPDATE SKIP LOCKED;

-- name: CountProvisionerJobs :many
-- authorize: actor metrics
SELECT job_status, count(*) AS jobs FROM provisioner_jobs WHERE completed_at IS NULL GROUP BY job_status;
