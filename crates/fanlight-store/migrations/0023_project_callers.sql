-- Who was ever let through to a file of a project, once each: how many use it is then counted without reading every access.
CREATE TABLE project_callers (
    project TEXT NOT NULL,
    caller  TEXT NOT NULL,
    PRIMARY KEY (project, caller)
);
INSERT INTO project_callers (project, caller)
SELECT DISTINCT project, COALESCE(device, person, principal_kind) FROM accesses
WHERE action = 'packages:fetch-file' AND outcome IN ('allow', 'mask') AND project IS NOT NULL;
