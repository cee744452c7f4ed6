-- Who somebody is at a provider at which people log in. The subject is kept as SHA-256 of issuer and subject; `in_groups` are those
-- that the provider said last, with spaces between them.
CREATE TABLE provider_people (
    subject_sha256 BYTEA NOT NULL PRIMARY KEY,
    provider       TEXT NOT NULL,
    person         TEXT NOT NULL REFERENCES people (id),
    in_groups      TEXT NOT NULL,
    created_ms     BIGINT NOT NULL
);
CREATE INDEX provider_people_by_person ON provider_people (person);
