package sharing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// dossier is what is known of a vendor, in the order in which shares are judged by it. It is never changed once it was read.
type dossier struct {
	vendorID    uuid.UUID
	name        string // the vendor's id as text
	records     int64  // so many changes are in it, see mark
	vendor      []registry.Recorded[registry.Vendor]
	approved    []approval // of the vendor
	engagements []engagement
	contracts   []contract
	policies    []policy.Version // published
	exclusives  []promised       // of all vendors
}

// approval is that somebody approved the vendor.
type approval struct {
	at time.Time
	by []string // the one's id
}

// engagement is an engagement, its versions and its locations in the order of their creation.
type engagement struct {
	id        uuid.UUID
	name      string // the id as text
	versions  []registry.Recorded[registry.Engagement]
	locations [][]registry.Recorded[registry.Location]
	approvals []registry.Approval // of all versions
	contracts []contract          // all of the vendor: they are seen by who approves
}

// contract is an original contract and its amendments in the order of their creation.
type contract struct {
	id         uuid.UUID
	name       string // the id as text
	versions   []registry.Recorded[registry.Contract]
	amendments [][]registry.Recorded[registry.Contract]
	// said is what the rules need of each version of the original and of the amendments.
	said map[version]*policy.Contract
}

// version is a version of a contract.
type version struct {
	id     uuid.UUID
	number int64
}

func versionOf(c *registry.Contract) version { return version{c.ID, c.Version} }

// readDossier reads what is known of a vendor; the first so many changes are committed. An unknown vendor is refused (Invalid).
func readDossier(ctx context.Context, db bun.IDB, vendor uuid.UUID, records int64) (*dossier, error) {
	d, err := registry.ReadDossier(ctx, db, vendor)
	var refusal *registry.Refusal
	if errors.As(err, &refusal) && refusal.Kind == registry.NotFound {
		return nil, invalidField("/vendor_id", "is no vendor that the registry knows")
	}
	if err != nil {
		return nil, fmt.Errorf("read the dossier of vendor %s: %w", vendor, err)
	}
	return arrange(vendor, records, d), nil
}

// arrange puts a dossier into order and leaves out what no rule asks for.
func arrange(vendor uuid.UUID, records int64, from registry.Dossier) *dossier {
	d := &dossier{vendorID: vendor, name: vendor.String(), records: records, vendor: from.Vendor, approved: approvalsOf(from.Vendor)}
	for i := range d.vendor {
		v := &d.vendor[i].Value
		v.VendorFields = registry.VendorFields{Name: v.Name, Kinds: v.Kinds, Ownership: v.Ownership, DPF: v.DPF}
		v.Search = ""
	}
	for id, versions := range from.Engagements {
		for i := range versions {
			e := &versions[i].Value
			e.EngagementFields = registry.EngagementFields{Purposes: e.Purposes, Categories: e.Categories, DataSubjects: e.FrameworkData(), From: e.From, Until: e.Until}
		}
		d.engagements = append(d.engagements, engagement{id: id, name: id.String(), versions: versions, approvals: from.Approvals[id]})
	}
	slices.SortFunc(d.engagements, func(a, b engagement) int { return created(a.versions[0].Value, b.versions[0].Value) })
	for _, versions := range from.Locations {
		of := versions[0].Value.EngagementID
		if i := slices.IndexFunc(d.engagements, func(e engagement) bool { return e.id == of }); i >= 0 {
			d.engagements[i].locations = append(d.engagements[i].locations, versions)
		}
	}
	for i := range d.engagements {
		slices.SortFunc(d.engagements[i].locations, func(a, b []registry.Recorded[registry.Location]) int { return created(a[0].Value, b[0].Value) })
	}
	d.arrangeContracts(from.Contracts)
	for i := range d.engagements {
		d.engagements[i].contracts = d.contracts
	}
	return d
}

// approvalsOf are the approvals of a vendor in their order, but for those of the program itself, which is nobody.
func approvalsOf(versions []registry.Recorded[registry.Vendor]) (all []approval) {
	before := registry.Proposed
	for i := range versions {
		v := &versions[i]
		if v.Value.State == registry.Approved && before != registry.Approved && v.ActorID != audit.Program.ID {
			all = append(all, approval{v.EffectiveAt, []string{v.ActorID.String()}})
		}
		before = v.Value.State
	}
	return all
}

func (d *dossier) arrangeContracts(from map[uuid.UUID][]registry.Recorded[registry.Contract]) {
	for id, versions := range from {
		for i := range versions {
			lighten(&versions[i].Value)
		}
		if versions[0].Value.AmendsID == nil {
			d.contracts = append(d.contracts, contract{id: id, name: id.String(), versions: versions})
		}
	}
	slices.SortFunc(d.contracts, func(a, b contract) int { return created(a.versions[0].Value, b.versions[0].Value) })
	for i := range d.contracts {
		c := &d.contracts[i]
		for _, versions := range from {
			if of := versions[0].Value.AmendsID; of != nil && *of == c.id {
				c.amendments = append(c.amendments, versions)
			}
		}
		slices.SortFunc(c.amendments, func(a, b []registry.Recorded[registry.Contract]) int { return created(a[0].Value, b[0].Value) })
		c.say()
	}
}

// say works out what the rules need of each version.
func (c *contract) say() {
	c.said = map[version]*policy.Contract{}
	for _, versions := range append([][]registry.Recorded[registry.Contract]{c.versions}, c.amendments...) {
		for i := range versions {
			terms := &versions[i].Value
			c.said[versionOf(terms)] = contractFacts(c.name, terms)
		}
	}
}

// lighten leaves out the long texts.
func lighten(c *registry.Contract) {
	c.Notes = ""
	for i := range c.Clauses {
		c.Clauses[i].Text = ""
	}
}

// created orders records by their creation, of those created at once by id.
func created[T registry.Engagement | registry.Location | registry.Contract](a, b T) int {
	idA, atA := birth(any(a))
	idB, atB := birth(any(b))
	return cmp.Or(cmp.Compare(atA, atB), strings.Compare(idA, idB))
}

func birth(record any) (id string, at int64) {
	switch r := record.(type) {
	case registry.Engagement:
		return r.ID.String(), r.CreatedAt.UnixMicro()
	case registry.Location:
		return r.ID.String(), r.CreatedAt.UnixMicro()
	case registry.Contract:
		return r.ID.String(), r.CreatedAt.UnixMicro()
	default:
		return "", 0
	}
}
