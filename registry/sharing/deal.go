package sharing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// The stages of a deal: prospective → signed → closed, and dead from each of the first two.
const (
	DealProspective = "prospective" // those who may buy look
	DealSigned      = "signed"      // agreed, and not carried out yet
	DealClosed      = "closed"      // the buyer has it
	DealDead        = "dead"        // nobody buys
)

// Deal is a sale, a merger or a reorganisation for which data is shown to those who may buy (P-19).
type Deal struct {
	bun.BaseModel `bun:"table:deals" json:"-"`

	ID        uuid.UUID   `bun:"id,pk,type:uuid" json:"id"`
	Version   int64       `bun:"version" json:"version"`
	Name      string      `bun:"name" json:"name"`
	Stage     string      `bun:"stage" json:"stage"`
	OpenedAt  time.Time   `bun:"opened_at" json:"opened_at"`
	UpdatedAt time.Time   `bun:"updated_at" json:"updated_at"`
	EndedAt   *time.Time  `bun:"ended_at" json:"ended_at,omitempty"`
	BuyerID   *uuid.UUID  `bun:"buyer_id,type:uuid" json:"buyer_id,omitempty"`
	Reason    string      `bun:"reason" json:"reason,omitempty"`
	Parties   []DealParty `bun:"-" json:"parties"`
}

// DealParty is a vendor that may buy, and since when it may be shown data.
type DealParty struct {
	bun.BaseModel `bun:"table:deal_parties" json:"-"`

	DealID   uuid.UUID `bun:"deal_id,pk,type:uuid" json:"-"`
	VendorID uuid.UUID `bun:"vendor_id,pk,type:uuid" json:"vendor_id"`
	Since    time.Time `bun:"since" json:"since"`
}

// DealFields opens a deal.
type DealFields struct {
	Name    string      `json:"name" validate:"required,text,max=200"`
	Parties []uuid.UUID `json:"parties,omitempty" validate:"max=200,unique"`
}

// DealStep is what happens to a deal: parties come in, it is signed, or it ends.
type DealStep struct {
	Parties []uuid.UUID `json:"parties,omitempty" validate:"max=200,unique"`
	Signed  bool        `json:"signed,omitempty"`
}

// DealEnd is how a deal ends: with a buyer, who keeps what it was shown, or dead.
type DealEnd struct {
	Stage   string     `json:"stage" validate:"required,oneof=closed dead"`
	BuyerID *uuid.UUID `json:"buyer_id,omitempty" validate:"required_if=Stage closed"`
	Reason  string     `json:"reason,omitempty" validate:"text,max=2000"`
}

// OpenDeal records a deal and those who may buy, by an entry deal.opened. It refuses bad fields and unknown vendors (Invalid), and a name that
// exists (Conflict).
func (g *Gate) OpenDeal(ctx context.Context, by audit.Actor, now time.Time, f DealFields) (Deal, error) {
	registry.Tidy(&f)
	if err := registry.Validate(f); err != nil {
		return Deal{}, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Deal{}, err
	}
	now = registry.Instant(now)
	d := Deal{ID: id, Version: 1, Name: f.Name, Stage: DealProspective, OpenedAt: now, UpdatedAt: now}
	_, err = g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := insertDeal(ctx, tx, d); err != nil {
			return nil, err
		}
		if err := d.admit(ctx, tx, now, f.Parties); err != nil {
			return nil, err
		}
		return []audit.Entry{d.entry(by, now, "deal.opened", nil)}, nil
	})
	if err != nil {
		return Deal{}, refusal(err)
	}
	return d, nil
}

// StepDeal lets more parties in, or records that the deal is signed, by an entry deal.changed. It refuses another version (Stale), a deal that is
// not there (NotFound) or has ended (Conflict), and unknown vendors (Invalid).
func (g *Gate) StepDeal(ctx context.Context, by audit.Actor, now time.Time, name string, version int64, s DealStep) (Deal, error) {
	if err := registry.Validate(s); err != nil {
		return Deal{}, err
	}
	d, _, err := g.changeDeal(ctx, by, now, name, version, "deal.changed", func(ctx context.Context, tx bun.Tx, now time.Time, d *Deal) ([]*taskRow, error) {
		if s.Signed {
			d.Stage = DealSigned
		}
		return nil, d.admit(ctx, tx, now, s.Parties)
	})
	return d, err
}

// EndDeal ends a deal by an entry deal.ended, and opens a task deal_return for each party that was shown data for it and did not buy: it must
// return or delete what it has within thirty days. It refuses another version (Stale), a deal that is not there (NotFound) or has ended
// (Conflict), and a buyer that is no party (Invalid).
func (g *Gate) EndDeal(ctx context.Context, by audit.Actor, now time.Time, name string, version int64, e DealEnd) (Deal, []Task, error) {
	if _, err := g.Deal(ctx, name); err != nil {
		return Deal{}, nil, err
	}
	registry.Tidy(&e)
	if err := registry.Validate(e); err != nil {
		return Deal{}, nil, err
	}
	if e.Stage == DealDead && e.BuyerID != nil {
		return Deal{}, nil, invalidField("/buyer_id", "is given only where the deal is closed")
	}
	return g.changeDeal(ctx, by, now, name, version, "deal.ended", func(ctx context.Context, tx bun.Tx, now time.Time, d *Deal) ([]*taskRow, error) {
		if e.BuyerID != nil && !d.has(*e.BuyerID) {
			return nil, invalidField("/buyer_id", "is no party of the deal")
		}
		d.Stage, d.BuyerID, d.Reason, d.EndedAt = e.Stage, e.BuyerID, e.Reason, &now
		shown, err := readShown(ctx, tx, d)
		if err != nil {
			return nil, err
		}
		var tasks []*taskRow
		for _, vendor := range shown {
			if d.BuyerID != nil && *d.BuyerID == vendor {
				continue
			}
			tasks = append(tasks, &taskRow{
				ID: taskID("deal_return", d.ID, vendor.String()), Kind: "deal_return", VendorID: vendor, RecordKind: "deal", RecordID: d.ID,
				Deal: d.Name, DueAt: now.Add(noticeTime),
			})
		}
		return tasks, nil
	})
}

func (g *Gate) changeDeal(ctx context.Context, by audit.Actor, now time.Time, name string, version int64, entry string,
	change func(ctx context.Context, tx bun.Tx, now time.Time, d *Deal) ([]*taskRow, error),
) (Deal, []Task, error) {
	var after Deal
	var tasks []Task
	_, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		d, err := readDeal(ctx, tx, name, true)
		switch {
		case err != nil:
			return nil, err
		case d == nil:
			return nil, errNoDeal
		case d.Version != version:
			return nil, registry.StaleVersion("deal", version, d.Version)
		case d.EndedAt != nil:
			return nil, registry.Refuse(registry.Conflict, "The deal is %s.", d.Stage)
		}
		at := registry.Later(now, d.UpdatedAt)
		rows, err := change(ctx, tx, at, d)
		if err != nil {
			return nil, err
		}
		d.Version, d.UpdatedAt = d.Version+1, at
		if err := updateDeal(ctx, tx, *d); err != nil {
			return nil, err
		}
		opened, entries, err := openTasks(ctx, tx, by, at, rows)
		if err != nil {
			return nil, err
		}
		after, tasks = *d, opened
		return append([]audit.Entry{d.entry(by, at, entry, rows)}, entries...), nil
	})
	if err != nil {
		return Deal{}, nil, refusal(err)
	}
	return after, tasks, nil
}

var errNoDeal = registry.Refuse(registry.NotFound, "There is no such deal.")

// Deal reads a deal by its name. NotFound where there is none.
func (g *Gate) Deal(ctx context.Context, name string) (Deal, error) {
	d, err := readDeal(ctx, g.db, name, false)
	if err != nil {
		return Deal{}, refusal(err)
	}
	if d == nil {
		return Deal{}, errNoDeal
	}
	return *d, nil
}

// Deals lists deals, those that were opened last first.
func (g *Gate) Deals(ctx context.Context, limit int, cursor string) (registry.Page[Deal], error) {
	w, err := registry.NewWindow(limit, cursor, "deals")
	if err != nil {
		return registry.Page[Deal]{}, err
	}
	found, err := selectDeals(ctx, g.db, w)
	if err != nil {
		return registry.Page[Deal]{}, refusal(err)
	}
	return registry.PageOf(w, found, func(d Deal) (string, uuid.UUID) { return d.OpenedAt.Format(time.RFC3339Nano), d.ID }), nil
}

func (d *Deal) has(vendor uuid.UUID) bool {
	for _, p := range d.Parties {
		if p.VendorID == vendor {
			return true
		}
	}
	return false
}

// deal is how the vendor stood with the deal that a share names, when the share occurred. It refuses (Invalid) a deal that is not recorded. What
// a correction corrects has passed that already.
func (s *sheet) deal(ctx context.Context, db bun.IDB) (policy.Deal, error) {
	if s.correction != nil {
		return policy.Deal{Party: true}, nil
	}
	r := s.request
	if r.Deal == "" {
		return policy.Deal{}, nil
	}
	d, err := readDeal(ctx, db, r.Deal, false)
	if err != nil {
		return policy.Deal{}, err
	}
	if d == nil {
		return policy.Deal{}, invalidField("/deal", "is no deal that is recorded")
	}
	known := policy.Deal{
		Over: d.EndedAt != nil && !r.OccurredAt.Before(*d.EndedAt), Buyer: d.BuyerID != nil && *d.BuyerID == r.VendorID,
	}
	for _, p := range d.Parties {
		known.Party = known.Party || p.VendorID == r.VendorID && !r.OccurredAt.Before(p.Since)
	}
	return known, nil
}

// admit lets vendors in that are not in yet.
func (d *Deal) admit(ctx context.Context, tx bun.Tx, now time.Time, vendors []uuid.UUID) error {
	for _, vendor := range vendors {
		if d.has(vendor) {
			continue
		}
		p := DealParty{DealID: d.ID, VendorID: vendor, Since: now}
		if err := insertParty(ctx, tx, p); err != nil {
			return err
		}
		d.Parties = append(d.Parties, p)
	}
	return nil
}

// entry tells of the deal by its id: its name may be a secret.
func (d *Deal) entry(by audit.Actor, now time.Time, kind string, tasks []*taskRow) audit.Entry {
	parties := make([]string, 0, len(d.Parties))
	for _, p := range d.Parties {
		parties = append(parties, p.VendorID.String())
	}
	body := audit.Object{"deal_id": d.ID.String(), "stage": d.Stage, "parties": sorted(parties)}
	if d.BuyerID != nil {
		body["buyer_id"] = d.BuyerID.String()
	}
	if tasks != nil {
		returns := make([]string, 0, len(tasks))
		for _, t := range tasks {
			returns = append(returns, t.VendorID.String())
		}
		body["must_return"] = sorted(returns)
	}
	return audit.Entry{ID: uuid.New(), Type: kind, Actor: by, OccurredAt: now, Body: body}
}
