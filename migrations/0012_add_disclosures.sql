-- Disclosures under legal process are prepared by one person and confirmed by another (P-18).

CREATE TABLE disclosures (
    id           uuid        NOT NULL,
    vendor_id    uuid        NOT NULL,
    prepared_by  uuid        NOT NULL,
    prepared_at  timestamptz NOT NULL,
    confirmed_by uuid,
    confirmed_at timestamptz,
    CONSTRAINT disclosures_pkey PRIMARY KEY (id),
    CONSTRAINT disclosures_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id),
    CONSTRAINT disclosures_confirmed CHECK ((confirmed_by IS NULL) = (confirmed_at IS NULL)),
    CONSTRAINT disclosures_two_people CHECK (confirmed_by <> prepared_by)
);
COMMENT ON TABLE disclosures IS 'What is demanded by law and will be disclosed. Its text stands in the detail of the entry disclosure.prepared.';
COMMENT ON COLUMN disclosures.id IS 'And of the entry disclosure.prepared.';

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT ON disclosures TO onward_app;
        GRANT UPDATE (confirmed_by, confirmed_at) ON disclosures TO onward_app;
    END IF;
END
$$;
