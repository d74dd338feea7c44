package sharing

import (
	"context"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
	"onward/registry/policy"
)

// versions are the published versions of the policy, with every change up to an epoch.
type versions struct {
	epoch int64
	all   []policy.Version
}

// readDossier reads a vendor's dossier and the policies that it is judged by; every change up to epoch is committed.
func (g *Gate) readDossier(ctx context.Context, db bun.IDB, vendor uuid.UUID, epoch int64) (*dossier, error) {
	d, err := readDossier(ctx, db, vendor, epoch)
	if err != nil {
		return nil, err
	}
	if d.policies, err = g.versionsAt(ctx, db, epoch); err != nil {
		return nil, err
	}
	d.exclusives, err = g.exclusivesAt(ctx, db, epoch)
	return d, err
}

// versionsAt are the published versions with every change up to epoch, which is committed. They are read once for all vendors, and what was
// published is not read twice, since it never changes.
func (g *Gate) versionsAt(ctx context.Context, db bun.IDB, epoch int64) ([]policy.Version, error) {
	have := g.policies.Load()
	if have != nil && have.epoch >= epoch {
		return have.all, nil
	}
	var known []policy.Version
	if have != nil {
		known = have.all
	}
	all, err := registry.ReadPolicies(ctx, db, known)
	if err != nil {
		return nil, err
	}
	read := &versions{epoch, all}
	for have = g.policies.Load(); have == nil || have.epoch < epoch; have = g.policies.Load() {
		if g.policies.CompareAndSwap(have, read) {
			break
		}
	}
	return all, nil
}

// learn reads the published versions as they are now.
func (g *Gate) learn(ctx context.Context) error {
	now, err := readMark(ctx, g.db)
	if err != nil {
		return err
	}
	_, err = g.versionsAt(ctx, g.db, now.records)
	return err
}

// learned are the published versions as they were last read.
func (g *Gate) learned() []policy.Version {
	if have := g.policies.Load(); have != nil {
		return have.all
	}
	return policy.Shipped()
}
