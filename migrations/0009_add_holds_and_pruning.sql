-- Retention: months that are older than the company keeps them are pruned from the log, unless somebody holds them.

CREATE TABLE log_hold (
    id         uuid        NOT NULL,
    reason     text        NOT NULL,
    held_from  date        NOT NULL,
    review_on  date        NOT NULL,
    placed_at  timestamptz NOT NULL,
    placed_by  uuid        NOT NULL,
    lifted_at  timestamptz,
    lifted_by  uuid,
    CONSTRAINT log_hold_pkey PRIMARY KEY (id),
    CONSTRAINT log_hold_reason CHECK (reason IN ('LITIGATION', 'INVESTIGATION', 'REGULATOR', 'AUDIT', 'CONTRACT')),
    CONSTRAINT log_hold_review CHECK (review_on >= held_from),
    CONSTRAINT log_hold_lifted CHECK ((lifted_at IS NULL) = (lifted_by IS NULL))
);
COMMENT ON TABLE log_hold IS 'Legal holds: while one is not lifted, nothing is pruned from the log.';
COMMENT ON COLUMN log_hold.reason IS 'A code; what the matter is stands in the files of whoever placed it.';
COMMENT ON COLUMN log_hold.held_from IS 'Since which day there is a duty to keep.';
COMMENT ON COLUMN log_hold.review_on IS 'When somebody is to look whether it is still needed; it does not end by itself.';
CREATE INDEX log_hold_placed_idx ON log_hold (placed_at, id);

CREATE TABLE log_pruned (
    month     date   NOT NULL,
    first_idx bigint NOT NULL,
    next_idx  bigint NOT NULL,
    entry_id  uuid   NOT NULL,
    CONSTRAINT log_pruned_pkey PRIMARY KEY (next_idx),
    CONSTRAINT log_pruned_month_key UNIQUE (month),
    CONSTRAINT log_pruned_range CHECK (first_idx >= 0 AND next_idx > first_idx)
);
COMMENT ON TABLE log_pruned IS 'Months whose entries were pruned; the leaf of each entry_id says the same. The log''s lines begin at the greatest next_idx.';
COMMENT ON COLUMN log_pruned.entry_id IS 'The entry that told of it before it was done.';
SELECT make_append_only('log_pruned');

-- Keys stay when their entries go, so that an id is never given twice: they hold nothing that must be erasable. The tiles stay, so that every
-- proof can still be made.
CREATE FUNCTION prune_log_month(target date) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    name    text := 'log_entry_' || to_char(target, 'YYYY_MM');
    first   bigint;
    next    bigint;
    told    record;
    body    jsonb;
    head    record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('prune_log_month'));
    IF EXISTS (SELECT FROM log_pruned WHERE month = target) THEN
        RETURN false;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'log_entry'::regclass AND inhrelid = to_regclass(name)) THEN
        RAISE EXCEPTION 'the log has no month %', target;
    END IF;
    LOCK TABLE log_hold IN SHARE MODE; -- nobody places a hold until this has ended
    IF EXISTS (SELECT FROM log_hold WHERE lifted_at IS NULL) THEN
        RAISE EXCEPTION 'the log is under a legal hold' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT size, last_at, frozen INTO head FROM log_head WHERE id = 1;
    SELECT min(idx), max(idx) + 1 INTO first, next FROM log_entry WHERE month = target;
    IF first IS NULL OR first <> coalesce((SELECT max(next_idx) FROM log_pruned), 0) THEN
        RAISE EXCEPTION '% is not the oldest month of the log', target;
    END IF;
    IF head.frozen <> '' OR target >= date_trunc('month', head.last_at AT TIME ZONE 'UTC')::date OR next > head.size - head.size % 256 THEN
        RAISE EXCEPTION 'the month % is not complete, or the log is frozen', target;
    END IF;
    -- The entry that tells of it is in the log, is what its hash says, and is under a checkpoint.
    SELECT idx, entry_id, leaf INTO told FROM log_entry e WHERE e.type = 'retention.pruned' AND e.idx >= next
        AND e.leaf_hash = sha256('\x00'::bytea || e.leaf)
        AND convert_from(e.leaf, 'UTF8')::jsonb @> jsonb_build_object('type', 'retention.pruned', 'entry_id', e.entry_id::text, 'body',
            jsonb_build_object('month', to_char(target, 'YYYY-MM'), 'first_index', first::text, 'next_index', next::text))
        ORDER BY idx LIMIT 1;
    IF told IS NULL OR NOT EXISTS (SELECT FROM log_checkpoint WHERE size > told.idx AND size <= head.size) THEN
        RAISE EXCEPTION 'no published entry tells that the month % is to be pruned', target;
    END IF;
    DELETE FROM entry_detail d USING log_entry_key k WHERE k.month = target AND k.entry_id = d.entry_id;
    DELETE FROM entry_link l USING log_entry_key k WHERE k.month = target AND k.entry_id = l.entry_id;
    INSERT INTO log_pruned (month, first_idx, next_idx, entry_id) VALUES (target, first, next, told.entry_id);
    EXECUTE format('DROP TABLE %I', name);
    RETURN true;
END
$$;
COMMENT ON FUNCTION prune_log_month(date) IS 'Drops the oldest month of the log with what is kept beside its entries, once a published entry tells of it; false when it was done before.';
REVOKE ALL ON FUNCTION prune_log_month(date) FROM PUBLIC;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON log_hold TO onward_app;
        GRANT UPDATE (lifted_at, lifted_by) ON log_hold TO onward_app;
        GRANT SELECT ON log_pruned TO onward_app;
        GRANT EXECUTE ON FUNCTION prune_log_month(date) TO onward_app;
    END IF;
END
$$;
