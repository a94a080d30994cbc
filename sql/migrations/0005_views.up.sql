-- Rows with the names and owners that both answers and authorization need.

CREATE VIEW templates_with_names AS
SELECT
    templates.*,
    creator.username AS created_by_username,
    creator.name AS created_by_name,
    creator.avatar_url AS created_by_avatar_url,
    organizations.name AS organization_name,
    organizations.display_name AS organization_display_name,
    organizations.icon AS organization_icon
FROM templates
JOIN users AS creator ON creator.id = templates.created_by
JOIN organizations ON organizations.id = templates.organization_id;

-- Who may see a version is decided by its template; before there is one, by its organization.
CREATE VIEW template_versions_with_user AS
SELECT
    template_versions.*,
    creator.username AS created_by_username,
    creator.name AS created_by_name,
    creator.avatar_url AS created_by_avatar_url,
    coalesce(templates.user_acl, '{}'::jsonb) AS template_user_acl,
    coalesce(templates.group_acl, '{}'::jsonb) AS template_group_acl
FROM template_versions
JOIN users AS creator ON creator.id = template_versions.created_by
LEFT JOIN templates ON templates.id = template_versions.template_id;

CREATE VIEW workspaces_expanded AS
SELECT
    workspaces.*,
    owner.username AS owner_username,
    owner.name AS owner_name,
    owner.avatar_url AS owner_avatar_url,
    organizations.name AS organization_name,
    organizations.display_name AS organization_display_name,
    templates.name AS template_name,
    templates.display_name AS template_display_name,
    templates.icon AS template_icon,
    templates.active_version_id AS template_active_version_id,
    templates.allow_user_cancel_workspace_jobs AS template_allow_user_cancel_workspace_jobs,
    templates.require_active_version AS template_require_active_version,
    templates.use_classic_parameter_flow AS template_use_classic_parameter_flow
FROM workspaces
JOIN users AS owner ON owner.id = workspaces.owner_id
JOIN organizations ON organizations.id = workspaces.organization_id
JOIN templates ON templates.id = workspaces.template_id;

CREATE VIEW workspace_builds_with_user AS
SELECT
    workspace_builds.*,
    initiator.username AS initiator_username,
    initiator.name AS initiator_name,
    initiator.avatar_url AS initiator_avatar_url,
    template_versions.name AS template_version_name,
    workspaces.name AS workspace_name,
    workspaces.owner_id AS workspace_owner_id,
    owner.username AS workspace_owner_username,
    owner.avatar_url AS workspace_owner_avatar_url,
    workspaces.organization_id,
    workspaces.template_id,
    workspaces.user_acl AS workspace_user_acl,
    workspaces.group_acl AS workspace_group_acl
FROM workspace_builds
JOIN users AS initiator ON initiator.id = workspace_builds.initiator_id
JOIN template_versions ON template_versions.id = workspace_builds.template_version_id
JOIN workspaces ON workspaces.id = workspace_builds.workspace_id
JOIN users AS owner ON owner.id = workspaces.owner_id;

-- The newest build of each workspace.
CREATE VIEW workspace_latest_builds AS
SELECT * FROM workspace_builds
WHERE NOT EXISTS (
    SELECT 1 FROM workspace_builds AS later
    WHERE later.workspace_id = workspace_builds.workspace_id AND later.build_number > workspace_builds.build_number
);

-- Groups with their people, "Everyone" included.
CREATE VIEW group_members_expanded AS
SELECT groups.id AS group_id, groups.name AS group_name, groups.organization_id, group_members.user_id
FROM groups
JOIN group_members ON group_members.group_id = groups.id
UNION
SELECT groups.id AS group_id, groups.name AS group_name, groups.organization_id, organization_members.user_id
FROM groups
JOIN organization_members ON organization_members.organization_id = groups.organization_id
WHERE groups.id = groups.organization_id;

-- Jobs as clients see them: who runs them, and their place among the waiting jobs of the same organization and tags.
-- The places are computed for pending jobs alone, from the small partial index of the queue.
CREATE VIEW provisioner_jobs_expanded AS
SELECT
    provisioner_jobs.*,
    coalesce(provisioner_daemons.name, '') AS worker_name,
    CASE WHEN provisioner_jobs.job_status = 'pending' THEN (
        SELECT count(*) FROM provisioner_jobs AS ahead
        WHERE ahead.started_at IS NULL AND ahead.canceled_at IS NULL AND ahead.completed_at IS NULL
            AND ahead.organization_id = provisioner_jobs.organization_id
            AND ahead.tags = provisioner_jobs.tags
            AND (-ahead.priority, ahead.created_at, ahead.id)
                <= (-provisioner_jobs.priority, provisioner_jobs.created_at, provisioner_jobs.id)
    ) ELSE 0 END::bigint AS queue_position,
    CASE WHEN provisioner_jobs.job_status = 'pending' THEN (
        SELECT count(*) FROM provisioner_jobs AS waiting
        WHERE waiting.started_at IS NULL AND waiting.canceled_at IS NULL AND waiting.completed_at IS NULL
            AND waiting.organization_id = provisioner_jobs.organization_id
            AND waiting.tags = provisioner_jobs.tags
    ) ELSE 0 END::bigint AS queue_size
FROM provisioner_jobs
LEFT JOIN provisioner_daemons ON provisioner_daemons.id = provisioner_jobs.worker_id;
