-- Whoever was told of a change is told when it is withdrawn, or when its day moves: by another notice, frozen and delivered as the first one was.

ALTER TABLE notices ADD COLUMN about text NOT NULL DEFAULT 'announced', ADD COLUMN follows_id uuid,
    ADD CONSTRAINT notices_follows_fkey FOREIGN KEY (follows_id) REFERENCES notices (id),
    ADD CONSTRAINT notices_about CHECK (about IN ('announced', 'moved', 'withdrawn')),
    ADD CONSTRAINT notices_follows CHECK ((about = 'announced') = (follows_id IS NULL));
COMMENT ON COLUMN notices.about IS 'announced: the changes are to come; moved: to come on a later day; withdrawn: they do not come.';
COMMENT ON COLUMN notices.follows_id IS 'The notice that announced the change, whose receivers this one is for.';
CREATE INDEX notices_follows_idx ON notices (follows_id) WHERE follows_id IS NOT NULL;

ALTER TABLE deliveries ADD COLUMN after_id uuid;
COMMENT ON COLUMN deliveries.after_id IS 'A delivery to the same receiver that was still queued: this one waits until that one has ended, so that nothing is taken back before it is said.';

ALTER TABLE changes ADD COLUMN moved_at timestamptz, ADD COLUMN moved_from date, ADD COLUMN moved_because text NOT NULL DEFAULT '',
    ADD CONSTRAINT changes_moved CHECK ((moved_at IS NULL) = (moved_from IS NULL) AND moved_from < effective_on);
COMMENT ON COLUMN changes.moved_at IS 'When its announced day moved last.';
COMMENT ON COLUMN changes.moved_from IS 'The day for which it was announced before that.';
