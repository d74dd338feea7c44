-- Who may call the API, and what legal must look at.

CREATE TABLE api_keys (
    id          uuid        NOT NULL,
    name        text        NOT NULL,
    role        text        NOT NULL,
    system      text        NOT NULL,
    secret_hash bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  uuid        NOT NULL,
    expires_at  timestamptz NOT NULL,
    revoked_at  timestamptz,
    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_secret_hash_key UNIQUE (secret_hash),
    CONSTRAINT api_keys_secret_hash CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT api_keys_role CHECK (role IN ('admin', 'legal', 'approver', 'auditor', 'service'))
);
COMMENT ON TABLE api_keys IS 'Keys for the API. The secret itself is shown once and not kept.';
COMMENT ON COLUMN api_keys.secret_hash IS 'SHA-256 of a secret of 256 random bits.';
COMMENT ON COLUMN api_keys.system IS 'For role service: the system whose shares the key records.';

CREATE TABLE exceptions (
    id        uuid        NOT NULL,
    kind      text        NOT NULL,
    entry_id  uuid        NOT NULL,
    vendor_id uuid        NOT NULL,
    reasons   text[]      NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    closed_by uuid,
    closed_because text   NOT NULL DEFAULT '',
    CONSTRAINT exceptions_pkey PRIMARY KEY (id),
    CONSTRAINT exceptions_entry_key UNIQUE (kind, entry_id),
    CONSTRAINT exceptions_kind CHECK (kind IN ('violation'))
);
COMMENT ON TABLE exceptions IS 'What legal must look at: a share that happened although a rule forbids it.';
COMMENT ON COLUMN exceptions.entry_id IS 'The entry in the log that tells of it.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON api_keys, exceptions TO onward_app;
        GRANT UPDATE (revoked_at) ON api_keys TO onward_app;
        GRANT UPDATE (closed_at, closed_by, closed_because) ON exceptions TO onward_app;
    END IF;
END
$$;
