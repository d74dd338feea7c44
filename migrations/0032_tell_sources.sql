-- Data that a vendor gave us and that was passed on, while that vendor is not active, is something to look at.

ALTER TABLE exceptions
    DROP CONSTRAINT exceptions_kind,
    ADD CONSTRAINT exceptions_kind
        CHECK (kind IN ('violation', 'late_discovery', 'vendor_not_approved', 'mechanism_fallen', 'cookie_unknown', 'source_not_active'));
COMMENT ON COLUMN exceptions.vendor_id IS 'Unknown of a cookie of which nobody says whose it is. Of a source that is not active: whoever answers for its data.';
