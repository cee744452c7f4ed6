-- The company's policies over time. A set is names and texts under its digest; each text is kept once, by its SHA-256.
CREATE TABLE policy_texts (
    sha256 TEXT NOT NULL PRIMARY KEY,
    text   TEXT NOT NULL,
    bytes  BIGINT NOT NULL
);
CREATE TABLE policy_sets (
    digest TEXT NOT NULL,
    name   TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    PRIMARY KEY (digest, name)
);

-- Every set that came into force, by number. Without `person` it came by the folder.
CREATE TABLE policy_versions (
    version  BIGINT NOT NULL PRIMARY KEY,
    since_ms BIGINT NOT NULL,
    digest   TEXT NOT NULL,
    files    BIGINT NOT NULL,
    person   TEXT,
    approver TEXT,
    because  TEXT,
    proposal TEXT
);

-- Sets that people propose to put in force. `base` is the version they were made on, `restores` one that they bring back.
CREATE TABLE policy_proposals (
    id          TEXT NOT NULL PRIMARY KEY,
    base        BIGINT NOT NULL,
    restores    BIGINT,
    digest      TEXT NOT NULL,
    files       BIGINT NOT NULL,
    person      TEXT NOT NULL,
    because     TEXT NOT NULL,
    proposed_ms BIGINT NOT NULL,
    state       TEXT NOT NULL,
    answered_ms BIGINT,
    answered_by TEXT,
    answer      TEXT,
    version     BIGINT
);
CREATE INDEX policy_proposals_by_state ON policy_proposals (state, proposed_ms);

-- When people logged in last: sessions are forgotten once they are over.
CREATE TABLE last_logins (
    person TEXT NOT NULL PRIMARY KEY REFERENCES people (id),
    at_ms  BIGINT NOT NULL
);
INSERT INTO last_logins SELECT person, MAX(begun_ms) FROM sessions GROUP BY person;

-- Who is told of a proposal waits in the same queue as who is told of a request.
CREATE TABLE tellings_of_both (
    id       TEXT NOT NULL PRIMARY KEY,
    subject  TEXT NOT NULL,
    about    TEXT NOT NULL,
    way      TEXT NOT NULL,
    since_ms BIGINT NOT NULL,
    due_ms   BIGINT NOT NULL,
    tries    BIGINT NOT NULL
);
INSERT INTO tellings_of_both SELECT id, request, about, way, since_ms, due_ms, tries FROM tellings;
DROP TABLE tellings;
ALTER TABLE tellings_of_both RENAME TO tellings;
CREATE INDEX tellings_by_time ON tellings (way, due_ms);
