-- What the record of whom a key trusts is keyed with, and whose app it was when the key was made: with both the trust can be
-- forgotten when that person is erased, whoever has the app by then.
ALTER TABLE caller_keys ADD COLUMN trust_salt BYTEA;
ALTER TABLE caller_keys ADD COLUMN trust_owner TEXT;
UPDATE caller_keys SET trust_owner = (SELECT owner FROM apps WHERE apps.id = caller_keys.app) WHERE trust IS NOT NULL;
