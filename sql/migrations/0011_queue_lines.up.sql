-- Jobs stand in one line of the queue when the same daemons can take them: when they have the same organization,
-- provisioner and tags. A line's key has a fixed size, so that an index can hold it, and begins with the organization.
CREATE FUNCTION provisioner_job_line(organization uuid, provisioner provisioner_type, tags jsonb) RETURNS bytea
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN uuid_send(organization)
        || substr(sha256(convert_to(provisioner::text || ' ' || tags::text, 'UTF8')), 1, 16);

ALTER TABLE provisioner_jobs ADD COLUMN line bytea NOT NULL
    GENERATED ALWAYS AS (provisioner_job_line(organization_id, provisioner, tags)) STORED;

DROP INDEX provisioner_jobs_queue;
CREATE INDEX provisioner_jobs_queue ON provisioner_jobs (line, priority DESC, created_at, id)
    WHERE started_at IS NULL AND canceled_at IS NULL AND completed_at IS NULL;

-- The functions below are no plain SQL because their plans are kept then (planning would take longer than what they do),
-- and because they must keep to the index however the table's statistics look just then.

-- The lines of an organization that somebody waits in: one step in the index for each of them, however long they are.
CREATE FUNCTION provisioner_job_lines(organization uuid)
    RETURNS TABLE (line bytea, provisioner provisioner_type, tags jsonb)
    LANGUAGE plpgsql STABLE ROWS 10 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    passed bytea := uuid_send(organization);
    beyond bytea := passed || '\xffffffffffffffffffffffffffffffffff';
BEGIN
    LOOP
        SELECT j.line, j.provisioner, j.tags INTO line, provisioner, tags FROM provisioner_jobs AS j
        WHERE j.line > passed AND j.line < beyond
            AND j.started_at IS NULL AND j.canceled_at IS NULL AND j.completed_at IS NULL
        ORDER BY j.line LIMIT 1;
        EXIT WHEN NOT FOUND;
        RETURN NEXT;
        passed := provisioner_job_lines.line;
    END LOOP;
END
$$;

-- The jobs that such a daemon would take first: at most so many of each line it serves, and not in order.
CREATE FUNCTION first_provisioner_jobs(organization uuid, provisioners provisioner_type[], daemon_tags jsonb, most integer)
    RETURNS TABLE (id uuid, priority smallint, created_at timestamptz)
    LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
#variable_conflict use_column
DECLARE
    served record;
BEGIN
    FOR served IN SELECT l.line FROM provisioner_job_lines(organization) AS l
        WHERE l.provisioner = ANY (provisioners) AND provisioner_tags_match(daemon_tags, l.tags)
    LOOP
        RETURN QUERY SELECT j.id, j.priority, j.created_at FROM provisioner_jobs AS j
        WHERE j.line = served.line AND j.started_at IS NULL AND j.canceled_at IS NULL AND j.completed_at IS NULL
        ORDER BY j.priority DESC, j.created_at, j.id LIMIT most;
    END LOOP;
END
$$;

-- How many wait in a line with a higher priority.
CREATE FUNCTION waiting_jobs_above(job_line bytea, job_priority smallint) RETURNS bigint
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT count(*) FROM provisioner_jobs AS j WHERE j.line = job_line AND j.priority > job_priority
        AND j.started_at IS NULL AND j.canceled_at IS NULL AND j.completed_at IS NULL);
END
$$;

-- How many wait in a line with this priority, from one place up to but without another.
CREATE FUNCTION waiting_jobs_between(job_line bytea, job_priority smallint, from_time timestamptz, from_id uuid,
    to_time timestamptz, to_id uuid) RETURNS bigint
    LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    RETURN (SELECT count(*) FROM provisioner_jobs AS j WHERE j.line = job_line AND j.priority = job_priority
        AND (j.created_at, j.id) >= (from_time, from_id) AND (j.created_at, j.id) < (to_time, to_id)
        AND j.started_at IS NULL AND j.canceled_at IS NULL AND j.completed_at IS NULL);
END
$$;
