-- name: InsertProvisionerJobLogs :many
-- authorize: actor provisionerd, reaper
-- In the order given; returns them with their ids.
INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output)
SELECT @job_id, unnest(@created_at::timestamptz[]), unnest(@source::log_source[]), unnest(@level::log_level[]),
    unnest(@stage::text[]), unnest(@output::text[])
RETURNING *;

-- name: NoteWaitingJobs :many
-- authorize: actor reaper
-- A line for the logs of the jobs that wait in this line of the queue and have none of this stage yet; returns the jobs.
INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output)
SELECT j.id, @created_at, 'provisioner_daemon', 'warn', @stage, @output FROM provisioner_jobs AS j
WHERE j.line = @line
    AND j.started_at IS NULL AND j.canceled_at IS NULL AND j.completed_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM provisioner_job_logs AS l WHERE l.job_id = j.id AND l.stage = @stage)
LIMIT @row_limit::integer
RETURNING job_id;

-- name: UpdateProvisionerJobLogsLength :one
-- authorize: actor provisionerd, reaper
-- Adds bytes and answers the new total.
UPDATE provisioner_jobs SET logs_length = logs_length + @added::integer WHERE id = @id RETURNING logs_length;

-- name: UpdateProvisionerJobLogsOverflowed :exec
-- authorize: actor provisionerd, reaper
UPDATE provisioner_jobs SET logs_overflowed = true WHERE id = @id;

-- name: GetWorkspaceBuildLogsAfter :many
-- authorize: read workspace via GetWorkspaceBuildByJobID(@job_id)
SELECT * FROM provisioner_job_logs WHERE job_id = @job_id AND id > @after_id::bigint
    AND (@before_id::bigint = 0 OR id < @before_id)
ORDER BY id LIMIT nullif(@row_limit::integer, 0);

-- name: GetTemplateVersionLogsAfter :many
-- authorize: read template via GetTemplateVersionByJobID(@job_id)
SELECT * FROM provisioner_job_logs WHERE job_id = @job_id AND id > @after_id::bigint
    AND (@before_id::bigint = 0 OR id < @before_id)
ORDER BY id LIMIT nullif(@row_limit::integer, 0);

-- name: GetTemplateVersionDryRunLogsAfter :many
-- authorize: read template via GetTemplateVersionByID(@template_version_id)
SELECT l.* FROM provisioner_job_logs AS l
JOIN provisioner_jobs AS j ON j.id = l.job_id AND j.input ->> 'template_version_id' = (@template_version_id::uuid)::text
WHERE l.job_id = @job_id AND l.id > @after_id::bigint AND (@before_id::bigint = 0 OR l.id < @before_id)
ORDER BY l.id LIMIT nullif(@row_limit::integer, 0);
