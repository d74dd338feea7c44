package sharing

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
	"onward/registry/policy"
)

// exclusives are the contracts of all vendors that ever promised leads to one alone, with so many changes in them.
type exclusives struct {
	records   int64
	contracts []promised
}

type promised struct {
	vendor   string
	contract contract
}

// exclusivesAt reads them once for all vendors, as versionsAt does.
func (g *Gate) exclusivesAt(ctx context.Context, db bun.IDB, records int64) ([]promised, error) {
	have := g.exclusive.Load()
	if have != nil && have.records >= records {
		return have.contracts, nil
	}
	of, err := registry.ReadExclusives(ctx, db)
	if err != nil {
		return nil, err
	}
	read := &exclusives{records: records, contracts: promises(of)}
	for have = g.exclusive.Load(); have == nil || have.records < records; have = g.exclusive.Load() {
		if g.exclusive.CompareAndSwap(have, read) {
			break
		}
	}
	return read.contracts, nil
}

func promises(of map[uuid.UUID]registry.Dossier) []promised {
	var all []promised
	for vendor, from := range of {
		d := new(dossier)
		d.arrangeContracts(from.Contracts)
		for i := range d.contracts {
			all = append(all, promised{vendor.String(), d.contracts[i]})
		}
	}
	slices.SortFunc(all, func(a, b promised) int {
		return strings.Compare(a.vendor+a.contract.name, b.vendor+b.contract.name)
	})
	return all
}

// promisedAt are the exclusive agreements of other vendors that were in force at t.
func (d *dossier) promisedAt(t time.Time) []policy.Exclusive {
	var all []policy.Exclusive
	for i := range d.exclusives {
		p := &d.exclusives[i]
		if p.vendor == d.name {
			continue
		}
		stood, ok := p.contract.at(t)
		if !ok || !stood.terms.InForceAt(t) {
			continue
		}
		if by := stood.terms.Commercial; by != nil && by.Exclusive {
			all = append(all, policy.Exclusive{Vendor: p.vendor, Territory: by.Territory})
		}
	}
	return all
}
