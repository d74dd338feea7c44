package registry

import (
	"context"
	"database/sql"
	stdjson "encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry/policy"
)

var policyExists = Refuse(Conflict, "A version of the policy with this name exists already.")

// policyConstraints says what it means when a version violates a constraint.
var policyConstraints = map[string]*Refusal{
	"policies_name_key":      policyExists,
	"policies_effective_key": Refuse(Conflict, "Another version is effective from the same instant."),
}

// policiesLock is an advisory lock: one change of the versions of the policy at a time, since each depends on the others.
const policiesLock = 0x6f6e7761_04

type policyRow struct {
	bun.BaseModel `bun:"table:policies,alias:p"`

	ID          uuid.UUID           `bun:"id,pk,type:uuid"`
	Version     int64               `bun:"version"`
	CreatedAt   time.Time           `bun:"created_at"`
	UpdatedAt   time.Time           `bun:"updated_at"`
	CreatedBy   uuid.UUID           `bun:"created_by,type:uuid"`
	ChangedBy   uuid.UUID           `bun:"changed_by,type:uuid"`
	Name        string              `bun:"name"`
	State       PolicyState         `bun:"state"`
	Content     policy.Version      `bun:"content,type:jsonb"`
	Decisions   map[string]Decision `bun:"decisions,type:jsonb"`
	Previous    string              `bun:"previous"`
	ApprovedBy  *uuid.UUID          `bun:"approved_by,type:uuid"`
	ApprovedAt  *time.Time          `bun:"approved_at"`
	PublishedBy *uuid.UUID          `bun:"published_by,type:uuid"`
	PublishedAt *time.Time          `bun:"published_at"`
	EffectiveAt *time.Time          `bun:"effective_at"`
}

func policyRowOf(p Policy) policyRow {
	row := policyRow{
		ID: p.ID, Version: p.Revision, CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt, CreatedBy: p.CreatedBy, ChangedBy: p.ChangedBy,
		Name: p.Name, State: p.State, Content: p.Version, Decisions: p.Decisions, Previous: p.Previous,
		ApprovedBy: p.ApprovedBy, ApprovedAt: p.ApprovedAt, PublishedBy: p.PublishedBy, PublishedAt: p.PublishedAt,
	}
	if row.Decisions == nil {
		row.Decisions = map[string]Decision{}
	}
	if !p.EffectiveAt.IsZero() {
		row.EffectiveAt = &p.EffectiveAt
	}
	return row
}

func (row policyRow) policy() Policy {
	p := Policy{
		ID: row.ID, Revision: row.Version, CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, CreatedBy: row.CreatedBy, ChangedBy: row.ChangedBy,
		State: row.State, Previous: row.Previous, ApprovedBy: row.ApprovedBy, ApprovedAt: row.ApprovedAt,
		PublishedBy: row.PublishedBy, PublishedAt: row.PublishedAt, Version: row.Content,
	}
	if len(row.Decisions) > 0 {
		p.Decisions = row.Decisions
	}
	if row.EffectiveAt != nil {
		p.EffectiveAt = row.EffectiveAt.UTC()
	}
	return p
}

// shippedPolicy is the version of that name that comes with the program.
func shippedPolicy(name string) (Policy, bool) {
	shipped := policy.Shipped()
	i := slices.IndexFunc(shipped, func(v policy.Version) bool { return v.Name == name })
	if i < 0 {
		return Policy{}, false
	}
	return Policy{Revision: 1, State: PolicyPublished, Version: shipped[i]}, true
}

// lockPolicies keeps every other change of versions of the policy waiting until the transaction ends.
func lockPolicies(ctx context.Context, tx bun.Tx) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(?)`, policiesLock); err != nil {
		return fmt.Errorf("lock the policies: %w", err)
	}
	return nil
}

func insertPolicy(ctx context.Context, tx bun.Tx, p Policy) error {
	row := policyRowOf(p)
	if _, err := tx.NewInsert().Model(&row).Exec(ctx); err != nil {
		return violated(fmt.Errorf("insert policy %s: %w", p.Name, err), policyConstraints)
	}
	return nil
}

func updatePolicy(ctx context.Context, tx bun.Tx, p Policy) error {
	row := policyRowOf(p)
	if _, err := tx.NewUpdate().Model(&row).WherePK().Exec(ctx); err != nil {
		return violated(fmt.Errorf("update policy %s: %w", p.Name, err), policyConstraints)
	}
	return nil
}

// readPolicy reads a version by its name, in the state that is stored; NotFound where there is none. With lock, no other change of it begins
// before the transaction ends.
func readPolicy(ctx context.Context, db bun.IDB, name string, lock bool) (Policy, error) {
	if p, ok := shippedPolicy(name); ok {
		return p, nil
	}
	none := Refuse(NotFound, "There is no version of the policy of that name.")
	if !policyName.MatchString(name) {
		return Policy{}, none
	}
	var row policyRow
	q := db.NewSelect().Model(&row).Where("name = ?", name)
	if lock {
		q = q.For("NO KEY UPDATE")
	}
	err := q.Scan(ctx)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Policy{}, none
	case err != nil:
		return Policy{}, fmt.Errorf("read policy %s: %w", name, err)
	}
	return row.policy(), nil
}

// policiesAfter reads at most limit stored versions in the order of their creation, those after a place where id is not nil.
func policiesAfter(ctx context.Context, db bun.IDB, createdAt string, id uuid.UUID, limit int) ([]Policy, error) {
	var rows []policyRow
	q := db.NewSelect().Model(&rows).OrderExpr("created_at, id").Limit(int64(limit))
	if id != uuid.Nil {
		q = q.Where("(created_at, id) > (?::timestamptz, ?::uuid)", createdAt, id)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, fmt.Errorf("list policies: %w", err)
	}
	all := make([]Policy, 0, len(rows))
	for _, row := range rows {
		all = append(all, row.policy())
	}
	return all, nil
}

// ReadPolicies reads the published versions of the policy, those that come with the program first, in the order in which they become effective.
// A published version never changes: those in known are not read again. db may be a transaction.
func ReadPolicies(ctx context.Context, db bun.IDB, known []policy.Version) ([]policy.Version, error) {
	var names []string
	err := db.NewRaw(`SELECT name FROM policies WHERE state = 'published' ORDER BY effective_at`).Scan(ctx, &names)
	if err != nil {
		return nil, fmt.Errorf("read the names of the policies: %w", err)
	}
	all := policy.Shipped()
	for _, name := range names {
		i := slices.IndexFunc(known, func(v policy.Version) bool { return v.Name == name })
		if i < 0 {
			break
		}
		all = append(all, known[i])
	}
	have := len(all) - len(policy.Shipped())
	if have == len(names) {
		return all, nil
	}
	var rows []struct {
		Content     string
		EffectiveAt time.Time
		PublishedAt time.Time
	}
	err = db.NewRaw(`SELECT content, effective_at, published_at FROM policies WHERE state = 'published' AND name IN (?) ORDER BY effective_at`,
		bun.List(names[have:])).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("read the policies: %w", err)
	}
	for _, row := range rows {
		var v policy.Version
		if err := stdjson.Unmarshal([]byte(row.Content), &v); err != nil {
			return nil, fmt.Errorf("read the policies: %w", err)
		}
		v.EffectiveAt, v.PublishedAt = row.EffectiveAt.UTC(), row.PublishedAt.UTC()
		all = append(all, v)
	}
	return all, nil
}
