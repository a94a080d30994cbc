-- name: GetSiteConfig :one
-- authorize: actor bootstrap, key_rotator, key_reader, metrics
SELECT value FROM site_configs WHERE key = $1;

-- name: InsertSiteConfigIfAbsent :one
-- authorize: actor bootstrap, key_rotator
-- The value that stands afterwards: of two servers that start together, both get the first one's.
WITH inserted AS (
    INSERT INTO site_configs (key, value) VALUES (@key, @value) ON CONFLICT (key) DO NOTHING RETURNING value
)
SELECT value FROM inserted UNION ALL SELECT value FROM site_configs WHERE key = @key LIMIT 1;

-- name: UpsertSiteConfig :exec
-- authorize: actor bootstrap, key_rotator
INSERT INTO site_configs (key, value) VALUES (@key, @value) ON CONFLICT (key) DO UPDATE SET value = excluded.value;
