package sharing

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// DisclosureFields is what a legal process demands and what will be disclosed (P-17, P-18).
type DisclosureFields struct {
	VendorID uuid.UUID `json:"vendor_id" validate:"required"` // the authority or party
	LegalProcess
	ReceivedAt     time.Time `json:"received_at" validate:"required"`
	ScopeDemanded  string    `json:"scope_demanded" validate:"required,text,max=2000"`
	ScopeDisclosed string    `json:"scope_disclosed" validate:"required,text,max=2000"`
	// Reason is why whoever prepares it believes it necessary.
	Reason string `json:"reason" validate:"required,text,max=2000"`
}

// Disclosure is one that was prepared. Of an erased one only codes are left.
type Disclosure struct {
	ID          uuid.UUID  `json:"id"`
	PreparedBy  uuid.UUID  `json:"prepared_by"`
	PreparedAt  time.Time  `json:"prepared_at"`
	ConfirmedBy *uuid.UUID `json:"confirmed_by,omitempty"`
	ConfirmedAt *time.Time `json:"confirmed_at,omitempty"`
	// SealedUntil is the last day of the longest order of silence over a share that was made by it.
	SealedUntil *registry.Date `json:"sealed_until,omitempty"`
	DisclosureFields
}

// PrepareDisclosure records what will be disclosed, by an entry disclosure.prepared about the vendor, which commits to the text. Until somebody else
// has confirmed it, no share on the ground legal_process that is intended is allowed. It refuses bad fields (Invalid).
func (g *Gate) PrepareDisclosure(ctx context.Context, by audit.Actor, now time.Time, f DisclosureFields) (Disclosure, error) {
	if err := registry.Validate(&f); err != nil {
		return Disclosure{}, err
	}
	if f.ReceivedAt.After(now.Add(skew)) {
		return Disclosure{}, invalidField("/received_at", "is in the future")
	}
	if _, _, err := g.remembered(ctx, f.VendorID); err != nil {
		return Disclosure{}, refusal(err)
	}
	e := audit.Entry{ID: uuid.New(), Type: "disclosure.prepared", Actor: by, OccurredAt: now, VendorID: f.VendorID, Body: audit.Object{}}
	d := Disclosure{ID: e.ID, PreparedBy: by.ID, PreparedAt: now, DisclosureFields: f}
	text, err := audit.Canonical(audit.Object{
		"instrument": f.Instrument, "issuer": f.Issuer, "reference": f.Reference, "received_at": f.ReceivedAt.UTC().Format(instant),
		"scope_demanded": f.ScopeDemanded, "scope_disclosed": f.ScopeDisclosed, "reason": f.Reason,
	})
	if err != nil {
		return Disclosure{}, fmt.Errorf("write a disclosure: %w", err)
	}
	e.Detail = &audit.Detail{JSON: text}
	_, _ = rand.Read(e.Detail.Salt[:]) // crypto/rand never fails
	e.Commitment = audit.Commit(label, e.Detail.Salt, e.Detail.JSON)
	_, err = g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		return []audit.Entry{e}, insertDisclosure(ctx, tx, d.row())
	})
	if err != nil {
		return Disclosure{}, refusal(err)
	}
	return d, nil
}

// ConfirmDisclosure records that a second person finds it right, by an entry disclosure.confirmed. It refuses whoever prepared it (Forbidden),
// one that is not (NotFound), one that is confirmed (Conflict), and who has not acknowledged confidentiality (Unacknowledged).
func (g *Gate) ConfirmDisclosure(ctx context.Context, by audit.Actor, now time.Time, id uuid.UUID) (Disclosure, error) {
	if err := g.admit(ctx, by); err != nil {
		return Disclosure{}, err
	}
	_, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		row, err := readDisclosure(ctx, tx, id, true)
		if err != nil {
			return nil, err
		}
		switch {
		case row == nil:
			return nil, errNoDisclosure
		case row.PreparedBy == by.ID:
			return nil, registry.Refuse(registry.Forbidden, "Whoever prepared a disclosure cannot confirm it: somebody else must.")
		case row.ConfirmedAt != nil:
			return nil, registry.Refuse(registry.Conflict, "The disclosure is confirmed already.")
		}
		e := audit.Entry{
			ID: uuid.New(), Type: "disclosure.confirmed", Actor: by, OccurredAt: now, VendorID: row.VendorID, Body: audit.Object{"disclosure_id": id.String()},
		}
		return []audit.Entry{e}, confirmDisclosure(ctx, tx, id, by.ID, now)
	})
	if err != nil {
		return Disclosure{}, refusal(err)
	}
	return g.Disclosure(ctx, by, id)
}

var errNoDisclosure = registry.Refuse(registry.NotFound, "There is no such disclosure.")

// Disclosure reads what was prepared. It refuses one that is not (NotFound), and who has not acknowledged confidentiality (Unacknowledged): what
// is demanded is often a person's.
func (g *Gate) Disclosure(ctx context.Context, by audit.Actor, id uuid.UUID) (Disclosure, error) {
	if err := g.admit(ctx, by); err != nil {
		return Disclosure{}, err
	}
	row, err := showDisclosure(ctx, g.db, id)
	if err != nil {
		return Disclosure{}, refusal(err)
	}
	if row == nil {
		return Disclosure{}, errNoDisclosure
	}
	return row.disclosure()
}

// deciders are the two people who stand behind the disclosure that a share names; none where they are not two. It refuses (Invalid) one that is not of the share's vendor.
func (s *sheet) deciders(ctx context.Context, db bun.IDB) ([]string, error) {
	if s.request.DisclosureID == nil {
		return nil, nil
	}
	row, err := readDisclosure(ctx, db, *s.request.DisclosureID, false)
	if err != nil {
		return nil, err
	}
	if row == nil || row.VendorID != s.request.VendorID {
		return nil, invalidField("/disclosure_id", "is no disclosure to this vendor")
	}
	if row.ConfirmedBy == nil {
		return nil, nil
	}
	return []string{row.PreparedBy.String(), row.ConfirmedBy.String()}, nil
}

func (d *Disclosure) row() disclosureRow {
	return disclosureRow{ID: d.ID, VendorID: d.VendorID, PreparedBy: d.PreparedBy, PreparedAt: d.PreparedAt}
}
