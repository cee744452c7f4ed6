-- Apps: what people made or adopted, and the keys by which apps and people call. `registered_by` and `made_by` are pseudonyms; of
-- a key only SHA-256 of its secret is kept.
CREATE TABLE apps (
    id            TEXT NOT NULL PRIMARY KEY,
    title         TEXT NOT NULL,
    headline      TEXT NOT NULL,
    about         TEXT NOT NULL,
    owner         TEXT REFERENCES people (id),
    successor     TEXT REFERENCES people (id),
    registered_ms BIGINT NOT NULL,
    registered_by TEXT,
    orphaned_ms   BIGINT,
    ended_ms      BIGINT,
    CHECK ((owner IS NULL) = (orphaned_ms IS NOT NULL))
);
CREATE INDEX apps_by_owner ON apps (owner);
CREATE INDEX apps_by_successor ON apps (successor);

CREATE TABLE caller_keys (
    id            TEXT NOT NULL PRIMARY KEY,
    app           TEXT REFERENCES apps (id),
    person        TEXT REFERENCES people (id),
    label         TEXT NOT NULL,
    secret_sha256 BYTEA NOT NULL,
    scopes        TEXT NOT NULL,
    made_ms       BIGINT NOT NULL,
    made_by       TEXT,
    until_ms      BIGINT NOT NULL,
    used_ms       BIGINT,
    revoked_ms    BIGINT,
    CHECK ((app IS NULL) <> (person IS NULL))
);
CREATE INDEX caller_keys_by_app ON caller_keys (app);
CREATE INDEX caller_keys_by_person ON caller_keys (person);
