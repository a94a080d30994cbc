-- name: InsertProvisionerJobTimings :exec
-- authorize: actor provisionerd
INSERT INTO provisioner_job_timings (job_id, started_at, ended_at, stage, source, action, resource)
SELECT @job_id, unnest(@started_at::timestamptz[]), unnest(@ended_at::timestamptz[]),
    unnest(@stage::provisioner_job_timing_stage[]), unnest(@source::text[]), unnest(@action::text[]),
    unnest(@resource::text[]);

-- name: GetWorkspaceBuildTimings :many
-- authorize: read workspace via GetWorkspaceBuildByJobID(@job_id)
SELECT * FROM provisioner_job_timings WHERE job_id = @job_id ORDER BY started_at;
