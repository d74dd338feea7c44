package registry

import (
	"context"
	"crypto/rand"
	stdjson "encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// commitLabel sets the commitments of versions apart from all others.
const commitLabel = "onward/record/v1"

// The kinds of record.
const (
	vendorKind     = "vendor"
	engagementKind = "engagement"
	locationKind   = "location"
	contractKind   = "contract"
	policyKind     = "policy"
)

// Version is one version of a record and how it differs from the one before.
type Version struct {
	Version     int64        `json:"version"`
	EntryID     uuid.UUID    `json:"entry_id"`
	ActorID     uuid.UUID    `json:"actor_id"`
	EffectiveAt time.Time    `json:"effective_at"`
	RecordedAt  time.Time    `json:"recorded_at"`
	Reason      string       `json:"reason,omitempty"`
	Changes     []Difference `json:"changes"`
}

// revision is a version on its way into the log.
type revision struct {
	kind        string
	id          uuid.UUID
	version     int64
	vendorID    uuid.UUID // uuid.Nil of a policy, which belongs to no vendor
	vendorName  string
	verb        string // the entry's type is kind.verb
	before      any    // nil for the first version
	after       any
	effectiveAt time.Time
	recordedAt  time.Time
	reason      string
	more        audit.Object // what the entry's body says besides
}

// write keeps the version and returns the entry that tells of it: codes, ids, names of fields and the vendor's name. What the fields
// hold is in the version alone, and the entry commits to it.
func (v revision) write(ctx context.Context, tx bun.Tx, by audit.Actor) ([]audit.Entry, error) {
	body, err := audit.Canonical(recorded(v.after))
	if err != nil {
		return nil, fmt.Errorf("write %s %s as JSON: %w", v.kind, v.id, err)
	}
	row := versionRow{
		Kind: v.kind, RecordID: v.id, Version: v.version, VendorID: v.vendorID, ActorID: by.ID, EffectiveAt: v.effectiveAt,
		RecordedAt: v.recordedAt, Reason: v.reason, Body: string(body), Changed: []string{},
	}
	if v.before != nil {
		if row.Changed, err = changedFields(recorded(v.before), body); err != nil {
			return nil, err
		}
	}
	var salt [32]byte
	if _, err := rand.Read(salt[:]); err != nil {
		return nil, fmt.Errorf("draw a salt: %w", err)
	}
	if row.EntryID, err = uuid.NewV7(); err != nil {
		return nil, fmt.Errorf("draw an id: %w", err)
	}
	row.Salt = salt[:]
	if err := insertVersion(ctx, tx, row); err != nil {
		return nil, err
	}
	return []audit.Entry{{
		ID: row.EntryID, Type: v.kind + "." + v.verb, Actor: by, OccurredAt: v.effectiveAt, VendorID: v.vendorID,
		Body: v.body(row.Changed), Commitment: audit.Commit(commitLabel, salt, body),
	}}, nil
}

func (v revision) body(changed []string) audit.Object {
	o := audit.Object{
		"record":  audit.Object{"kind": v.kind, "id": v.id.String()},
		"version": strconv.FormatInt(v.version, 10),
	}
	if v.vendorID != uuid.Nil {
		o["vendor_name"] = v.vendorName
	}
	if len(changed) > 0 {
		o["changed"] = changed
	}
	for name, value := range v.more {
		o[name] = value
	}
	return o
}

// recorded is a record as its versions keep it: without what is computed for an answer.
func recorded(record any) any {
	if c, ok := record.(Contract); ok {
		return struct {
			Contract
			Status *string `json:"status,omitempty"`
		}{Contract: c}
	}
	return record
}

// bookkeeping are the fields that every change moves.
var bookkeeping = []string{"version", "updated_at"}

// changedFields are the pointers of the top-level fields in which two records differ.
func changedFields(before any, after []byte) ([]string, error) {
	old, err := stdjson.Marshal(before)
	if err != nil {
		return nil, fmt.Errorf("write the version before as JSON: %w", err)
	}
	differences, err := compare(old, after)
	if err != nil {
		return nil, err
	}
	pointers := []string{}
	for _, d := range differences {
		if p := topLevel(d.Pointer); !slices.Contains(pointers, p) {
			pointers = append(pointers, p)
		}
	}
	return pointers, nil
}

// History lists the versions of a record, newest first, each with how it differs from the one before; the first differs from nothing. kind
// is vendor, engagement, location, contract, policy, or one of those that Keep keeps.
func (r *Registry) History(ctx context.Context, kind string, id uuid.UUID, limit int, cursor string) (Page[Version], error) {
	if err := checkKind(kind); err != nil {
		return Page[Version]{}, err
	}
	w, err := newWindow(limit, cursor, "history", kind, id.String())
	if err != nil {
		return Page[Version]{}, err
	}
	before := int64(1<<62 - 1)
	if w.key != "" {
		if before, err = strconv.ParseInt(w.key, 10, 64); err != nil {
			return Page[Version]{}, foreignCursor()
		}
	}
	rows, err := versionsBefore(ctx, r.db, kind, id, before, w.limit+1)
	if err != nil {
		return Page[Version]{}, err
	}
	if len(rows) == 0 && w.key == "" {
		return Page[Version]{}, noSuch(kind, id)
	}
	page := Page[Version]{Items: []Version{}}
	for i, row := range rows[:min(len(rows), w.limit)] {
		older := []byte("{}")
		if i+1 < len(rows) {
			older = []byte(rows[i+1].Body)
		}
		v := row.version()
		if v.Changes, err = compare(older, []byte(row.Body)); err != nil {
			return Page[Version]{}, err
		}
		page.Items = append(page.Items, v)
	}
	if len(rows) > w.limit {
		page.Next = w.next(strconv.FormatInt(rows[w.limit-1].Version, 10), uuid.Nil)
	}
	return page, nil
}

// Compare says how a later version of a record differs from an earlier one, field by field. A version that does not exist is NotFound.
func (r *Registry) Compare(ctx context.Context, kind string, id uuid.UUID, earlier, later int64) ([]Difference, error) {
	if err := checkKind(kind); err != nil {
		return nil, err
	}
	a, err := versionBody(ctx, r.db, kind, id, earlier)
	if err != nil {
		return nil, err
	}
	b, err := versionBody(ctx, r.db, kind, id, later)
	if err != nil {
		return nil, err
	}
	return compare(a, b)
}

func checkKind(kind string) error {
	switch kind {
	case vendorKind, engagementKind, locationKind, contractKind, policyKind, "customer", "change", "objection", "setting", "calendar":
		return nil
	default:
		return InvalidField("/kind", "must be one of vendor, engagement, location, contract, policy, customer, change, objection, setting, calendar")
	}
}

// noSuch refuses a record that does not exist.
func noSuch(kind string, id uuid.UUID) *Refusal {
	return Refuse(NotFound, "There is no %s %s.", kind, id)
}

// stale refuses a change of a version that is not the newest.
func stale(kind string, seen, now int64) *Refusal {
	return Refuse(Stale, "The %s was changed since version %d was read; it is now at version %d.", kind, seen, now)
}
