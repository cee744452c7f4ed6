-- Projects that somebody asked for, once each, with how often: listed a part at a time without reading every access.
CREATE TABLE projects (
    id      TEXT NOT NULL PRIMARY KEY,
    allowed BIGINT NOT NULL,
    stopped BIGINT NOT NULL,
    last_ms BIGINT NOT NULL
);
INSERT INTO projects (id, allowed, stopped, last_ms)
SELECT project,
    SUM(CASE WHEN outcome IN ('allow', 'mask') AND action = 'packages:fetch-file' THEN 1 ELSE 0 END),
    SUM(CASE WHEN outcome IN ('hold', 'deny') AND action IN ('packages:fetch-file', 'packages:fetch-metadata') THEN 1 ELSE 0 END),
    MAX(time_ms)
FROM accesses WHERE project IS NOT NULL GROUP BY project;
CREATE INDEX projects_in_order ON projects (last_ms DESC, id);
