package sharing

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

// readPersons reads what is known of people at an instant: their last choice about each of purposes, and their flags, ordered by person.
func readPersons(ctx context.Context, db bun.IDB, lookups [][32]byte, purposes []string, at time.Time) (found []personWord, err error) {
	keys := bytesOf(lookups)
	err = db.NewRaw(`SELECT * FROM (
		SELECT * FROM (SELECT DISTINCT ON (lookup, purpose) lookup, 'choice' AS kind, purpose, state, (extract(epoch FROM at) * 1000000)::bigint AS at FROM choices
			WHERE lookup = ANY (?::bytea[]) AND purpose = ANY (?) AND at <= ?
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
