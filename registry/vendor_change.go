package registry

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// CreateVendor records a proposed vendor. It refuses bad fields (Invalid), a name, LEI or external id that exists (Conflict). Text is
// stored without spaces at its ends.
func (r *Registry) CreateVendor(ctx context.Context, by audit.Actor, at time.Time, f VendorFields) (Vendor, error) {
	at = instant(at)
	id, err := uuid.NewV7()
	if err != nil {
		return Vendor{}, err
	}
	v := Vendor{
		ID: id, Version: 1, State: Proposed, StateSince: at, CreatedAt: at, UpdatedAt: at, CreatedBy: by.ID, VendorFields: f,
	}
	if err := v.check(); err != nil {
		return Vendor{}, err
	}
	_, err = r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := insertVendor(ctx, tx, v); err != nil {
			return nil, err
		}
		return revision{
			kind: vendorKind, id: v.ID, version: v.Version, vendorID: v.ID, vendorName: v.Name, verb: verbs[Proposed], after: v,
			effectiveAt: at, recordedAt: at, more: audit.Object{"state": audit.Object{"to": string(Proposed)}},
		}.write(ctx, tx, by)
	})
	if err != nil {
		return Vendor{}, err
	}
	return v, nil
}

// VendorPatch is what a PATCH of a vendor may carry besides fields.
type VendorPatch struct {
	Fields []byte // RFC 7396 merge patch of VendorFields, without the members below; empty changes none
	// State moves the vendor; empty, or the state that it is in, leaves it. EffectiveAt is since when, in the world; zero is the
	// change's instant.
	State       VendorState
	EffectiveAt time.Time
	Reason      string
}

// check refuses a patch that cannot be meant at the instant at.
func (p VendorPatch) check(at time.Time) error {
	var bad []Field
	if p.State != "" && !p.State.known() {
		bad = append(bad, Field{"/state", "must be one of proposed, approved, active, winding_down, ended"})
	}
	switch {
	case p.EffectiveAt.IsZero():
	case p.State == "":
		bad = append(bad, Field{"/effective_at", "is given only with a state"})
	case p.EffectiveAt.After(at):
		bad = append(bad, Field{"/effective_at", "must not be in the future"})
	case p.EffectiveAt.Year() < 1900:
		bad = append(bad, Field{"/effective_at", "must not be before the year 1900"})
	}
	if !plainText(p.Reason) || len([]rune(p.Reason)) > 2000 {
		bad = append(bad, Field{"/reason", "must be readable text of at most 2000 characters"})
	}
	if len(bad) > 0 {
		return invalid(bad)
	}
	return nil
}

// ChangeVendor changes fields, state, or both, of the version that the caller saw. It refuses another version (Stale), bad fields
// (Invalid), a move that the life of a vendor does not have (Conflict), an approval by the proposer (Forbidden), and a parent that
// would close a circle (Conflict). A patch that changes nothing writes nothing. With EffectiveAt, the whole new version holds since then:
// see InForce.
func (r *Registry) ChangeVendor(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, p VendorPatch) (Vendor, error) {
	if err := p.check(at); err != nil {
		return Vendor{}, err
	}
	var after Vendor
	_, err := r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) (entries []audit.Entry, err error) {
		if after, entries, err = changeVendorIn(ctx, tx, by, at, time.Time{}, id, version, p); err != nil || len(entries) == 0 {
			return nil, err
		}
		if p.Fields == nil && (p.State == WindingDown || p.State == Ended) {
			return entries, nil // that data stops to flow waits for nobody
		}
		return entries, r.ask(ctx, tx, Asked{Kind: vendorKind, RecordID: id, VendorID: id, At: after.UpdatedAt})
	})
	if err != nil {
		return Vendor{}, err
	}
	return after, nil
}

// changeVendorIn is ChangeVendor in a transaction; since, where it is not zero, is since when the change holds in the world.
func changeVendorIn(ctx context.Context, tx bun.Tx, by audit.Actor, at, since time.Time, id uuid.UUID, version int64, p VendorPatch) (after Vendor, _ []audit.Entry, err error) {
	before, err := newest[Vendor](ctx, tx, vendorKind, id, true)
	if err != nil {
		return after, nil, err
	}
	if before.Version != version && version != anyVersion {
		return after, nil, stale(vendorKind, version, before.Version)
	}
	v := revision{kind: vendorKind, id: id, vendorID: id, verb: "changed", before: before, reason: p.Reason}
	v.recordedAt = later(at, before.UpdatedAt)
	v.effectiveAt = v.recordedAt
	if !since.IsZero() {
		v.effectiveAt = instant(since)
	}
	if after, err = before.patched(p.Fields); err != nil {
		return after, nil, err
	}
	if p.State != "" && (p.State != before.State || !p.EffectiveAt.IsZero()) {
		if !p.EffectiveAt.IsZero() {
			v.effectiveAt = instant(p.EffectiveAt)
		}
		if err := after.Move(by, p.State, v.effectiveAt); err != nil {
			return after, nil, err
		}
		v.verb = verbs[p.State]
		v.more = audit.Object{"state": audit.Object{
			"from": string(before.State), "to": string(p.State), "effective_at": v.effectiveAt.Format(time.RFC3339Nano),
		}}
	}
	if err := after.check(); err != nil || sameJSON(before, after) {
		return after, nil, err
	}
	after.Version, after.UpdatedAt = before.Version+1, v.recordedAt
	v.version, v.vendorName, v.after = after.Version, after.Name, after
	if err := updateVendor(ctx, tx, before, after); err != nil {
		return after, nil, err
	}
	entries, err := v.write(ctx, tx, by)
	return after, entries, err
}

// patched is the vendor with a merge patch of its fields applied.
func (v Vendor) patched(patch []byte) (Vendor, error) {
	if len(patch) == 0 {
		return v, nil
	}
	var f VendorFields
	if err := Merge(v.VendorFields, patch, &f); err != nil {
		return Vendor{}, err
	}
	v.VendorFields = f
	return v, nil
}

// check tidies and validates the fields, and makes the text that searches look at.
func (v *Vendor) check() error {
	tidy(&v.VendorFields)
	absent(&v.OtherNames)
	absent(&v.Identifiers)
	absent(&v.Contacts)
	absent(&v.Certifications)
	absent(&v.Ownership)
	absent(&v.DPF)
	if err := Validate(v.VendorFields); err != nil {
		return err
	}
	if err := v.checkOwnership(); err != nil {
		return err
	}
	if v.ParentID != nil && *v.ParentID == v.ID {
		return ownParent
	}
	v.Search = v.searchable()
	return nil
}

// searchable is the folded text that a search looks at: names, identifiers, address and the website's host.
func (v *Vendor) searchable() string {
	parts := []string{v.Name, v.LegalName, v.LEI, v.Address, v.ExternalID}
	for _, n := range v.OtherNames {
		parts = append(parts, n.Name)
	}
	for _, i := range v.Identifiers {
		parts = append(parts, i.Value)
	}
	if u, err := url.Parse(v.Website); err == nil {
		parts = append(parts, u.Hostname())
	}
	return Fold(strings.Join(parts, "\n"))
}
