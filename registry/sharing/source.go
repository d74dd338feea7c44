package sharing

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
	"onward/registry/policy"
)

// source is the vendor that gave us data, as it stood at an instant, and where that was read from.
type source struct {
	policy.Source
	vendor *registry.Vendor // as it was named
	holder uuid.UUID        // whose part it had become by then; itself where it stood for itself
	state  registry.VendorState
	reads  []reading
}

// name is what the vendor was called; empty where there is none.
func (s *source) name() string {
	if s == nil {
		return ""
	}
	return s.vendor.Name
}

// gone tells whether whoever answers for the data is no active vendor.
func (s *source) gone() bool { return s != nil && s.state != registry.Active }

// lineageOf reads the dossiers of a vendor and of those whose part it had become by t, one after the other.
func lineageOf(vendor uuid.UUID, t time.Time, read func(uuid.UUID) (*dossier, error)) (line []*dossier, err error) {
	for next := &vendor; next != nil; {
		d, err := read(*next)
		if err != nil {
			return nil, err
		}
		line = append(line, d)
		next = registry.HeldAt(d.vendor, t).MergedIntoID
		if next != nil && slices.ContainsFunc(line, func(d *dossier) bool { return d.vendorID == *next }) {
			break // mergers that were undone can lead back, to somebody who reads the past
		}
	}
	return line, nil
}

// findSource reads the lineage of the share's source, by that way of reading a dossier. It refuses (Invalid) a vendor that is not known.
func (s *sheet) findSource(k *known, read func(uuid.UUID) (*dossier, error)) (err error) {
	r := s.request
	if r.SourceVendorID == nil {
		return nil
	}
	if err := sourceKnown(*r.SourceVendorID, read); err != nil {
		return err
	}
	k.lineage, err = lineageOf(*r.SourceVendorID, r.OccurredAt, read)
	return err
}

// sourceKnown refuses (Invalid) a vendor that is named as a source and is not known.
func sourceKnown(vendor uuid.UUID, read func(uuid.UUID) (*dossier, error)) error {
	_, err := read(vendor)
	var refused *registry.Refusal
	if errors.As(err, &refused) && refused.Kind == registry.Invalid {
		return invalidField("/source_vendor_id", "is no vendor that the registry knows")
	}
	return err
}

// lately reads dossiers as they were at the newest epoch that this gate has seen.
func (g *Gate) lately(ctx context.Context) func(uuid.UUID) (*dossier, error) {
	return func(vendor uuid.UUID) (*dossier, error) {
		d, _, err := g.remembered(ctx, vendor)
		return d, err
	}
}

// now reads dossiers with every change that was committed before.
func (g *Gate) now(ctx context.Context) func(uuid.UUID) (*dossier, error) {
	return func(vendor uuid.UUID) (*dossier, error) { return g.current(ctx, vendor) }
}

// under reads dossiers under the log's lock, with every change up to epoch.
func (g *Gate) under(ctx context.Context, tx bun.Tx, epoch int64) func(uuid.UUID) (*dossier, error) {
	return func(vendor uuid.UUID) (*dossier, error) { return g.asOf(ctx, tx, vendor, epoch) }
}

// sourceAt is the source as it stood at t: its state and name are its own, and so is what it agreed to, with what was agreed with those whose
// part it had become. nil where there is none.
func sourceAt(line []*dossier, t time.Time) *source {
	if len(line) == 0 {
		return nil
	}
	s := new(source)
	for i, d := range line {
		var f facts
		f.gather(d, t)
		if i == 0 {
			s.vendor = f.vendor
			s.ID, s.State = d.name, string(f.vendor.State)
		}
		s.holder, s.state = d.vendorID, f.vendor.State
		s.reads = append(s.reads, reading{"vendor", d.vendorID, f.vendor.Version})
		for j := range f.Contracts {
			if terms := policy.TermsOfSource(f.Contracts[j : j+1]); len(terms) > 0 {
				s.Agreements = append(s.Agreements, terms...)
				s.reads = f.contracts[j].reads(s.reads)
			}
		}
	}
	return s
}
