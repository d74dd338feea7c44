-- By what vendors receive data in the United States, and what cookies they set.

ALTER TABLE vendors ADD COLUMN dpf jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN vendors.dpf IS 'What the list of the EU-US Data Privacy Framework said of it on which days.';

ALTER TABLE engagements ADD COLUMN cookies jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN engagements.cookies IS 'The inventory of the cookies that the vendor sets: name, purpose, lifetime.';

ALTER TABLE exceptions
    ADD COLUMN about text NOT NULL DEFAULT '',
    ALTER COLUMN vendor_id DROP NOT NULL,
    DROP CONSTRAINT exceptions_kind,
    ADD CONSTRAINT exceptions_kind CHECK (kind IN ('violation', 'late_discovery', 'vendor_not_approved', 'mechanism_fallen', 'cookie_unknown')),
    ADD CONSTRAINT exceptions_vendor CHECK (vendor_id IS NOT NULL OR kind = 'cookie_unknown'),
    ADD CONSTRAINT exceptions_about CHECK ((about <> '') = (kind = 'cookie_unknown'));
COMMENT ON COLUMN exceptions.about IS 'The name of the cookie that it is about.';
COMMENT ON COLUMN exceptions.vendor_id IS 'Unknown of a cookie of which nobody says whose it is.';
DROP INDEX exceptions_vendor_key;
CREATE UNIQUE INDEX exceptions_vendor_key ON exceptions (kind, vendor_id) WHERE closed_at IS NULL AND kind NOT IN ('violation', 'cookie_unknown');
CREATE UNIQUE INDEX exceptions_cookie_key ON exceptions (coalesce(vendor_id, '00000000-0000-0000-0000-000000000000'), about)
    WHERE closed_at IS NULL AND kind = 'cookie_unknown';
