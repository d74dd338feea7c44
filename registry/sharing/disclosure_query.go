package sharing

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// DisclosureQuery selects disclosures.
type DisclosureQuery struct {
	State    string // prepared or confirmed; empty: both
	Sealed   *bool  // whether silence is ordered now over a share that was made by it
	VendorID uuid.UUID
	// PreparedFrom and PreparedUntil bound when it was prepared; the second is the first instant after.
	PreparedFrom, PreparedUntil time.Time
	Limit                       int
	Cursor                      string
}

// Disclosures lists disclosures, those prepared last first. Whoever may read one may list all, sealed ones too: orders of silence are kept from the
// person, in a person's report, and not from those who must keep them. It refuses a cursor of another question (Invalid), and who has not
// acknowledged confidentiality (Unacknowledged).
func (g *Gate) Disclosures(ctx context.Context, by audit.Actor, now time.Time, q DisclosureQuery) (registry.Page[Disclosure], error) {
	sealed := ""
	if q.Sealed != nil {
		sealed = strconv.FormatBool(*q.Sealed)
	}
	w, err := registry.NewWindow(q.Limit, q.Cursor, "disclosures", q.State, sealed, q.VendorID.String(), q.PreparedFrom.String(), q.PreparedUntil.String())
	if err != nil {
		return registry.Page[Disclosure]{}, err
	}
	before, err := w.Instant()
	if err == nil {
		err = g.admit(ctx, by)
	}
	if err != nil {
		return registry.Page[Disclosure]{}, err
	}
	rows, err := selectDisclosures(ctx, g.db, q, registry.DateOf(now.UTC()), w, before)
	if err != nil {
		return registry.Page[Disclosure]{}, refusal(err)
	}
	found := make([]Disclosure, 0, len(rows))
	for i := range rows {
		d, err := rows[i].disclosure()
		if err != nil {
			return registry.Page[Disclosure]{}, err
		}
		found = append(found, d)
	}
	return registry.PageOf(w, found, func(d Disclosure) (string, uuid.UUID) { return d.PreparedAt.Format(time.RFC3339Nano), d.ID }), nil
}

// disclosure is the row with its text.
func (r *shownDisclosure) disclosure() (Disclosure, error) {
	d := Disclosure{
		ID: r.ID, PreparedBy: r.PreparedBy, PreparedAt: r.PreparedAt.UTC(), ConfirmedBy: r.ConfirmedBy, ConfirmedAt: inUTC(r.ConfirmedAt), SealedUntil: r.SealedUntil,
	}
	if r.Detail != nil {
		if err := json.Unmarshal(r.Detail, &d.DisclosureFields); err != nil {
			return Disclosure{}, fmt.Errorf("read disclosure %s: %w", r.ID, err)
		}
	}
	d.VendorID = r.VendorID
	return d, nil
}
