-- Mail to a subscriber that comes back again and again is not sent for ever: the subscriber is paused, until it asks and confirms anew.

ALTER TABLE subscribers ADD COLUMN paused_at timestamptz;
COMMENT ON COLUMN subscribers.paused_at IS 'Since when it is told nothing, because what was sent came back.';
CREATE INDEX deliveries_bounced_idx ON deliveries (customer_id) WHERE customer_id IS NOT NULL AND state IN ('bounced', 'failed');
