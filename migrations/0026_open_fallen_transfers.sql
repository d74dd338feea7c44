-- A transfer whose mechanism falls is something to look at that very day, whether or not data is shared: each engagement for itself.

ALTER TABLE exceptions
    ADD COLUMN engagement_id uuid,
    ADD CONSTRAINT exceptions_engagement CHECK (engagement_id IS NULL OR kind = 'mechanism_fallen');
COMMENT ON COLUMN exceptions.engagement_id IS 'Of a mechanism that fell: whose transfer stood on it. Null of those opened before this was kept.';
COMMENT ON TABLE exceptions IS 'What legal must look at: each violation; for each engagement at most one open exception of a fallen mechanism; for each vendor at most one open of each other kind.';
DROP INDEX exceptions_vendor_key;
CREATE UNIQUE INDEX exceptions_vendor_key ON exceptions (kind, vendor_id, coalesce(engagement_id, '00000000-0000-0000-0000-000000000000'))
    WHERE closed_at IS NULL AND kind NOT IN ('violation', 'cookie_unknown');
CREATE INDEX exceptions_fallen_idx ON exceptions (engagement_id, opened_at) WHERE engagement_id IS NOT NULL;
