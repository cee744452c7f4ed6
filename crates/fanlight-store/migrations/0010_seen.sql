-- Who has seen to a release that is malicious and was received here, when, and what they say they did. `seen_by` is a pseudonym.
ALTER TABLE advisory_hits ADD COLUMN seen_ms BIGINT;
ALTER TABLE advisory_hits ADD COLUMN seen_by TEXT;
ALTER TABLE advisory_hits ADD COLUMN seen_because TEXT;
