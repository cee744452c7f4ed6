-- Records of advisories as their feeds gave them, compressed (raw DEFLATE, RFC 1951), so that what was read outlives its
-- feed. The source is the feed's name in the settings.
CREATE TABLE advisories (
    source  TEXT NOT NULL,
    id      TEXT NOT NULL,
    read_ms BIGINT NOT NULL,
    record  BYTEA NOT NULL,
    PRIMARY KEY (source, id)
);
CREATE INDEX advisories_by_reading ON advisories (source, read_ms, id);

-- Which release, received by somebody here, was told of as malicious under which advisory: each is told once.
CREATE TABLE advisory_hits (
    advisory   TEXT NOT NULL,
    resource   TEXT NOT NULL,
    noticed_ms BIGINT NOT NULL,
    PRIMARY KEY (advisory, resource)
);
