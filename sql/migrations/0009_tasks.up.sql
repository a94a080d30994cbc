-- What somebody asked an AI agent to do, and the workspace in which it does it.
CREATE TABLE tasks (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    organization_id uuid NOT NULL REFERENCES organizations (id),
    owner_id uuid NOT NULL REFERENCES users (id),
    name text NOT NULL,
    display_name text NOT NULL,
    template_version_id uuid NOT NULL REFERENCES template_versions (id),
    workspace_id uuid NOT NULL UNIQUE REFERENCES workspaces (id) ON DELETE CASCADE,
    prompt text NOT NULL
);
CREATE UNIQUE INDEX tasks_owner_name_key ON tasks (owner_id, lower(name)) WHERE deleted_at IS NULL;

-- The app in which people watch the task; builds without a task have none.
ALTER TABLE workspace_builds ADD COLUMN ai_task_app_id uuid REFERENCES workspace_apps (id) ON DELETE SET NULL;
CREATE INDEX workspace_builds_task_app ON workspace_builds (ai_task_app_id) WHERE ai_task_app_id IS NOT NULL;

CREATE VIEW tasks_expanded AS
SELECT
    tasks.*,
    owner.username AS owner_username,
    owner.avatar_url AS owner_avatar_url,
    templates.id AS template_id,
    templates.name AS template_name,
    templates.display_name AS template_display_name,
    templates.icon AS template_icon,
    latest.ai_task_app_id AS workspace_app_id
FROM tasks
JOIN users AS owner ON owner.id = tasks.owner_id
JOIN template_versions ON template_versions.id = tasks.template_version_id
JOIN templates ON templates.id = template_versions.template_id
JOIN workspace_builds AS latest ON latest.workspace_id = tasks.workspace_id
WHERE NOT EXISTS (
    SELECT 1 FROM workspace_builds AS later
    WHERE later.workspace_id = latest.workspace_id AND later.build_number > latest.build_number
);

DROP VIEW workspaces_expanded;
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
    templates.use_classic_parameter_flow AS template_use_classic_parameter_flow,
    tasks.id AS task_id
FROM workspaces
JOIN users AS owner ON owner.id = workspaces.owner_id
JOIN organizations ON organizations.id = workspaces.organization_id
JOIN templates ON templates.id = workspaces.template_id
LEFT JOIN tasks ON tasks.workspace_id = workspaces.id AND tasks.deleted_at IS NULL;
