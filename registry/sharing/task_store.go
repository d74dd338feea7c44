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

type taskRow struct {
	bun.BaseModel `bun:"table:tasks"`

	ID         uuid.UUID  `bun:"id,pk,type:uuid"`
	Kind       string     `bun:"kind"`
	VendorID   uuid.UUID  `bun:"vendor_id,type:uuid,nullzero"`
	RecordKind string     `bun:"record_kind"`
	RecordID   uuid.UUID  `bun:"record_id,type:uuid"`
	Lookup     []byte     `bun:"lookup"`
	Purpose    string     `bun:"purpose"`
	Categories []string   `bun:"categories,array"`
	Deal       string     `bun:"deal"`
	DueAt      time.Time  `bun:"due_at"`
	OpenedAt   time.Time  `bun:"opened_at"`
	SentAt     *time.Time `bun:"sent_at"`
	ClosedAt   *time.Time `bun:"closed_at"`
	ClosedBy   *uuid.UUID `bun:"closed_by,type:uuid"`
	Outcome    string     `bun:"outcome"`
	Reason     string     `bun:"closed_because"`
	VendorName string     `bun:"vendor_name,scanonly"`
	Owner      string     `bun:"owner,scanonly"`
}

func (r *taskRow) task() Task {
	opened := r.OpenedAt.UTC()
	return Task{
		ID: r.ID, Kind: r.Kind, VendorID: r.VendorID, VendorName: r.VendorName, Owner: ownerOf(r.Owner), What: taskKinds[r.Kind],
		RecordKind: r.RecordKind, RecordID: r.RecordID, Purpose: r.Purpose, Categories: r.Categories, Deal: r.Deal, DueAt: r.DueAt.UTC(),
		OpenedAt: &opened, SentAt: inUTC(r.SentAt), ClosedAt: inUTC(r.ClosedAt), ClosedBy: r.ClosedBy, Outcome: r.Outcome, Reason: r.Reason,
	}
}

func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}

func selectTasks(db bun.IDB, into any) *bun.SelectQuery {
	return db.NewSelect().Model(into).ColumnExpr("?TableColumns, coalesce(v.name, '') AS vendor_name, coalesce(v.owner, '') AS owner").Join("LEFT JOIN vendors v ON v.id = task_row.vendor_id")
}

// readTasks reads stored tasks, one more than the limit.
func readTasks(ctx context.Context, db bun.IDB, q TaskQuery, after *place) ([]Task, error) {
	var rows []taskRow
	s := selectTasks(db, &rows).OrderExpr("due_at, task_row.id").Limit(int64(q.Limit) + 1)
	if q.State == "closed" {
		s = s.Where("closed_at IS NOT NULL")
	} else {
		s = s.Where("closed_at IS NULL")
	}
	if q.Kind != "" {
		s = s.Where("kind = ?", q.Kind)
	}
	if q.VendorID != uuid.Nil {
		s = s.Where("vendor_id = ?", q.VendorID)
	}
	if q.Owner != "" {
		s = s.Where("coalesce(nullif(v.owner, ''), 'legal') = ?", q.Owner)
	}
	if !q.DueBefore.IsZero() {
		s = s.Where("due_at < ?", q.DueBefore)
	}
	if after != nil {
		s = s.Where("(due_at, task_row.id) > (?, ?)", after.at, after.id)
	}
	if err := s.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list tasks: %w", err)
	}
	tasks := make([]Task, 0, len(rows))
	for i := range rows {
		tasks = append(tasks, rows[i].task())
	}
	return tasks, nil
}

// readTask is nil where none is stored.
func readTask(ctx context.Context, db bun.IDB, id uuid.UUID) (*taskRow, error) {
	row := new(taskRow)
	err := selectTasks(db, row).Where("task_row.id = ?", id).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read task %s: %w", id, err)
	}
	return row, nil
}

// insertTask tells whether the task is new.
func insertTask(ctx context.Context, tx bun.Tx, row *taskRow) (bool, error) {
	if row.Categories == nil {
		row.Categories = []string{}
	}
	r, err := tx.NewInsert().Model(row).On("CONFLICT (id) DO NOTHING").Exec(ctx)
	if err != nil {
		return false, fmt.Errorf("open task %s: %w", row.ID, err)
	}
	n, err := r.RowsAffected()
	return n > 0, err //nolint:wrapcheck // never fails with this driver
}

func upsertTask(ctx context.Context, tx bun.Tx, row *taskRow) error {
	_, err := tx.NewInsert().Model(row).On("CONFLICT (id) DO UPDATE").Set("sent_at = EXCLUDED.sent_at, closed_at = EXCLUDED.closed_at").
		Set("closed_by = EXCLUDED.closed_by, outcome = EXCLUDED.outcome, closed_because = EXCLUDED.closed_because").Exec(ctx)
	if err != nil {
		return fmt.Errorf("change task %s: %w", row.ID, err)
	}
	return nil
}

// storedTasks tells which of tasks are stored.
func storedTasks(ctx context.Context, db bun.IDB, tasks []Task) (map[uuid.UUID]bool, error) {
	stored := map[uuid.UUID]bool{}
	for ; len(tasks) > 0; tasks = tasks[min(linkedPage, len(tasks)):] {
		var ids, found []uuid.UUID
		for i := range tasks[:min(linkedPage, len(tasks))] {
			ids = append(ids, tasks[i].ID)
		}
		if err := db.NewRaw(`SELECT id FROM tasks WHERE id IN (?)`, bun.List(ids)).Scan(ctx, &found); err != nil {
			return nil, fmt.Errorf("read which tasks are stored: %w", err)
		}
		for _, id := range found {
			stored[id] = true
		}
	}
	return stored, nil
}

// notified reads which vendors have a task of that kind and purpose about a person: an open one, or any.
func notified(ctx context.Context, tx bun.Tx, kind, purpose string, lookup [32]byte, openOnly bool) (map[uuid.UUID]bool, error) {
	var ids []uuid.UUID
	err := tx.NewRaw(`SELECT DISTINCT vendor_id FROM tasks WHERE lookup = ? AND kind = ? AND purpose = ? AND (closed_at IS NULL OR NOT ?)`,
		lookup[:], kind, purpose, openOnly).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("read who was told: %w", err)
	}
	told := map[uuid.UUID]bool{}
	for _, id := range ids {
		told[id] = true
	}
	return told, nil
}

// forgetTasks takes a person out of tasks.
func forgetTasks(ctx context.Context, tx bun.Tx, lookup [32]byte) error {
	if _, err := tx.NewRaw(`UPDATE tasks SET lookup = NULL WHERE lookup = ?`, lookup[:]).Exec(ctx); err != nil {
		return fmt.Errorf("take a person out of tasks: %w", err)
	}
	return nil
}

// readBook reads what tasks follow from.
func readBook(ctx context.Context, db bun.IDB, now time.Time) (*book, error) {
	b, err := readTransfers(ctx, db, now)
	if err != nil {
		return nil, err
	}
	err = db.NewSelect().Model(&b.contracts).
		Column("id", "vendor_id", "amends_id", "kind", "created_at", "signed_on", "in_force_from", "in_force_until", "terminated_on", "zone", "auto_renewal", "renewal_months", "notice_days_us", "return_or_delete_days").
		Where("signed_on IS NOT NULL").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read contracts: %w", err)
	}
	if err := db.NewSelect().Model(&b.opened).Where("closed_at IS NULL AND kind <> 'violation'").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read exceptions: %w", err)
	}
	if b.requests, err = openRequests(ctx, db); err != nil {
		return nil, err
	}
	return b, nil
}

// readTransfers reads the part of it that transfers stand on.
func readTransfers(ctx context.Context, db bun.IDB, now time.Time) (*book, error) {
	b := &book{vendors: map[uuid.UUID]registry.Vendor{}, fallen: map[uuid.UUID][]exceptionRow{}}
	var vendors []registry.Vendor
	err := db.NewSelect().Model(&vendors).Column("id", "name", "owner", "state", "review_on", "review_months", "merged_into_id", "dpf", "deletion_certificate", "deletion_exception").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read vendors: %w", err)
	}
	for i := range vendors {
		b.vendors[vendors[i].ID] = vendors[i]
	}
	var locations []registry.Location
	err = db.NewSelect().Model(&locations).Column("id", "vendor_id", "engagement_id", "place", "transfer", "starts_on", "ends_on", "updated_at").Where("transfer IS NOT NULL").
		Where("NOT EXISTS (SELECT FROM engagements e WHERE e.id = location.engagement_id AND e.ends_on < ?)", registry.DateOf(now)).Order("id").Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read locations: %w", err)
	}
	var engagements []registry.Engagement
	if err := db.NewSelect().Model(&engagements).Column("id", "data_subjects").Where("cardinality(data_subjects) > 0").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read whose data goes: %w", err)
	}
	data := make(map[uuid.UUID][]string, len(engagements))
	for i := range engagements {
		data[engagements[i].ID] = engagements[i].FrameworkData()
	}
	for i := range locations {
		b.locations = append(b.locations, placed{Location: locations[i], Data: data[locations[i].EngagementID]})
	}
	var fallen []exceptionRow
	if err := db.NewSelect().Model(&fallen).Where("engagement_id IS NOT NULL").Scan(ctx); err != nil {
		return nil, fmt.Errorf("read which mechanisms fell: %w", err)
	}
	for _, e := range fallen {
		b.fallen[e.EngagementID] = append(b.fallen[e.EngagementID], e)
	}
	return b, nil
}
