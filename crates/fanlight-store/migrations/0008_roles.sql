-- Who has which role, and is in which group. A role that was taken, and a group that was left, stay as rows with an end, so
-- that no restore brings them back. `given_by` is a pseudonym.
CREATE TABLE roles (
    person     TEXT NOT NULL REFERENCES people (id),
    role       TEXT NOT NULL,
    given_ms   BIGINT NOT NULL,
    given_by   TEXT,
    ended_ms   BIGINT,
    PRIMARY KEY (person, role)
);

CREATE TABLE memberships (
    person     TEXT NOT NULL REFERENCES people (id),
    group_name TEXT NOT NULL,
    since_ms   BIGINT NOT NULL,
    ended_ms   BIGINT,
    PRIMARY KEY (person, group_name)
);
