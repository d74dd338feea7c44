package sharing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// Correction says what of a share is wrong on record, by what is right: absent fields stay. Why is kept beside the log and can be erased.
type Correction struct {
	Reason        string     `json:"reason" validate:"required,text,max=2000"`
	Purpose       *string    `json:"purpose,omitempty" validate:"omitempty,code"`
	Ground        *string    `json:"ground,omitempty" validate:"omitempty,code"`
	Categories    []string   `json:"categories,omitempty" validate:"omitempty,max=100,unique,dive,code"`
	Countries     []string   `json:"countries,omitempty" validate:"omitempty,max=300,unique,dive,place"`
	OccurredAt    *time.Time `json:"occurred_at,omitempty"`
	SubjectCount  *int64     `json:"subject_count,omitempty" validate:"omitempty,min=0,max=100000000000"`
	Pseudonymised *bool      `json:"pseudonymised,omitempty"`
	EngagementID  *uuid.UUID `json:"engagement_id,omitempty"`
	// DataOrigin and SourceVendorID say where the data came from (P-06). Data that came from the people themselves has no source.
	DataOrigin     *string        `json:"data_origin,omitempty" validate:"omitempty,oneof=direct third_party combined"`
	SourceVendorID *uuid.UUID     `json:"source_vendor_id,omitempty"`
	SealedUntil    *registry.Date `json:"sealed_until,omitempty"` // a day that has passed lifts the seal
	// LegalProcess is required when the ground becomes legal_process. It is kept beside the log.
	LegalProcess *LegalProcess `json:"legal_process,omitempty"`
}

// correction is a correction of a certain share.
type correction struct {
	Correction
	share  Row // as it was recorded first
	number int64
	fields []string // that differ from what was on record
	system string
}

// Correct records that a share was not as it was recorded: an entry share.corrected about the same vendor, which is judged like a share with
// the corrected facts. The first entry stays as it is; of several corrections the last counts, and each is made of what the one before it
// said. What was not denied at first has happened, so that what is not permitted now is a violation and opens an exception.
//
// key works as with Share. It refuses bad fields, and a correction by which nothing would change (Invalid); what is no share, or another
// system's (NotFound); a correction of a correction, and one that was overtaken by another (Conflict); a service that touches a seal
// (Forbidden); and Busy as Share does. When it returns without error the entry is durable.
func (g *Gate) Correct(ctx context.Context, by audit.Actor, now time.Time, key string, share uuid.UUID, c Correction) (Decision, error) {
	if err := checkKey(key); err != nil {
		return Decision{}, err
	}
	if err := registry.Validate(&c); err != nil {
		return Decision{}, err
	}
	s := &sheet{gate: g, by: by, now: now, key: key, correction: &correction{Correction: c}}
	before, err := s.load(ctx, share)
	if err != nil {
		return Decision{}, refusal(err)
	}
	if s.request, err = s.correction.request(before); err != nil {
		return Decision{}, err
	}
	_, err = g.log.Entry(ctx, entryID(by.ID, key))
	switch {
	case errors.Is(err, audit.ErrNotFound):
		if err := s.correction.check(by, now, before, s.request); err != nil {
			return Decision{}, err
		}
	case err != nil:
		return Decision{}, refusal(fmt.Errorf("look for a correction: %w", err))
	}
	d, epoch, err := g.remembered(ctx, s.request.VendorID)
	if err != nil {
		return Decision{}, refusal(err)
	}
	if s.known, err = s.find(ctx, g.db, g.lately(ctx)); err != nil {
		return Decision{}, refusal(err)
	}
	b, err := g.record(d, epoch, s, g.committer.Submit)
	if err != nil {
		return Decision{}, err
	}
	return b.Wait(ctx)
}

// load reads the share that is to be corrected, and returns it as it is on record now.
func (s *sheet) load(ctx context.Context, share uuid.UUID) (*Row, error) {
	row, err := s.gate.row(ctx, share)
	if errors.Is(err, audit.ErrNotFound) {
		return nil, errNoSuchShare
	}
	if err != nil {
		return nil, err
	}
	actor, err := uuid.Parse(row.ActorID)
	if err != nil {
		return nil, fmt.Errorf("read the actor of share %s: %w", share, err)
	}
	if !own(s.by, actor, row.System) {
		return nil, errNoSuchShare
	}
	if row.Type != entryType {
		return nil, registry.Refuse(registry.Conflict, "This entry is itself a correction. Correct the share that it is about: %s.", row.Corrects)
	}
	opening, err := s.gate.log.Opening(ctx, s.gate.db, share)
	if err != nil {
		return nil, fmt.Errorf("read whom share %s is about: %w", share, err)
	}
	for _, l := range opening.Links {
		s.lookups = append(s.lookups, l.Lookup)
	}
	c := s.correction
	c.share, c.system, c.number = *row, row.System, 1
	corrections, err := readCorrections(ctx, s.gate.db, share)
	if err != nil || len(corrections) == 0 {
		return row, err
	}
	last := corrections[len(corrections)-1]
	c.number = last.Number + 1
	return s.gate.row(ctx, last.EntryID)
}

// row reads the entry of a share or of a correction.
func (g *Gate) row(ctx context.Context, entry uuid.UUID) (*Row, error) {
	stored, err := g.log.Entry(ctx, entry)
	if err != nil {
		return nil, fmt.Errorf("read share %s: %w", entry, err)
	}
	row, ok, err := RowOf(stored.Leaf)
	if err != nil {
		return nil, fmt.Errorf("read share %s: %w", entry, err)
	}
	if !ok {
		return nil, errNoShare
	}
	row.Index = stored.Index
	return &row, nil
}

// request is the share as it is corrected to be.
func (c *correction) request(before *Row) (*Request, error) {
	r, err := before.request()
	if err != nil {
		return nil, err
	}
	replace(c, "purpose", &r.Purpose, c.Purpose)
	replace(c, "ground", &r.Ground, c.Ground)
	replace(c, "pseudonymised", &r.Pseudonymised, c.Pseudonymised)
	for _, set := range []struct {
		name       string
		into, from *[]string
	}{{"categories", &r.Categories, &c.Categories}, {"countries", &r.Countries, &c.Countries}} {
		if len(*set.from) > 0 && !slices.Equal(sorted(*set.from), sorted(*set.into)) {
			*set.into = *set.from
			c.fields = append(c.fields, set.name)
		}
	}
	if t := c.OccurredAt; t != nil && !t.Truncate(time.Microsecond).Equal(r.OccurredAt) {
		r.OccurredAt = t.UTC().Truncate(time.Microsecond)
		c.fields = append(c.fields, "occurred_at")
	}
	replaceLink(c, "subject_count", &r.SubjectCount, c.SubjectCount)
	replaceLink(c, "engagement_id", &r.EngagementID, c.EngagementID)
	replace(c, "data_origin", &r.DataOrigin, c.DataOrigin)
	if c.SourceVendorID == nil && r.SourceVendorID != nil && !policy.FromOthers(r.DataOrigin) {
		r.SourceVendorID = nil
		c.fields = append(c.fields, "source_vendor_id")
	}
	replaceLink(c, "source_vendor_id", &r.SourceVendorID, c.SourceVendorID)
	if c.SealedUntil == nil && r.SealedUntil != nil && r.Ground != legalProcess {
		r.SealedUntil = nil // nothing but that ground can be sealed
		c.fields = append(c.fields, "sealed_until")
	}
	replaceLink(c, "sealed_until", &r.SealedUntil, c.SealedUntil)
	if r.LegalProcess = c.LegalProcess; r.LegalProcess == nil && (r.Ground == before.Ground || before.Ground == legalProcess) {
		r.LegalProcess = new(LegalProcess) // it was given with the share, where it was required
	}
	return r, nil
}

func replace[T comparable](c *correction, name string, into, from *T) {
	if from != nil && *from != *into {
		*into = *from
		c.fields = append(c.fields, name)
	}
}

func replaceLink[T comparable](c *correction, name string, into **T, from *T) {
	if from != nil && (*into == nil || **into != *from) {
		*into = from
		c.fields = append(c.fields, name)
	}
}

// check refuses a correction that cannot stand.
func (c *correction) check(by audit.Actor, now time.Time, before *Row, r *Request) error {
	bad := r.contradictions(now)
	if c.LegalProcess != nil && r.Ground != legalProcess {
		bad = append(bad, registry.Field{Pointer: "/legal_process", Sentence: "belongs to the ground legal_process"})
	}
	if len(c.fields) == 0 && len(bad) == 0 {
		bad = append(bad, registry.Field{Sentence: "says nothing else than what is on record: there is nothing to correct"})
	}
	if len(bad) > 0 {
		return invalid(bad)
	}
	sealed := before.SealedUntil != "" || r.SealedUntil != nil
	if by.Role == "service" && sealed && (slices.Contains(c.fields, "sealed_until") || slices.Contains(c.fields, "ground")) {
		return registry.Refuse(registry.Forbidden, "Only legal decides on a seal.")
	}
	return nil
}

// written is what people wrote in a correction.
func (c *correction) written() audit.Object {
	o := audit.Object{"reason": c.Reason}
	if c.LegalProcess != nil {
		o["legal_process"] = c.LegalProcess.object()
	}
	return o
}

// correctionHash is the request hash of a correction; see requestHash.
func (g *Gate) correctionHash(key string, c *correction) ([32]byte, error) {
	o := audit.Object{"corrects": c.share.EntryID}
	for name, code := range map[string]*string{"purpose": c.Purpose, "ground": c.Ground, "data_origin": c.DataOrigin} {
		if code != nil {
			o[name] = *code
		}
	}
	for name, set := range map[string][]string{"categories": c.Categories, "countries": c.Countries} {
		if len(set) > 0 {
			o[name] = sorted(set)
		}
	}
	if c.OccurredAt != nil {
		o["occurred_at"] = c.OccurredAt.UTC().Format(instant)
	}
	if c.SubjectCount != nil {
		o["subject_count"] = strconv.FormatInt(*c.SubjectCount, 10)
	}
	if c.Pseudonymised != nil {
		o["pseudonymised"] = *c.Pseudonymised
	}
	if c.EngagementID != nil {
		o["engagement_id"] = c.EngagementID.String()
	}
	if c.SourceVendorID != nil {
		o["source_vendor_id"] = c.SourceVendorID.String()
	}
	if c.SealedUntil != nil {
		o["sealed_until"] = c.SealedUntil.String()
	}
	text, err := audit.Canonical(o)
	if err != nil {
		return [32]byte{}, fmt.Errorf("write a correction: %w", err)
	}
	return g.keyed("onward/correction/v1/request\x00"+key+"\x00", string(text)), nil
}

// insert stores which share the entry corrects.
func (c *correction) insert(ctx context.Context, tx bun.Tx, r audit.Receipt) error {
	share, err := uuid.Parse(c.share.EntryID)
	if err != nil {
		return fmt.Errorf("read the id of a share: %w", err)
	}
	return insertCorrection(ctx, tx, correctionRow{ShareID: share, Number: c.number, ShareIndex: c.share.Index, EntryID: r.EntryID, Index: r.Index})
}

// clear closes the exceptions of the violations in whose place the correction stands.
func (s *sheet) clear(ctx context.Context, tx bun.Tx, r audit.Receipt) error {
	share, err := uuid.Parse(s.correction.share.EntryID)
	if err != nil {
		return fmt.Errorf("read the id of a share: %w", err)
	}
	return clearViolations(ctx, tx, share, s.by.ID, s.now, "corrected by entry "+r.EntryID.String())
}

// request is a row as what was asked of the gate, as far as the leaf says it.
func (r *Row) request() (*Request, error) {
	q := &Request{
		Purpose: r.Purpose, Ground: r.Ground, Categories: slices.Clone(r.Categories), Countries: slices.Clone(r.Countries), Origin: r.Origin,
		State: r.State, Pseudonymised: r.Pseudonymised, Channel: r.Channel, LeadCountry: r.LeadCountry, LeadKind: r.LeadKind,
		DataOrigin: r.DataOrigin,
	}
	if r.OriginAssumed {
		q.Origin = ""
	}
	var err [9]error
	q.VendorID, err[0] = uuid.Parse(r.VendorID)
	q.OccurredAt, err[1] = time.Parse(instant, r.OccurredAt)
	if r.EngagementID != "" {
		var id uuid.UUID
		id, err[2] = uuid.Parse(r.EngagementID)
		q.EngagementID = &id
	}
	if r.SubjectCount != "" {
		var n int64
		n, err[3] = strconv.ParseInt(r.SubjectCount, 10, 64)
		q.SubjectCount = &n
	}
	if r.SealedUntil != "" {
		var d registry.Date
		d, err[4] = registry.ParseDate(r.SealedUntil)
		q.SealedUntil = &d
	}
	if r.InformedAt != "" {
		var t time.Time
		t, err[5] = time.Parse(instant, r.InformedAt)
		q.InformedAt = &t
	}
	if r.CollectedAt != "" {
		var t time.Time
		t, err[7] = time.Parse(instant, r.CollectedAt)
		q.CollectedAt = &t
	}
	if r.DisclosureID != "" {
		var id uuid.UUID
		id, err[6] = uuid.Parse(r.DisclosureID)
		q.DisclosureID = &id
	}
	if r.SourceVendorID != "" {
		var id uuid.UUID
		id, err[8] = uuid.Parse(r.SourceVendorID)
		q.SourceVendorID = &id
	}
	if err := errors.Join(err[:]...); err != nil {
		return nil, fmt.Errorf("read the leaf of share %s: %w", r.EntryID, err)
	}
	return q, nil
}
