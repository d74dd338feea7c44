-- The audit log: one head, entries by month, completed tiles. Everything but the head and the counters is INSERT-only;
-- partial tiles are not stored, so no row of the tree is ever rewritten.

CREATE TABLE log_head (
    id       smallint    NOT NULL DEFAULT 1,
    origin   text        NOT NULL,
    size     bigint      NOT NULL,
    epoch    bigint      NOT NULL,
    root     bytea       NOT NULL,
    edge     bytea       NOT NULL,
    last_at  timestamptz NOT NULL,
    CONSTRAINT log_head_pkey PRIMARY KEY (id),
    CONSTRAINT log_head_single CHECK (id = 1),
    CONSTRAINT log_head_size CHECK (size >= 0 AND epoch >= 0),
    CONSTRAINT log_head_root CHECK (octet_length(root) = 32),
    CONSTRAINT log_head_edge CHECK (octet_length(edge) % 32 = 0)
) WITH (fillfactor = 50);
COMMENT ON TABLE log_head IS 'The one row that orders the log: locked FOR UPDATE by every append.';
COMMENT ON COLUMN log_head.origin IS 'The log''s name in every leaf and checkpoint; never changes.';
COMMENT ON COLUMN log_head.size IS 'Number of entries; the next entry takes this index.';
COMMENT ON COLUMN log_head.epoch IS 'Grows with every change of a fact that shares are judged by.';
COMMENT ON COLUMN log_head.root IS 'RFC 6962 root of the first size leaves.';
COMMENT ON COLUMN log_head.edge IS 'Hashes of the complete subtrees of size, largest first, 32 bytes each.';
COMMENT ON COLUMN log_head.last_at IS 'recorded_at of the newest entry; recorded_at never goes back.';

CREATE TABLE log_entry (
    month       date        NOT NULL,
    idx         bigint      NOT NULL,
    entry_id    uuid        NOT NULL,
    type        text        NOT NULL,
    recorded_at timestamptz NOT NULL,
    occurred_at timestamptz NOT NULL,
    actor_id    uuid        NOT NULL,
    vendor_id   uuid,
    vendor_seq  bigint,
    leaf_hash   bytea       NOT NULL,
    leaf        bytea       NOT NULL,
    CONSTRAINT log_entry_pkey PRIMARY KEY (idx, month),
    CONSTRAINT log_entry_leaf_hash CHECK (octet_length(leaf_hash) = 32),
    CONSTRAINT log_entry_leaf CHECK (octet_length(leaf) BETWEEN 2 AND 65535),
    CONSTRAINT log_entry_vendor CHECK ((vendor_id IS NULL) = (vendor_seq IS NULL))
) PARTITION BY RANGE (month);
ALTER TABLE log_entry ALTER COLUMN leaf SET STORAGE EXTERNAL;
COMMENT ON TABLE log_entry IS 'The entries. Columns beside leaf are read from it for searching; the leaf is the record.';
COMMENT ON COLUMN log_entry.month IS 'First day of the UTC month of recorded_at: the partition.';
COMMENT ON COLUMN log_entry.idx IS 'Place in the log, from 0, without gaps.';
COMMENT ON COLUMN log_entry.actor_id IS 'The key or user that acted.';
COMMENT ON COLUMN log_entry.vendor_seq IS 'Place among the entries about that vendor, from 1, without gaps.';
COMMENT ON COLUMN log_entry.leaf_hash IS 'SHA-256(0x00 || leaf), RFC 6962.';
COMMENT ON COLUMN log_entry.leaf IS 'RFC 8785 canonical JSON, byte for byte as hashed.';
CREATE INDEX log_entry_vendor_idx ON log_entry (vendor_id, idx) WHERE vendor_id IS NOT NULL;

CREATE TABLE log_entry_key (
    entry_id     uuid   NOT NULL,
    month        date   NOT NULL,
    idx          bigint NOT NULL,
    request_hash bytea  NOT NULL,
    CONSTRAINT log_entry_key_pkey PRIMARY KEY (entry_id),
    CONSTRAINT log_entry_key_request_hash CHECK (octet_length(request_hash) = 32)
);
COMMENT ON TABLE log_entry_key IS 'Makes an entry id unique across months, and tells a retry from another request.';
COMMENT ON COLUMN log_entry_key.request_hash IS 'SHA-256 of what was asked; the same id with another hash is a conflict.';

CREATE TABLE log_tile (
    level  smallint NOT NULL,
    n      bigint   NOT NULL,
    hashes bytea    NOT NULL,
    root   bytea    NOT NULL,
    CONSTRAINT log_tile_pkey PRIMARY KEY (level, n),
    CONSTRAINT log_tile_hashes CHECK (octet_length(hashes) = 8192),
    CONSTRAINT log_tile_root CHECK (octet_length(root) = 32)
);
ALTER TABLE log_tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
COMMENT ON TABLE log_tile IS 'Completed tiles of 256 hashes (C2SP tlog-tiles). The right edge is made from leaf_hash and root when asked for.';
COMMENT ON COLUMN log_tile.root IS 'Root of the tile: its hash in the tile above.';

CREATE TABLE log_vendor_seq (
    vendor_id uuid   NOT NULL,
    last_seq  bigint NOT NULL,
    CONSTRAINT log_vendor_seq_pkey PRIMARY KEY (vendor_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE log_vendor_seq IS 'Last vendor_seq given to each vendor; moved under the head''s lock.';

CREATE TABLE entry_detail (
    entry_id uuid  NOT NULL,
    salt     bytea NOT NULL,
    detail   text  NOT NULL,
    CONSTRAINT entry_detail_pkey PRIMARY KEY (entry_id),
    CONSTRAINT entry_detail_salt CHECK (octet_length(salt) = 32)
);
COMMENT ON TABLE entry_detail IS 'What an entry commits to but does not contain: may hold personal data, and can be erased without touching the log.';
COMMENT ON COLUMN entry_detail.detail IS 'RFC 8785 canonical JSON, byte for byte as committed to.';

CREATE TABLE entry_link (
    link     bytea NOT NULL,
    entry_id uuid  NOT NULL,
    CONSTRAINT entry_link_pkey PRIMARY KEY (link, entry_id),
    CONSTRAINT entry_link_link CHECK (octet_length(link) = 32)
);
COMMENT ON TABLE entry_link IS 'Keyed pseudonyms by which an entry can be found; erasable.';
COMMENT ON COLUMN entry_link.link IS 'HMAC-SHA-256 of a subject reference; never the reference.';

CREATE FUNCTION refuse_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
COMMENT ON FUNCTION refuse_change() IS 'Trigger of every append-only table.';

CREATE FUNCTION make_append_only(target regclass) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'refuse_row_change') THEN
        EXECUTE format('CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()', target);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'refuse_truncate') THEN
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', target);
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_row_change', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', target);
END
$$;
COMMENT ON FUNCTION make_append_only(regclass) IS 'Gives a table, or one partition, the triggers that refuse UPDATE, DELETE and TRUNCATE, also for replicas'' sessions.';
REVOKE ALL ON FUNCTION make_append_only(regclass) FROM PUBLIC;

SELECT make_append_only('log_entry');
SELECT make_append_only('log_entry_key');
SELECT make_append_only('log_tile');

CREATE FUNCTION add_log_month(day date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    first date := date_trunc('month', day)::date;
    name  text := 'log_entry_' || to_char(first, 'YYYY_MM');
BEGIN
    IF day < '1970-01-01' OR day > '9999-01-01' THEN
        RAISE EXCEPTION 'no log month for %', day;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('add_log_month'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF log_entry FOR VALUES FROM (%L) TO (%L)', name, first, (first + interval '1 month')::date);
    EXECUTE format('COMMENT ON TABLE %I IS %L', name, 'Entries recorded in ' || to_char(first, 'YYYY-MM') || '.');
    PERFORM make_append_only(name::regclass);
END
$$;
COMMENT ON FUNCTION add_log_month(date) IS 'Creates the partition of a month, append-only from the start; does nothing where it exists.';
REVOKE ALL ON FUNCTION add_log_month(date) FROM PUBLIC;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON log_head, log_entry, log_entry_key, log_tile, log_vendor_seq, entry_detail, entry_link TO onward_app;
        GRANT UPDATE (size, epoch, root, edge, last_at) ON log_head TO onward_app;
        GRANT UPDATE (last_seq) ON log_vendor_seq TO onward_app;
        GRANT DELETE ON entry_detail, entry_link TO onward_app;
        GRANT EXECUTE ON FUNCTION add_log_month(date) TO onward_app;
    END IF;
END
$$;
