package sharing

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Task is what somebody must do by when.
type Task struct {
	ID         uuid.UUID `json:"id"`
	Kind       string    `json:"kind"`
	VendorID   uuid.UUID `json:"vendor_id,omitzero"`    // absent of a request of a person
	VendorName string    `json:"vendor_name,omitempty"` // now
	// Owner is who answers for the vendor on our side, and legal where nobody is named.
	Owner string `json:"owner"`
	// What is to be done, in a sentence; it follows from the kind.
	What       string    `json:"what"`
	RecordKind string    `json:"record_kind"` // contract, location, vendor, exception, deal, request, or entry
	RecordID   uuid.UUID `json:"record_id"`
	Purpose    string    `json:"purpose,omitempty"`
	Categories []string  `json:"categories,omitempty"`
	Deal       string    `json:"deal,omitempty"`
	DueAt      time.Time `json:"due_at"`
	// WithinDays is, of a deadline that comes, how near it is: 30, 7 or 1 days at most. It is the same task all the time.
	WithinDays *int       `json:"within_days,omitempty"`
	OpenedAt   *time.Time `json:"opened_at,omitempty"` // absent for what follows from the registry alone
	SentAt     *time.Time `json:"sent_at,omitempty"`
	ClosedAt   *time.Time `json:"closed_at,omitempty"`
	ClosedBy   *uuid.UUID `json:"closed_by,omitempty"`
	Outcome    string     `json:"outcome,omitempty"`
	Reason     string     `json:"reason,omitempty"`
}

// taskKinds are the kinds of tasks, and what is to be done.
var taskKinds = map[string]string{
	"contract_expiring":   "Renew, replace or end the contract before its last day.",
	"renewal_notice":      "Decide whether the contract goes on: until that day notice can be given, and after it the contract renews itself.",
	"review_due":          "Review the vendor: its day of review has come.",
	"transfer_review_due": "Review the assessment of the transfer: its day of review has come, or it was never made.",
	"transfer_stale":      "Assess the transfer again: the assessment is more than a year old.",
	"mechanism_ending":    "Renew the transfer mechanism, or agree on another: its last day comes, and nothing carries the transfer after it.",
	"mechanism_fallen":    "Put a transfer mechanism in place, or stop the transfer: what is recorded does not carry it any more.",
	"deletion_overdue":    "Get the certificate that the data was returned or deleted, or record why it stays.",
	"source_not_active":   "Find out whether data of that vendor may still be used: it was passed on, and the vendor is not active.",
	"cookie_unknown":      "Put the cookie into the inventory of its vendor, or have it removed: it was seen, and not as declared.",
	"vendor_not_approved": "Approve the vendor or stop the shares: data went, or was to go, to somebody whom nobody approved.",
	"request_due":         "Answer the request of a person by its day, or tell the person until then why it takes longer (Article 12(3) GDPR).",
	"request_overdue":     "Answer the request of a person now: its day has passed.",
	"late_discovery":      "Find out why shares were recorded long after they occurred.",
	"stop_use":            "Tell the recipient to stop the use: a person opted out.",
	"erasure_notice":      "Tell the recipient of the erasure (Article 19 GDPR).",
	"correction_notice":   "Tell the recipient of the correction (Article 19 GDPR).",
	"restriction_notice":  "Tell the recipient of the restriction (Article 19 GDPR).",
	"child_deletion":      "Have the recipient delete the data of a child (P-26).",
	"deal_return":         "Have the data returned or deleted: the deal is dead (P-19).",
}

// noticeKinds are the tasks to tell a recipient of something.
var noticeKinds = []string{"stop_use", "erasure_notice", "correction_notice", "restriction_notice", "child_deletion", "deal_return"}

// Tells says whether the task is to tell a recipient of something: then SendTask records that this was done.
func (t *Task) Tells() bool { return slices.Contains(noticeKinds, t.Kind) }

// TaskKinds are the kinds of tasks.
func TaskKinds() []string {
	kinds := make([]string, 0, len(taskKinds))
	for k := range taskKinds {
		kinds = append(kinds, k)
	}
	slices.Sort(kinds)
	return kinds
}

// taskID is made of what caused a task.
func taskID(kind string, record uuid.UUID, fact ...string) uuid.UUID {
	sum := sha256.Sum256([]byte("onward/task/v1\x00" + kind + "\x00" + record.String() + "\x00" + strings.Join(fact, "\x00")))
	return madeUUID(sum[:])
}

// noticeTime is how long a recipient may be kept waiting for a notice: the month of Article 12(3) GDPR.
const noticeTime = 30 * 24 * time.Hour

// TaskQuery selects tasks.
type TaskQuery struct {
	State     string // open or closed
	Kind      string
	VendorID  uuid.UUID
	Owner     string
	DueBefore time.Time
	Limit     int
	Cursor    string
}

func (q *TaskQuery) selects(t *Task) bool {
	return (q.Kind == "" || q.Kind == t.Kind) && (q.VendorID == uuid.Nil || q.VendorID == t.VendorID) && (q.Owner == "" || q.Owner == t.Owner) &&
		(q.DueBefore.IsZero() || t.DueAt.Before(q.DueBefore))
}

// Tasks lists tasks, what is due first first: those that were opened by an event and are stored, and those that follow from the registry as
// it is at now, which are not. It refuses (Invalid) a cursor of another list.
func (g *Gate) Tasks(ctx context.Context, now time.Time, q TaskQuery) (registry.Page[Task], error) {
	after, err := placeIn(q.Cursor, "task")
	if err != nil {
		return registry.Page[Task]{}, err
	}
	tasks, err := readTasks(ctx, g.db, q, after)
	if err != nil {
		return registry.Page[Task]{}, refusal(err)
	}
	if q.State != "closed" {
		follows, err := g.follows(ctx, g.db, now)
		if err != nil {
			return registry.Page[Task]{}, refusal(err)
		}
		for i := range follows {
			if t := &follows[i]; q.selects(t) && (after == nil || t.place().compare(*after) > 0) {
				tasks = append(tasks, *t)
			}
		}
		slices.SortFunc(tasks, func(a, b Task) int { return a.place().compare(b.place()) })
	}
	p := registry.Page[Task]{Items: tasks}
	if len(tasks) > q.Limit {
		p.Items = tasks[:q.Limit]
		p.Next = tasks[q.Limit-1].place().text("task")
	}
	return p, nil
}

func (t *Task) place() place { return place{t.DueAt, t.ID} }

// TaskClosing is how a task ended.
type TaskClosing struct {
	Outcome string `json:"outcome" validate:"required,oneof=done confirmed impossible not_needed"`
	Reason  string `json:"reason,omitempty" validate:"text,max=2000"`
}

// CloseTask closes a task by an entry task.closed; the reason stands beside the log. It does not come back for the same cause. A reason is
// required unless the task was done or the recipient confirmed it. It refuses bad fields (Invalid), a task that is not or follows from the
// registry no more (NotFound) and one that is closed (Conflict).
func (g *Gate) CloseTask(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID, c TaskClosing) (Task, error) {
	if err := registry.Validate(&c); err != nil {
		return Task{}, err
	}
	if c.Reason == "" && (c.Outcome == "impossible" || c.Outcome == "not_needed") {
		return Task{}, invalidField("/reason", "is required where the task is not done")
	}
	return g.changeTask(ctx, by, now, id, "task.closed", audit.Object{"outcome": c.Outcome}, c.Reason, func(ctx context.Context, tx bun.Tx, t *taskRow) error {
		t.ClosedAt, t.ClosedBy, t.Outcome, t.Reason = &now, &by.ID, c.Outcome, c.Reason
		if t.RecordKind != "exception" {
			return nil
		}
		row, err := lockException(ctx, tx, t.RecordID)
		if err != nil {
			return err
		}
		row.ClosedAt, row.ClosedBy, row.Reason = &now, &by.ID, strings.TrimSpace(c.Outcome+" "+c.Reason)
		return updateException(ctx, tx, row)
	})
}

// SendTask records that the recipient was told: an entry task.sent. The task stays open until it is confirmed. It refuses as CloseTask does.
func (g *Gate) SendTask(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID) (Task, error) {
	return g.changeTask(ctx, by, now, id, "task.sent", audit.Object{}, "", func(_ context.Context, _ bun.Tx, t *taskRow) error {
		if !slices.Contains(noticeKinds, t.Kind) {
			return registry.Refuse(registry.Conflict, "This task is not to tell a recipient of something.")
		}
		if t.SentAt != nil {
			return registry.Refuse(registry.Conflict, "The recipient was told already.")
		}
		t.SentAt = &now
		return nil
	})
}

func (g *Gate) changeTask(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID, entry string, body audit.Object, reason string,
	change func(context.Context, bun.Tx, *taskRow) error,
) (Task, error) {
	var done Task
	_, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := g.log.LockHead(ctx, tx); err != nil { // so that two do not store one task that follows from the registry
			return nil, err //nolint:wrapcheck // says enough
		}
		row, err := g.findTask(ctx, tx, now, id)
		if err != nil {
			return nil, err
		}
		if row.ClosedAt != nil {
			return nil, registry.Refuse(registry.Conflict, "The task is closed.")
		}
		if err := change(ctx, tx, row); err != nil {
			return nil, err
		}
		if err := upsertTask(ctx, tx, row); err != nil {
			return nil, err
		}
		done = row.task()
		body["task_id"], body["kind"] = id.String(), row.Kind
		e, err := closingEntry(by, now, entry, row.VendorID, body, reason)
		return []audit.Entry{e}, err
	})
	if err != nil {
		return Task{}, refusal(err)
	}
	return done, nil
}

// findTask reads a stored task, or the one that follows from the registry. It refuses (NotFound) what is neither.
func (g *Gate) findTask(ctx context.Context, tx bun.Tx, now time.Time, id uuid.UUID) (*taskRow, error) {
	row, err := readTask(ctx, tx, id)
	if err != nil || row != nil {
		return row, err
	}
	follows, err := g.follows(ctx, tx, now)
	if err != nil {
		return nil, err
	}
	for i := range follows {
		if follows[i].ID == id {
			row := rowOf(&follows[i])
			row.OpenedAt = now
			return row, nil
		}
	}
	return nil, registry.Refuse(registry.NotFound, "There is no such task.")
}

// rowOf is a task as it is stored.
func rowOf(t *Task) *taskRow {
	row := &taskRow{
		ID: t.ID, Kind: t.Kind, VendorID: t.VendorID, RecordKind: t.RecordKind, RecordID: t.RecordID, Purpose: t.Purpose, Categories: t.Categories,
		Deal: t.Deal, DueAt: t.DueAt, VendorName: t.VendorName, Owner: t.Owner,
	}
	if row.Categories == nil {
		row.Categories = []string{}
	}
	return row
}

// openTasks stores tasks that an event opens, each with an entry task.opened about the vendor. What has been opened before is left alone.
func openTasks(ctx context.Context, tx bun.Tx, by audit.Actor, now time.Time, rows []*taskRow) ([]Task, []audit.Entry, error) {
	var tasks []Task
	var entries []audit.Entry
	for _, row := range rows {
		row.OpenedAt = now
		fresh, err := insertTask(ctx, tx, row)
		if err != nil {
			return nil, nil, err
		}
		if !fresh {
			continue
		}
		tasks = append(tasks, row.task())
		entries = append(entries, audit.Entry{
			ID: uuid.New(), Type: "task.opened", Actor: by, OccurredAt: now, VendorID: row.VendorID,
			Body: audit.Object{"task_id": row.ID.String(), "kind": row.Kind, "due_at": row.DueAt.UTC().Format(instant)},
		})
	}
	return tasks, entries, nil
}
