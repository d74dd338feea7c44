package publishing

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

type releaseRow struct {
	bun.BaseModel `bun:"table:releases"`

	Number      int64            `bun:"number,pk"`
	EntryID     uuid.UUID        `bun:"entry_id,type:uuid"`
	ReleasedAt  time.Time        `bun:"released_at"`
	SHA256      []byte           `bun:"sha256"`
	Lines       int              `bun:"lines"`
	Changes     []uuid.UUID      `bun:"changes,array"`
	Differences []LineDifference `bun:"differences,type:jsonb"`
	List        string           `bun:"list"`
}

func (r releaseRow) release() Release {
	registry.Absent(&r.Changes)
	registry.Absent(&r.Differences)
	return Release{
		Number: r.Number, ReleasedAt: r.ReleasedAt.UTC(), SHA256: Digest(r.SHA256), EntryID: r.EntryID, Lines: r.Lines,
		Changes: r.Changes, Differences: r.Differences,
	}
}

// lockReleases lets one transaction at a time make a release.
func lockReleases(ctx context.Context, tx bun.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('release_list'))`)
	return wrap("wait for another release", err)
}

// lastRecorded is when the newest entry of the log was recorded.
func lastRecorded(ctx context.Context, tx bun.Tx) (at time.Time, err error) {
	err = tx.NewRaw(`SELECT last_at FROM log_head`).Scan(ctx, &at)
	return at.UTC(), wrap("read when the log grew last", err)
}

// readNewestRelease reads the newest release without its differences; one without a number where there is none.
func readNewestRelease(ctx context.Context, db bun.IDB) (Release, error) {
	return readRelease(ctx, db, `SELECT number, entry_id, released_at, sha256, lines FROM releases ORDER BY number DESC LIMIT 1`)
}

// readReleaseAt reads the release that was in force at t without its differences; one without a number where there was none yet.
func readReleaseAt(ctx context.Context, db bun.IDB, t time.Time) (Release, error) {
	return readRelease(ctx, db, `SELECT number, entry_id, released_at, sha256, lines FROM releases WHERE released_at <= ? ORDER BY number DESC LIMIT 1`, t)
}

func readRelease(ctx context.Context, db bun.IDB, query string, args ...any) (Release, error) {
	var row releaseRow
	err := db.NewRaw(query, args...).Scan(ctx, &row)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Release{}, nil
	case err != nil:
		return Release{}, fmt.Errorf("read a release: %w", err)
	}
	return row.release(), nil
}

// readMarks reads how the newest releases are named, the newest first.
func readMarks(ctx context.Context, db bun.IDB, limit int) ([]Mark, error) {
	var rows []releaseRow
	err := db.NewSelect().Model(&rows).Column("number", "released_at", "sha256").OrderExpr("number DESC").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the newest releases: %w", err)
	}
	marks := make([]Mark, 0, len(rows))
	for _, row := range rows {
		marks = append(marks, *row.release().Mark())
	}
	return marks, nil
}

// readWholeRelease reads a release and its list; NotFound where there is none of that number.
func readWholeRelease(ctx context.Context, db bun.IDB, number int64) (Release, []byte, error) {
	var row releaseRow
	err := db.NewSelect().Model(&row).Where("number = ?", number).Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Release{}, nil, registry.Refuse(registry.NotFound, "There is no release %d.", number)
	case err != nil:
		return Release{}, nil, fmt.Errorf("read release %d: %w", number, err)
	}
	return row.release(), []byte(row.List), nil
}

func readReleaseText(ctx context.Context, db bun.IDB, number int64) ([]byte, error) {
	_, text, err := readWholeRelease(ctx, db, number)
	return text, err
}

// readReleases reads at most limit releases of a lower number than before, which is 0 for all: the newest first, without their lists.
func readReleases(ctx context.Context, db bun.IDB, before int64, limit int) ([]Release, error) {
	var rows []releaseRow
	q := db.NewSelect().Model(&rows).ExcludeColumn("list")
	if before > 0 {
		q.Where("number < ?", before)
	}
	if err := q.OrderExpr("number DESC").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("list releases: %w", err)
	}
	all := make([]Release, 0, len(rows))
	for _, row := range rows {
		all = append(all, row.release())
	}
	return all, nil
}

// readReleasesAfter reads at most limit releases of a higher number, with their lists, the oldest first.
func readReleasesAfter(ctx context.Context, db bun.IDB, number int64, limit int) ([]releaseRow, error) {
	var rows []releaseRow
	if err := db.NewSelect().Model(&rows).Where("number > ?", number).OrderExpr("number").Limit(int64(limit)).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the releases: %w", err)
	}
	return rows, nil
}

// readUnreleased reads the changes that have taken effect and belong to no release yet, in the order in which they did.
func readUnreleased(ctx context.Context, db bun.IDB) ([]uuid.UUID, error) {
	ids := []uuid.UUID{}
	err := db.NewRaw(`SELECT c.id FROM changes c LEFT JOIN (SELECT unnest(changes) AS id FROM releases) released ON released.id = c.id
		WHERE c.state = 'effective' AND released.id IS NULL ORDER BY c.effective_at, c.id`).Scan(ctx, &ids)
	return ids, wrap("read the changes that no release has", err)
}

func insertRelease(ctx context.Context, tx bun.Tx, r Release, text []byte) error {
	row := releaseRow{
		Number: r.Number, EntryID: r.EntryID, ReleasedAt: r.ReleasedAt, SHA256: r.SHA256[:], Lines: r.Lines, Changes: r.Changes,
		Differences: r.Differences, List: string(text),
	}
	_, err := tx.NewInsert().Model(&row).Exec(ctx)
	return wrap("keep a release", err)
}

// readAnnounced reads at most limit changes that were announced since then, the newest first.
func readAnnounced(ctx context.Context, db bun.IDB, since time.Time, limit int) ([]Change, error) {
	var found []Change
	err := db.NewSelect().Model(&found).Where("announced_at >= ?", since).OrderExpr("announced_at DESC, id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read what was announced: %w", err)
	}
	for i := range found {
		found[i].inUTC()
	}
	return found, nil
}
