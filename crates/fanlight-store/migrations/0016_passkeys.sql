-- Passkeys: public keys, and what their authenticators know them by. Nothing of it opens anything.
CREATE TABLE passkeys (
    id         TEXT NOT NULL PRIMARY KEY,
    credential BYTEA NOT NULL UNIQUE,
    person     TEXT NOT NULL REFERENCES people (id),
    handle     BYTEA NOT NULL,
    public_key TEXT NOT NULL,
    uses       BIGINT NOT NULL,
    name       TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    used_ms    BIGINT
);
CREATE INDEX passkeys_by_person ON passkeys (person);

-- Who has a passkey needs neither a password nor an authenticator app.
CREATE TABLE accounts_anew (
    person     TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    password   TEXT,
    totp       TEXT,
    totp_step  BIGINT,
    recovery   TEXT NOT NULL,
    created_ms BIGINT NOT NULL,
    ended_ms   BIGINT
);
INSERT INTO accounts_anew (person, password, totp, totp_step, recovery, created_ms, ended_ms)
    SELECT person, password, totp, totp_step, recovery, created_ms, ended_ms FROM accounts;
DROP TABLE accounts;
ALTER TABLE accounts_anew RENAME TO accounts;
