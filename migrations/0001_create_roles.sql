-- as: login
-- Roles: the schema belongs to onward_owner, which nobody logs in as; the program works as onward_app, which may do only
-- what it is granted. That is how the database itself keeps the log append-only. Roles belong to the whole server, so
-- they may exist already. On a managed server whose login may not create roles everything belongs to the login instead,
-- and `onward doctor` says which protection is missing.
DO $roles$
DECLARE
    role text;
    separate boolean;
BEGIN
    FOREACH role IN ARRAY ARRAY['onward_owner', 'onward_app'] LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
            CONTINUE;
        END IF;
        BEGIN
            EXECUTE format('CREATE ROLE %I NOLOGIN', role);
        EXCEPTION
            WHEN duplicate_object OR unique_violation THEN
                NULL; -- another database on this server was migrated at the same moment
            WHEN insufficient_privilege THEN
                RAISE NOTICE 'this login may not create the role %: working with a single role', role;
        END;
    END LOOP;

    SELECT count(*) = 2 INTO separate FROM pg_roles WHERE rolname IN ('onward_owner', 'onward_app');
    IF separate AND NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        BEGIN
            -- The login must be able to act as both: as the owner to migrate, as the program to work.
            EXECUTE format('GRANT onward_owner TO %I', current_user);
            IF current_user <> 'onward_app' THEN
                EXECUTE format('GRANT onward_app TO %I', current_user);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            separate := pg_has_role('onward_owner', 'MEMBER');
            IF NOT separate THEN
                RAISE NOTICE 'this login may not act as onward_owner: working with a single role';
            END IF;
        END;
    END IF;

    IF separate THEN
        REVOKE CREATE ON SCHEMA public FROM PUBLIC;
        GRANT CREATE, USAGE ON SCHEMA public TO onward_owner;
        GRANT USAGE ON SCHEMA public TO onward_app;
        ALTER TABLE schema_migrations OWNER TO onward_owner;
        GRANT SELECT ON schema_migrations TO onward_app;
    END IF;
END
$roles$;
