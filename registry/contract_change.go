package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// CreateContract records a contract with a vendor. It refuses a vendor that does not exist (NotFound), bad fields and an unknown
// parent_contract_id (Invalid), and an external id that exists (Conflict).
func (r *Registry) CreateContract(ctx context.Context, by audit.Actor, at time.Time, vendor uuid.UUID, f ContractFields) (Contract, error) {
	return r.createContract(ctx, by, at, func(context.Context, bun.Tx) (Contract, error) {
		return Contract{VendorID: vendor, ContractFields: f}, nil
	})
}

// createContract records the contract, or amendment, that draw draws up.
func (r *Registry) createContract(ctx context.Context, by audit.Actor, at time.Time, draw func(context.Context, bun.Tx) (Contract, error)) (Contract, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Contract{}, err
	}
	now := at
	at = instant(at)
	var c Contract
	err = r.create(ctx, by, at, func(ctx context.Context, tx bun.Tx) (revision, error) {
		var err error
		if c, err = draw(ctx, tx); err != nil {
			return revision{}, err
		}
		c.ID, c.Version, c.CreatedAt, c.UpdatedAt = id, 1, at, at
		if err := known(ctx, tx, c.check); err != nil {
			return revision{}, err
		}
		v := revision{kind: contractKind, id: id, vendorID: c.VendorID, verb: "created", after: c}
		if c.AmendsID != nil {
			v.verb, v.more = "amended", audit.Object{"amends": c.AmendsID.String()}
		}
		return v, insertContract(ctx, tx, c)
	})
	if err != nil {
		return Contract{}, err
	}
	c.Status = c.StatusAt(now)
	return c, nil
}

// AmendContract records an amendment of a contract: the original's terms under an RFC 7396 merge patch, which must give in_force_from. Without
// signed_on of its own it is a draft and supersedes nothing until it is signed. It has no document, external id or signature of
// the original's. It refuses to amend an amendment (Conflict), and one from before the original's first day (Invalid).
func (r *Registry) AmendContract(ctx context.Context, by audit.Actor, at time.Time, original uuid.UUID, patch []byte) (Contract, error) {
	return r.createContract(ctx, by, at, func(ctx context.Context, tx bun.Tx) (Contract, error) {
		o, err := newest[Contract](ctx, tx, contractKind, original, true)
		if err != nil {
			return Contract{}, err
		}
		return o.amended(patch)
	})
}

// amended is an amendment of the contract, with a merge patch applied to its terms.
func (c Contract) amended(patch []byte) (Contract, error) {
	if c.AmendsID != nil {
		return Contract{}, Refuse(Conflict, "This contract is an amendment itself; amend the original, %s.", *c.AmendsID)
	}
	base := c.ContractFields
	base.SignedOn, base.InForceFrom, base.ExternalID = nil, nil, ""
	a := Contract{VendorID: c.VendorID, AmendsID: &c.ID}
	if err := Merge(base, patch, &a.ContractFields); err != nil {
		return Contract{}, err
	}
	switch {
	case a.InForceFrom == nil:
		return Contract{}, InvalidField("/in_force_from", "is required: an amendment begins on a day of its own")
	case c.InForceFrom != nil && a.InForceFrom.Before(*c.InForceFrom):
		return Contract{}, InvalidField("/in_force_from", "must not be a day before the original's, %s", *c.InForceFrom)
	}
	return a, nil
}

// ChangeContract applies an RFC 7396 merge patch to the version that the caller saw: a correction, not an amendment. It refuses another
// version (Stale), bad fields (Invalid), and a circle of parent contracts (Conflict).
func (r *Registry) ChangeContract(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Contract, error) {
	c, err := apply(ctx, r, by, at, change[Contract]{
		kind: contractKind, verb: "changed", id: id, version: version,
		edit: func(ctx context.Context, tx bun.Tx, c Contract) (Contract, error) {
			var f ContractFields
			if err := Merge(c.ContractFields, patch, &f); err != nil {
				return c, err
			}
			c.ContractFields = f
			return c, known(ctx, tx, c.check)
		},
		save: updateContract,
	})
	if err != nil {
		return Contract{}, err
	}
	c.Status = c.StatusAt(at)
	return c, nil
}

// check tidies and validates the fields, which may name those codes.
func (c *Contract) check(codes Codes) error {
	tidy(&c.ContractFields)
	absent(&c.Clauses)
	if err := codes.Validate(c.ContractFields); err != nil {
		return err
	}
	if c.ParentContractID != nil && *c.ParentContractID == c.ID {
		return ownContract
	}
	return nil
}

func (c *Contract) of() (uuid.UUID, int64, time.Time) { return c.VendorID, c.Version, c.UpdatedAt }

func (c *Contract) created() (time.Time, uuid.UUID) { return c.CreatedAt, c.ID }

func (c *Contract) advance(version int64, at time.Time) { c.Version, c.UpdatedAt = version, at }
