-- What became of a file that was let through: NULL where nothing else was recorded than that it was, and so that the whole
-- file went out. Filled from the records, like the rest of the projection.
ALTER TABLE accesses ADD COLUMN delivery TEXT;
ALTER TABLE accesses ADD COLUMN given_bytes BIGINT;
ALTER TABLE accesses ADD COLUMN of_bytes BIGINT;
CREATE INDEX accesses_by_request ON accesses (request);
