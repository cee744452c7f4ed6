-- Lists of what may be many are read a part at a time, in their order.
CREATE INDEX people_in_order ON people (created_ms, id);
CREATE INDEX devices_in_order ON devices (created_ms, id);
CREATE INDEX apps_in_order ON apps (registered_ms, id);
CREATE INDEX caller_keys_in_order ON caller_keys (made_ms DESC, id);
