-- An import changes many records, one after the other, and its list is one release: while one is at work, no instance makes a release of what stands
-- in between.

CREATE TABLE release_holds (
    id        uuid        NOT NULL,
    begun_at  timestamptz NOT NULL,
    ends_at   timestamptz NOT NULL,
    CONSTRAINT release_holds_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE release_holds IS 'Who is at work on what becomes one release: until each of them has ended, the newest release stays the list.';
COMMENT ON COLUMN release_holds.begun_at IS 'By the clock of the database, as ends_at is.';
COMMENT ON COLUMN release_holds.ends_at IS 'When it ends by itself, unless whoever holds it lives and moves it on: one that died holds nothing for long.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON release_holds TO onward_app;
    END IF;
END
$$;
