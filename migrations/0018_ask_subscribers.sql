-- Who asks to be told is told only after confirming: asking again is no fault and tells nothing of whether the address is known. What is delivered
-- has the language in which it is written.

ALTER TABLE subscribers ADD COLUMN expires_at timestamptz NOT NULL;
COMMENT ON COLUMN subscribers.expires_at IS 'Until when it can be confirmed.';
COMMENT ON COLUMN subscribers.left_at IS 'When it left, was erased, or gave way to another with the same address; from then on nothing of the person is kept.';
COMMENT ON COLUMN subscribers.secret IS 'Key of the signature of webhooks; empty where mail is sent.';
COMMENT ON COLUMN subscribers.products IS 'Products whose changes it wants to hear of; none: all.';
COMMENT ON COLUMN subscribers.regions IS 'Likewise regions.';
DROP INDEX subscribers_address_key;
CREATE UNIQUE INDEX subscribers_address_key ON subscribers (channel, lower(address)) WHERE confirmed_at IS NOT NULL AND left_at IS NULL;
CREATE INDEX subscribers_asked_idx ON subscribers (channel, lower(address), created_at) WHERE left_at IS NULL;
CREATE INDEX subscribers_created_idx ON subscribers (created_at, id);

ALTER TABLE deliveries ADD COLUMN language text NOT NULL;
COMMENT ON COLUMN deliveries.language IS 'In which it is written; empty: that of the settings.';
COMMENT ON COLUMN deliveries.next_at IS 'When it is tried next. An instance that takes it moves it to taken_until: should that instance die, another one goes on then.';
COMMENT ON COLUMN deliveries.outcome IS 'What the other side answered last.';
DROP INDEX deliveries_due_idx;
CREATE INDEX deliveries_due_idx ON deliveries (channel, next_at) WHERE state = 'queued';

CREATE INDEX notices_opened_idx ON notices (opened_at, id);
