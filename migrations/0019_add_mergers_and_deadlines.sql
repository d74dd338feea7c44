-- What vendors become and hold: mergers that can be undone, and who owned them when.

ALTER TABLE vendors
    ADD COLUMN merged_into_id uuid,
    ADD COLUMN merged_since   timestamptz,
    ADD CONSTRAINT vendors_merged_fkey FOREIGN KEY (merged_into_id) REFERENCES vendors (id),
    ADD CONSTRAINT vendors_merged_self CHECK (merged_into_id <> id),
    ADD CONSTRAINT vendors_merged CHECK ((merged_into_id IS NULL) = (merged_since IS NULL));
COMMENT ON COLUMN vendors.merged_into_id IS 'The vendor that it became a part of; the chain never closes a circle. The record keeps its name and id.';
COMMENT ON COLUMN vendors.merged_since IS 'Since when, in the world.';
CREATE INDEX vendors_merged_idx ON vendors (merged_into_id) WHERE merged_into_id IS NOT NULL;

-- Whoever was ever merged, for lists of the past.
CREATE INDEX record_version_merged_idx ON record_version (record_id) WHERE kind = 'vendor' AND '/merged_into_id' = ANY (changed);

ALTER TABLE vendors ADD COLUMN ownership jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN vendors.ownership IS 'Who owned how much of it on which days, and what shows it.';

-- Whoever was ever promised leads alone: by that, other vendors' shares are judged.
CREATE INDEX record_version_exclusive_idx ON record_version (record_id) WHERE kind = 'contract' AND body LIKE '%"exclusive":true%';

ALTER TABLE vendors
    ADD COLUMN review_on     date,
    ADD COLUMN review_months integer,
    ADD CONSTRAINT vendors_review_months CHECK (review_months > 0);
COMMENT ON COLUMN vendors.review_on IS 'The first day of review; the others are counted from it, every so many months.';
