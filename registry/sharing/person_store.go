package sharing

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// readPersons reads what is known of people at an instant: their last choice about each of purposes, and their flags, ordered by person.
func readPersons(ctx context.Context, db bun.IDB, lookups [][32]byte, purposes []string, at time.Time) (found []personWord, err error) {
	keys := bytesOf(lookups)
	err = db.NewRaw(`SELECT * FROM (
		SELECT * FROM (SELECT DISTINCT ON (lookup, purpose) lookup, 'choice' AS kind, purpose, state, (extract(epoch FROM at) * 1000000)::bigint AS at FROM choices
			WHERE lookup = ANY (?::bytea[]) AND purpose = ANY (?) AND at <= ? AND state <> 'implied'
			ORDER BY lookup, purpose, choices.at DESC, state = 'consented') c
		UNION ALL
		SELECT lookup, kind, '', '', 0 FROM person_flags WHERE lookup = ANY (?::bytea[]) AND at <= ? AND (until IS NULL OR until > ?)) all_words
		ORDER BY lookup`, keys, pgdialect.Array(purposes), at, keys, at, at).Scan(ctx, &found)
	if err != nil {
		return nil, fmt.Errorf("read what people chose: %w", err)
	}
	return found, nil
}

// bytesOf writes lookups as an array in SQL.
func bytesOf(lookups [][32]byte) any {
	list := make([][]byte, 0, len(lookups))
	for i := range lookups {
		list = append(list, lookups[i][:])
	}
	return pgdialect.Array(list)
}

type flagRow struct {
	bun.BaseModel `bun:"table:person_flags"`

	EntryID uuid.UUID  `bun:"entry_id,type:uuid"`
	Lookup  []byte     `bun:"lookup"`
	Kind    string     `bun:"kind"`
	At      time.Time  `bun:"at"`
	Until   *time.Time `bun:"until"`
}

func insertFlag(ctx context.Context, tx bun.Tx, row flagRow) error {
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("flag a person: %w", err)
	}
	return nil
}

// forgetChoices deletes what is known of a person, but for what keeps the data from being shared again where that is to stay, and returns
// the entries of all of it that still have details, which hold evidence, and how many rows are deleted and left.
func forgetChoices(ctx context.Context, tx bun.Tx, lookup [32]byte, keep bool) (entries []uuid.UUID, deleted, left int64, err error) {
	const count = `SELECT (SELECT count(*) FROM choices WHERE lookup = ?0) + (SELECT count(*) FROM person_flags WHERE lookup = ?0)`
	err = tx.NewRaw(`SELECT entry_id FROM entry_detail WHERE entry_id IN
		(SELECT entry_id FROM choices WHERE lookup = ?0 UNION ALL SELECT entry_id FROM person_flags WHERE lookup = ?0)`, lookup[:]).Scan(ctx, &entries)
	if err == nil {
		err = tx.NewRaw(count, lookup[:]).Scan(ctx, &deleted)
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("read a person's choices: %w", err)
	}
	_, err = tx.NewRaw(`DELETE FROM choices WHERE lookup = ?0 AND NOT (?1 AND state NOT IN ('consented', 'implied') AND NOT EXISTS (SELECT FROM choices later
		WHERE later.lookup = ?0 AND later.purpose = choices.purpose AND later.state <> 'implied' AND (later.at > choices.at OR (later.at = choices.at AND later.entry_id > choices.entry_id AND later.state NOT IN ('consented', 'implied')))))`,
		lookup[:], keep).Exec(ctx)
	if err == nil && !keep {
		_, err = tx.NewRaw(`DELETE FROM person_flags WHERE lookup = ?`, lookup[:]).Exec(ctx)
	}
	if err != nil {
		return nil, 0, 0, fmt.Errorf("delete a person's choices: %w", err)
	}
	if err = tx.NewRaw(count, lookup[:]).Scan(ctx, &left); err != nil {
		return nil, 0, 0, fmt.Errorf("count a person's choices: %w", err)
	}
	return entries, deleted - left, left, nil
}

// knownPersons are those of lookups under which the log has entries.
func knownPersons(ctx context.Context, tx bun.Tx, lookups [][32]byte) (map[[32]byte]bool, error) {
	var found [][]byte
	if err := tx.NewRaw(`SELECT lookup FROM entry_lookup WHERE lookup = ANY (?::bytea[])`, bytesOf(lookups)).Scan(ctx, &found); err != nil {
		return nil, fmt.Errorf("look for people: %w", err)
	}
	known := make(map[[32]byte]bool, len(found))
	for _, f := range found {
		known[[32]byte(f)] = true
	}
	return known, nil
}
