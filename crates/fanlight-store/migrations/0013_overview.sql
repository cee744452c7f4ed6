-- What passed and what was stopped within a time, counted from the index alone.
CREATE INDEX accesses_by_outcome ON accesses (outcome, action, time_ms);
