-- The people who work here: who they are, how they sign in, and until when they stay signed in. What they do is in the log under their id, and
-- their name and address are only here.

CREATE TABLE app_users (
    id            uuid        NOT NULL,
    version       bigint      NOT NULL,
    name          text        NOT NULL,
    email         text        NOT NULL,
    role          text        NOT NULL,
    disabled      boolean     NOT NULL,
    created_at    timestamptz NOT NULL,
    created_by    uuid        NOT NULL,
    updated_at    timestamptz NOT NULL,
    signed_in_at  timestamptz,
    sessions_from timestamptz NOT NULL,
    CONSTRAINT app_users_pkey PRIMARY KEY (id),
    CONSTRAINT app_users_role CHECK (role IN ('admin', 'legal', 'approver', 'auditor'))
);
CREATE UNIQUE INDEX app_users_email_key ON app_users (lower(email));
COMMENT ON TABLE app_users IS 'People who may sign in to the workspace. None is ever deleted: entries of the log name them by id.';
COMMENT ON COLUMN app_users.email IS 'By which a sign-in link is asked for; it does not change.';
COMMENT ON COLUMN app_users.disabled IS 'Whether signing in and all that needs it is refused.';
COMMENT ON COLUMN app_users.signed_in_at IS 'When the user signed in last.';
COMMENT ON COLUMN app_users.sessions_from IS 'Sessions that began before are over: the user was disabled then.';

CREATE TABLE sign_in_links (
    secret_hash bytea       NOT NULL,
    user_id     uuid        NOT NULL,
    created_at  timestamptz NOT NULL,
    created_by  uuid        NOT NULL,
    expires_at  timestamptz NOT NULL,
    CONSTRAINT sign_in_links_pkey PRIMARY KEY (secret_hash),
    CONSTRAINT sign_in_links_secret_hash CHECK (octet_length(secret_hash) = 32),
    CONSTRAINT sign_in_links_user_key UNIQUE (user_id),
    CONSTRAINT sign_in_links_user_fkey FOREIGN KEY (user_id) REFERENCES app_users (id)
);
COMMENT ON TABLE sign_in_links IS 'Links that were made and not used: each signs its user in once. A user has one at most.';
COMMENT ON COLUMN sign_in_links.secret_hash IS 'SHA-256 of a secret of 256 random bits, which is not kept.';

CREATE TABLE untold_visits (
    id          uuid        NOT NULL,
    verb        text        NOT NULL,
    user_id     uuid        NOT NULL,
    role        text        NOT NULL,
    visit_id    uuid        NOT NULL,
    link_by     uuid,
    occurred_at timestamptz NOT NULL,
    CONSTRAINT untold_visits_pkey PRIMARY KEY (id),
    CONSTRAINT untold_visits_verb CHECK (verb IN ('signed_in', 'signed_out')),
    CONSTRAINT untold_visits_user_fkey FOREIGN KEY (user_id) REFERENCES app_users (id)
);
COMMENT ON TABLE untold_visits IS 'Who signed in or out while the log was frozen: it takes the entries, and these rows go, as soon as it is open.';
COMMENT ON COLUMN untold_visits.id IS 'Of the entry that will tell of it.';
COMMENT ON COLUMN untold_visits.role IS 'Of the user at that time.';
COMMENT ON COLUMN untold_visits.visit_id IS 'The entry of the signing in.';
COMMENT ON COLUMN untold_visits.link_by IS 'Who made the link; absent of a signing out.';

CREATE TABLE app_sessions (
    token      text        NOT NULL,
    data       bytea       NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT app_sessions_pkey PRIMARY KEY (token)
);
CREATE INDEX app_sessions_expires_idx ON app_sessions (expires_at);
COMMENT ON TABLE app_sessions IS 'Who is signed in.';
COMMENT ON COLUMN app_sessions.token IS 'SHA-256 of what the cookie holds, as text.';
COMMENT ON COLUMN app_sessions.data IS 'User, beginning and id of the visit, as the session library encodes them; empty of a session that was ended.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON app_users TO onward_app;
        GRANT UPDATE (version, name, role, disabled, updated_at, signed_in_at, sessions_from) ON app_users TO onward_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_links TO onward_app;
        GRANT SELECT, INSERT, DELETE ON untold_visits TO onward_app;
        GRANT SELECT, INSERT, UPDATE, DELETE ON app_sessions TO onward_app;
    END IF;
END
$$;
