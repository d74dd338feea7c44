-- Whoever sees rows about persons has acknowledged confidentiality first (P-21).

CREATE TABLE acknowledgements (
    id              uuid        NOT NULL,
    actor_kind      text        NOT NULL,
    actor_id        uuid        NOT NULL,
    version         text        NOT NULL,
    sha256          text        NOT NULL,
    acknowledged_at timestamptz NOT NULL,
    CONSTRAINT acknowledgements_pkey PRIMARY KEY (id),
    CONSTRAINT acknowledgements_once UNIQUE (actor_id, version),
    CONSTRAINT acknowledgements_actor CHECK (actor_kind IN ('key', 'user')),
    CONSTRAINT acknowledgements_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE acknowledgements IS 'Which actor acknowledged which version of the text on confidentiality, which comes with the program.';
COMMENT ON COLUMN acknowledgements.id IS 'And of the entry confidentiality.acknowledged.';
COMMENT ON COLUMN acknowledgements.actor_kind IS 'A key or a user.';
COMMENT ON COLUMN acknowledgements.sha256 IS 'Of the text, as it was acknowledged.';
CREATE INDEX acknowledgements_at_idx ON acknowledgements (acknowledged_at, id);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON acknowledgements TO onward_app;
    END IF;
END
$$;
