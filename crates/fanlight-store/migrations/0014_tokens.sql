-- How a key proves itself where it is no shared secret: its public half, as JSON. Such a key has 32 zero bytes as its secret's digest,
-- which no secret has.
ALTER TABLE caller_keys ADD COLUMN public_key TEXT;

-- Access tokens that ended before their time, and assertions that were used, by SHA-256, until they are over anyway.
CREATE TABLE ended_tokens (
    sha256   BYTEA NOT NULL PRIMARY KEY,
    until_ms BIGINT NOT NULL
);
CREATE INDEX ended_tokens_by_time ON ended_tokens (until_ms);
