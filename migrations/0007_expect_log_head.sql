-- Whoever wrote the last entries knows the head without reading it: this lets him append in one round trip, and refuses when he was wrong.

CREATE FUNCTION expect_log_head(expected bigint) RETURNS void
    LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM log_head WHERE id = 1 AND size = expected AND frozen = '' FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the log has not % entries, or is frozen', expected USING ERRCODE = 'OL001';
    END IF;
END
$$;
COMMENT ON FUNCTION expect_log_head(bigint) IS 'Locks the head until the transaction''s end if it has that size and is open; else fails with SQLSTATE OL001.';
REVOKE ALL ON FUNCTION expect_log_head(bigint) FROM PUBLIC;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT EXECUTE ON FUNCTION expect_log_head(bigint) TO onward_app;
    END IF;
END
$$;
