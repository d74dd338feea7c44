package sharing

import (
	"context"

	"github.com/google/uuid"

	"onward/registry"
)

// Collector is a vendor that we authorised to collect data from people itself (P-25): a recipient by an engagement, without any share.
type Collector struct {
	VendorID     uuid.UUID      `bun:"vendor_id,type:uuid" json:"vendor_id"`
	Name         string         `bun:"name" json:"name"` // now
	EngagementID uuid.UUID      `bun:"engagement_id,type:uuid" json:"engagement_id"`
	Service      string         `bun:"service" json:"service"`
	Purposes     []string       `bun:"purposes,array" json:"purposes"`
	Categories   []string       `bun:"categories,array" json:"categories"`
	From         *registry.Date `bun:"starts_on,type:date" json:"from,omitempty"`
	Until        *registry.Date `bun:"ends_on,type:date" json:"until,omitempty"`
}

// Collectors are the vendors that collect directly, or did: those that were active at some time, with each engagement that says so and had begun
// when the report did, by name. No share says from whom they collect, so that the list is the same for everybody, and tells nothing of
// whether we know the person.
func (r *SubjectReport) Collectors(ctx context.Context) ([]Collector, error) {
	return readCollectors(ctx, r.gate.db, r.now)
}
