-- What a planned change does to the list in words, and why it could not take effect.

ALTER TABLE changes ADD COLUMN differences jsonb NOT NULL DEFAULT '[]', ADD COLUMN problem text NOT NULL DEFAULT '',
    ADD COLUMN products text[] NOT NULL DEFAULT '{}', ADD COLUMN regions text[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN changes.differences IS 'What becomes of which line of the list: as it was worked out when the change was proposed, approved or took effect last.';
COMMENT ON COLUMN changes.problem IS 'Why it could not take effect on its day; empty when nothing stands against it.';
COMMENT ON COLUMN changes.products IS 'Products of the lines that it touches; none: all.';
COMMENT ON COLUMN changes.regions IS 'Regions that they serve; none: all.';
CREATE INDEX changes_created_idx ON changes (created_at DESC, id DESC);
