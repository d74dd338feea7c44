package registry

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

var ownContract = Refuse(Conflict, "A contract cannot be its own parent.")

// contractConstraints says what it means when a contract violates a constraint.
var contractConstraints = map[string]*Refusal{
	"contracts_vendor_fkey":     Refuse(NotFound, "There is no such vendor."),
	"contracts_parent_fkey":     InvalidField("/parent_contract_id", "must be a contract that exists"),
	"contracts_parent_self":     ownContract,
	"contracts_external_id_key": Refuse(Conflict, "A contract with this external id exists already."),
}

func insertContract(ctx context.Context, tx bun.Tx, c Contract) error {
	if _, err := tx.NewInsert().Model(&c).Exec(ctx); err != nil {
		return violated(fmt.Errorf("insert contract %s: %w", c.ID, err), contractConstraints)
	}
	return nil
}

func updateContract(ctx context.Context, tx bun.Tx, before, after Contract) error {
	if moved(before.ParentContractID, after.ParentContractID) {
		if err := refuseCircle(ctx, tx, parentContracts, after.ID, *after.ParentContractID); err != nil {
			return err
		}
	}
	if _, err := tx.NewUpdate().Model(&after).WherePK().Exec(ctx); err != nil {
		return violated(fmt.Errorf("update contract %s: %w", after.ID, err), contractConstraints)
	}
	return nil
}

// readContracts reads all contracts and amendments of a vendor as they now stand, in the order of their creation.
func readContracts(ctx context.Context, db bun.IDB, vendor uuid.UUID) ([]Contract, error) {
	var all []Contract
	if err := db.NewSelect().Model(&all).Where("?TableAlias.vendor_id = ?", vendor).Scan(ctx); err != nil {
		return nil, fmt.Errorf("read the contracts of vendor %s: %w", vendor, err)
	}
	byCreation(all)
	return all, nil
}
