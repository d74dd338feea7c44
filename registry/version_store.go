package registry

import (
	"context"
	"database/sql"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

type versionRow struct {
	bun.BaseModel `bun:"table:record_version"`

	Kind        string    `bun:"kind"`
	RecordID    uuid.UUID `bun:"record_id,type:uuid"`
	Version     int64     `bun:"version"`
	VendorID    uuid.UUID `bun:"vendor_id,type:uuid,nullzero"`
	EntryID     uuid.UUID `bun:"entry_id,type:uuid"`
	ActorID     uuid.UUID `bun:"actor_id,type:uuid"`
	EffectiveAt time.Time `bun:"effective_at"`
	RecordedAt  time.Time `bun:"recorded_at"`
	Reason      string    `bun:"reason"`
	Changed     []string  `bun:"changed,array"`
	Salt        []byte    `bun:"salt"`
	Body        string    `bun:"body"`
}

func (r versionRow) version() Version {
	return Version{
		Version: r.Version, EntryID: r.EntryID, ActorID: r.ActorID, EffectiveAt: r.EffectiveAt, RecordedAt: r.RecordedAt, Reason: r.Reason,
	}
}

func insertVersion(ctx context.Context, tx bun.Tx, row versionRow) error {
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return fmt.Errorf("keep version %d of %s %s: %w", row.Version, row.Kind, row.RecordID, err)
	}
	return nil
}

// versionsBefore reads at most limit versions below before, newest first.
func versionsBefore(ctx context.Context, db bun.IDB, kind string, id uuid.UUID, before int64, limit int) ([]versionRow, error) {
	var rows []versionRow
	err := db.NewSelect().Model(&rows).
		Where("kind = ? AND record_id = ? AND version < ?", kind, id, before).
		OrderExpr("version DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the history of %s %s: %w", kind, id, err)
	}
	return rows, nil
}

func versionBody(ctx context.Context, db bun.IDB, kind string, id uuid.UUID, version int64) ([]byte, error) {
	var body string
	err := db.NewRaw(`SELECT body FROM record_version WHERE kind = ? AND record_id = ? AND version = ?`, kind, id, version).Scan(ctx, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return nil, Refuse(NotFound, "There is no version %d of %s %s.", version, kind, id)
	case err != nil:
		return nil, fmt.Errorf("read version %d of %s %s: %w", version, kind, id, err)
	}
	return []byte(body), nil
}

// recordedAt reads the version of a record that was the newest recorded at t; NotFound when none was.
func recordedAt[T any](ctx context.Context, db bun.IDB, kind string, id uuid.UUID, t time.Time) (T, error) {
	var (
		record T
		body   string
	)
	err := db.NewRaw(`SELECT body FROM record_version WHERE kind = ? AND record_id = ? AND recorded_at <= ? ORDER BY version DESC LIMIT 1`,
		kind, id, t).Scan(ctx, &body)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return record, Refuse(NotFound, "No %s %s was recorded at %s.", kind, id, t.UTC().Format(time.RFC3339))
	case err != nil:
		return record, fmt.Errorf("read %s %s as of %s: %w", kind, id, t, err)
	}
	if err := stdjson.Unmarshal([]byte(body), &record); err != nil {
		return record, fmt.Errorf("read %s %s as of %s: %w", kind, id, t, err)
	}
	return record, nil
}

// newest reads the newest version of a record from its own table; NotFound where there is none. With lock, no other change of it
// begins before the transaction ends. The lock is not one that others' references to the record wait for.
func newest[T any](ctx context.Context, db bun.IDB, kind string, id uuid.UUID, lock bool) (T, error) {
	var record T
	q := db.NewSelect().Model(&record).Where("?TableAlias.id = ?", id)
	if lock {
		q = q.For("NO KEY UPDATE")
	}
	err := q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return record, noSuch(kind, id)
	case err != nil:
		return record, fmt.Errorf("read %s %s: %w", kind, id, err)
	}
	return record, nil
}

// vendorName is the name that an entry about the vendor freezes; NotFound where there is no such vendor.
func vendorName(ctx context.Context, tx bun.Tx, id uuid.UUID) (string, error) {
	var name string
	err := tx.NewRaw(`SELECT name FROM vendors WHERE id = ?`, id).Scan(ctx, &name)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "", noSuch(vendorKind, id)
	case err != nil:
		return "", fmt.Errorf("read the name of vendor %s: %w", id, err)
	}
	return name, nil
}

// ReadVersion reads one version of a record as JSON. NotFound where there is none.
func ReadVersion(ctx context.Context, db bun.IDB, kind string, id uuid.UUID, version int64) (Recorded[stdjson.RawMessage], error) {
	var row versionRow
	err := db.NewSelect().Model(&row).Column("effective_at", "recorded_at", "body").
		Where("kind = ? AND record_id = ? AND version = ?", kind, id, version).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return Recorded[stdjson.RawMessage]{}, Refuse(NotFound, "There is no version %d of this %s.", version, kind)
	}
	if err != nil {
		return Recorded[stdjson.RawMessage]{}, fmt.Errorf("read version %d of %s %s: %w", version, kind, id, err)
	}
	return Recorded[stdjson.RawMessage]{
		Value: stdjson.RawMessage(row.Body), EffectiveAt: row.EffectiveAt.UTC(), RecordedAt: row.RecordedAt.UTC(),
	}, nil
}
