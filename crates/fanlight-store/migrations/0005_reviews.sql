-- What people say of releases: the newest of each node about each release, as it was signed.
CREATE TABLE reviews (
    purl    TEXT NOT NULL,
    node    TEXT NOT NULL,
    own     BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    because TEXT NOT NULL,
    at_ms   BIGINT NOT NULL,
    note    TEXT NOT NULL,
    PRIMARY KEY (purl, node)
);
