-- Calls that were made under a key of the caller's, so that one that comes again is not done again. `id` is derived from caller and
-- key; the answer is sealed under a key that only the caller's gives. No answer: the call is under way, or the node ended in it.
CREATE TABLE idempotency (
    id       BYTEA NOT NULL PRIMARY KEY,
    caller   TEXT NOT NULL,
    asked    TEXT,
    status   BIGINT,
    answer   BYTEA,
    begun_ms BIGINT NOT NULL
);
CREATE INDEX idempotency_by_caller ON idempotency (caller, begun_ms);
CREATE INDEX idempotency_by_time ON idempotency (begun_ms);

-- Lists are read a page at a time in these orders.
CREATE INDEX people_by_time ON people (created_ms, id);
CREATE INDEX devices_by_time ON devices (created_ms, id);
CREATE INDEX requests_by_time ON requests (asked_ms, id);
