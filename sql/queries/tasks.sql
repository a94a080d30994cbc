-- name: InsertTask :exec
-- authorize: create task (owner=@owner_id, organization=@organization_id)
INSERT INTO tasks (id, created_at, updated_at, organization_id, owner_id, name, display_name, template_version_id,
    workspace_id, prompt)
VALUES (@id, @created_at, @created_at, @organization_id, @owner_id, @name, @display_name, @template_version_id,
    @workspace_id, @prompt);

-- name: GetTaskByID :one
-- authorize: read task
SELECT * FROM tasks_expanded WHERE id = $1 AND deleted_at IS NULL;

-- name: GetTaskByOwnerAndName :one
-- authorize: read task
SELECT * FROM tasks_expanded WHERE owner_id = @owner_id AND lower(name) = lower(@name) AND deleted_at IS NULL;

-- name: ListTasks :many
-- authorize: filter task t (id=t.id, owner=t.owner_id, organization=t.organization_id)
-- Newest first. An empty owner_username and nulls do not filter.
SELECT t.* FROM tasks_expanded AS t
WHERE t.deleted_at IS NULL
    AND (sqlc.narg('owner_id')::uuid IS NULL OR t.owner_id = sqlc.narg('owner_id'))
    AND (@owner_username::text = '' OR lower(t.owner_username) = lower(@owner_username))
    AND (sqlc.narg('organization_id')::uuid IS NULL OR t.organization_id = sqlc.narg('organization_id'))
    /* authorize_filter */
ORDER BY t.created_at DESC, t.id;

-- name: UpdateTaskPrompt :execrows
-- authorize: update task via GetTaskByID(@id)
UPDATE tasks SET prompt = @prompt, updated_at = @updated_at WHERE id = @id AND deleted_at IS NULL;

-- name: DeleteTask :execrows
-- authorize: delete task via GetTaskByID(@id)
-- Its workspace stays.
UPDATE tasks SET deleted_at = @now::timestamptz, updated_at = @now WHERE id = @id AND deleted_at IS NULL;
