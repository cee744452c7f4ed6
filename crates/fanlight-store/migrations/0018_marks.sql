-- What can be found in each 256 records of the present ledger, so that a search passes over the others: times from and to, and a
-- Bloom filter. Made from the records, like the rest of the projection.
CREATE TABLE record_marks (
    chunk    BIGINT NOT NULL PRIMARY KEY,
    first_ms BIGINT NOT NULL,
    last_ms  BIGINT NOT NULL,
    marks    BYTEA NOT NULL
);
