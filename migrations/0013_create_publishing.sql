-- What happens before a line of the public list changes, and what the list said: customers and their clocks, changes, notices and their
-- deliveries, subscribers, objections, releases.

CREATE TABLE customers (
    id            uuid        NOT NULL,
    version       bigint      NOT NULL,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    name          text        NOT NULL,
    contract      text        NOT NULL,
    authorisation text        NOT NULL,
    notice        jsonb,
    objection     jsonb,
    emergency     boolean     NOT NULL,
    language      text        NOT NULL,
    products      text[]      NOT NULL,
    regions       text[]      NOT NULL,
    contacts      jsonb       NOT NULL,
    starts_on     date,
    ends_on       date,
    notes         text        NOT NULL,
    CONSTRAINT customers_pkey PRIMARY KEY (id),
    CONSTRAINT customers_authorisation CHECK (authorisation IN ('general', 'specific')),
    CONSTRAINT customers_interval CHECK (starts_on <= ends_on)
);
COMMENT ON TABLE customers IS 'Who must be told before the list changes, and by which clock.';
COMMENT ON COLUMN customers.contract IS 'Reference of the contract that sets mode and clocks.';
COMMENT ON COLUMN customers.authorisation IS 'general: silence means yes; specific: silence means no (Article 28(2) GDPR).';
COMMENT ON COLUMN customers.notice IS 'Clock of the notice period, {number, days, from, zone, calendar}; null means the default.';
COMMENT ON COLUMN customers.objection IS 'Clock of the period to object; null means the default.';
COMMENT ON COLUMN customers.emergency IS 'The contract permits an emergency replacement without the period.';
CREATE UNIQUE INDEX customers_name_key ON customers (fold_text(name));

CREATE TABLE changes (
    id                uuid        NOT NULL,
    version           bigint      NOT NULL,
    created_at        timestamptz NOT NULL,
    updated_at        timestamptz NOT NULL,
    kind              text        NOT NULL,
    state             text        NOT NULL,
    vendor_id         uuid        NOT NULL,
    engagement_id     uuid,
    replaces_id       uuid,
    steps             jsonb       NOT NULL,
    effective_on      date        NOT NULL,
    zone              text        NOT NULL,
    emergency         boolean     NOT NULL,
    staged            boolean     NOT NULL,
    reason            text        NOT NULL,
    proposed_by       uuid        NOT NULL,
    approved_by       uuid,
    approved_at       timestamptz,
    approved_again_by uuid,
    announced_at      timestamptz,
    notice_id         uuid,
    effective_at      timestamptz,
    withdrawn_at      timestamptz,
    withdrawn_because text        NOT NULL,
    CONSTRAINT changes_pkey PRIMARY KEY (id),
    CONSTRAINT changes_vendor_fkey FOREIGN KEY (vendor_id) REFERENCES vendors (id),
    CONSTRAINT changes_kind CHECK (kind IN ('add', 'replace', 'remove', 'place', 'purpose', 'categories', 'name', 'other')),
    CONSTRAINT changes_state CHECK (state IN ('proposed', 'approved', 'announced', 'effective', 'withdrawn')),
    CONSTRAINT changes_two_people CHECK (approved_by <> proposed_by AND approved_again_by <> proposed_by AND approved_again_by <> approved_by)
);
COMMENT ON TABLE changes IS 'Planned changes of the public list.';
COMMENT ON COLUMN changes.engagement_id IS 'The line of the list that changes; null where a change of the vendor changes all its lines.';
COMMENT ON COLUMN changes.replaces_id IS 'The engagement that a replacement ends.';
COMMENT ON COLUMN changes.steps IS 'What is done to the records on the day: [{record_kind, record_id, version, action, patch}].';
COMMENT ON COLUMN changes.effective_on IS 'Day, in zone, on whose first instant the change takes effect.';
COMMENT ON COLUMN changes.staged IS 'Customers whose period is longer start later, each on its own day.';
CREATE INDEX changes_open_idx ON changes (effective_on) WHERE state IN ('proposed', 'approved', 'announced');
CREATE INDEX changes_vendor_idx ON changes (vendor_id);

CREATE TABLE notices (
    id         uuid        NOT NULL,
    opened_at  timestamptz NOT NULL,
    frozen_at  timestamptz,
    changes    jsonb       NOT NULL,
    CONSTRAINT notices_pkey PRIMARY KEY (id)
);
COMMENT ON TABLE notices IS 'What is told about changes: one notice for all that are approved within the hour.';
COMMENT ON COLUMN notices.frozen_at IS 'From then on nothing of it changes; it is sent.';
COMMENT ON COLUMN notices.changes IS 'The changes as the notice tells them: names, purposes, places, dates.';

CREATE TABLE change_customers (
    change_id       uuid        NOT NULL,
    customer_id     uuid        NOT NULL,
    notice_begins   timestamptz,
    notice_ends     timestamptz,
    objection_ends  timestamptz,
    starts_on       date,
    answer          text        NOT NULL DEFAULT '',
    answered_at     timestamptz,
    CONSTRAINT change_customers_pkey PRIMARY KEY (change_id, customer_id),
    CONSTRAINT change_customers_change_fkey FOREIGN KEY (change_id) REFERENCES changes (id),
    CONSTRAINT change_customers_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT change_customers_answer CHECK (answer IN ('', 'accepted', 'silent', 'objected', 'refused'))
);
COMMENT ON TABLE change_customers IS 'A change as it reaches one customer: its periods, its answer, and the day on which the change starts for it.';

CREATE TABLE subscribers (
    id           uuid        NOT NULL,
    created_at   timestamptz NOT NULL,
    channel      text        NOT NULL,
    address      text        NOT NULL,
    language     text        NOT NULL,
    products     text[]      NOT NULL,
    regions      text[]      NOT NULL,
    secret       bytea       NOT NULL,
    confirmed_at timestamptz,
    left_at      timestamptz,
    CONSTRAINT subscribers_pkey PRIMARY KEY (id),
    CONSTRAINT subscribers_channel CHECK (channel IN ('email', 'webhook'))
);
COMMENT ON TABLE subscribers IS 'Who asked to be told; told only after confirmation.';
COMMENT ON COLUMN subscribers.address IS 'E-mail address or https address; emptied when the subscriber leaves.';
COMMENT ON COLUMN subscribers.secret IS 'Key of the webhook''s signature and of the links in mails.';
CREATE UNIQUE INDEX subscribers_address_key ON subscribers (channel, fold_text(address)) WHERE left_at IS NULL;

CREATE TABLE deliveries (
    id            uuid        NOT NULL,
    notice_id     uuid,
    customer_id   uuid,
    subscriber_id uuid,
    purpose       text        NOT NULL,
    channel       text        NOT NULL,
    address       text        NOT NULL,
    message       bytea,
    state         text        NOT NULL,
    attempts      integer     NOT NULL,
    next_at       timestamptz NOT NULL,
    taken_until   timestamptz,
    created_at    timestamptz NOT NULL,
    sent_at       timestamptz,
    ended_at      timestamptz,
    outcome       text        NOT NULL,
    CONSTRAINT deliveries_pkey PRIMARY KEY (id),
    CONSTRAINT deliveries_notice_fkey FOREIGN KEY (notice_id) REFERENCES notices (id),
    CONSTRAINT deliveries_customer_fkey FOREIGN KEY (customer_id) REFERENCES customers (id),
    CONSTRAINT deliveries_subscriber_fkey FOREIGN KEY (subscriber_id) REFERENCES subscribers (id),
    CONSTRAINT deliveries_channel CHECK (channel IN ('email', 'webhook')),
    CONSTRAINT deliveries_purpose CHECK (purpose IN ('notice', 'confirmation')),
    CONSTRAINT deliveries_state CHECK (state IN ('queued', 'sent', 'failed', 'bounced', 'dropped'))
);
COMMENT ON TABLE deliveries IS 'One message to one address: tried until it is sent or given up.';
COMMENT ON COLUMN deliveries.id IS 'And of the message: its Message-ID, and the id that a webhook carries.';
COMMENT ON COLUMN deliveries.message IS 'Exactly the bytes that were sent.';
COMMENT ON COLUMN deliveries.taken_until IS 'An instance is at it until then; after that, another one takes it.';
CREATE INDEX deliveries_due_idx ON deliveries (next_at) WHERE state = 'queued';
CREATE INDEX deliveries_notice_idx ON deliveries (notice_id, id);
CREATE INDEX deliveries_customer_idx ON deliveries (customer_id, id) WHERE customer_id IS NOT NULL;
CREATE INDEX deliveries_subscriber_idx ON deliveries (subscriber_id, id) WHERE subscriber_id IS NOT NULL;

CREATE TABLE objections (
    id          uuid        NOT NULL,
    version     bigint      NOT NULL,
    change_id   uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    received_at timestamptz NOT NULL,
    channel     text        NOT NULL,
    ground      text        NOT NULL,
    state       text        NOT NULL,
    decided_at  timestamptz,
    decided_by  uuid,
    decision    text        NOT NULL,
    outcome     text        NOT NULL,
    CONSTRAINT objections_pkey PRIMARY KEY (id),
    CONSTRAINT objections_customer_fkey FOREIGN KEY (change_id, customer_id) REFERENCES change_customers (change_id, customer_id),
    CONSTRAINT objections_channel CHECK (channel IN ('form', 'recorded')),
    CONSTRAINT objections_state CHECK (state IN ('open', 'upheld', 'rejected', 'withdrawn'))
);
COMMENT ON TABLE objections IS 'What customers object to; the change does not start for them while one is open or upheld.';
CREATE INDEX objections_change_idx ON objections (change_id);

CREATE TABLE releases (
    number      bigint      NOT NULL,
    entry_id    uuid        NOT NULL,
    released_at timestamptz NOT NULL,
    sha256      bytea       NOT NULL,
    list        text        NOT NULL,
    changes     uuid[]      NOT NULL,
    CONSTRAINT releases_pkey PRIMARY KEY (number),
    CONSTRAINT releases_entry_key UNIQUE (entry_id),
    CONSTRAINT releases_sha256 CHECK (octet_length(sha256) = 32)
);
ALTER TABLE releases ALTER COLUMN list SET STORAGE EXTERNAL;
COMMENT ON TABLE releases IS 'Every version of the public list, numbered from 1; never changed.';
COMMENT ON COLUMN releases.list IS 'The list as canonical JSON (RFC 8785), whose SHA-256 the entry list.released holds.';

ALTER TABLE record_version DROP CONSTRAINT record_version_kind, DROP CONSTRAINT record_version_vendor,
    ADD CONSTRAINT record_version_kind CHECK (kind IN ('vendor', 'engagement', 'location', 'contract', 'policy', 'customer', 'change', 'objection')),
    ADD CONSTRAINT record_version_vendor CHECK ((kind IN ('policy', 'customer')) = (vendor_id IS NULL));

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'onward_app') THEN
        GRANT SELECT, INSERT, UPDATE ON customers, changes, change_customers, notices, subscribers, deliveries, objections TO onward_app;
        GRANT SELECT, INSERT ON releases TO onward_app;
    END IF;
END
$$;
