-- By what the clocks of publishing run: holidays, and the periods of customers whose contracts name none; and that a customer has one objection
-- to a change at a time.

CREATE TABLE calendars (
    name       text        NOT NULL,
    version    bigint      NOT NULL,
    updated_at timestamptz NOT NULL,
    starts_on  date        NOT NULL,
    ends_on    date        NOT NULL,
    dates      jsonb       NOT NULL,
    CONSTRAINT calendars_pkey PRIMARY KEY (name),
    CONSTRAINT calendars_interval CHECK (starts_on <= ends_on)
);
COMMENT ON TABLE calendars IS 'Holidays that are no business days.';
COMMENT ON COLUMN calendars.starts_on IS 'First day of which it is known whether it is a holiday.';
COMMENT ON COLUMN calendars.ends_on IS 'Last such day.';
COMMENT ON COLUMN calendars.dates IS 'The holidays, in order.';

CREATE TABLE publishing_settings (
    id         smallint    NOT NULL,
    version    bigint      NOT NULL,
    updated_at timestamptz NOT NULL,
    body       jsonb       NOT NULL,
    CONSTRAINT publishing_settings_pkey PRIMARY KEY (id),
    CONSTRAINT publishing_settings_one CHECK (id = 1)
);
COMMENT ON TABLE publishing_settings IS 'Default clocks, zone, language, products and regions; no row while nobody has set any.';

ALTER TABLE record_version DROP CONSTRAINT record_version_kind, DROP CONSTRAINT record_version_vendor,
    ADD CONSTRAINT record_version_kind CHECK (kind IN ('vendor', 'engagement', 'location', 'contract', 'policy', 'customer', 'change', 'objection',
        'setting', 'calendar')),
    ADD CONSTRAINT record_version_vendor CHECK ((kind IN ('policy', 'customer', 'setting', 'calendar')) = (vendor_id IS NULL));

ALTER TABLE customers ADD COLUMN search text NOT NULL DEFAULT '';
COMMENT ON COLUMN customers.search IS 'Name and contract, folded, for text search.';

ALTER TABLE objections ADD COLUMN updated_at timestamptz NOT NULL;
COMMENT ON COLUMN objections.ground IS 'The customer''s own words.';
COMMENT ON COLUMN objections.decision IS 'Why it was decided as its state says.';
COMMENT ON COLUMN objections.outcome IS 'What follows for the customer.';
CREATE UNIQUE INDEX objections_standing_key ON objections (change_id, customer_id) WHERE state IN ('open', 'upheld');
CREATE INDEX objections_received_idx ON objections (received_at, id);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, UPDATE ON calendars, publishing_settings TO onward_app;
    END IF;
END
$$;
