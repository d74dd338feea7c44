package sharing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// The kinds of exceptions.
const (
	violationKind = "violation"           // a share that happened although a rule forbids it
	lateKind      = "late_discovery"      // a share that was recorded long after it occurred
	unapproved    = "vendor_not_approved" // a share, or the attempt of one, with a vendor that nobody approved
	fallenKind    = "mechanism_fallen"    // a share across a border by a mechanism that does not carry it any more
)

// sourceKind is of a vendor that gave data which was passed on, and is not active.
const sourceKind = "source_not_active"

// lateAfter is how long after it occurred a share can be recorded without being late: monthly lists of partners are in time.
const lateAfter = 45 * 24 * time.Hour

// Exception is what legal must look at.
type Exception struct {
	ID       uuid.UUID `json:"id"`
	Kind     string    `json:"kind"`
	EntryID  uuid.UUID `json:"entry_id"`           // of several, the first; of a mechanism that fell without a share, transfer.fallen
	VendorID uuid.UUID `json:"vendor_id,omitzero"` // absent of a cookie of which nobody says whose it is
	// EngagementID is that of a mechanism that fell.
	EngagementID uuid.UUID  `json:"engagement_id,omitzero"`
	About        string     `json:"about,omitempty"` // the name of the cookie
	Reasons      []string   `json:"reasons"`
	OpenedAt     time.Time  `json:"opened_at"`
	ClosedAt     *time.Time `json:"closed_at,omitempty"`
	ClosedBy     *uuid.UUID `json:"closed_by,omitempty"`
	Reason       string     `json:"reason,omitempty"` // why it was closed
}

// opens are the kinds of exceptions that a share opens, as it was judged.
func (s *sheet) opens(j *judgement) []string {
	var kinds []string
	has := func(code, on string) bool {
		return slices.ContainsFunc(j.reasons, func(r policy.Reason) bool { return r.Code == code && (on == "" || r.On == on) })
	}
	if j.verdict == Violation {
		kinds = append(kinds, violationKind)
	}
	if has("vendor_not_active", string(registry.Proposed)) {
		kinds = append(kinds, unapproved)
	}
	if j.verdict == Violation && has("no_transfer_mechanism", "") && j.facts.Engagement != nil &&
		slices.ContainsFunc(j.facts.Engagement.Locations, fell) {
		kinds = append(kinds, fallenKind)
	}
	if s.correction == nil && s.request.State == occurred && s.now.Sub(s.request.OccurredAt) > lateAfter {
		kinds = append(kinds, lateKind)
	}
	if j.verdict != Denied && j.source.gone() {
		kinds = append(kinds, sourceKind)
	}
	return kinds
}

// fell tells whether what is recorded of a location can have carried data to it once: its days are over, or those of the decision or the
// certification on which it stands.
func fell(l policy.Location) bool {
	return l.Lapsed || l.Mechanism == "dpf" || l.Mechanism == "adequacy"
}

// openExceptions puts before legal what a share opens. Of a kind that is about the vendor, none is opened beside one that is open.
func (s *sheet) openExceptions(ctx context.Context, tx bun.Tx, j *judgement) error {
	id := entryID(s.by.ID, s.key)
	var codes []string
	for _, r := range j.reasons {
		if !slices.Contains(codes, r.Code) {
			codes = append(codes, r.Code)
		}
	}
	for _, kind := range s.opens(j) {
		row := exceptionRow{ID: exceptionID(kind, id), Kind: kind, EntryID: id, VendorID: j.vendorID, Reasons: codes, OpenedAt: s.now}
		if kind == fallenKind && j.engagementID != nil {
			row.EngagementID = *j.engagementID
		}
		if kind == sourceKind {
			row = sourceException(j.source, id, s.now)
		}
		if row.Reasons == nil {
			row.Reasons = []string{}
		}
		if err := insertException(ctx, tx, row); err != nil {
			return err
		}
	}
	return nil
}

// sourceException is about the vendor that answers for data which it, or one that became a part of it, gave us. For a state of the vendor it is
// opened once, whatever became of it.
func sourceException(of *source, entry uuid.UUID, now time.Time) exceptionRow {
	return exceptionRow{
		ID: exceptionID(sourceKind, taskID(sourceKind, of.holder, string(of.state))), Kind: sourceKind, EntryID: entry, VendorID: of.holder,
		Reasons: []string{sourceKind}, OpenedAt: registry.Instant(now),
	}
}

// exceptionID is the id of the exception of that kind that an entry opens.
func exceptionID(kind string, entry uuid.UUID) uuid.UUID {
	text := entry.String()
	if kind != violationKind {
		text = kind + "\x00" + text
	}
	sum := sha256.Sum256([]byte("onward/exception/v1\x00" + text))
	return madeUUID(sum[:])
}

// ExceptionQuery selects exceptions; newest first.
type ExceptionQuery struct {
	State    string // open or closed
	Kind     string
	VendorID uuid.UUID
	Limit    int
	Cursor   string
}

// errForeign refuses a cursor that no list of this kind gave out.
var errForeign = invalidField("/cursor", "belongs to another list")

// Exceptions lists exceptions. It refuses (Invalid) a cursor of another list.
func (g *Gate) Exceptions(ctx context.Context, q ExceptionQuery) (registry.Page[Exception], error) {
	after, err := placeIn(q.Cursor, "exception")
	if err != nil {
		return registry.Page[Exception]{}, err
	}
	rows, err := readExceptions(ctx, g.db, q, after)
	if err != nil {
		return registry.Page[Exception]{}, refusal(err)
	}
	var p registry.Page[Exception]
	if len(rows) > q.Limit {
		rows = rows[:q.Limit]
		last := rows[q.Limit-1]
		p.Next = place{last.OpenedAt, last.ID}.text("exception")
	}
	for i := range rows {
		p.Items = append(p.Items, rows[i].exception())
	}
	return p, nil
}

// Closing says why something is closed.
type Closing struct {
	Reason string `json:"reason" validate:"required,text,max=2000"`
}

// CloseException closes an exception for a reason, by an entry exception.closed; the reason stands beside the log. A correction that clears a
// violation closes its exception by itself. It refuses a missing reason (Invalid), one that is not (NotFound) and one that is closed
// (Conflict). What was closed does not come back for the same share.
func (g *Gate) CloseException(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID, c Closing) (Exception, error) {
	if err := registry.Validate(&c); err != nil {
		return Exception{}, err
	}
	var closed exceptionRow
	_, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := g.log.LockHead(ctx, tx); err != nil { // the committer closes exceptions under it
			return nil, err //nolint:wrapcheck // says enough
		}
		row, err := lockException(ctx, tx, id)
		if err != nil {
			return nil, err
		}
		if row.ClosedAt != nil {
			return nil, registry.Refuse(registry.Conflict, "The exception is closed.")
		}
		row.ClosedAt, row.ClosedBy, row.Reason = &now, &by.ID, c.Reason
		closed = *row
		e, err := closingEntry(by, now, "exception.closed", row.VendorID, audit.Object{"exception_id": id.String(), "kind": row.Kind}, c.Reason)
		if err != nil {
			return nil, err
		}
		return []audit.Entry{e}, updateException(ctx, tx, row)
	})
	if err != nil {
		return Exception{}, refusal(err)
	}
	return closed.exception(), nil
}

// closingEntry is an entry that commits to a reason.
func closingEntry(by audit.Actor, now time.Time, kind string, vendor uuid.UUID, body audit.Object, reason string) (audit.Entry, error) {
	e := audit.Entry{ID: uuid.New(), Type: kind, Actor: by, OccurredAt: now, VendorID: vendor, Body: body}
	written := audit.Object{}
	putText(written, "reason", reason)
	detail, err := newDetail(written, nil)
	if err != nil || detail == nil {
		return e, err
	}
	e.Detail, e.Commitment = detail, audit.Commit(label, detail.Salt, detail.JSON)
	return e, nil
}

// place is where something stands in a list that is ordered by an instant and an id.
type place struct {
	at time.Time
	id uuid.UUID
}

func (p place) text(list string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(list + " " + p.at.UTC().Format(time.RFC3339Nano) + " " + p.id.String()))
}

// placeIn reads what text writes; nil where there is no cursor.
func placeIn(cursor, list string) (*place, error) {
	if cursor == "" {
		return nil, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	parts := strings.Split(string(text), " ")
	if err != nil || len(parts) != 3 || parts[0] != list {
		return nil, errForeign
	}
	var p place
	var bad [2]error
	p.at, bad[0] = time.Parse(time.RFC3339Nano, parts[1])
	p.id, bad[1] = uuid.Parse(parts[2])
	if errors.Join(bad[:]...) != nil {
		return nil, errForeign
	}
	return &p, nil
}

// compare orders places.
func (p place) compare(o place) int {
	return cmp.Or(p.at.Compare(o.at), cmp.Compare(p.id.String(), o.id.String()))
}
