package publishing

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// ApproveChange approves the version of a change that the caller saw: then it waits for its notice or, where nobody has to be told, for its day. An
// emergency needs a second approval by a third person. It refuses another version (Stale), the proposer and whoever approved it already
// (Forbidden), what is not proposed, and a day inside of somebody's notice period, whom it names (Conflict), and what the steps refuse when they
// are tried once more.
func (d *Desk) ApproveChange(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64) (Change, error) {
	return d.moveChange(ctx, by, at, id, version, "approved", func(ctx context.Context, tx bun.Tx, at time.Time, c *Change) error {
		if err := c.approve(by, at); err != nil {
			return err
		}
		if err := d.rehearse(ctx, tx, by, at, c); err != nil {
			return err
		}
		rules, err := readRules(ctx, tx)
		if err != nil {
			return err
		}
		all, err := rules.Concerned(c, at.Add(NoticeWindow))
		if err != nil {
			return err
		}
		if err := tooEarly(c, all); err != nil || c.State != ChangeApproved {
			return err
		}
		subscribed, err := anybody(ctx, tx)
		if err != nil {
			return err
		}
		if len(all) == 0 && !subscribed {
			c.State, c.AnnouncedAt = ChangeAnnounced, &at // to nobody
		}
		return nil
	})
}

// Announce makes approved changes announced by a notice, in tx, in which the notice's deliveries are written too: all of it commits or nothing. From
// then on the periods of each customer that a change concerns stand; those that run from receipt begin when it is delivered. A day that has
// come inside of somebody's period since it was approved moves behind it, unless the change is staged or an emergency: nobody was told of
// another yet.
func (d *Desk) Announce(ctx context.Context, tx bun.Tx, by audit.Actor, at time.Time, notice uuid.UUID, ids []uuid.UUID) ([]Change, []audit.Entry, error) {
	rules, err := readRules(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	var changes []Change
	var entries []audit.Entry
	for _, id := range ids {
		before, err := registry.Newest[Change](ctx, tx, changeKind, id, true)
		if err != nil {
			return nil, nil, err
		}
		before.inUTC()
		if before.State != ChangeApproved {
			continue // it was withdrawn, or another instance announced it
		}
		after := before
		reach, err := rules.announce(&after, registry.Later(at, before.UpdatedAt), notice)
		if err != nil {
			return nil, nil, err
		}
		if err := updateChange(ctx, tx, after); err != nil {
			return nil, nil, err
		}
		if err := insertReach(ctx, tx, reach); err != nil {
			return nil, nil, err
		}
		made, err := after.keep(ctx, tx, by, "announced", &before, after.UpdatedAt)
		if err != nil {
			return nil, nil, err
		}
		changes, entries = append(changes, after), append(entries, made...)
	}
	return changes, entries, nil
}

// announce makes the change announced at at, and returns how it reaches each customer.
func (r *Rules) announce(c *Change, at time.Time, notice uuid.UUID) ([]ChangeCustomer, error) {
	all, err := r.Concerned(c, at)
	if err != nil {
		return nil, err
	}
	if !c.Staged && !c.Emergency {
		day := earliest(c, all)
		c.EffectiveOn = &day
	}
	c.State, c.AnnouncedAt, c.Version, c.UpdatedAt = ChangeAnnounced, &at, c.Version+1, at
	if notice != uuid.Nil {
		c.NoticeID = &notice
	}
	reach := make([]ChangeCustomer, 0, len(all))
	for _, one := range all {
		customer := r.customer(one.CustomerID)
		one := ChangeCustomer{ChangeID: c.ID, CustomerID: one.CustomerID}
		one.begin(c, customer, r, at, FromSent, FromPosted)
		reach = append(reach, one)
	}
	return reach, nil
}

// begin begins those of the customer's periods that run from one of the events.
func (c *ChangeCustomer) begin(change *Change, customer Customer, r *Rules, at time.Time, events ...string) {
	for _, event := range events {
		if clock := r.Settings.NoticeOf(customer); clock.From == event && c.NoticeEnds == nil {
			if ends, err := clock.Ends(at, r.Calendars); err == nil {
				c.NoticeBegins, c.NoticeEnds = &at, &ends
			}
		}
		if clock := r.Settings.ObjectionOf(customer); clock.From == event && c.ObjectionEnds == nil {
			if ends, err := clock.Ends(at, r.Calendars); err == nil {
				c.ObjectionEnds = &ends
			}
		}
	}
	if c.NoticeEnds != nil {
		if zone, err := registry.ZoneOf(change.Zone); err == nil {
			day := firstDay(*c.NoticeEnds, zone)
			if day.Before(*change.EffectiveOn) {
				day = *change.EffectiveOn
			}
			c.StartsOn = &day
		}
	}
}

// Delivered begins, in tx, the periods of a customer that run from when it has the notice of a change; a second delivery changes nothing.
func (d *Desk) Delivered(ctx context.Context, tx bun.Tx, at time.Time, change, customer uuid.UUID) error {
	rules, err := readRules(ctx, tx)
	if err != nil {
		return err
	}
	return beginAt(ctx, tx, &rules, registry.Instant(at), change, customer, FromReceived, false)
}

func (r *Rules) customer(id uuid.UUID) Customer {
	for _, c := range r.Customers {
		if c.ID == id {
			return c
		}
	}
	return Customer{}
}
