-- name: InsertDryRunJob :exec
-- authorize: create workspace (owner=@initiator_id, organization=@organization_id)
-- Whoever may make workspaces may see what a template would make of them.
INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id, provisioner, type, file_id,
    input, tags, trace_metadata)
VALUES (@id, @created_at, @created_at, @organization_id, @initiator_id, @provisioner, 'template_version_dry_run',
    @file_id, @input, @tags, @trace_metadata);

-- name: ReleaseProvisionerJob :execrows
-- authorize: actor provisionerd
-- Puts a job back that could not be handed over; one that was canceled meanwhile is over.
UPDATE provisioner_jobs SET started_at = NULL, worker_id = NULL, updated_at = @now::timestamptz,
    completed_at = CASE WHEN canceled_at IS NOT NULL THEN @now::timestamptz END
WHERE id = @id AND worker_id = @worker_id::uuid AND completed_at IS NULL;

-- name: ListRunningImportsOfWorker :many
-- authorize: actor provisionerd
SELECT id, initiator_id FROM provisioner_jobs
WHERE worker_id = @worker_id::uuid AND type = 'template_version_import' AND completed_at IS NULL
ORDER BY started_at DESC;

-- name: GetModuleFileForWorker :one
-- authorize: actor provisionerd
-- Only the module archive of a template version that the worker is busy with.
SELECT files.* FROM files
JOIN template_version_terraform_values AS v ON v.cached_module_files = files.id
WHERE files.id = @file_id AND EXISTS (
    SELECT 1 FROM provisioner_jobs AS j
    LEFT JOIN workspace_builds AS b ON b.job_id = j.id
    WHERE j.worker_id = @worker_id::uuid AND j.completed_at IS NULL AND v.template_version_id::text =
        coalesce(b.template_version_id::text, j.input ->> 'template_version_id'));

-- name: ListProvisionerJobNames :many
-- authorize: actor provisioner_daemons_reader
-- authorize: filter provisioner_jobs j
-- What jobs are about, for lists; nulls where there is no such thing.
SELECT j.id AS job_id, v.name AS template_version_name, t.id AS template_id, t.name AS template_name,
    t.display_name AS template_display_name, t.icon AS template_icon, w.id AS workspace_id, w.name AS workspace_name
FROM provisioner_jobs AS j
LEFT JOIN workspace_builds AS b ON b.job_id = j.id
LEFT JOIN workspaces AS w ON w.id = b.workspace_id
LEFT JOIN template_versions AS v ON v.id::text = coalesce(b.template_version_id::text, j.input ->> 'template_version_id')
LEFT JOIN templates AS t ON t.id = v.template_id
WHERE j.id = ANY (@job_ids::uuid[]) /* authorize_filter */;

-- name: ArchiveUnusedTemplateVersions :many
-- authorize: update template via GetTemplateByID(@template_id)
-- Versions whose import failed; with everything, also those that no workspace's latest build uses.
UPDATE template_versions SET archived = true, updated_at = @updated_at
WHERE template_versions.template_id = @template_id::uuid AND NOT template_versions.archived
    AND NOT EXISTS (SELECT 1 FROM templates AS t WHERE t.active_version_id = template_versions.id)
    AND EXISTS (SELECT 1 FROM provisioner_jobs AS j WHERE j.id = template_versions.job_id AND (j.job_status = 'failed'
        OR (@everything::boolean AND j.completed_at IS NOT NULL)))
    AND NOT EXISTS (SELECT 1 FROM workspace_builds AS b JOIN workspaces AS w ON w.id = b.workspace_id AND NOT w.deleted
        WHERE b.template_version_id = template_versions.id AND NOT EXISTS (
            SELECT 1 FROM workspace_builds AS later
            WHERE later.workspace_id = b.workspace_id AND later.build_number > b.build_number))
RETURNING template_versions.id;

-- name: ListRunningAgentTokens :many
-- authorize: actor provisionerd
-- Of one build: what the agents of a claimed prebuilt workspace go on using.
SELECT a.id, a.auth_token FROM workspace_agents AS a
JOIN workspace_resources AS r ON r.id = a.resource_id
WHERE r.job_id = @job_id AND a.parent_id IS NULL AND NOT a.deleted ORDER BY a.created_at, a.id;
