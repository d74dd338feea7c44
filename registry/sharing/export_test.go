package sharing

import (
	"context"
	"time"

	"github.com/google/uuid"

	"onward/audit"
)

// Canonical lets tests see what a request is hashed as.
func Canonical(r *Request) ([]byte, error) { return r.canonical(nil) }

// Commitment is the text of what a share of these people and texts commits to.
func Commitment(written audit.Object, links []audit.Link) ([]byte, error) {
	d, err := newDetail(written, links)
	if d == nil {
		return nil, err
	}
	return d.JSON, err
}

// Decide judges by what is remembered and writes the entry, but does not append it: for benchmarks of the decision alone.
func (g *Gate) Decide(ctx context.Context, key string, r *Request) (Verdict, error) {
	if err := r.check(r.OccurredAt); err != nil {
		return "", err
	}
	d, _, err := g.remembered(ctx, r.VendorID)
	if err != nil {
		return "", err
	}
	j, err := g.judge(d, r, &known{})
	if err != nil {
		return "", err
	}
	_, err = (&sheet{gate: g, key: key, request: r, lookups: g.pseudonyms(r.Subjects)}).entry(j)
	return j.verdict, err
}

// Judge judges by what is remembered.
func (g *Gate) Judge(ctx context.Context, r *Request) (Verdict, error) {
	d, _, err := g.remembered(ctx, r.VendorID)
	if err != nil {
		return "", err
	}
	j, err := g.judge(d, r, &known{})
	if err != nil {
		return "", err
	}
	return j.verdict, nil
}

// Forget makes a memory of that size and tells whether it holds what was put into it, last first.
func Forget(most int, vendors ...uuid.UUID) []bool {
	m := newMemory(most)
	for i, v := range vendors {
		m.put(&dossier{vendorID: v, records: int64(i)})
	}
	var held []bool
	for _, v := range vendors {
		_, ok := m.get(v, 0)
		held = append(held, ok)
	}
	return held
}

// Remembers tells whether a dossier is remembered that holds every change until now.
func (g *Gate) Remembers(ctx context.Context, vendor uuid.UUID) bool {
	now, err := readMark(ctx, g.db)
	_, ok := g.known.get(vendor, now.records)
	return err == nil && ok
}

// DecideWhole is all that Share does before the entry is on its way: checks, facts, what people chose, the judgement, and the entry.
func (g *Gate) DecideWhole(ctx context.Context, by audit.Actor, key string, r *Request) (Verdict, error) {
	if err := r.check(r.OccurredAt); err != nil {
		return "", err
	}
	d, _, err := g.remembered(ctx, r.VendorID)
	if err != nil {
		return "", err
	}
	s := sheet{gate: g, by: by, now: r.OccurredAt, key: key, request: r, lookups: g.pseudonyms(r.Subjects)}
	if s.known, err = s.find(ctx, g.db, g.lately(ctx)); err != nil {
		return "", err
	}
	j, err := s.judge(d)
	if err != nil {
		return "", err
	}
	_, err = s.entry(j)
	return j.verdict, err
}

// Check lets tests check a request as the gate does.
func (r *Request) Check(now time.Time) error { return r.check(now) }
