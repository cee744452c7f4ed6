-- The browsers in which people logged in, each by SHA-256 of a random mark in a cookie, and whom it is still to be told that a new
-- one came. `browser` is in words of ours.
CREATE TABLE browsers (
    person      TEXT NOT NULL REFERENCES people (id),
    mark_sha256 BYTEA NOT NULL,
    first_ms    BIGINT NOT NULL,
    last_ms     BIGINT NOT NULL,
    PRIMARY KEY (person, mark_sha256)
);
ALTER TABLE sessions ADD COLUMN new_browser BIGINT NOT NULL DEFAULT 0;

CREATE TABLE browser_notices (
    id      TEXT NOT NULL PRIMARY KEY,
    person  TEXT NOT NULL,
    browser TEXT NOT NULL,
    way     TEXT NOT NULL,
    at_ms   BIGINT NOT NULL,
    due_ms  BIGINT NOT NULL,
    tries   BIGINT NOT NULL
);
CREATE INDEX browser_notices_by_time ON browser_notices (way, due_ms);
