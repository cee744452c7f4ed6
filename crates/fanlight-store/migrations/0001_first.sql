-- One text for SQLite and PostgreSQL: times are milliseconds since 1970 in BIGINT, bytes are BYTEA, yes and no are 0 and 1.

CREATE TABLE people (
    id         TEXT NOT NULL PRIMARY KEY,
    name       TEXT UNIQUE,
    created_ms BIGINT NOT NULL,
    erased_ms  BIGINT,
    CHECK ((name IS NULL) = (erased_ms IS NOT NULL))
);

CREATE TABLE devices (
    id            TEXT NOT NULL PRIMARY KEY,
    person        TEXT NOT NULL REFERENCES people (id),
    machine       TEXT,
    secret_sha256 BYTEA NOT NULL,
    created_ms    BIGINT NOT NULL,
    last_used_ms  BIGINT,
    revoked_ms    BIGINT
);
CREATE INDEX devices_by_person ON devices (person);

-- A destroyed key stays as a row without bytes, so that its name is never given to a new key.
CREATE TABLE sealing_keys (
    name         TEXT NOT NULL PRIMARY KEY,
    person       TEXT NOT NULL,
    wrapped      BYTEA,
    destroyed_ms BIGINT,
    CHECK ((wrapped IS NULL) = (destroyed_ms IS NOT NULL))
);
CREATE INDEX sealing_keys_by_person ON sealing_keys (person);

CREATE TABLE looks (
    ecosystem     TEXT NOT NULL,
    project       TEXT NOT NULL,
    upstream      TEXT NOT NULL,
    looked_ms     BIGINT NOT NULL,
    etag          TEXT,
    last_modified TEXT,
    content_type  TEXT NOT NULL,
    body          BYTEA NOT NULL,
    body_bytes    BIGINT NOT NULL,
    sightings     BYTEA NOT NULL,
    PRIMARY KEY (ecosystem, project)
);
CREATE INDEX looks_by_age ON looks (looked_ms, body_bytes);

CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- The projection of the ledger's records: may be dropped and rebuilt at any time.
CREATE TABLE accesses (
    record_index   BIGINT NOT NULL PRIMARY KEY,
    time_ms        BIGINT NOT NULL,
    action         TEXT NOT NULL,
    outcome        TEXT NOT NULL,
    principal_kind TEXT NOT NULL,
    person         TEXT,
    device         TEXT,
    resource       TEXT NOT NULL,
    project        TEXT,
    file           TEXT,
    policy         TEXT,
    reason         TEXT,
    until_ms       BIGINT,
    request        TEXT
);
CREATE INDEX accesses_by_resource ON accesses (resource, record_index);
CREATE INDEX accesses_by_project ON accesses (project, record_index);
CREATE INDEX accesses_by_person ON accesses (person, record_index);

CREATE TABLE projections (
    name        TEXT NOT NULL PRIMARY KEY,
    next_record BIGINT NOT NULL
);
