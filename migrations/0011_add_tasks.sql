-- What somebody must do by when, and exceptions of more kinds, which can be closed.

CREATE TABLE tasks (
    id             uuid        NOT NULL,
    kind           text        NOT NULL,
    vendor_id      uuid        NOT NULL,
    record_kind    text        NOT NULL,
    record_id      uuid        NOT NULL,
    lookup         bytea,
    purpose        text        NOT NULL,
    categories     text[]      NOT NULL,
    deal           text        NOT NULL,
    due_at         timestamptz NOT NULL,
    opened_at      timestamptz NOT NULL,
    sent_at        timestamptz,
    closed_at      timestamptz,
    closed_by      uuid,
    outcome        text        NOT NULL DEFAULT '',
    closed_because text        NOT NULL DEFAULT '',
    CONSTRAINT tasks_pkey PRIMARY KEY (id),
    CONSTRAINT tasks_lookup CHECK (octet_length(lookup) = 32),
    CONSTRAINT tasks_closed CHECK ((closed_at IS NULL) = (outcome = ''))
);
COMMENT ON TABLE tasks IS 'What must be done. A task that follows from the registry alone is worked out when it is asked for, and stored when it is closed, so that it does not come back.';
COMMENT ON COLUMN tasks.id IS 'Made of the kind, the record and the fact that caused the task: the same cause makes no second one.';
COMMENT ON COLUMN tasks.record_id IS 'The contract, location, vendor or entry that the task is about.';
COMMENT ON COLUMN tasks.lookup IS 'The person, so that nobody is told twice; emptied when the person is erased.';
COMMENT ON COLUMN tasks.sent_at IS 'When the recipient was told.';
CREATE INDEX tasks_open_idx ON tasks (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX tasks_closed_idx ON tasks (due_at, id) WHERE closed_at IS NOT NULL;
CREATE INDEX tasks_vendor_idx ON tasks (vendor_id, due_at);
CREATE INDEX tasks_lookup_idx ON tasks (lookup) WHERE lookup IS NOT NULL;

ALTER TABLE exceptions DROP CONSTRAINT exceptions_kind,
    ADD CONSTRAINT exceptions_kind CHECK (kind IN ('violation', 'late_discovery', 'vendor_not_approved', 'mechanism_fallen'));
CREATE UNIQUE INDEX exceptions_vendor_key ON exceptions (kind, vendor_id) WHERE closed_at IS NULL AND kind <> 'violation';
CREATE INDEX exceptions_open_idx ON exceptions (opened_at DESC, id DESC) WHERE closed_at IS NULL;
CREATE INDEX exceptions_entry_idx ON exceptions (entry_id);
COMMENT ON TABLE exceptions IS 'What legal must look at: each violation, and for each vendor at most one open exception of each other kind.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON tasks TO onward_app;
        GRANT UPDATE (lookup, sent_at, closed_at, closed_by, outcome, closed_because) ON tasks TO onward_app;
    END IF;
END
$$;
