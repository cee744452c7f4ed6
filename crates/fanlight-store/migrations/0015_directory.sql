-- When a person left. Who has left has no way in, whatever else is kept of them.
ALTER TABLE people ADD COLUMN left_ms BIGINT;
CREATE INDEX people_by_folded_name ON people (lower(name));

-- The people that a company's directory keeps here, with what it says of them, sealed under the root key.
CREATE TABLE directory_people (
    person      TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    external_id TEXT,
    resource    TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_ms  BIGINT NOT NULL,
    changed_ms  BIGINT NOT NULL
);
CREATE INDEX directory_people_by_external_id ON directory_people (external_id);
CREATE INDEX directory_people_by_creation ON directory_people (created_ms, person);

-- The groups that it keeps. `group_name` is what policies name; it stays when the directory calls the group otherwise.
CREATE TABLE directory_groups (
    id           TEXT NOT NULL PRIMARY KEY,
    group_name   TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    external_id  TEXT,
    version      BIGINT NOT NULL,
    created_ms   BIGINT NOT NULL,
    changed_ms   BIGINT NOT NULL
);
CREATE INDEX memberships_by_group ON memberships (group_name);
