-- What the migrations add up to, for reading: written by TestSchema, run by nobody.

TABLE acknowledgements owned by onward_owner
COMMENT ON TABLE acknowledgements IS 'Which actor acknowledged which version of the text on confidentiality, which comes with the program.'
    id uuid NOT NULL -- And of the entry confidentiality.acknowledged.
    actor_kind text NOT NULL -- A key or a user.
    actor_id uuid NOT NULL
    version text NOT NULL
    sha256 text NOT NULL -- Of the text, as it was acknowledged.
    acknowledged_at timestamp with time zone NOT NULL
    CONSTRAINT acknowledgements_actor CHECK ((actor_kind = ANY (ARRAY['key'::text, 'user'::text])))
    CONSTRAINT acknowledgements_once UNIQUE (actor_id, version)
    CONSTRAINT acknowledgements_pkey PRIMARY KEY (id)
    CONSTRAINT acknowledgements_sha256 CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
    CREATE INDEX acknowledgements_at_idx ON public.acknowledgements USING btree (acknowledged_at, id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE api_keys owned by onward_owner
COMMENT ON TABLE api_keys IS 'Keys for the API. The secret itself is shown once and not kept.'
    id uuid NOT NULL
    name text NOT NULL
    role text NOT NULL
    system text NOT NULL -- For role service: the system whose shares the key records.
    secret_hash bytea NOT NULL -- SHA-256 of a secret of 256 random bits.
    created_at timestamp with time zone NOT NULL
    created_by uuid NOT NULL
    expires_at timestamp with time zone NOT NULL
    revoked_at timestamp with time zone
    CONSTRAINT api_keys_pkey PRIMARY KEY (id)
    CONSTRAINT api_keys_role CHECK ((role = ANY (ARRAY['admin'::text, 'legal'::text, 'approver'::text, 'auditor'::text, 'service'::text])))
    CONSTRAINT api_keys_secret_hash CHECK ((octet_length(secret_hash) = 32))
    CONSTRAINT api_keys_secret_hash_key UNIQUE (secret_hash)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (revoked_at) TO onward_app

TABLE app_sessions owned by onward_owner
COMMENT ON TABLE app_sessions IS 'Who is signed in.'
    token text NOT NULL -- SHA-256 of what the cookie holds, as text.
    data bytea NOT NULL -- User, beginning and id of the visit, as the session library encodes them; empty of a session that was ended.
    expires_at timestamp with time zone NOT NULL
    CONSTRAINT app_sessions_pkey PRIMARY KEY (token)
    CREATE INDEX app_sessions_expires_idx ON public.app_sessions USING btree (expires_at)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE app_users owned by onward_owner
COMMENT ON TABLE app_users IS 'People who may sign in to the workspace. None is ever deleted: entries of the log name them by id.'
    id uuid NOT NULL
    version bigint NOT NULL
    name text NOT NULL
    email text NOT NULL -- By which a sign-in link is asked for; it does not change.
    role text NOT NULL
    disabled boolean NOT NULL -- Whether signing in and all that needs it is refused.
    created_at timestamp with time zone NOT NULL
    created_by uuid NOT NULL
    updated_at timestamp with time zone NOT NULL
    signed_in_at timestamp with time zone -- When the user signed in last.
    sessions_from timestamp with time zone NOT NULL -- Sessions that began before are over: the user was disabled then.
    CONSTRAINT app_users_pkey PRIMARY KEY (id)
    CONSTRAINT app_users_role CHECK ((role = ANY (ARRAY['admin'::text, 'legal'::text, 'approver'::text, 'auditor'::text])))
    CREATE UNIQUE INDEX app_users_email_key ON public.app_users USING btree (lower(email))
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (disabled) TO onward_app
    GRANT UPDATE (name) TO onward_app
    GRANT UPDATE (role) TO onward_app
    GRANT UPDATE (sessions_from) TO onward_app
    GRANT UPDATE (signed_in_at) TO onward_app
    GRANT UPDATE (updated_at) TO onward_app
    GRANT UPDATE (version) TO onward_app

TABLE approvals owned by onward_owner
COMMENT ON TABLE approvals IS 'Who approved which version of an engagement. An approval is of that version: who changes the engagement needs it anew.'
    id uuid NOT NULL -- And of the entry engagement.approved.
    vendor_id uuid NOT NULL
    engagement_id uuid NOT NULL
    engagement_version bigint NOT NULL
    approved_by uuid NOT NULL
    created_at timestamp with time zone NOT NULL
    seen jsonb -- Kind, id and version of the locations and contracts as they stood. Null of approvals from before this was kept: those saw what was on record by then.
    seen_sha256 text NOT NULL DEFAULT ''::text -- Of the list as canonical JSON; the entry says it too.
    CONSTRAINT approvals_engagement_fkey FOREIGN KEY (engagement_id) REFERENCES engagements(id)
    CONSTRAINT approvals_once UNIQUE (engagement_id, engagement_version, approved_by, seen_sha256)
    CONSTRAINT approvals_pkey PRIMARY KEY (id)
    CONSTRAINT approvals_seen CHECK (((seen IS NULL) = (seen_sha256 = ''::text)))
    CONSTRAINT approvals_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    CREATE INDEX approvals_vendor_idx ON public.approvals USING btree (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE aside_changes owned by onward_owner
COMMENT ON TABLE aside_changes IS 'One row, changed under the lock of log_head only.'
    id smallint NOT NULL DEFAULT 1
    moves bigint NOT NULL -- How many of the log's epochs were moved by changes that touch nothing a vendor is judged by: epoch - moves counts the others.
    CONSTRAINT aside_changes_pkey PRIMARY KEY (id)
    CONSTRAINT aside_changes_single CHECK ((id = 1))
    GRANT SELECT TO onward_app
    GRANT UPDATE (moves) TO onward_app

TABLE calendars owned by onward_owner
COMMENT ON TABLE calendars IS 'Holidays that are no business days.'
    name text NOT NULL
    version bigint NOT NULL
    updated_at timestamp with time zone NOT NULL
    starts_on date NOT NULL -- First day of which it is known whether it is a holiday.
    ends_on date NOT NULL -- Last such day.
    dates jsonb NOT NULL -- The holidays, in order.
    CONSTRAINT calendars_interval CHECK ((starts_on <= ends_on))
    CONSTRAINT calendars_pkey PRIMARY KEY (name)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE change_customers owned by onward_owner
COMMENT ON TABLE change_customers IS 'A change as it reaches one customer: its periods, its answer, and the day on which the change starts for it.'
    change_id uuid NOT NULL
    customer_id uuid NOT NULL
    notice_begins timestamp with time zone
    notice_ends timestamp with time zone
    objection_ends timestamp with time zone
    starts_on date
    answer text NOT NULL DEFAULT ''::text
    answered_at timestamp with time zone
    CONSTRAINT change_customers_answer CHECK ((answer = ANY (ARRAY[''::text, 'accepted'::text, 'silent'::text, 'objected'::text, 'refused'::text])))
    CONSTRAINT change_customers_change_fkey FOREIGN KEY (change_id) REFERENCES changes(id)
    CONSTRAINT change_customers_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers(id)
    CONSTRAINT change_customers_pkey PRIMARY KEY (change_id, customer_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE changes owned by onward_owner
COMMENT ON TABLE changes IS 'Planned changes of the public list.'
    id uuid NOT NULL
    version bigint NOT NULL
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    kind text NOT NULL
    state text NOT NULL
    vendor_id uuid NOT NULL
    engagement_id uuid -- The line of the list that changes; null where a change of the vendor changes all its lines.
    replaces_id uuid -- The engagement that a replacement ends.
    steps jsonb NOT NULL -- What is done to the records on the day: [{record_kind, record_id, version, action, patch}].
    effective_on date NOT NULL -- Day, in zone, on whose first instant the change takes effect.
    zone text NOT NULL
    emergency boolean NOT NULL
    staged boolean NOT NULL -- Customers whose period is longer start later, each on its own day.
    reason text NOT NULL
    proposed_by uuid NOT NULL
    approved_by uuid
    approved_at timestamp with time zone
    approved_again_by uuid
    announced_at timestamp with time zone
    notice_id uuid
    effective_at timestamp with time zone
    withdrawn_at timestamp with time zone
    withdrawn_because text NOT NULL
    differences jsonb NOT NULL DEFAULT '[]'::jsonb -- What becomes of which line of the list: as it was worked out when the change was proposed, approved or took effect last.
    problem text NOT NULL DEFAULT ''::text -- Why it could not take effect on its day; empty when nothing stands against it.
    products text[] NOT NULL DEFAULT '{}'::text[] -- Products of the lines that it touches; none: all.
    regions text[] NOT NULL DEFAULT '{}'::text[] -- Regions that they serve; none: all.
    moved_at timestamp with time zone -- When its announced day moved last.
    moved_from date -- The day for which it was announced before that.
    moved_because text NOT NULL DEFAULT ''::text
    CONSTRAINT changes_kind CHECK ((kind = ANY (ARRAY['add'::text, 'replace'::text, 'remove'::text, 'place'::text, 'purpose'::text, 'categories'::text, 'name'::text, 'other'::text])))
    CONSTRAINT changes_moved CHECK ((((moved_at IS NULL) = (moved_from IS NULL)) AND (moved_from < effective_on)))
    CONSTRAINT changes_pkey PRIMARY KEY (id)
    CONSTRAINT changes_state CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'announced'::text, 'effective'::text, 'withdrawn'::text])))
    CONSTRAINT changes_two_people CHECK (((approved_by <> proposed_by) AND (approved_again_by <> proposed_by) AND (approved_again_by <> approved_by)))
    CONSTRAINT changes_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    CREATE INDEX changes_created_idx ON public.changes USING btree (created_at DESC, id DESC)
    CREATE INDEX changes_open_idx ON public.changes USING btree (effective_on) WHERE (state = ANY (ARRAY['proposed'::text, 'approved'::text, 'announced'::text]))
    CREATE INDEX changes_vendor_idx ON public.changes USING btree (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE choices owned by onward_owner
COMMENT ON TABLE choices IS 'Opt-outs and consents of people, each by an entry choice.recorded that names nobody. Erasable.'
    entry_id uuid NOT NULL
    lookup bytea NOT NULL -- HMAC-SHA-256 of the person's reference, under a key that is not in the database.
    salt bytea NOT NULL -- Opens what the entry's detail commits to about the person; gone with the row.
    purpose text NOT NULL -- Code of a purpose, or all: every purpose that can be opted out of.
    state text NOT NULL -- consented is explicit; implied, by use alone, binds no share and is kept as evidence.
    at timestamp with time zone NOT NULL -- When the person chose; a share at that instant or later is bound by it.
    channel text NOT NULL
    recorded_at timestamp with time zone NOT NULL
    CONSTRAINT choices_lookup CHECK ((octet_length(lookup) = 32))
    CONSTRAINT choices_pkey PRIMARY KEY (entry_id)
    CONSTRAINT choices_salt CHECK ((octet_length(salt) = 32))
    CONSTRAINT choices_state CHECK ((state = ANY (ARRAY['opted_out'::text, 'consented'::text, 'withdrawn'::text, 'implied'::text])))
    CREATE INDEX choices_lookup_idx ON public.choices USING btree (lookup, purpose, at DESC)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE contracts owned by onward_owner
COMMENT ON TABLE contracts IS 'Agreements and their terms; newest version of each. Amendments are rows of their own that supersede from their first day.'
    id uuid NOT NULL
    version bigint NOT NULL
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    vendor_id uuid NOT NULL
    amends_id uuid -- The contract that this one amends: always the original, never an amendment.
    kind text NOT NULL
    title text NOT NULL
    reference text NOT NULL
    signed_on date
    in_force_from date
    in_force_until date -- Last day, inclusive.
    terminated_on date
    zone text NOT NULL -- IANA zone in which the contract's days begin and end.
    auto_renewal boolean NOT NULL
    renewal_months integer
    notice_days_us integer
    notice_days_them integer
    governing_law text NOT NULL
    parent_contract_id uuid
    clauses jsonb NOT NULL
    permitted_purposes text[] -- NULL: the contract does not limit them. Empty: none.
    permitted_categories text[]
    permitted_countries text[]
    onward_transfer text NOT NULL
    breach_notice_hours integer
    audit_right boolean
    return_or_delete_days integer
    commercial jsonb
    notes text NOT NULL
    document jsonb -- Name, media type, size and SHA-256 of the stored document.
    external_id text NOT NULL
    CONSTRAINT contracts_amends_fkey FOREIGN KEY (amends_id) REFERENCES contracts(id)
    CONSTRAINT contracts_amends_self CHECK ((amends_id <> id))
    CONSTRAINT contracts_interval CHECK ((in_force_from <= in_force_until))
    CONSTRAINT contracts_parent_fkey FOREIGN KEY (parent_contract_id) REFERENCES contracts(id)
    CONSTRAINT contracts_parent_self CHECK ((parent_contract_id <> id))
    CONSTRAINT contracts_pkey PRIMARY KEY (id)
    CONSTRAINT contracts_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    CREATE INDEX contracts_amends_idx ON public.contracts USING btree (amends_id) WHERE (amends_id IS NOT NULL)
    CREATE UNIQUE INDEX contracts_external_id_key ON public.contracts USING btree (external_id) WHERE (external_id <> ''::text)
    CREATE INDEX contracts_vendor_idx ON public.contracts USING btree (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE customers owned by onward_owner
COMMENT ON TABLE customers IS 'Who must be told before the list changes, and by which clock.'
    id uuid NOT NULL
    version bigint NOT NULL
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    name text NOT NULL
    contract text NOT NULL -- Reference of the contract that sets mode and clocks.
    authorisation text NOT NULL -- general: silence means yes; specific: silence means no (Article 28(2) GDPR).
    notice jsonb -- Clock of the notice period, {number, days, from, zone, calendar}; null means the default.
    objection jsonb -- Clock of the period to object; null means the default.
    emergency boolean NOT NULL -- The contract permits an emergency replacement without the period.
    language text NOT NULL
    products text[] NOT NULL
    regions text[] NOT NULL
    contacts jsonb NOT NULL
    starts_on date
    ends_on date
    notes text NOT NULL
    search text NOT NULL DEFAULT ''::text -- Name and contract, folded, for text search.
    CONSTRAINT customers_authorisation CHECK ((authorisation = ANY (ARRAY['general'::text, 'specific'::text])))
    CONSTRAINT customers_interval CHECK ((starts_on <= ends_on))
    CONSTRAINT customers_pkey PRIMARY KEY (id)
    CREATE UNIQUE INDEX customers_name_key ON public.customers USING btree (fold_text(name))
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE deal_parties owned by onward_owner
COMMENT ON TABLE deal_parties IS 'Who may buy, and is shown data for it.'
    deal_id uuid NOT NULL
    vendor_id uuid NOT NULL
    since timestamp with time zone NOT NULL
    CONSTRAINT deal_parties_deal_fkey FOREIGN KEY (deal_id) REFERENCES deals(id)
    CONSTRAINT deal_parties_pkey PRIMARY KEY (deal_id, vendor_id)
    CONSTRAINT deal_parties_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    CREATE INDEX deal_parties_vendor_idx ON public.deal_parties USING btree (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE deals owned by onward_owner
COMMENT ON TABLE deals IS 'Sales, mergers and reorganisations, for which data is shown to those who may buy.'
    id uuid NOT NULL
    version bigint NOT NULL
    name text NOT NULL -- As shares name it. It is in no entry of the log: those have the id.
    stage text NOT NULL
    opened_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    ended_at timestamp with time zone
    buyer_id uuid -- Who bought; nobody else keeps what was shown.
    reason text NOT NULL
    CONSTRAINT deals_buyer_fkey FOREIGN KEY (buyer_id) REFERENCES vendors(id)
    CONSTRAINT deals_ended CHECK (((ended_at IS NOT NULL) = (stage = ANY (ARRAY['closed'::text, 'dead'::text]))))
    CONSTRAINT deals_pkey PRIMARY KEY (id)
    CONSTRAINT deals_stage CHECK ((stage = ANY (ARRAY['prospective'::text, 'signed'::text, 'closed'::text, 'dead'::text])))
    CREATE UNIQUE INDEX deals_name_key ON public.deals USING btree (fold_text(name))
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE deliveries owned by onward_owner
COMMENT ON TABLE deliveries IS 'One message to one address: tried until it is sent or given up.'
    id uuid NOT NULL -- And of the message: its Message-ID, and the id that a webhook carries.
    notice_id uuid
    customer_id uuid
    subscriber_id uuid
    purpose text NOT NULL
    channel text NOT NULL
    address text NOT NULL
    message bytea -- Exactly the bytes that were sent.
    state text NOT NULL
    attempts integer NOT NULL
    next_at timestamp with time zone NOT NULL -- When it is tried next. An instance that takes it moves it to taken_until: should that instance die, another one goes on then.
    taken_until timestamp with time zone -- An instance is at it until then; after that, another one takes it.
    created_at timestamp with time zone NOT NULL
    sent_at timestamp with time zone
    ended_at timestamp with time zone
    outcome text NOT NULL -- What the other side answered last.
    language text NOT NULL -- In which it is written; empty: that of the settings.
    after_id uuid -- A delivery to the same receiver that was still queued: this one waits until that one has ended, so that nothing is taken back before it is said.
    CONSTRAINT deliveries_channel CHECK ((channel = ANY (ARRAY['email'::text, 'webhook'::text])))
    CONSTRAINT deliveries_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers(id)
    CONSTRAINT deliveries_notice_fkey FOREIGN KEY (notice_id) REFERENCES notices(id)
    CONSTRAINT deliveries_pkey PRIMARY KEY (id)
    CONSTRAINT deliveries_purpose CHECK ((purpose = ANY (ARRAY['notice'::text, 'confirmation'::text])))
    CONSTRAINT deliveries_state CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'bounced'::text, 'dropped'::text])))
    CONSTRAINT deliveries_subscriber_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers(id)
    CREATE INDEX deliveries_bounced_idx ON public.deliveries USING btree (customer_id) WHERE ((customer_id IS NOT NULL) AND (state = ANY (ARRAY['bounced'::text, 'failed'::text])))
    CREATE INDEX deliveries_customer_idx ON public.deliveries USING btree (customer_id, id) WHERE (customer_id IS NOT NULL)
    CREATE INDEX deliveries_due_idx ON public.deliveries USING btree (channel, next_at) WHERE (state = 'queued'::text)
    CREATE INDEX deliveries_notice_idx ON public.deliveries USING btree (notice_id, id)
    CREATE INDEX deliveries_subscriber_idx ON public.deliveries USING btree (subscriber_id, id) WHERE (subscriber_id IS NOT NULL)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE disclosures owned by onward_owner
COMMENT ON TABLE disclosures IS 'What is demanded by law and will be disclosed. Its text stands in the detail of the entry disclosure.prepared.'
    id uuid NOT NULL -- And of the entry disclosure.prepared.
    vendor_id uuid NOT NULL
    prepared_by uuid NOT NULL
    prepared_at timestamp with time zone NOT NULL
    confirmed_by uuid
    confirmed_at timestamp with time zone
    CONSTRAINT disclosures_confirmed CHECK (((confirmed_by IS NULL) = (confirmed_at IS NULL)))
    CONSTRAINT disclosures_pkey PRIMARY KEY (id)
    CONSTRAINT disclosures_two_people CHECK ((confirmed_by <> prepared_by))
    CONSTRAINT disclosures_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (confirmed_at) TO onward_app
    GRANT UPDATE (confirmed_by) TO onward_app

TABLE documents owned by onward_owner
COMMENT ON TABLE documents IS 'Stored documents by their SHA-256; never changed.'
    sha256 bytea NOT NULL
    size bigint NOT NULL
    content bytea NOT NULL
    created_at timestamp with time zone NOT NULL
    CONSTRAINT documents_pkey PRIMARY KEY (sha256)
    CONSTRAINT documents_sha256 CHECK ((octet_length(sha256) = 32))
    CONSTRAINT documents_size CHECK ((size = octet_length(content)))
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.documents FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.documents FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE engagements owned by onward_owner
COMMENT ON TABLE engagements IS 'What a vendor does for us; newest version of each.'
    id uuid NOT NULL
    version bigint NOT NULL
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    vendor_id uuid NOT NULL
    service text NOT NULL
    products text[] NOT NULL
    role text NOT NULL
    purposes text[] NOT NULL
    categories text[] NOT NULL
    data_stated jsonb NOT NULL -- Personal data as the source words it: [{"class", "items"}].
    data_subjects text[] NOT NULL
    collection_mode text NOT NULL
    condition text NOT NULL
    duration text NOT NULL
    starts_on date
    ends_on date -- Last day, inclusive.
    engaged_by_id uuid -- The engagement under which this one was brought in (sub-subprocessors); never a circle.
    listed boolean NOT NULL -- On the public list; listed_reason says why or why not.
    listed_reason text NOT NULL
    onward_list text NOT NULL
    notes text NOT NULL
    source jsonb -- Where the facts came from: listed_by, source, as_of, published_name.
    earlier_changes jsonb NOT NULL
    external_id text NOT NULL
    cookies jsonb NOT NULL DEFAULT '[]'::jsonb -- The inventory of the cookies that the vendor sets: name, purpose, lifetime.
    CONSTRAINT engagements_engaged_by_fkey FOREIGN KEY (engaged_by_id) REFERENCES engagements(id)
    CONSTRAINT engagements_engaged_by_self CHECK ((engaged_by_id <> id))
    CONSTRAINT engagements_interval CHECK ((starts_on <= ends_on))
    CONSTRAINT engagements_pkey PRIMARY KEY (id)
    CONSTRAINT engagements_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    CREATE INDEX engagements_engaged_by_idx ON public.engagements USING btree (engaged_by_id) WHERE (engaged_by_id IS NOT NULL)
    CREATE UNIQUE INDEX engagements_external_id_key ON public.engagements USING btree (external_id) WHERE (external_id <> ''::text)
    CREATE INDEX engagements_vendor_idx ON public.engagements USING btree (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE entry_detail owned by onward_owner
COMMENT ON TABLE entry_detail IS 'What an entry commits to but does not contain: may hold personal data, and can be erased without touching the log.'
    entry_id uuid NOT NULL
    salt bytea NOT NULL
    detail text NOT NULL -- RFC 8785 canonical JSON, byte for byte as committed to.
    CONSTRAINT entry_detail_pkey PRIMARY KEY (entry_id)
    CONSTRAINT entry_detail_salt CHECK ((octet_length(salt) = 32))
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE entry_link owned by onward_owner
COMMENT ON TABLE entry_link IS 'Under which links an entry can be found; erasable one by one.'
    link bytea NOT NULL -- The random value of entry_lookup; alone it leads nowhere.
    entry_id uuid NOT NULL
    salt bytea NOT NULL -- Opens what the entry's detail commits to about this link; gone with the row.
    CONSTRAINT entry_link_link CHECK ((octet_length(link) = 32))
    CONSTRAINT entry_link_pkey PRIMARY KEY (link, entry_id)
    CONSTRAINT entry_link_salt CHECK ((octet_length(salt) = 32))
    CREATE INDEX entry_link_entry_idx ON public.entry_link USING btree (entry_id)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE entry_lookup owned by onward_owner
COMMENT ON TABLE entry_lookup IS 'What links stand for: once a row is gone, nothing leads from its lookup to an entry. Erasable.'
    lookup bytea NOT NULL -- HMAC-SHA-256 of what the link stands for, under a key that is not in the database.
    link bytea NOT NULL -- 256 random bits, drawn when the lookup was first seen, and anew after it was erased.
    CONSTRAINT entry_lookup_link CHECK ((octet_length(link) = 32))
    CONSTRAINT entry_lookup_link_key UNIQUE (link)
    CONSTRAINT entry_lookup_lookup CHECK ((octet_length(lookup) = 32))
    CONSTRAINT entry_lookup_pkey PRIMARY KEY (lookup)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE exceptions owned by onward_owner
COMMENT ON TABLE exceptions IS 'What legal must look at: each violation; for each engagement at most one open exception of a fallen mechanism; for each vendor at most one open of each other kind.'
    id uuid NOT NULL
    kind text NOT NULL
    entry_id uuid NOT NULL -- The entry in the log that tells of it.
    vendor_id uuid -- Unknown of a cookie of which nobody says whose it is. Of a source that is not active: whoever answers for its data.
    reasons text[] NOT NULL
    opened_at timestamp with time zone NOT NULL
    closed_at timestamp with time zone
    closed_by uuid
    closed_because text NOT NULL DEFAULT ''::text
    about text NOT NULL DEFAULT ''::text -- The name of the cookie that it is about.
    engagement_id uuid -- Of a mechanism that fell: whose transfer stood on it. Null of those opened before this was kept.
    CONSTRAINT exceptions_about CHECK (((about <> ''::text) = (kind = 'cookie_unknown'::text)))
    CONSTRAINT exceptions_engagement CHECK (((engagement_id IS NULL) OR (kind = 'mechanism_fallen'::text)))
    CONSTRAINT exceptions_entry_key UNIQUE (kind, entry_id)
    CONSTRAINT exceptions_kind CHECK ((kind = ANY (ARRAY['violation'::text, 'late_discovery'::text, 'vendor_not_approved'::text, 'mechanism_fallen'::text, 'cookie_unknown'::text, 'source_not_active'::text])))
    CONSTRAINT exceptions_pkey PRIMARY KEY (id)
    CONSTRAINT exceptions_vendor CHECK (((vendor_id IS NOT NULL) OR (kind = 'cookie_unknown'::text)))
    CREATE UNIQUE INDEX exceptions_cookie_key ON public.exceptions USING btree (COALESCE(vendor_id, '00000000-0000-0000-0000-000000000000'::uuid), about) WHERE ((closed_at IS NULL) AND (kind = 'cookie_unknown'::text))
    CREATE INDEX exceptions_entry_idx ON public.exceptions USING btree (entry_id)
    CREATE INDEX exceptions_fallen_idx ON public.exceptions USING btree (engagement_id, opened_at) WHERE (engagement_id IS NOT NULL)
    CREATE INDEX exceptions_open_idx ON public.exceptions USING btree (opened_at DESC, id DESC) WHERE (closed_at IS NULL)
    CREATE UNIQUE INDEX exceptions_vendor_key ON public.exceptions USING btree (kind, vendor_id, COALESCE(engagement_id, '00000000-0000-0000-0000-000000000000'::uuid)) WHERE ((closed_at IS NULL) AND (kind <> ALL (ARRAY['violation'::text, 'cookie_unknown'::text])))
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (closed_at) TO onward_app
    GRANT UPDATE (closed_because) TO onward_app
    GRANT UPDATE (closed_by) TO onward_app

TABLE locations owned by onward_owner
COMMENT ON TABLE locations IS 'Where an engagement happens; newest version of each.'
    id uuid NOT NULL
    version bigint NOT NULL
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    vendor_id uuid NOT NULL
    engagement_id uuid NOT NULL
    place text NOT NULL -- ISO 3166-1 alpha-2, or EEA, EU, GLOBAL, UNSPECIFIED.
    uses text[] NOT NULL
    applies_to text NOT NULL -- Which customers this location serves, as stated.
    detail text NOT NULL
    stated text NOT NULL -- The source's own words where they name no country.
    transfer jsonb -- Transfer mechanism and its evidence.
    starts_on date
    ends_on date
    CONSTRAINT locations_engagement_fkey FOREIGN KEY (engagement_id) REFERENCES engagements(id)
    CONSTRAINT locations_interval CHECK ((starts_on <= ends_on))
    CONSTRAINT locations_pkey PRIMARY KEY (id)
    CONSTRAINT locations_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors(id)
    CREATE INDEX locations_engagement_idx ON public.locations USING btree (engagement_id)
    CREATE INDEX locations_vendor_idx ON public.locations USING btree (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE log_checkpoint owned by onward_owner
COMMENT ON TABLE log_checkpoint IS 'Published checkpoints (C2SP tlog-checkpoint), append-only; each is consistent with all before it.'
    size bigint NOT NULL -- Number of entries that it covers.
    root bytea NOT NULL
    note bytea NOT NULL -- The signed note, byte for byte as published, without cosignatures.
    signed_at timestamp with time zone NOT NULL -- By the signer's clock; proof of time comes from witnesses.
    CONSTRAINT log_checkpoint_pkey PRIMARY KEY (size)
    CONSTRAINT log_checkpoint_root CHECK ((octet_length(root) = 32))
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.log_checkpoint FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE log_cosignature owned by onward_owner
COMMENT ON TABLE log_cosignature IS 'Cosignatures of witnesses (C2SP tlog-cosignature), append-only; the newest of each key counts.'
    size bigint NOT NULL
    key_name text NOT NULL
    key_id bigint NOT NULL -- The key's 32-bit id, as in the signature line.
    cosigned_at timestamp with time zone NOT NULL -- The witness's time, which its signature covers.
    line text NOT NULL -- The signature line of the note, without its line break.
    CONSTRAINT log_cosignature_checkpoint_fkey FOREIGN KEY (size) REFERENCES log_checkpoint(size)
    CONSTRAINT log_cosignature_pkey PRIMARY KEY (size, key_name, key_id, cosigned_at)
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.log_cosignature FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_cosignature FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE log_entry owned by onward_owner partitioned by RANGE (month)
COMMENT ON TABLE log_entry IS 'The entries. Columns beside leaf are read from it for searching; the leaf is the record.'
    month date NOT NULL -- First day of the UTC month of recorded_at: the partition.
    idx bigint NOT NULL -- Place in the log, from 0, without gaps.
    entry_id uuid NOT NULL
    type text NOT NULL
    recorded_at timestamp with time zone NOT NULL
    occurred_at timestamp with time zone NOT NULL
    actor_id uuid NOT NULL -- The key or user that acted.
    vendor_id uuid
    vendor_seq bigint -- Place among the entries about that vendor, from 1, without gaps.
    leaf_hash bytea NOT NULL -- SHA-256(0x00 || leaf), RFC 6962.
    leaf bytea NOT NULL -- RFC 8785 canonical JSON, byte for byte as hashed.
    CONSTRAINT log_entry_leaf CHECK (((octet_length(leaf) >= 2) AND (octet_length(leaf) <= 65535)))
    CONSTRAINT log_entry_leaf_hash CHECK ((octet_length(leaf_hash) = 32))
    CONSTRAINT log_entry_pkey PRIMARY KEY (idx, month)
    CREATE INDEX log_entry_vendor_idx ON ONLY public.log_entry USING btree (vendor_id, idx) WHERE (vendor_id IS NOT NULL)
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.log_entry FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE log_entry_key owned by onward_owner
COMMENT ON TABLE log_entry_key IS 'Makes an entry id unique across months, and tells a retry from another request.'
    entry_id uuid NOT NULL
    month date NOT NULL
    idx bigint NOT NULL
    request_hash bytea NOT NULL -- SHA-256 of what was asked; the same id with another hash is a conflict.
    CONSTRAINT log_entry_key_pkey PRIMARY KEY (entry_id)
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.log_entry_key FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_entry_key FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE log_head owned by onward_owner
COMMENT ON TABLE log_head IS 'The one row that orders the log: locked FOR UPDATE by every append.'
    id smallint NOT NULL DEFAULT 1
    origin text NOT NULL -- The log's name in every leaf and checkpoint; never changes.
    size bigint NOT NULL -- Number of entries; the next entry takes this index.
    epoch bigint NOT NULL -- Grows with every change of a fact that shares are judged by.
    root bytea NOT NULL -- RFC 6962 root of the first size leaves.
    edge bytea NOT NULL -- Hashes of the complete subtrees of size, largest first, 32 bytes each.
    last_at timestamp with time zone NOT NULL -- recorded_at of the newest entry; recorded_at never goes back.
    frozen text NOT NULL DEFAULT ''::text -- Why nothing but an acknowledgement may be appended; empty when the log is open.
    frozen_at timestamp with time zone -- Since when it is frozen; absent while it is open.
    CONSTRAINT log_head_pkey PRIMARY KEY (id)
    CONSTRAINT log_head_single CHECK ((id = 1))
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (edge) TO onward_app
    GRANT UPDATE (epoch) TO onward_app
    GRANT UPDATE (frozen) TO onward_app
    GRANT UPDATE (frozen_at) TO onward_app
    GRANT UPDATE (last_at) TO onward_app
    GRANT UPDATE (root) TO onward_app
    GRANT UPDATE (size) TO onward_app

TABLE log_hold owned by onward_owner
COMMENT ON TABLE log_hold IS 'Legal holds: while one is not lifted, nothing is pruned from the log.'
    id uuid NOT NULL
    reason text NOT NULL -- A code; what the matter is stands in the files of whoever placed it.
    held_from date NOT NULL -- Since which day there is a duty to keep.
    review_on date NOT NULL -- When somebody is to look whether it is still needed; it does not end by itself.
    placed_at timestamp with time zone NOT NULL
    placed_by uuid NOT NULL
    lifted_at timestamp with time zone
    lifted_by uuid
    CONSTRAINT log_hold_lifted CHECK (((lifted_at IS NULL) = (lifted_by IS NULL)))
    CONSTRAINT log_hold_pkey PRIMARY KEY (id)
    CONSTRAINT log_hold_reason CHECK ((reason = ANY (ARRAY['LITIGATION'::text, 'INVESTIGATION'::text, 'REGULATOR'::text, 'AUDIT'::text, 'CONTRACT'::text])))
    CONSTRAINT log_hold_review CHECK ((review_on >= held_from))
    CREATE INDEX log_hold_placed_idx ON public.log_hold USING btree (placed_at, id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (lifted_at) TO onward_app
    GRANT UPDATE (lifted_by) TO onward_app

TABLE log_pruned owned by onward_owner
COMMENT ON TABLE log_pruned IS 'Months whose entries were pruned; the leaf of each entry_id says the same. The log''s lines begin at the greatest next_idx.'
    month date NOT NULL
    first_idx bigint NOT NULL
    next_idx bigint NOT NULL
    entry_id uuid NOT NULL -- The entry that told of it before it was done.
    CONSTRAINT log_pruned_month_key UNIQUE (month)
    CONSTRAINT log_pruned_pkey PRIMARY KEY (next_idx)
    CONSTRAINT log_pruned_range CHECK (((first_idx >= 0) AND (next_idx > first_idx)))
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.log_pruned FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_pruned FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT SELECT TO onward_app

TABLE log_tile owned by onward_owner
COMMENT ON TABLE log_tile IS 'Completed tiles of 256 hashes (C2SP tlog-tiles). The right edge is made from leaf_hash and root when asked for.'
    level smallint NOT NULL
    n bigint NOT NULL
    hashes bytea NOT NULL
    root bytea NOT NULL -- Root of the tile: its hash in the tile above.
    CONSTRAINT log_tile_hashes CHECK ((octet_length(hashes) = 8192))
    CONSTRAINT log_tile_pkey PRIMARY KEY (level, n)
    CONSTRAINT log_tile_root CHECK ((octet_length(root) = 32))
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.log_tile FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.log_tile FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE log_vendor_seq owned by onward_owner
COMMENT ON TABLE log_vendor_seq IS 'Last vendor_seq given to each vendor; moved under the head''s lock.'
    vendor_id uuid NOT NULL
    last_seq bigint NOT NULL
    CONSTRAINT log_vendor_seq_pkey PRIMARY KEY (vendor_id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (last_seq) TO onward_app

TABLE notices owned by onward_owner
COMMENT ON TABLE notices IS 'What is told about changes: one notice for all that are approved within the hour.'
    id uuid NOT NULL
    opened_at timestamp with time zone NOT NULL
    frozen_at timestamp with time zone -- From then on nothing of it changes; it is sent.
    changes jsonb NOT NULL -- The changes as the notice tells them: names, purposes, places, dates.
    about text NOT NULL DEFAULT 'announced'::text -- announced: the changes are to come; moved: to come on a later day; withdrawn: they do not come.
    follows_id uuid -- The notice that announced the change, whose receivers this one is for.
    CONSTRAINT notices_about CHECK ((about = ANY (ARRAY['announced'::text, 'moved'::text, 'withdrawn'::text])))
    CONSTRAINT notices_follows CHECK (((about = 'announced'::text) = (follows_id IS NULL)))
    CONSTRAINT notices_follows_fkey FOREIGN KEY (follows_id) REFERENCES notices(id)
    CONSTRAINT notices_pkey PRIMARY KEY (id)
    CREATE INDEX notices_follows_idx ON public.notices USING btree (follows_id) WHERE (follows_id IS NOT NULL)
    CREATE INDEX notices_opened_idx ON public.notices USING btree (opened_at, id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE objections owned by onward_owner
COMMENT ON TABLE objections IS 'What customers object to; the change does not start for them while one is open or upheld.'
    id uuid NOT NULL
    version bigint NOT NULL
    change_id uuid NOT NULL
    customer_id uuid NOT NULL
    received_at timestamp with time zone NOT NULL
    channel text NOT NULL
    ground text NOT NULL -- The customer's own words.
    state text NOT NULL
    decided_at timestamp with time zone
    decided_by uuid
    decision text NOT NULL -- Why it was decided as its state says.
    outcome text NOT NULL -- What follows for the customer.
    updated_at timestamp with time zone NOT NULL
    CONSTRAINT objections_channel CHECK ((channel = ANY (ARRAY['form'::text, 'recorded'::text])))
    CONSTRAINT objections_customer_fkey FOREIGN KEY (change_id, customer_id) REFERENCES change_customers(change_id, customer_id)
    CONSTRAINT objections_pkey PRIMARY KEY (id)
    CONSTRAINT objections_state CHECK ((state = ANY (ARRAY['open'::text, 'upheld'::text, 'rejected'::text, 'withdrawn'::text])))
    CREATE INDEX objections_change_idx ON public.objections USING btree (change_id)
    CREATE INDEX objections_received_idx ON public.objections USING btree (received_at, id)
    CREATE UNIQUE INDEX objections_standing_key ON public.objections USING btree (change_id, customer_id) WHERE (state = ANY (ARRAY['open'::text, 'upheld'::text]))
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE person_flags owned by onward_owner
COMMENT ON TABLE person_flags IS 'People of whom it was learned that they are under 13, or whose data must rest (Article 18 GDPR). Erasable.'
    entry_id uuid NOT NULL
    lookup bytea NOT NULL
    kind text NOT NULL
    at timestamp with time zone NOT NULL -- Since when; a share at that instant or later is bound by it.
    until timestamp with time zone -- First instant after it; null: without end.
    CONSTRAINT person_flags_kind CHECK ((kind = ANY (ARRAY['child'::text, 'restricted'::text])))
    CONSTRAINT person_flags_lookup CHECK ((octet_length(lookup) = 32))
    CONSTRAINT person_flags_pkey PRIMARY KEY (entry_id)
    CREATE INDEX person_flags_lookup_idx ON public.person_flags USING btree (lookup, kind)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE policies owned by onward_owner
COMMENT ON TABLE policies IS 'Versions of the privacy policy that follow the one that comes with the program; newest state of each.'
    id uuid NOT NULL
    version bigint NOT NULL -- Counts from 1; the record's ETag.
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    created_by uuid NOT NULL
    changed_by uuid NOT NULL -- Who wrote it last; neither this person nor created_by approves it.
    name text NOT NULL
    state text NOT NULL
    content jsonb NOT NULL -- Categories, purposes, grounds, kinds of recipient, days, zone, and the text's address and SHA-256.
    decisions jsonb NOT NULL -- By changed item: whether consent is needed, why, who decided it and when.
    previous text NOT NULL -- Name of the version that it was approved to follow; empty before it is approved.
    approved_by uuid
    approved_at timestamp with time zone
    published_by uuid
    published_at timestamp with time zone
    effective_at timestamp with time zone -- Start of the effective day in the version's zone, fixed when it was published.
    CONSTRAINT policies_approval CHECK (((state <> ALL (ARRAY['approved'::text, 'published'::text])) OR ((approved_by IS NOT NULL) AND (approved_at IS NOT NULL))))
    CONSTRAINT policies_name_key UNIQUE (name)
    CONSTRAINT policies_not_backdated CHECK ((effective_at > published_at))
    CONSTRAINT policies_pkey PRIMARY KEY (id)
    CONSTRAINT policies_publication CHECK ((((state = 'published'::text) = (published_at IS NOT NULL)) AND ((published_at IS NULL) = (published_by IS NULL)) AND ((published_at IS NULL) = (effective_at IS NULL))))
    CONSTRAINT policies_state CHECK ((state = ANY (ARRAY['draft'::text, 'approved'::text, 'published'::text, 'withdrawn'::text])))
    CONSTRAINT policies_two_people CHECK (((approved_by <> created_by) AND (approved_by <> changed_by)))
    CREATE UNIQUE INDEX policies_effective_key ON public.policies USING btree (effective_at) WHERE (state = 'published'::text)
    CREATE TRIGGER refuse_delete BEFORE DELETE ON public.policies FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_policy_change BEFORE UPDATE ON public.policies FOR EACH ROW EXECUTE FUNCTION refuse_policy_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE publishing_settings owned by onward_owner
COMMENT ON TABLE publishing_settings IS 'Default clocks, zone, language, products and regions; no row while nobody has set any.'
    id smallint NOT NULL
    version bigint NOT NULL
    updated_at timestamp with time zone NOT NULL
    body jsonb NOT NULL
    CONSTRAINT publishing_settings_one CHECK ((id = 1))
    CONSTRAINT publishing_settings_pkey PRIMARY KEY (id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE record_version owned by onward_owner
COMMENT ON TABLE record_version IS 'Every version of every record, append-only. body and salt open the commitment in the entry.'
    kind text NOT NULL
    record_id uuid NOT NULL
    version bigint NOT NULL
    vendor_id uuid -- The vendor whose dossier it belongs to; NULL for a policy, which belongs to none.
    entry_id uuid NOT NULL
    actor_id uuid NOT NULL
    effective_at timestamp with time zone NOT NULL -- Since when, in the world, this version holds.
    recorded_at timestamp with time zone NOT NULL -- When it was written down.
    reason text NOT NULL
    changed text[] NOT NULL -- JSON pointers of the fields that differ from the version before.
    salt bytea NOT NULL
    body text NOT NULL -- RFC 8785 canonical JSON of the record, byte for byte as committed to.
    CONSTRAINT record_version_kind CHECK ((kind = ANY (ARRAY['vendor'::text, 'engagement'::text, 'location'::text, 'contract'::text, 'policy'::text, 'customer'::text, 'change'::text, 'objection'::text, 'setting'::text, 'calendar'::text])))
    CONSTRAINT record_version_pkey PRIMARY KEY (kind, record_id, version)
    CONSTRAINT record_version_salt CHECK ((octet_length(salt) = 32))
    CONSTRAINT record_version_vendor CHECK (((kind = ANY (ARRAY['policy'::text, 'customer'::text, 'setting'::text, 'calendar'::text])) = (vendor_id IS NULL)))
    CREATE INDEX record_version_entry_idx ON public.record_version USING btree (entry_id)
    CREATE INDEX record_version_exclusive_idx ON public.record_version USING btree (record_id) WHERE ((kind = 'contract'::text) AND (body ~~ '%"exclusive":true%'::text))
    CREATE INDEX record_version_merged_idx ON public.record_version USING btree (record_id) WHERE ((kind = 'vendor'::text) AND ('/merged_into_id'::text = ANY (changed)))
    CREATE INDEX record_version_vendor_idx ON public.record_version USING btree (vendor_id, recorded_at)
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.record_version FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.record_version FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE release_holds owned by onward_owner
COMMENT ON TABLE release_holds IS 'Who is at work on what becomes one release: until each of them has ended, the newest release stays the list.'
    id uuid NOT NULL
    begun_at timestamp with time zone NOT NULL -- By the clock of the database, as ends_at is.
    ends_at timestamp with time zone NOT NULL -- When it ends by itself, unless whoever holds it lives and moves it on: one that died holds nothing for long.
    CONSTRAINT release_holds_pkey PRIMARY KEY (id)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE releases owned by onward_owner
COMMENT ON TABLE releases IS 'Every version of the public list, numbered from 1; never changed.'
    number bigint NOT NULL -- Counts from 1 without a gap.
    entry_id uuid NOT NULL -- The entry list.released of the log, whose body names number, SHA-256 and the SHA-256 before.
    released_at timestamp with time zone NOT NULL
    sha256 bytea NOT NULL
    list text NOT NULL -- The list as canonical JSON (RFC 8785), whose SHA-256 the entry list.released holds.
    changes uuid[] NOT NULL -- Changes that took effect since the release before.
    lines integer NOT NULL -- How many lines the list has.
    differences jsonb NOT NULL -- Lines that were added, removed or changed since the release before, field by field; empty for the first.
    CONSTRAINT releases_entry_key UNIQUE (entry_id)
    CONSTRAINT releases_pkey PRIMARY KEY (number)
    CONSTRAINT releases_sha256 CHECK ((octet_length(sha256) = 32))
    CREATE INDEX releases_released_idx ON public.releases USING btree (released_at)
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.releases FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.releases FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE schema_migrations owned by onward_owner
COMMENT ON TABLE schema_migrations IS 'Which files of the schema were applied to this database.'
    name text NOT NULL -- Name of the file, NNNN_verb_noun.sql.
    sha256 text NOT NULL -- SHA-256 of the file as it was applied, in hexadecimal.
    applied_at timestamp with time zone NOT NULL -- When the program that applied it began, by its clock.
    CONSTRAINT schema_migrations_pkey PRIMARY KEY (name)
    CONSTRAINT schema_migrations_sha256_shape CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
    GRANT SELECT TO onward_app

TABLE share_correction owned by onward_owner
COMMENT ON TABLE share_correction IS 'Which entries correct which share, append-only; the last one counts. The leaves of the entries say the same.'
    share_id uuid NOT NULL
    number bigint NOT NULL -- Counts the corrections of the share from 1: two that were made of the same state cannot both stand.
    share_idx bigint NOT NULL -- Index of the share's entry, so that a report finds the corrections of a range of entries.
    entry_id uuid NOT NULL
    idx bigint NOT NULL -- Index of the correcting entry.
    CONSTRAINT share_correction_entry_key UNIQUE (entry_id)
    CONSTRAINT share_correction_number CHECK ((number >= 1))
    CONSTRAINT share_correction_pkey PRIMARY KEY (share_id, number)
    CREATE INDEX share_correction_share_idx ON public.share_correction USING btree (share_idx, number)
    CREATE TRIGGER refuse_row_change BEFORE DELETE OR UPDATE ON public.share_correction FOR EACH ROW EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON public.share_correction FOR EACH STATEMENT EXECUTE FUNCTION refuse_change() ENABLE ALWAYS
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE sign_in_links owned by onward_owner
COMMENT ON TABLE sign_in_links IS 'Links that were made and not used: each signs its user in once. A user has one at most.'
    secret_hash bytea NOT NULL -- SHA-256 of a secret of 256 random bits, which is not kept.
    user_id uuid NOT NULL
    created_at timestamp with time zone NOT NULL
    created_by uuid NOT NULL
    expires_at timestamp with time zone NOT NULL
    CONSTRAINT sign_in_links_pkey PRIMARY KEY (secret_hash)
    CONSTRAINT sign_in_links_secret_hash CHECK ((octet_length(secret_hash) = 32))
    CONSTRAINT sign_in_links_user_fkey FOREIGN KEY (user_id) REFERENCES app_users(id)
    CONSTRAINT sign_in_links_user_key UNIQUE (user_id)
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE subject_requests owned by onward_owner
COMMENT ON TABLE subject_requests IS 'What persons ask of us about their data. Each step is an entry that names nobody.'
    id uuid NOT NULL -- And of the entry request.received.
    kind text NOT NULL
    lookup bytea -- The person; emptied, with what was written freely, when the person is erased.
    channel text NOT NULL
    received_at timestamp with time zone NOT NULL
    zone text NOT NULL -- Whose days are counted.
    calendar text NOT NULL -- Whose holidays are no working days; empty: weekends only.
    received_on date NOT NULL -- Day of received_at in the zone.
    due_on date NOT NULL -- Last day on which it may be answered, the extension counted in.
    due_at timestamp with time zone NOT NULL -- First instant after it.
    recorded_at timestamp with time zone NOT NULL
    extension_id uuid -- The entry request.extended.
    extended_at timestamp with time zone
    extended_because text NOT NULL DEFAULT ''::text
    closing_id uuid -- The entry request.closed.
    closed_at timestamp with time zone
    closed_by uuid
    outcome text NOT NULL DEFAULT ''::text
    closed_because text NOT NULL DEFAULT ''::text
    CONSTRAINT subject_requests_closed CHECK ((((closed_at IS NULL) = (outcome = ''::text)) AND ((closed_at IS NULL) = (closing_id IS NULL)) AND ((closed_at IS NULL) = (closed_by IS NULL))))
    CONSTRAINT subject_requests_due CHECK ((received_on < due_on))
    CONSTRAINT subject_requests_extended CHECK (((extended_at IS NULL) = (extension_id IS NULL)))
    CONSTRAINT subject_requests_kind CHECK ((kind = ANY (ARRAY['access'::text, 'erasure'::text, 'correction'::text, 'restriction'::text, 'objection'::text, 'portability'::text])))
    CONSTRAINT subject_requests_lookup CHECK ((octet_length(lookup) = 32))
    CONSTRAINT subject_requests_outcome CHECK ((outcome = ANY (ARRAY[''::text, 'answered'::text, 'refused'::text])))
    CONSTRAINT subject_requests_pkey PRIMARY KEY (id)
    CREATE INDEX subject_requests_due_idx ON public.subject_requests USING btree (due_at, id)
    CREATE INDEX subject_requests_lookup_idx ON public.subject_requests USING btree (lookup) WHERE (lookup IS NOT NULL)
    CREATE INDEX subject_requests_open_idx ON public.subject_requests USING btree (due_at, id) WHERE (closed_at IS NULL)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (closed_at) TO onward_app
    GRANT UPDATE (closed_because) TO onward_app
    GRANT UPDATE (closed_by) TO onward_app
    GRANT UPDATE (closing_id) TO onward_app
    GRANT UPDATE (due_at) TO onward_app
    GRANT UPDATE (due_on) TO onward_app
    GRANT UPDATE (extended_at) TO onward_app
    GRANT UPDATE (extended_because) TO onward_app
    GRANT UPDATE (extension_id) TO onward_app
    GRANT UPDATE (lookup) TO onward_app
    GRANT UPDATE (outcome) TO onward_app

TABLE subscribers owned by onward_owner
COMMENT ON TABLE subscribers IS 'Who asked to be told; told only after confirmation.'
    id uuid NOT NULL
    created_at timestamp with time zone NOT NULL
    channel text NOT NULL
    address text NOT NULL -- E-mail address or https address; emptied when the subscriber leaves.
    language text NOT NULL
    products text[] NOT NULL -- Products whose changes it wants to hear of; none: all.
    regions text[] NOT NULL -- Likewise regions.
    secret bytea NOT NULL -- Key of the signature of webhooks; empty where mail is sent.
    confirmed_at timestamp with time zone
    left_at timestamp with time zone -- When it left, was erased, or gave way to another with the same address; from then on nothing of the person is kept.
    expires_at timestamp with time zone NOT NULL -- Until when it can be confirmed.
    paused_at timestamp with time zone -- Since when it is told nothing, because what was sent came back.
    CONSTRAINT subscribers_channel CHECK ((channel = ANY (ARRAY['email'::text, 'webhook'::text])))
    CONSTRAINT subscribers_pkey PRIMARY KEY (id)
    CREATE UNIQUE INDEX subscribers_address_key ON public.subscribers USING btree (channel, lower(address)) WHERE ((confirmed_at IS NOT NULL) AND (left_at IS NULL))
    CREATE INDEX subscribers_asked_idx ON public.subscribers USING btree (channel, lower(address), created_at) WHERE (left_at IS NULL)
    CREATE INDEX subscribers_created_idx ON public.subscribers USING btree (created_at, id)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

TABLE tasks owned by onward_owner
COMMENT ON TABLE tasks IS 'What must be done. A task that follows from the registry alone is worked out when it is asked for, and stored when it is closed, so that it does not come back.'
    id uuid NOT NULL -- Made of the kind, the record and the fact that caused the task: the same cause makes no second one.
    kind text NOT NULL
    vendor_id uuid -- Unknown of a task about a request of a person.
    record_kind text NOT NULL
    record_id uuid NOT NULL -- The contract, location, vendor, entry or request that the task is about.
    lookup bytea -- The person, so that nobody is told twice; emptied when the person is erased.
    purpose text NOT NULL
    categories text[] NOT NULL
    deal text NOT NULL
    due_at timestamp with time zone NOT NULL
    opened_at timestamp with time zone NOT NULL
    sent_at timestamp with time zone -- When the recipient was told.
    closed_at timestamp with time zone
    closed_by uuid
    outcome text NOT NULL DEFAULT ''::text
    closed_because text NOT NULL DEFAULT ''::text
    CONSTRAINT tasks_closed CHECK (((closed_at IS NULL) = (outcome = ''::text)))
    CONSTRAINT tasks_lookup CHECK ((octet_length(lookup) = 32))
    CONSTRAINT tasks_pkey PRIMARY KEY (id)
    CONSTRAINT tasks_vendor CHECK (((vendor_id IS NOT NULL) OR (record_kind = 'request'::text)))
    CREATE INDEX tasks_closed_idx ON public.tasks USING btree (due_at, id) WHERE (closed_at IS NOT NULL)
    CREATE INDEX tasks_lookup_idx ON public.tasks USING btree (lookup) WHERE (lookup IS NOT NULL)
    CREATE INDEX tasks_open_idx ON public.tasks USING btree (due_at, id) WHERE (closed_at IS NULL)
    CREATE INDEX tasks_vendor_idx ON public.tasks USING btree (vendor_id, due_at)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE (closed_at) TO onward_app
    GRANT UPDATE (closed_because) TO onward_app
    GRANT UPDATE (closed_by) TO onward_app
    GRANT UPDATE (lookup) TO onward_app
    GRANT UPDATE (outcome) TO onward_app
    GRANT UPDATE (sent_at) TO onward_app

TABLE untold_visits owned by onward_owner
COMMENT ON TABLE untold_visits IS 'Who signed in or out while the log was frozen: it takes the entries, and these rows go, as soon as it is open.'
    id uuid NOT NULL -- Of the entry that will tell of it.
    verb text NOT NULL
    user_id uuid NOT NULL
    role text NOT NULL -- Of the user at that time.
    visit_id uuid NOT NULL -- The entry of the signing in.
    link_by uuid -- Who made the link; absent of a signing out.
    occurred_at timestamp with time zone NOT NULL
    CONSTRAINT untold_visits_pkey PRIMARY KEY (id)
    CONSTRAINT untold_visits_user_fkey FOREIGN KEY (user_id) REFERENCES app_users(id)
    CONSTRAINT untold_visits_verb CHECK ((verb = ANY (ARRAY['signed_in'::text, 'signed_out'::text])))
    GRANT DELETE TO onward_app
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app

TABLE vendors owned by onward_owner
COMMENT ON TABLE vendors IS 'Organisations that may receive personal data from us; newest version of each.'
    id uuid NOT NULL
    version bigint NOT NULL -- Counts from 1; the record's ETag.
    created_at timestamp with time zone NOT NULL
    updated_at timestamp with time zone NOT NULL
    created_by uuid NOT NULL -- Who proposed it: somebody else approves.
    state text NOT NULL
    state_since timestamp with time zone NOT NULL -- Since when, in the world, the vendor is in this state.
    name text NOT NULL
    legal_name text NOT NULL
    kinds text[] NOT NULL
    country text NOT NULL
    address text NOT NULL
    website text NOT NULL
    privacy_notice text NOT NULL
    lei text NOT NULL
    identifiers jsonb NOT NULL
    other_names jsonb NOT NULL
    contacts jsonb NOT NULL
    certifications text[] NOT NULL
    subprocessor_list text NOT NULL
    parent_id uuid
    owner text NOT NULL
    notes text NOT NULL
    deletion_certificate jsonb
    deletion_exception text NOT NULL
    external_id text NOT NULL -- The record's name in the file or system it was imported from; empty when there is none.
    search text NOT NULL -- Names, identifiers and address, folded, for text search.
    merged_into_id uuid -- The vendor that it became a part of; the chain never closes a circle. The record keeps its name and id.
    merged_since timestamp with time zone -- Since when, in the world.
    ownership jsonb NOT NULL DEFAULT '[]'::jsonb -- Who owned how much of it on which days, and what shows it.
    review_on date -- The first day of review; the others are counted from it, every so many months.
    review_months integer
    dpf jsonb NOT NULL DEFAULT '[]'::jsonb -- What the list of the EU-US Data Privacy Framework said of it on which days.
    CONSTRAINT vendors_merged CHECK (((merged_into_id IS NULL) = (merged_since IS NULL)))
    CONSTRAINT vendors_merged_fkey FOREIGN KEY (merged_into_id) REFERENCES vendors(id)
    CONSTRAINT vendors_merged_self CHECK ((merged_into_id <> id))
    CONSTRAINT vendors_parent_fkey FOREIGN KEY (parent_id) REFERENCES vendors(id)
    CONSTRAINT vendors_parent_self CHECK ((parent_id <> id))
    CONSTRAINT vendors_pkey PRIMARY KEY (id)
    CONSTRAINT vendors_review_months CHECK ((review_months > 0))
    CONSTRAINT vendors_state CHECK ((state = ANY (ARRAY['proposed'::text, 'approved'::text, 'active'::text, 'winding_down'::text, 'ended'::text])))
    CREATE UNIQUE INDEX vendors_external_id_key ON public.vendors USING btree (external_id) WHERE (external_id <> ''::text)
    CREATE UNIQUE INDEX vendors_lei_key ON public.vendors USING btree (lei) WHERE (lei <> ''::text)
    CREATE INDEX vendors_merged_idx ON public.vendors USING btree (merged_into_id) WHERE (merged_into_id IS NOT NULL)
    CREATE UNIQUE INDEX vendors_name_key ON public.vendors USING btree (fold_text(name))
    CREATE INDEX vendors_parent_idx ON public.vendors USING btree (parent_id) WHERE (parent_id IS NOT NULL)
    GRANT INSERT TO onward_app
    GRANT SELECT TO onward_app
    GRANT UPDATE TO onward_app

CREATE OR REPLACE FUNCTION public.add_log_month(day date)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
    first date := date_trunc('month', day)::date;
    name  text := 'log_entry_' || to_char(first, 'YYYY_MM');
BEGIN
    IF day < '1970-01-01' OR day > '9999-01-01' THEN
        RAISE EXCEPTION 'no log month for %', day;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('add_log_month'));
    IF to_regclass(name) IS NOT NULL THEN
        RETURN;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF log_entry FOR VALUES FROM (%L) TO (%L)', name, first, (first + interval '1 month')::date);
    EXECUTE format('COMMENT ON TABLE %I IS %L', name, 'Entries recorded in ' || to_char(first, 'YYYY-MM') || '.');
    PERFORM make_append_only(name::regclass);
END
$function$
-- owned by onward_owner; execute: onward_app
-- Creates the partition of a month, append-only from the start; does nothing where it exists.

CREATE OR REPLACE FUNCTION public.fold_text(v text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
AS $function$ SELECT lower(normalize(v, NFKC)) $function$
-- owned by onward_owner; execute: PUBLIC
-- The form in which names are searched and compared.

CREATE OR REPLACE FUNCTION public.make_append_only(target regclass)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'refuse_row_change') THEN
        EXECUTE format('CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()', target);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = target AND tgname = 'refuse_truncate') THEN
        EXECUTE format('CREATE TRIGGER refuse_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', target);
    END IF;
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_row_change', target);
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER refuse_truncate', target);
END
$function$
-- owned by onward_owner; execute: the owner alone
-- Gives a table, or one partition, the triggers that refuse UPDATE, DELETE and TRUNCATE, also for replicas' sessions.

CREATE OR REPLACE FUNCTION public.prune_log_month(target date)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET lock_timeout TO '5s'
AS $function$
DECLARE
    name    text := 'log_entry_' || to_char(target, 'YYYY_MM');
    first   bigint;
    next    bigint;
    told    record;
    body    jsonb;
    head    record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('prune_log_month'));
    IF EXISTS (SELECT FROM log_pruned WHERE month = target) THEN
        RETURN false;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'log_entry'::regclass AND inhrelid = to_regclass(name)) THEN
        RAISE EXCEPTION 'the log has no month %', target;
    END IF;
    LOCK TABLE log_hold IN SHARE MODE; -- nobody places a hold until this has ended
    IF EXISTS (SELECT FROM log_hold WHERE lifted_at IS NULL) THEN
        RAISE EXCEPTION 'the log is under a legal hold' USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    SELECT size, last_at, frozen INTO head FROM log_head WHERE id = 1;
    SELECT min(idx), max(idx) + 1 INTO first, next FROM log_entry WHERE month = target;
    IF first IS NULL OR first <> coalesce((SELECT max(next_idx) FROM log_pruned), 0) THEN
        RAISE EXCEPTION '% is not the oldest month of the log', target;
    END IF;
    IF head.frozen <> '' OR target >= date_trunc('month', head.last_at AT TIME ZONE 'UTC')::date OR next > head.size - head.size % 256 THEN
        RAISE EXCEPTION 'the month % is not complete, or the log is frozen', target;
    END IF;
    -- The entry that tells of it is in the log, is what its hash says, and is under a checkpoint.
    SELECT idx, entry_id, leaf INTO told FROM log_entry e WHERE e.type = 'retention.pruned' AND e.idx >= next
        AND e.leaf_hash = sha256('\x00'::bytea || e.leaf)
        AND convert_from(e.leaf, 'UTF8')::jsonb @> jsonb_build_object('type', 'retention.pruned', 'entry_id', e.entry_id::text, 'body',
            jsonb_build_object('month', to_char(target, 'YYYY-MM'), 'first_index', first::text, 'next_index', next::text))
        ORDER BY idx LIMIT 1;
    IF told IS NULL OR NOT EXISTS (SELECT FROM log_checkpoint WHERE size > told.idx AND size <= head.size) THEN
        RAISE EXCEPTION 'no published entry tells that the month % is to be pruned', target;
    END IF;
    DELETE FROM entry_detail d USING log_entry_key k WHERE k.month = target AND k.entry_id = d.entry_id;
    DELETE FROM entry_link l USING log_entry_key k WHERE k.month = target AND k.entry_id = l.entry_id;
    INSERT INTO log_pruned (month, first_idx, next_idx, entry_id) VALUES (target, first, next, told.entry_id);
    EXECUTE format('DROP TABLE %I', name);
    RETURN true;
END
$function$
-- owned by onward_owner; execute: onward_app
-- Drops the oldest month of the log with what is kept beside its entries, once a published entry tells of it; false when it was done before.

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$function$
-- owned by onward_owner; execute: PUBLIC
-- Trigger of every append-only table.

CREATE OR REPLACE FUNCTION public.refuse_policy_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
$function$
-- owned by onward_owner; execute: PUBLIC
-- Holds versions of the policy to their life: what was approved is never changed.
