-- What people chose, and what was learned of them, in tables outside the log that can be erased; and a count that tells choices from
-- changes of what vendors are judged by.

CREATE TABLE choices (
    entry_id    uuid        NOT NULL,
    lookup      bytea       NOT NULL,
    salt        bytea       NOT NULL,
    purpose     text        NOT NULL,
    state       text        NOT NULL,
    at          timestamptz NOT NULL,
    channel     text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT choices_pkey PRIMARY KEY (entry_id),
    CONSTRAINT choices_lookup CHECK (octet_length(lookup) = 32),
    CONSTRAINT choices_salt CHECK (octet_length(salt) = 32),
    CONSTRAINT choices_state CHECK (state IN ('opted_out', 'consented', 'withdrawn'))
);
COMMENT ON TABLE choices IS 'Opt-outs and consents of people, each by an entry choice.recorded that names nobody. Erasable.';
COMMENT ON COLUMN choices.lookup IS 'HMAC-SHA-256 of the person''s reference, under a key that is not in the database.';
COMMENT ON COLUMN choices.salt IS 'Opens what the entry''s detail commits to about the person; gone with the row.';
COMMENT ON COLUMN choices.purpose IS 'Code of a purpose, or all: every purpose that can be opted out of.';
COMMENT ON COLUMN choices.at IS 'When the person chose; a share at that instant or later is bound by it.';
CREATE INDEX choices_lookup_idx ON choices (lookup, purpose, at DESC);

CREATE TABLE person_flags (
    entry_id uuid        NOT NULL,
    lookup   bytea       NOT NULL,
    kind     text        NOT NULL,
    at       timestamptz NOT NULL,
    until    timestamptz,
    CONSTRAINT person_flags_pkey PRIMARY KEY (entry_id),
    CONSTRAINT person_flags_lookup CHECK (octet_length(lookup) = 32),
    CONSTRAINT person_flags_kind CHECK (kind IN ('child', 'restricted'))
);
COMMENT ON TABLE person_flags IS 'People of whom it was learned that they are under 13, or whose data must rest (Article 18 GDPR). Erasable.';
COMMENT ON COLUMN person_flags.at IS 'Since when; a share at that instant or later is bound by it.';
COMMENT ON COLUMN person_flags.until IS 'First instant after it; null: without end.';
CREATE INDEX person_flags_lookup_idx ON person_flags (lookup, kind);

CREATE TABLE aside_changes (
    id    smallint NOT NULL DEFAULT 1,
    moves bigint   NOT NULL,
    CONSTRAINT aside_changes_pkey PRIMARY KEY (id),
    CONSTRAINT aside_changes_single CHECK (id = 1)
);
COMMENT ON TABLE aside_changes IS 'One row, changed under the lock of log_head only.';
COMMENT ON COLUMN aside_changes.moves IS 'How many of the log''s epochs were moved by changes that touch nothing a vendor is judged by: epoch - moves counts the others.';
INSERT INTO aside_changes (moves) VALUES (0);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, DELETE ON choices, person_flags TO onward_app;
        GRANT SELECT ON aside_changes TO onward_app;
        GRANT UPDATE (moves) ON aside_changes TO onward_app;
    END IF;
END
$$;
