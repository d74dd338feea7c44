package publishing

import (
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Desk is where changes of the public list are prepared and told: customers and their clocks, objections, and what else has to be known before a
// line changes. Everything that it changes is an entry of the log.
type Desk struct {
	db      *bun.DB
	log     *audit.Log
	records *registry.Registry
}

// NewDesk returns the desk whose records are kept in db.
func NewDesk(db *bun.DB, log *audit.Log) *Desk {
	return &Desk{db: db, log: log, records: registry.New(db, log)}
}
