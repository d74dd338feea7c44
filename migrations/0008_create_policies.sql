-- Versions of the privacy policy as data. The first comes with the program and is in no table; those that follow it are here. Each keeps its
-- history as the other records do: a version of a policy belongs to no vendor.

CREATE TABLE policies (
    id           uuid        NOT NULL,
    version      bigint      NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    created_by   uuid        NOT NULL,
    changed_by   uuid        NOT NULL,
    name         text        NOT NULL,
    state        text        NOT NULL,
    content      jsonb       NOT NULL,
    decisions    jsonb       NOT NULL,
    previous     text        NOT NULL,
    approved_by  uuid,
    approved_at  timestamptz,
    published_by uuid,
    published_at timestamptz,
    effective_at timestamptz,
    CONSTRAINT policies_pkey PRIMARY KEY (id),
    CONSTRAINT policies_name_key UNIQUE (name),
    CONSTRAINT policies_state CHECK (state IN ('draft', 'approved', 'published', 'withdrawn')),
    CONSTRAINT policies_two_people CHECK (approved_by <> created_by AND approved_by <> changed_by),
    CONSTRAINT policies_approval CHECK (state NOT IN ('approved', 'published') OR (approved_by IS NOT NULL AND approved_at IS NOT NULL)),
    CONSTRAINT policies_publication CHECK ((state = 'published') = (published_at IS NOT NULL) AND (published_at IS NULL) = (published_by IS NULL)
        AND (published_at IS NULL) = (effective_at IS NULL)),
    CONSTRAINT policies_not_backdated CHECK (effective_at > published_at)
);
COMMENT ON TABLE policies IS 'Versions of the privacy policy that follow the one that comes with the program; newest state of each.';
COMMENT ON COLUMN policies.version IS 'Counts from 1; the record''s ETag.';
COMMENT ON COLUMN policies.changed_by IS 'Who wrote it last; neither this person nor created_by approves it.';
COMMENT ON COLUMN policies.content IS 'Categories, purposes, grounds, kinds of recipient, days, zone, and the text''s address and SHA-256.';
COMMENT ON COLUMN policies.decisions IS 'By changed item: whether consent is needed, why, who decided it and when.';
COMMENT ON COLUMN policies.previous IS 'Name of the version that it was approved to follow; empty before it is approved.';
COMMENT ON COLUMN policies.effective_at IS 'Start of the effective day in the version''s zone, fixed when it was published.';
CREATE UNIQUE INDEX policies_effective_key ON policies (effective_at) WHERE state = 'published';

CREATE FUNCTION refuse_policy_change() RETURNS trigger
    LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('published', 'withdrawn') THEN
        RAISE EXCEPTION 'policy % is %: it never changes', OLD.name, OLD.state;
    END IF;
    IF NEW.name <> OLD.name OR NEW.id <> OLD.id OR NEW.created_by <> OLD.created_by THEN
        RAISE EXCEPTION 'the name and origin of policy % never change', OLD.name;
    END IF;
    IF (NEW.state <> 'draft' OR OLD.state <> 'draft')
        AND (NEW.content - 'published_on' <> OLD.content - 'published_on' OR NEW.decisions <> OLD.decisions OR NEW.changed_by <> OLD.changed_by) THEN
        RAISE EXCEPTION 'policy % is no draft: what it says never changes', OLD.name;
    END IF;
    IF (OLD.state, NEW.state) NOT IN (('draft', 'draft'), ('draft', 'approved'), ('draft', 'withdrawn'), ('approved', 'published'), ('approved', 'withdrawn')) THEN
        RAISE EXCEPTION 'policy % is %: it cannot become %', OLD.name, OLD.state, NEW.state;
    END IF;
    RETURN NEW;
END
$$;
COMMENT ON FUNCTION refuse_policy_change() IS 'Holds versions of the policy to their life: what was approved is never changed.';
CREATE TRIGGER refuse_policy_change BEFORE UPDATE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_policy_change();
ALTER TABLE policies ENABLE ALWAYS TRIGGER refuse_policy_change;
CREATE TRIGGER refuse_delete BEFORE DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_change();
ALTER TABLE policies ENABLE ALWAYS TRIGGER refuse_delete;
CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
ALTER TABLE policies ENABLE ALWAYS TRIGGER refuse_truncate;

ALTER TABLE record_version DROP CONSTRAINT record_version_kind;
ALTER TABLE record_version ADD CONSTRAINT record_version_kind CHECK (kind IN ('vendor', 'engagement', 'location', 'contract', 'policy'));
ALTER TABLE record_version ALTER COLUMN vendor_id DROP NOT NULL;
ALTER TABLE record_version ADD CONSTRAINT record_version_vendor CHECK ((kind = 'policy') = (vendor_id IS NULL));
COMMENT ON COLUMN record_version.vendor_id IS 'The vendor whose dossier it belongs to; NULL for a policy, which belongs to none.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, UPDATE ON policies TO onward_app;
    END IF;
END
$$;
