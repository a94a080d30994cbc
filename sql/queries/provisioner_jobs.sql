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
-- Only the beginning of lines that these daemons serve is read, and `spare` jobs more than are wanted, because other
-- servers may just be taking the first ones.
WITH first AS (
    SELECT f.id::uuid AS id, f.priority::smallint AS priority, f.created_at::timestamptz AS created_at
    FROM first_provisioner_jobs(@organization_id, @provisioners::provisioner_type[], @daemon_tags::jsonb,
        cardinality(@worker_ids::uuid[]) + @spare::integer) AS f
    -- Sorted before the rows themselves are looked at, only as many of which are as are wanted.
    ORDER BY f.priority DESC, f.created_at, f.id
), locked AS MATERIALIZED (
    SELECT waiting.id, waiting.priority, waiting.created_at
    FROM first JOIN provisioner_jobs AS waiting ON waiting.id = first.id
    WHERE waiting.started_at IS NULL AND waiting.canceled_at IS NULL AND waiting.completed_at IS NULL
    ORDER BY first.priority DESC, first.created_at, first.id
    LIMIT cardinality(@worker_ids::uuid[])
    FOR UPDATE OF waiting SKIP LOCKED
), chosen AS (
    SELECT id, row_number() OVER (ORDER BY priority DESC, created_at, id) AS place FROM locked
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
-- Of those of the jobs that wait and that a daemon seen since then can take: how many jobs that daemon takes up to this
-- one, and how many wait for it. Of several daemons, the one that comes to the job first.
WITH asked AS (
    SELECT id, organization_id, line, priority, created_at FROM provisioner_jobs
    WHERE id = ANY (@job_ids::uuid[]) AND started_at IS NULL AND canceled_at IS NULL AND completed_at IS NULL
), offers AS (
    SELECT row_number() OVER () AS number, d.organization_id, d.provisioners, d.tags FROM provisioner_daemons AS d
    WHERE d.last_seen_at > @seen_after::timestamptz AND d.organization_id IN (SELECT asked.organization_id FROM asked)
    GROUP BY d.organization_id, d.provisioners, d.tags
), served AS MATERIALIZED (
    SELECT offers.number, l.line::bytea AS line
    FROM offers CROSS JOIN LATERAL provisioner_job_lines(offers.organization_id) AS l
    WHERE l.provisioner = ANY (offers.provisioners) AND provisioner_tags_match(offers.tags, l.tags)
), sizes AS MATERIALIZED (
    SELECT s.line, waiting_jobs_above(s.line, (-32768)::smallint) AS jobs FROM (SELECT DISTINCT line FROM served) AS s
), takers AS MATERIALIZED (
    SELECT asked.id, served.number FROM asked JOIN served ON served.line = asked.line
), steps AS MATERIALIZED (
    -- From each asked job of a line and priority back to the one asked before it: each waiting job is counted once.
    SELECT pair.*, lag(pair.created_at, 1, '-infinity') OVER line AS from_time, lag(pair.id, 1, pair.id) OVER line AS from_id
    FROM (
        SELECT DISTINCT asked.id, asked.priority, asked.created_at, served.line
        FROM asked JOIN takers ON takers.id = asked.id JOIN served ON served.number = takers.number
    ) AS pair
    WINDOW line AS (PARTITION BY pair.line, pair.priority ORDER BY pair.created_at, pair.id)
), sooner AS MATERIALIZED (
    SELECT s.line, s.priority, waiting_jobs_above(s.line, s.priority) AS jobs
    FROM (SELECT DISTINCT line, priority FROM steps) AS s
), ahead AS MATERIALIZED (
    SELECT steps.id, steps.line, sooner.jobs + sum(waiting_jobs_between(steps.line, steps.priority, steps.from_time,
        steps.from_id, steps.created_at, steps.id)) OVER line AS jobs
    FROM steps JOIN sooner ON sooner.line = steps.line AND sooner.priority = steps.priority
    WINDOW line AS (PARTITION BY steps.line, steps.priority ORDER BY steps.created_at, steps.id)
), places AS (
    SELECT takers.id, sum(ahead.jobs) + 1 AS place, sum(sizes.jobs) AS size
    FROM takers JOIN served ON served.number = takers.number JOIN sizes ON sizes.line = served.line
    JOIN ahead ON ahead.id = takers.id AND ahead.line = served.line
    GROUP BY takers.id, takers.number
)
SELECT places.id, min(places.place)::bigint AS place, max(places.size)::bigint AS size FROM places GROUP BY places.id;

-- name: ListWaitingLines :many
-- authorize: actor reaper
-- What waiting jobs ask for, once for each kind.
SELECT o.id AS organization_id, l.line::bytea AS line, l.provisioner::provisioner_type AS provisioner, l.tags::jsonb AS tags
FROM organizations AS o CROSS JOIN LATERAL provisioner_job_lines(o.id) AS l;

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
