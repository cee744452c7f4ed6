-- How people log in. What is kept opens nothing by itself: passwords are hashed by Argon2id, the second factor's secret is sealed
-- under the root key, everything random is kept as its SHA-256.
CREATE TABLE accounts (
    person     TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    password   TEXT NOT NULL,
    totp       TEXT NOT NULL,
    totp_step  BIGINT,
    recovery   TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    ended_ms   BIGINT
);

CREATE TABLE sessions (
    key_sha256       BYTEA NOT NULL PRIMARY KEY,
    id               TEXT NOT NULL UNIQUE,
    person           TEXT NOT NULL REFERENCES people (id),
    begun_ms         BIGINT NOT NULL,
    seen_ms          BIGINT NOT NULL,
    second_factor_ms BIGINT,
    browser          TEXT NOT NULL
);
CREATE INDEX sessions_by_person ON sessions (person);

-- Links that open once. The one for the first steward is for nobody yet.
CREATE TABLE links (
    sha256   BYTEA NOT NULL PRIMARY KEY,
    person   TEXT REFERENCES people (id),
    role     TEXT,
    made_by  TEXT,
    until_ms BIGINT NOT NULL,
    used_ms  BIGINT
);
