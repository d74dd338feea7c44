-- What makes an entry findable can be erased for one person alone, and a share can be corrected: neither touches the log.

CREATE TABLE entry_lookup (
    lookup bytea NOT NULL,
    link   bytea NOT NULL,
    CONSTRAINT entry_lookup_pkey PRIMARY KEY (lookup),
    CONSTRAINT entry_lookup_link_key UNIQUE (link),
    CONSTRAINT entry_lookup_lookup CHECK (octet_length(lookup) = 32),
    CONSTRAINT entry_lookup_link CHECK (octet_length(link) = 32)
);
COMMENT ON TABLE entry_lookup IS 'What links stand for: once a row is gone, nothing leads from its lookup to an entry. Erasable.';
COMMENT ON COLUMN entry_lookup.lookup IS 'HMAC-SHA-256 of what the link stands for, under a key that is not in the database.';
COMMENT ON COLUMN entry_lookup.link IS '256 random bits, drawn when the lookup was first seen, and anew after it was erased.';

-- Links were the lookups themselves; they become random, and get salts. Those of older entries open nothing.
INSERT INTO entry_lookup (lookup, link)
    SELECT l.link, sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())) FROM (SELECT DISTINCT link FROM entry_link) l;
UPDATE entry_link l SET link = k.link FROM entry_lookup k WHERE k.lookup = l.link;
ALTER TABLE entry_link ADD COLUMN salt bytea;
UPDATE entry_link SET salt = sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()));
ALTER TABLE entry_link ALTER COLUMN salt SET NOT NULL, ADD CONSTRAINT entry_link_salt CHECK (octet_length(salt) = 32);
CREATE INDEX entry_link_entry_idx ON entry_link (entry_id);
COMMENT ON TABLE entry_link IS 'Under which links an entry can be found; erasable one by one.';
COMMENT ON COLUMN entry_link.link IS 'The random value of entry_lookup; alone it leads nowhere.';
COMMENT ON COLUMN entry_link.salt IS 'Opens what the entry''s detail commits to about this link; gone with the row.';

CREATE TABLE share_correction (
    share_id  uuid   NOT NULL,
    number    bigint NOT NULL,
    share_idx bigint NOT NULL,
    entry_id  uuid   NOT NULL,
    idx       bigint NOT NULL,
    CONSTRAINT share_correction_pkey PRIMARY KEY (share_id, number),
    CONSTRAINT share_correction_entry_key UNIQUE (entry_id),
    CONSTRAINT share_correction_number CHECK (number >= 1)
);
COMMENT ON TABLE share_correction IS 'Which entries correct which share, append-only; the last one counts. The leaves of the entries say the same.';
COMMENT ON COLUMN share_correction.number IS 'Counts the corrections of the share from 1: two that were made of the same state cannot both stand.';
COMMENT ON COLUMN share_correction.share_idx IS 'Index of the share''s entry, so that a report finds the corrections of a range of entries.';
COMMENT ON COLUMN share_correction.idx IS 'Index of the correcting entry.';
CREATE INDEX share_correction_share_idx ON share_correction (share_idx, number);
SELECT make_append_only('share_correction');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, DELETE ON entry_lookup TO onward_app;
        GRANT SELECT, INSERT ON share_correction TO onward_app;
    END IF;
END
$$;
