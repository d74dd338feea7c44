-- Whoever finds the log frozen must learn since when: nothing that was done since is on record.

ALTER TABLE log_head ADD COLUMN frozen_at timestamptz;
COMMENT ON COLUMN log_head.frozen_at IS 'Since when it is frozen; absent while it is open.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT UPDATE (frozen_at) ON log_head TO onward_app;
    END IF;
END
$$;
