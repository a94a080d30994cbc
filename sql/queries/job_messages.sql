-- name: GetVersionOfJob :one
-- authorize: actor provisionerd
-- All that a daemon is told of an import or a dry run. `variables`: [{name, value, sensitive, given}].
SELECT v.id AS template_version_id, v.name AS template_version_name, t.id AS template_id, t.name AS template_name,
    initiator.username AS initiator_username, files.data AS template_files, tv.cached_module_files,
    coalesce((SELECT jsonb_agg(jsonb_build_object('name', x.name, 'value', x.value, 'sensitive', x.sensitive,
        'given', x.given) ORDER BY lower(x.name)) FROM template_version_variables AS x WHERE x.template_version_id = v.id), '[]')::jsonb
        AS variables
FROM provisioner_jobs AS j
JOIN users AS initiator ON initiator.id = j.initiator_id
JOIN files ON files.id = j.file_id
JOIN template_versions AS v ON v.id = @template_version_id
LEFT JOIN templates AS t ON t.id = v.template_id
LEFT JOIN template_version_terraform_values AS tv ON tv.template_version_id = v.id
WHERE j.id = @job_id;

-- name: GetBuildOfJob :one
-- authorize: actor provisionerd
-- All that a daemon is told of a build, but for secrets. Lists are JSON: parameters [{name, value}], variables as in
-- GetVersionOfJob, memberships as in GetAuthorizationOfUser.
SELECT b.id AS build_id, b.build_number, b.transition, b.template_version_id, v.name AS template_version_name,
    w.id AS workspace_id, w.name AS workspace_name, w.organization_id, t.id AS template_id, t.name AS template_name,
    t.use_terraform_workspace_cache, tk.id AS task_id, tk.prompt AS task_prompt,
    sqlc.embed(users), initiator.username AS initiator_username, files.data AS template_files, s.state,
    tv.cached_module_files, k.public_key AS ssh_public_key, k.private_key AS ssh_private_key, k.private_key_key_id,
    ARRAY(SELECT g.group_name FROM group_members_expanded AS g WHERE g.user_id = users.id
        AND g.organization_id = w.organization_id ORDER BY g.group_name)::text[] AS owner_groups,
    coalesce((SELECT jsonb_object_agg(m.organization_id, to_jsonb(m.roles)) FROM organization_members AS m
        JOIN organizations AS o ON o.id = m.organization_id WHERE m.user_id = users.id AND NOT o.deleted), '{}')::jsonb
        AS memberships,
    EXISTS (SELECT 1 FROM user_secrets AS us WHERE us.user_id = users.id)::boolean AS has_secrets,
    coalesce((SELECT jsonb_agg(jsonb_build_object('name', p.name, 'value', p.value) ORDER BY lower(p.name))
        FROM workspace_build_parameters AS p WHERE p.workspace_build_id = b.id), '[]')::jsonb AS parameters,
    coalesce((SELECT jsonb_agg(jsonb_build_object('name', p.name, 'value', p.value) ORDER BY lower(p.name))
        FROM workspace_build_parameters AS p JOIN workspace_builds AS before ON before.id = p.workspace_build_id
        WHERE before.workspace_id = b.workspace_id AND before.build_number = b.build_number - 1), '[]')::jsonb
        AS previous_parameters,
    coalesce((SELECT jsonb_agg(jsonb_build_object('name', x.name, 'value', x.value, 'sensitive', x.sensitive,
        'given', x.given) ORDER BY lower(x.name)) FROM template_version_variables AS x
        WHERE x.template_version_id = b.template_version_id), '[]')::jsonb AS variables
FROM workspace_builds AS b
JOIN provisioner_jobs AS j ON j.id = b.job_id
JOIN users AS initiator ON initiator.id = j.initiator_id
JOIN files ON files.id = j.file_id
JOIN template_versions AS v ON v.id = b.template_version_id
JOIN workspaces AS w ON w.id = b.workspace_id
JOIN templates AS t ON t.id = w.template_id
JOIN users ON users.id = w.owner_id
LEFT JOIN workspace_build_states AS s ON s.workspace_build_id = b.id
LEFT JOIN template_version_terraform_values AS tv ON tv.template_version_id = b.template_version_id
LEFT JOIN git_ssh_keys AS k ON k.user_id = users.id
LEFT JOIN tasks AS tk ON tk.workspace_id = w.id AND (tk.deleted_at IS NULL OR b.transition = 'delete')
WHERE b.job_id = @job_id;
