package sharing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// insertSubjectRequest leaves one with that id as it is: the log tells whether it is the same.
func insertSubjectRequest(ctx context.Context, tx bun.Tx, r SubjectRequest) error {
	if _, err := tx.NewInsert().Model(&r).On("CONFLICT (id) DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("store request %s: %w", r.ID, err)
	}
	return nil
}

// readSubjectRequest refuses (NotFound) one that is not.
func readSubjectRequest(ctx context.Context, db bun.IDB, id uuid.UUID, lock bool) (r SubjectRequest, err error) {
	q := db.NewSelect().Model(&r).Where("id = ?", id)
	if lock {
		q = q.For("UPDATE")
	}
	err = q.Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return r, errNoRequest
	}
	if err != nil {
		return r, fmt.Errorf("read request %s: %w", id, err)
	}
	return r, nil
}

func updateSubjectRequest(ctx context.Context, tx bun.Tx, r *SubjectRequest) error {
	_, err := tx.NewUpdate().Model(r).Column("due_on", "due_at", "extension_id", "extended_at", "extended_because", "closing_id", "closed_at", "closed_by",
		"outcome", "closed_because").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("change request %s: %w", r.ID, err)
	}
	return nil
}

// selectSubjectRequests reads one more than the window holds.
func selectSubjectRequests(ctx context.Context, db bun.IDB, q SubjectRequestQuery, now time.Time, w registry.Window, after time.Time) ([]SubjectRequest, error) {
	found := []SubjectRequest{}
	s := db.NewSelect().Model(&found).OrderExpr("due_at, id").Limit(int64(w.Limit + 1))
	switch q.State {
	case "closed":
		s = s.Where("closed_at IS NOT NULL")
	case "overdue":
		s = s.Where("closed_at IS NULL AND due_at <= ?", now)
	default:
		s = s.Where("closed_at IS NULL")
	}
	if q.Kind != "" {
		s = s.Where("kind = ?", q.Kind)
	}
	if !after.IsZero() {
		s = s.Where("(due_at, id) > (?, ?)", after, w.ID)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list requests: %w", err)
	}
	return found, nil
}

func requestsOf(ctx context.Context, db bun.IDB, lookup [32]byte) ([]SubjectRequest, error) {
	found := []SubjectRequest{}
	if err := db.NewSelect().Model(&found).Where("lookup = ?", lookup[:]).OrderExpr("received_at, id").Limit(1000).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read a person's requests: %w", err)
	}
	return found, nil
}

// openRequests are those that follow tasks: when each is due, and nothing else.
func openRequests(ctx context.Context, db bun.IDB) (found []SubjectRequest, err error) {
	if err := db.NewSelect().Model(&found).Column("id", "due_on", "due_at").Where("closed_at IS NULL").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read open requests: %w", err)
	}
	return found, nil
}

// forgetRequests takes a person out of requests, with what was written freely, and returns how many there were and their entries that have details.
func forgetRequests(ctx context.Context, tx bun.Tx, lookup [32]byte) (n int64, entries []uuid.UUID, err error) {
	err = tx.NewRaw(`SELECT entry_id FROM entry_detail WHERE entry_id IN
		(SELECT extension_id FROM subject_requests WHERE lookup = ?0 UNION ALL SELECT closing_id FROM subject_requests WHERE lookup = ?0)`,
		lookup[:]).Scan(ctx, &entries)
	if err != nil {
		return 0, nil, fmt.Errorf("read a person's requests: %w", err)
	}
	r, err := tx.NewRaw(`UPDATE subject_requests SET lookup = NULL, extended_because = '', closed_because = '' WHERE lookup = ?`, lookup[:]).Exec(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("take a person out of requests: %w", err)
	}
	n, err = r.RowsAffected()
	return n, entries, err //nolint:wrapcheck // never fails with this driver
}
