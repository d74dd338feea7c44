-- A release of the public list is written once: with what it changed in the list before it, so that the list's history is read without the lists
-- themselves.

ALTER TABLE releases ADD COLUMN lines integer NOT NULL, ADD COLUMN differences jsonb NOT NULL;
COMMENT ON COLUMN releases.number IS 'Counts from 1 without a gap.';
COMMENT ON COLUMN releases.entry_id IS 'The entry list.released of the log, whose body names number, SHA-256 and the SHA-256 before.';
COMMENT ON COLUMN releases.changes IS 'Changes that took effect since the release before.';
COMMENT ON COLUMN releases.lines IS 'How many lines the list has.';
COMMENT ON COLUMN releases.differences IS 'Lines that were added, removed or changed since the release before, field by field; empty for the first.';
CREATE INDEX releases_released_idx ON releases (released_at);

SELECT make_append_only('releases');
