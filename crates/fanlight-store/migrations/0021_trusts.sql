-- What shows who is calling in place of a secret: a token of a trusted issuer about a subject, or a client certificate, by its
-- SHA-256 or by a name in it. `trust_claims` are further claims and their values, as JSON. Such a key has 32 zero bytes as its
-- secret's digest, which no secret has.
ALTER TABLE caller_keys ADD COLUMN trust TEXT;
ALTER TABLE caller_keys ADD COLUMN trust_issuer TEXT;
ALTER TABLE caller_keys ADD COLUMN trust_subject TEXT;
ALTER TABLE caller_keys ADD COLUMN trust_claims TEXT;
CREATE INDEX caller_keys_by_trust ON caller_keys (trust_subject);
