package registry

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// list is the records that belong to another record, in the order of their creation.
type list struct {
	of     string // kind of the record that they belong to
	id     uuid.UUID
	name   string // their table
	column string // that refers to it
}

type creation[T any] interface {
	*T
	created() (time.Time, uuid.UUID)
}

// listOf reads a page of a list; NotFound where the record that it belongs to does not exist.
func listOf[T any, P creation[T]](ctx context.Context, db bun.IDB, l list, limit int, cursor string) (Page[T], error) {
	w, err := newWindow(limit, cursor, l.name, l.column, l.id.String())
	if err == nil && w.key != "" {
		err = w.keyIsInstant()
	}
	if err != nil {
		return Page[T]{}, err
	}
	var found []T
	s := db.NewSelect().Model(&found).Where("?TableAlias.? = ?", bun.Ident(l.column), l.id)
	if w.key != "" {
		s.Where("(?TableAlias.created_at, ?TableAlias.id) > (?::timestamptz, ?::uuid)", w.key, w.id)
	}
	if err := s.OrderExpr("?TableAlias.created_at, ?TableAlias.id").Limit(int64(w.limit + 1)).Scan(ctx); err != nil {
		return Page[T]{}, fmt.Errorf("list %s of %s %s: %w", l.name, l.of, l.id, err)
	}
	if len(found) == 0 {
		if err := exists(ctx, db, l.of, l.id); err != nil {
			return Page[T]{}, err
		}
	}
	return pageOf(w, found, func(v T) (string, uuid.UUID) {
		at, id := P(&v).created()
		return at.Format(time.RFC3339Nano), id
	}), nil
}

// exists refuses a record that was never recorded.
func exists(ctx context.Context, db bun.IDB, kind string, id uuid.UUID) error {
	var found bool
	err := db.NewRaw(`SELECT EXISTS (SELECT FROM record_version WHERE kind = ? AND record_id = ?)`, kind, id).Scan(ctx, &found)
	switch {
	case err != nil:
		return fmt.Errorf("look for %s %s: %w", kind, id, err)
	case !found:
		return noSuch(kind, id)
	}
	return nil
}
