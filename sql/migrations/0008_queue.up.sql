-- A job's place in the queue is asked for by GetQueuePlaces, once for all jobs of a list, and not for each row.
DROP VIEW provisioner_jobs_expanded;
CREATE VIEW provisioner_jobs_expanded AS
SELECT provisioner_jobs.*, coalesce(provisioner_daemons.name, '') AS worker_name
FROM provisioner_jobs
LEFT JOIN provisioner_daemons ON provisioner_daemons.id = provisioner_jobs.worker_id;

CREATE INDEX provisioner_jobs_places ON provisioner_jobs (organization_id, tags, priority DESC, created_at, id)
    WHERE started_at IS NULL AND canceled_at IS NULL AND completed_at IS NULL;

-- A workspace's token is replaced at each of its starts.
CREATE INDEX api_keys_named ON api_keys (user_id, token_name) WHERE token_name <> '';
