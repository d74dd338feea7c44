-- Whoever approves an engagement approves where it happens and under which contracts (P-18). What was seen is kept, so that an approval stops counting
-- when that became looser; then the same person may approve the same version anew.

ALTER TABLE approvals
    ADD COLUMN seen        jsonb,
    ADD COLUMN seen_sha256 text NOT NULL DEFAULT '',
    DROP CONSTRAINT approvals_once,
    ADD CONSTRAINT approvals_once UNIQUE (engagement_id, engagement_version, approved_by, seen_sha256),
    ADD CONSTRAINT approvals_seen CHECK ((seen IS NULL) = (seen_sha256 = ''));
COMMENT ON COLUMN approvals.seen IS 'Kind, id and version of the locations and contracts as they stood. Null of approvals from before this was kept: those saw what was on record by then.';
COMMENT ON COLUMN approvals.seen_sha256 IS 'Of the list as canonical JSON; the entry says it too.';
