-- Business transfers: who may be shown data for which deal, and until when (P-19).

CREATE TABLE deals (
    id         uuid        NOT NULL,
    version    bigint      NOT NULL,
    name       text        NOT NULL,
    stage      text        NOT NULL,
    opened_at  timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    ended_at   timestamptz,
    buyer_id   uuid,
    reason     text        NOT NULL,
    CONSTRAINT deals_pkey PRIMARY KEY (id),
    CONSTRAINT deals_buyer_fkey FOREIGN KEY (buyer_id) REFERENCES vendors (id),
    CONSTRAINT deals_stage CHECK (stage IN ('prospective', 'signed', 'closed', 'dead')),
    CONSTRAINT deals_ended CHECK ((ended_at IS NOT NULL) = (stage IN ('closed', 'dead')))
);
COMMENT ON TABLE deals IS 'Sales, mergers and reorganisations, for which data is shown to those who may buy.';
COMMENT ON COLUMN deals.name IS 'As shares name it. It is in no entry of the log: those have the id.';
COMMENT ON COLUMN deals.buyer_id IS 'Who bought; nobody else keeps what was shown.';
CREATE UNIQUE INDEX deals_name_key ON deals (fold_text(name));

CREATE TABLE deal_parties (
    deal_id   uuid        NOT NULL,
    vendor_id uuid        NOT NULL,
    since     timestamptz NOT NULL,
    CONSTRAINT deal_parties_pkey PRIMARY KEY (deal_id, vendor_id),
    CONSTRAINT deal_parties_deal_fkey FOREIGN KEY (deal_id) REFERENCES deals (id),
    CONSTRAINT deal_parties_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id)
);
COMMENT ON TABLE deal_parties IS 'Who may buy, and is shown data for it.';
CREATE INDEX deal_parties_vendor_idx ON deal_parties (vendor_id);

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, UPDATE ON deals TO onward_app;
        GRANT SELECT, INSERT ON deal_parties TO onward_app;
    END IF;
END
$$;
