-- What a vendor does for us is approved by as many people as the policy wants (P-18), each of them once for each version of the engagement.

CREATE TABLE approvals (
    id                 uuid        NOT NULL,
    vendor_id          uuid        NOT NULL,
    engagement_id      uuid        NOT NULL,
    engagement_version bigint      NOT NULL,
    approved_by        uuid        NOT NULL,
    created_at         timestamptz NOT NULL,
    CONSTRAINT approvals_pkey PRIMARY KEY (id),
    CONSTRAINT approvals_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id),
    CONSTRAINT approvals_engagement_fkey FOREIGN KEY (engagement_id) REFERENCES engagements (id),
    CONSTRAINT approvals_once UNIQUE (engagement_id, engagement_version, approved_by)
);
COMMENT ON TABLE approvals IS 'Who approved which version of an engagement. An approval is of that version: who changes the engagement needs it anew.';
COMMENT ON COLUMN approvals.id IS 'And of the entry engagement.approved.';
CREATE INDEX approvals_vendor_idx ON approvals (vendor_id);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON approvals TO onward_app;
    END IF;
END
$$;
