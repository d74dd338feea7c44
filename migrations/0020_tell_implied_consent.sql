-- What a person's use of the site implies is told apart from what the person said: it lifts no opt-out, and is no explicit consent.

ALTER TABLE choices DROP CONSTRAINT choices_state;
ALTER TABLE choices ADD CONSTRAINT choices_state CHECK (state IN ('opted_out', 'consented', 'withdrawn', 'implied'));
COMMENT ON COLUMN choices.state IS 'consented is explicit; implied, by use alone, binds no share and is kept as evidence.';
