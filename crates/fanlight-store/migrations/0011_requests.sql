-- What people asked for that is stopped. `person` and `answered_by` are pseudonyms; `evidence` is JSON: how it was judged then.
CREATE TABLE requests (
    id          TEXT NOT NULL PRIMARY KEY,
    thing       TEXT NOT NULL,
    person      TEXT NOT NULL,
    device      TEXT,
    because     TEXT NOT NULL,
    asked_ms    BIGINT NOT NULL,
    until_ms    BIGINT,
    evidence    TEXT NOT NULL,
    state       TEXT NOT NULL,
    answered_ms BIGINT,
    answered_by TEXT,
    answer      TEXT,
    exception   TEXT,
    seen_ms     BIGINT
);
-- Of one person one request for a thing waits at a time.
CREATE UNIQUE INDEX requests_that_wait ON requests (thing, person) WHERE state = 'waiting';
CREATE INDEX requests_by_person ON requests (person, asked_ms);
CREATE INDEX requests_by_state ON requests (state, asked_ms);

-- Who is still to be told of a request, and by which way. Who that is, and in which words, is worked out when it is sent.
CREATE TABLE tellings (
    id         TEXT NOT NULL PRIMARY KEY,
    request    TEXT NOT NULL REFERENCES requests (id),
    about      TEXT NOT NULL,
    way        TEXT NOT NULL,
    since_ms   BIGINT NOT NULL,
    due_ms     BIGINT NOT NULL,
    tries      BIGINT NOT NULL
);
CREATE INDEX tellings_by_time ON tellings (way, due_ms);
