package registry

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// chain is a reference from records of a kind to others of it, which must never lead back.
type chain struct {
	lock   int64 // advisory lock: one change of the chain at a time
	query  string
	closed *Refusal
}

// The chains. Each query follows the references up from the first argument and looks for the second.
var (
	parents = chain{
		lock: 0x6f6e7761_01,
		query: `WITH RECURSIVE up (id) AS (
			SELECT ?::uuid UNION SELECT v.parent_id FROM vendors v JOIN up ON v.id = up.id WHERE v.parent_id IS NOT NULL
		) SELECT EXISTS (SELECT FROM up WHERE id = ?)`,
		closed: Refuse(Conflict, "This parent is, through its own parents, owned by the vendor itself: the chain would close a circle."),
	}
	engagedBy = chain{
		lock: 0x6f6e7761_02,
		query: `WITH RECURSIVE up (id) AS (
			SELECT ?::uuid UNION SELECT e.engaged_by_id FROM engagements e JOIN up ON e.id = up.id WHERE e.engaged_by_id IS NOT NULL
		) SELECT EXISTS (SELECT FROM up WHERE id = ?)`,
		closed: Refuse(Conflict, "This engagement was itself brought in, directly or not, under the one that is changed: the chain would close a circle."),
	}
	mergers = chain{
		lock: 0x6f6e7761_04,
		query: `WITH RECURSIVE up (id) AS (
			SELECT ?::uuid UNION SELECT v.merged_into_id FROM vendors v JOIN up ON v.id = up.id WHERE v.merged_into_id IS NOT NULL
		) SELECT EXISTS (SELECT FROM up WHERE id = ?)`,
		closed: Refuse(Conflict, "That vendor was itself merged, directly or not, into the one that is merged: the chain would close a circle."),
	}
	parentContracts = chain{
		lock: 0x6f6e7761_03,
		query: `WITH RECURSIVE up (id) AS (
			SELECT ?::uuid UNION SELECT c.parent_contract_id FROM contracts c JOIN up ON c.id = up.id WHERE c.parent_contract_id IS NOT NULL
		) SELECT EXISTS (SELECT FROM up WHERE id = ?)`,
		closed: Refuse(Conflict, "This parent contract stands, directly or not, under the contract that is changed: the chain would close a circle."),
	}
)

// refuseCircle refuses to let id refer to upper when the way up from there leads back to id. Until the transaction ends, no other changes
// this chain: of two changes that close a circle only together, the second sees the first. A record that is new cannot be led back to.
func refuseCircle(ctx context.Context, tx bun.Tx, c chain, id, upper uuid.UUID) error {
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(?)`, c.lock); err != nil {
		return fmt.Errorf("lock a chain: %w", err)
	}
	var circle bool
	if err := tx.NewRaw(c.query, upper, id).Scan(ctx, &circle); err != nil {
		return fmt.Errorf("follow a chain up from %s: %w", upper, err)
	}
	if circle {
		return c.closed
	}
	return nil
}
