package sharing

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// vendorNames reads what the vendors of shares are called now.
func vendorNames(ctx context.Context, db bun.IDB, of []personal) (map[uuid.UUID]string, error) {
	names := make(map[uuid.UUID]string)
	var ids []uuid.UUID
	for i := range of {
		if id := of[i].vendor(); names[id] == "" {
			names[id] = of[i].first.VendorName
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return names, nil
	}
	var rows []struct {
		ID   uuid.UUID `bun:"id,type:uuid"`
		Name string    `bun:"name"`
	}
	if err := db.NewRaw(`SELECT id, name FROM vendors WHERE id IN (?)`, bun.List(ids)).Scan(ctx, &rows); err != nil {
		return nil, fmt.Errorf("read the names of vendors: %w", err)
	}
	for _, r := range rows {
		names[r.ID] = r.Name
	}
	return names, nil
}
