-- What the scan found in files, by their content. A row is replaced when the rules have changed.
CREATE TABLE scans (
    digest     TEXT NOT NULL PRIMARY KEY,
    rules      TEXT NOT NULL,
    file       TEXT NOT NULL,
    grade      TEXT NOT NULL,
    words      TEXT NOT NULL,
    report     TEXT NOT NULL,
    scanned_ms BIGINT NOT NULL
);
CREATE INDEX scans_by_age ON scans (scanned_ms);
