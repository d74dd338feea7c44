-- What we know: vendors, what they do for us, where, and under which contracts. The tables hold the newest version of each record;
-- record_version keeps every version, append-only, and each version is committed to by its entry in the log.

CREATE FUNCTION fold_text(v text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT lower(normalize(v, NFKC)) $$;
COMMENT ON FUNCTION fold_text(text) IS 'The form in which names are searched and compared.';

CREATE TABLE vendors (
    id                   uuid        NOT NULL,
    version              bigint      NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    created_by           uuid        NOT NULL,
    state                text        NOT NULL,
    state_since          timestamptz NOT NULL,
    name                 text        NOT NULL,
    legal_name           text        NOT NULL,
    kinds                text[]      NOT NULL,
    country              text        NOT NULL,
    address              text        NOT NULL,
    website              text        NOT NULL,
    privacy_notice       text        NOT NULL,
    lei                  text        NOT NULL,
    identifiers          jsonb       NOT NULL,
    other_names          jsonb       NOT NULL,
    contacts             jsonb       NOT NULL,
    certifications       text[]      NOT NULL,
    subprocessor_list    text        NOT NULL,
    parent_id            uuid,
    owner                text        NOT NULL,
    notes                text        NOT NULL,
    deletion_certificate jsonb,
    deletion_exception   text        NOT NULL,
    external_id          text        NOT NULL,
    search               text        NOT NULL,
    CONSTRAINT vendors_pkey PRIMARY KEY (id),
    CONSTRAINT vendors_parent_fkey FOREIGN KEY (parent_id) REFERENCES vendors (id),
    CONSTRAINT vendors_parent_self CHECK (parent_id <> id),
    CONSTRAINT vendors_state CHECK (state IN ('proposed', 'approved', 'active', 'winding_down', 'ended'))
);
COMMENT ON TABLE vendors IS 'Organisations that may receive personal data from us; newest version of each.';
COMMENT ON COLUMN vendors.version IS 'Counts from 1; the record''s ETag.';
COMMENT ON COLUMN vendors.created_by IS 'Who proposed it: somebody else approves.';
COMMENT ON COLUMN vendors.state_since IS 'Since when, in the world, the vendor is in this state.';
COMMENT ON COLUMN vendors.external_id IS 'The record''s name in the file or system it was imported from; empty when there is none.';
COMMENT ON COLUMN vendors.search IS 'Names, identifiers and address, folded, for text search.';
CREATE UNIQUE INDEX vendors_name_key ON vendors (fold_text(name));
CREATE UNIQUE INDEX vendors_lei_key ON vendors (lei) WHERE lei <> '';
CREATE UNIQUE INDEX vendors_external_id_key ON vendors (external_id) WHERE external_id <> '';
CREATE INDEX vendors_parent_idx ON vendors (parent_id) WHERE parent_id IS NOT NULL;

CREATE TABLE engagements (
    id              uuid        NOT NULL,
    version         bigint      NOT NULL,
    created_at      timestamptz NOT NULL,
    updated_at      timestamptz NOT NULL,
    vendor_id       uuid        NOT NULL,
    service         text        NOT NULL,
    products        text[]      NOT NULL,
    role            text        NOT NULL,
    purposes        text[]      NOT NULL,
    categories      text[]      NOT NULL,
    data_stated     jsonb       NOT NULL,
    data_subjects   text[]      NOT NULL,
    collection_mode text        NOT NULL,
    condition       text        NOT NULL,
    duration        text        NOT NULL,
    starts_on       date,
    ends_on         date,
    engaged_by_id   uuid,
    listed          boolean     NOT NULL,
    listed_reason   text        NOT NULL,
    onward_list     text        NOT NULL,
    notes           text        NOT NULL,
    source          jsonb,
    earlier_changes jsonb       NOT NULL,
    external_id     text        NOT NULL,
    CONSTRAINT engagements_pkey PRIMARY KEY (id),
    CONSTRAINT engagements_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id),
    CONSTRAINT engagements_engaged_by_fkey FOREIGN KEY (engaged_by_id) REFERENCES engagements (id),
    CONSTRAINT engagements_engaged_by_self CHECK (engaged_by_id <> id),
    CONSTRAINT engagements_interval CHECK (starts_on <= ends_on)
);
COMMENT ON TABLE engagements IS 'What a vendor does for us; newest version of each.';
COMMENT ON COLUMN engagements.engaged_by_id IS 'The engagement under which this one was brought in (sub-subprocessors); never a circle.';
COMMENT ON COLUMN engagements.data_stated IS 'Personal data as the source words it: [{"class", "items"}].';
COMMENT ON COLUMN engagements.ends_on IS 'Last day, inclusive.';
COMMENT ON COLUMN engagements.source IS 'Where the facts came from: listed_by, source, as_of, published_name.';
COMMENT ON COLUMN engagements.listed IS 'On the public list; listed_reason says why or why not.';
CREATE INDEX engagements_vendor_idx ON engagements (vendor_id);
CREATE INDEX engagements_engaged_by_idx ON engagements (engaged_by_id) WHERE engaged_by_id IS NOT NULL;
CREATE UNIQUE INDEX engagements_external_id_key ON engagements (external_id) WHERE external_id <> '';

CREATE TABLE locations (
    id            uuid        NOT NULL,
    version       bigint      NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    vendor_id     uuid        NOT NULL,
    engagement_id uuid        NOT NULL,
    place         text        NOT NULL,
    uses          text[]      NOT NULL,
    applies_to    text        NOT NULL,
    detail        text        NOT NULL,
    stated        text        NOT NULL,
    transfer      jsonb,
    starts_on     date,
    ends_on       date,
    CONSTRAINT locations_pkey PRIMARY KEY (id),
    CONSTRAINT locations_engagement_fkey FOREIGN KEY (engagement_id) REFERENCES engagements (id),
    CONSTRAINT locations_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id),
    CONSTRAINT locations_interval CHECK (starts_on <= ends_on)
);
COMMENT ON TABLE locations IS 'Where an engagement happens; newest version of each.';
COMMENT ON COLUMN locations.place IS 'ISO 3166-1 alpha-2, or EEA, EU, GLOBAL, UNSPECIFIED.';
COMMENT ON COLUMN locations.applies_to IS 'Which customers this location serves, as stated.';
COMMENT ON COLUMN locations.stated IS 'The source''s own words where they name no country.';
COMMENT ON COLUMN locations.transfer IS 'Transfer mechanism and its evidence.';
CREATE INDEX locations_engagement_idx ON locations (engagement_id);
CREATE INDEX locations_vendor_idx ON locations (vendor_id);

CREATE TABLE documents (
    sha256     bytea       NOT NULL,
    size       bigint      NOT NULL,
    content    bytea       NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT documents_pkey PRIMARY KEY (sha256),
    CONSTRAINT documents_sha256 CHECK (octet_length(sha256) = 32),
    CONSTRAINT documents_size CHECK (size = octet_length(content))
);
ALTER TABLE documents ALTER COLUMN content SET STORAGE EXTERNAL;
COMMENT ON TABLE documents IS 'Stored documents by their SHA-256; never changed.';

CREATE TABLE contracts (
    id                   uuid        NOT NULL,
    version              bigint      NOT NULL,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    vendor_id            uuid        NOT NULL,
    amends_id            uuid,
    kind                 text        NOT NULL,
    title                text        NOT NULL,
    reference            text        NOT NULL,
    signed_on            date,
    in_force_from        date,
    in_force_until       date,
    terminated_on        date,
    zone                 text        NOT NULL,
    auto_renewal         boolean     NOT NULL,
    renewal_months       integer,
    notice_days_us       integer,
    notice_days_them     integer,
    governing_law        text        NOT NULL,
    parent_contract_id   uuid,
    clauses              jsonb       NOT NULL,
    permitted_purposes   text[],
    permitted_categories text[],
    permitted_countries  text[],
    onward_transfer      text        NOT NULL,
    breach_notice_hours  integer,
    audit_right          boolean,
    return_or_delete_days integer,
    commercial           jsonb,
    notes                text        NOT NULL,
    document             jsonb,
    external_id          text        NOT NULL,
    CONSTRAINT contracts_pkey PRIMARY KEY (id),
    CONSTRAINT contracts_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id),
    CONSTRAINT contracts_amends_fkey FOREIGN KEY (amends_id) REFERENCES contracts (id),
    CONSTRAINT contracts_parent_fkey FOREIGN KEY (parent_contract_id) REFERENCES contracts (id),
    CONSTRAINT contracts_amends_self CHECK (amends_id <> id),
    CONSTRAINT contracts_parent_self CHECK (parent_contract_id <> id),
    CONSTRAINT contracts_interval CHECK (in_force_from <= in_force_until)
);
COMMENT ON TABLE contracts IS 'Agreements and their terms; newest version of each. Amendments are rows of their own that supersede from their first day.';
COMMENT ON COLUMN contracts.amends_id IS 'The contract that this one amends: always the original, never an amendment.';
COMMENT ON COLUMN contracts.zone IS 'IANA zone in which the contract''s days begin and end.';
COMMENT ON COLUMN contracts.in_force_until IS 'Last day, inclusive.';
COMMENT ON COLUMN contracts.permitted_purposes IS 'NULL: the contract does not limit them. Empty: none.';
COMMENT ON COLUMN contracts.document IS 'Name, media type, size and SHA-256 of the stored document.';
CREATE INDEX contracts_vendor_idx ON contracts (vendor_id);
CREATE INDEX contracts_amends_idx ON contracts (amends_id) WHERE amends_id IS NOT NULL;
CREATE UNIQUE INDEX contracts_external_id_key ON contracts (external_id) WHERE external_id <> '';

CREATE TABLE record_version (
    kind         text        NOT NULL,
    record_id    uuid        NOT NULL,
    version      bigint      NOT NULL,
    vendor_id    uuid        NOT NULL,
    entry_id     uuid        NOT NULL,
    actor_id     uuid        NOT NULL,
    effective_at timestamptz NOT NULL,
    recorded_at  timestamptz NOT NULL,
    reason       text        NOT NULL,
    changed      text[]      NOT NULL,
    salt         bytea       NOT NULL,
    body         text        NOT NULL,
    CONSTRAINT record_version_pkey PRIMARY KEY (kind, record_id, version),
    CONSTRAINT record_version_kind CHECK (kind IN ('vendor', 'engagement', 'location', 'contract')),
    CONSTRAINT record_version_salt CHECK (octet_length(salt) = 32)
);
COMMENT ON TABLE record_version IS 'Every version of every record, append-only. body and salt open the commitment in the entry.';
COMMENT ON COLUMN record_version.effective_at IS 'Since when, in the world, this version holds.';
COMMENT ON COLUMN record_version.recorded_at IS 'When it was written down.';
COMMENT ON COLUMN record_version.changed IS 'JSON pointers of the fields that differ from the version before.';
COMMENT ON COLUMN record_version.body IS 'RFC 8785 canonical JSON of the record, byte for byte as committed to.';
CREATE INDEX record_version_vendor_idx ON record_version (vendor_id, recorded_at);
CREATE INDEX record_version_entry_idx ON record_version (entry_id);
SELECT make_append_only('record_version');
SELECT make_append_only('documents');

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, UPDATE ON vendors, engagements, locations, contracts TO onward_app;
        GRANT SELECT, INSERT ON documents, record_version TO onward_app;
    END IF;
END
$$;
