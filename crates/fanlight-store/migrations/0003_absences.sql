-- Looks that found no project, for projects of which nothing else is kept.
CREATE TABLE absences (
    ecosystem TEXT NOT NULL,
    project   TEXT NOT NULL,
    upstream  TEXT NOT NULL,
    looked_ms BIGINT NOT NULL,
    PRIMARY KEY (ecosystem, project)
);
CREATE INDEX absences_by_age ON absences (looked_ms);
