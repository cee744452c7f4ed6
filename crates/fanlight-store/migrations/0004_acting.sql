-- What people here have stopped, and what they let through for a time. `person` is a pseudonym.
CREATE TABLE quarantines (
    purl     TEXT NOT NULL PRIMARY KEY,
    because  TEXT NOT NULL,
    role     TEXT NOT NULL,
    person   TEXT,
    since_ms BIGINT NOT NULL
);

-- An exception that has ended stays as a row, so that no restore brings it back to life.
CREATE TABLE exceptions (
    id         TEXT NOT NULL PRIMARY KEY,
    thing      TEXT NOT NULL,
    audience   TEXT,
    policies   TEXT NOT NULL,
    because    TEXT NOT NULL,
    role       TEXT NOT NULL,
    person     TEXT,
    granted_ms BIGINT NOT NULL,
    until_ms   BIGINT NOT NULL,
    ended_ms   BIGINT
);

-- What a person or machine has, since when, and by which content.
ALTER TABLE accesses ADD COLUMN digest TEXT;
CREATE INDEX accesses_by_time ON accesses (time_ms);
