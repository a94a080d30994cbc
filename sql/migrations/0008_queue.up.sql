-- A job's place in the queue is asked for by GetQueuePlaces, once for all jobs of a list, and not for each row.
DROP VIEW provisioner_jobs_expanded;
CREATE VIEW provisioner_jobs_expanded AS
SELECT provisioner_jobs.*, coalesce(provisioner_daemons.name, '') AS worker_name
FROM provisioner_jobs
LEFT JOIN provisioner_daemons ON provisioner_daemons.id = provisioner_jobs.worker_id;

-- A workspace's token is found by its name.
DROP INDEX api_keys_user;
CREATE INDEX api_keys_user ON api_keys (user_id, token_name);
