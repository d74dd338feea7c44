-- What the migrations add up to, for reading: written by TestSchema, run by nobody.

TABLE schema_migrations owned by onward_owner
COMMENT ON TABLE schema_migrations IS 'Which files of the schema were applied to this database.'
    name text NOT NULL -- Name of the file, NNNN_verb_noun.sql.
    sha256 text NOT NULL -- SHA-256 of the file as it was applied, in hexadecimal.
    applied_at timestamp with time zone NOT NULL -- When the program that applied it began, by its clock.
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (name)
    CONSTRAINT schema_migrations_sha256_shape CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
    GRANT SELECT TO onward_app
