-- Checkpoints: the signed sizes and roots of the log, what witnesses added to them, and why the log is frozen, if it is.

CREATE TABLE log_checkpoint (
    size      bigint      NOT NULL,
    root      bytea       NOT NULL,
    note      bytea       NOT NULL,
    signed_at timestamptz NOT NULL,
    CONSTRAINT log_checkpoint_pkey PRIMARY KEY (size),
    CONSTRAINT log_checkpoint_root CHECK (octet_length(root) = 32)
);
COMMENT ON TABLE log_checkpoint IS 'Published checkpoints (C2SP tlog-checkpoint), append-only; each is consistent with all before it.';
COMMENT ON COLUMN log_checkpoint.size IS 'Number of entries that it covers.';
COMMENT ON COLUMN log_checkpoint.note IS 'The signed note, byte for byte as published, without cosignatures.';
COMMENT ON COLUMN log_checkpoint.signed_at IS 'By the signer''s clock; proof of time comes from witnesses.';

CREATE TABLE log_cosignature (
    size        bigint      NOT NULL,
    key_name    text        NOT NULL,
    key_id      bigint      NOT NULL,
    cosigned_at timestamptz NOT NULL,
    line        text        NOT NULL,
    CONSTRAINT log_cosignature_pkey PRIMARY KEY (size, key_name, key_id, cosigned_at),
    CONSTRAINT log_cosignature_checkpoint_fkey FOREIGN KEY (size) REFERENCES log_checkpoint (size)
);
COMMENT ON TABLE log_cosignature IS 'Cosignatures of witnesses (C2SP tlog-cosignature), append-only; the newest of each key counts.';
COMMENT ON COLUMN log_cosignature.key_id IS 'The key''s 32-bit id, as in the signature line.';
COMMENT ON COLUMN log_cosignature.cosigned_at IS 'The witness''s time, which its signature covers.';
COMMENT ON COLUMN log_cosignature.line IS 'The signature line of the note, without its line break.';

SELECT make_append_only('log_checkpoint');
SELECT make_append_only('log_cosignature');

ALTER TABLE log_head ADD COLUMN frozen text NOT NULL DEFAULT '';
COMMENT ON COLUMN log_head.frozen IS 'Why nothing but an acknowledgement may be appended; empty when the log is open.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON log_checkpoint, log_cosignature TO onward_app;
        GRANT UPDATE (frozen) ON log_head TO onward_app;
    END IF;
END
$$;
