-- Requests of persons, and by when each must be answered (P-30; Article 12(3) GDPR).

CREATE TABLE subject_requests (
    id               uuid        NOT NULL,
    kind             text        NOT NULL,
    lookup           bytea,
    channel          text        NOT NULL,
    received_at      timestamptz NOT NULL,
    zone             text        NOT NULL,
    calendar         text        NOT NULL,
    received_on      date        NOT NULL,
    due_on           date        NOT NULL,
    due_at           timestamptz NOT NULL,
    recorded_at      timestamptz NOT NULL,
    extension_id     uuid,
    extended_at      timestamptz,
    extended_because text        NOT NULL DEFAULT '',
    closing_id       uuid,
    closed_at        timestamptz,
    closed_by        uuid,
    outcome          text        NOT NULL DEFAULT '',
    closed_because   text        NOT NULL DEFAULT '',
    CONSTRAINT subject_requests_pkey PRIMARY KEY (id),
    CONSTRAINT subject_requests_kind CHECK (kind IN ('access', 'erasure', 'correction', 'restriction', 'objection', 'portability')),
    CONSTRAINT subject_requests_lookup CHECK (octet_length(lookup) = 32),
    CONSTRAINT subject_requests_due CHECK (received_on < due_on),
    CONSTRAINT subject_requests_extended CHECK ((extended_at IS NULL) = (extension_id IS NULL)),
    CONSTRAINT subject_requests_outcome CHECK (outcome IN ('', 'answered', 'refused')),
    CONSTRAINT subject_requests_closed CHECK ((closed_at IS NULL) = (outcome = '') AND (closed_at IS NULL) = (closing_id IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL))
);
COMMENT ON TABLE subject_requests IS 'What persons ask of us about their data. Each step is an entry that names nobody.';
COMMENT ON COLUMN subject_requests.id IS 'And of the entry request.received.';
COMMENT ON COLUMN subject_requests.lookup IS 'The person; emptied, with what was written freely, when the person is erased.';
COMMENT ON COLUMN subject_requests.zone IS 'Whose days are counted.';
COMMENT ON COLUMN subject_requests.calendar IS 'Whose holidays are no working days; empty: weekends only.';
COMMENT ON COLUMN subject_requests.received_on IS 'Day of received_at in the zone.';
COMMENT ON COLUMN subject_requests.due_on IS 'Last day on which it may be answered, the extension counted in.';
COMMENT ON COLUMN subject_requests.due_at IS 'First instant after it.';
COMMENT ON COLUMN subject_requests.extension_id IS 'The entry request.extended.';
COMMENT ON COLUMN subject_requests.closing_id IS 'The entry request.closed.';
CREATE INDEX subject_requests_open_idx ON subject_requests (due_at, id) WHERE closed_at IS NULL;
CREATE INDEX subject_requests_due_idx ON subject_requests (due_at, id);
CREATE INDEX subject_requests_lookup_idx ON subject_requests (lookup) WHERE lookup IS NOT NULL;

-- A task can be about a request, which is about no vendor.
ALTER TABLE tasks
    ALTER COLUMN vendor_id DROP NOT NULL,
    ADD CONSTRAINT tasks_vendor CHECK (vendor_id IS NOT NULL OR record_kind = 'request');
COMMENT ON COLUMN tasks.vendor_id IS 'Unknown of a task about a request of a person.';
COMMENT ON COLUMN tasks.record_id IS 'The contract, location, vendor, entry or request that the task is about.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON subject_requests TO onward_app;
        GRANT UPDATE (lookup, due_on, due_at, extension_id, extended_at, extended_because, closing_id, closed_at, closed_by, outcome, closed_because)
            ON subject_requests TO onward_app;
    END IF;
END
$$;
