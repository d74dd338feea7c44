package publishing

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// TellDue freezes a notice of all approved changes, once the first of them has waited for NoticeWindow, or one is an emergency: in one transaction the
// changes become announced, the notice stands, and a delivery is queued for each contact of each customer and each subscriber whom one of them
// concerns. Any number of instances may call it at once. A change whose steps are refused, because a record is not any more what it
// was, is left out, with the reason in its Problem. It returns how many changes were announced.
func (d *Desk) TellDue(ctx context.Context, at time.Time) (int, error) {
	at = registry.Instant(at)
	if due, err := noticeDue(ctx, d.db, at); err != nil || !due {
		return 0, err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return 0, err
	}
	told, amiss := 0, map[uuid.UUID]string{}
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := lockNotices(ctx, tx); err != nil {
			return nil, err
		}
		waiting, err := readApproved(ctx, tx)
		if err != nil || !ripe(waiting, at) {
			return nil, err
		}
		entries, n, err := d.freeze(ctx, tx, at, id, waiting, amiss)
		told = n
		return entries, err
	})
	if err != nil {
		return 0, err
	}
	var failed error
	for change, sentence := range amiss {
		failed = errors.Join(failed, d.noteProblem(ctx, at, change, sentence))
	}
	return told, failed
}

// ripe says whether one of the approved changes, the earliest first, has waited long enough.
func ripe(waiting []Change, at time.Time) bool {
	for _, c := range waiting {
		if c.Emergency || c.ApprovedAt != nil && !c.ApprovedAt.Add(NoticeWindow).After(at) {
			return true
		}
	}
	return false
}

// freeze writes the notice, announces its changes and queues its deliveries. Changes that cannot be told go into amiss.
func (d *Desk) freeze(
	ctx context.Context, tx bun.Tx, at time.Time, id uuid.UUID, waiting []Change, amiss map[uuid.UUID]string,
) ([]audit.Entry, int, error) {
	n := Notice{ID: id, About: NoticeAnnounced, OpenedAt: at, FrozenAt: at, Changes: []NoticeChange{}}
	told := map[uuid.UUID]NoticeChange{}
	var ids []uuid.UUID
	for _, c := range waiting {
		one, err := d.toldOf(ctx, tx, at, c)
		var refusal *registry.Refusal
		switch {
		case errors.As(err, &refusal):
			amiss[c.ID] = refusal.Sentence
			continue
		case err != nil:
			return nil, 0, err
		}
		told[c.ID], ids = one, append(ids, c.ID)
		if c.ApprovedAt.Before(n.OpenedAt) {
			n.OpenedAt = c.ApprovedAt.UTC()
		}
	}
	if len(ids) == 0 {
		return nil, 0, nil
	}
	changes, entries, err := d.Announce(ctx, tx, audit.Program, at, id, ids)
	if err != nil {
		return nil, 0, err
	}
	for _, c := range changes {
		one := told[c.ID]
		one.EffectiveOn = *c.EffectiveOn // it may have moved
		n.Changes = append(n.Changes, one)
	}
	if err := insertNotice(ctx, tx, n); err != nil {
		return nil, 0, err
	}
	entry, err := d.queue(ctx, tx, at, n)
	return append(entries, entry), len(changes), err
}

// toldOf is an approved change as a notice tells it.
func (d *Desk) toldOf(ctx context.Context, tx bun.Tx, at time.Time, c Change) (NoticeChange, error) {
	before, after, err := d.foresee(ctx, tx, audit.Program, at, &c)
	if err != nil {
		return NoticeChange{}, err
	}
	if err := c.touch(before, after); err != nil {
		return NoticeChange{}, err
	}
	if len(c.Differences) == 0 {
		return NoticeChange{}, registry.Refuse(registry.Conflict, "On that day the change does nothing to the public list any more.")
	}
	return newNoticeChange(c, before, after), nil
}

// queue queues the deliveries of a notice, and returns the entry that tells of it.
func (d *Desk) queue(ctx context.Context, tx bun.Tx, at time.Time, n Notice) (audit.Entry, error) {
	entry, err := uuid.NewV7()
	if err != nil {
		return audit.Entry{}, err
	}
	reached, all, err := queueCustomers(ctx, tx, at, n)
	if err != nil {
		return audit.Entry{}, err
	}
	subscribers, err := queueSubscribers(ctx, tx, at, n)
	if err != nil {
		return audit.Entry{}, err
	}
	body, err := audit.Canonical(n.Changes)
	if err != nil {
		return audit.Entry{}, err
	}
	changes := []string{}
	for _, c := range n.Changes {
		changes = append(changes, c.ChangeID.String())
	}
	return audit.Entry{ID: entry, Type: "notice.frozen", Actor: audit.Program, OccurredAt: at, Body: audit.Object{
		"notice_id": n.ID.String(), "changes": changes, "customers": strconv.Itoa(reached), "contacts": strconv.Itoa(all),
		"subscribers": strconv.FormatInt(subscribers, 10), "changes_sha256": sumOf(body),
	}}, nil
}

// queueCustomers queues the deliveries of a notice to customers, and returns how many those are, and how many contacts they have.
func queueCustomers(ctx context.Context, tx bun.Tx, at time.Time, n Notice) (customers, contacts int, err error) {
	rules, err := readRules(ctx, tx)
	if err != nil {
		return 0, 0, err
	}
	reached, err := customersOf(ctx, tx, n)
	if err != nil {
		return 0, 0, err
	}
	var all []Delivery
	for _, customer := range reached {
		some, err := rules.toCustomer(ctx, tx, at, n, customer)
		if err != nil {
			return 0, 0, err
		}
		all = append(all, some...)
	}
	return len(reached), len(all), insertDeliveries(ctx, tx, all)
}

func customersOf(ctx context.Context, tx bun.Tx, n Notice) ([]uuid.UUID, error) {
	if n.Follows == nil {
		return customersReached(ctx, tx, n.ID)
	}
	return customersTold(ctx, tx, *n.Follows, n.Changes[0].ChangeID)
}

// folded are texts in the form in which names are compared.
func folded(list []string) []string {
	all := make([]string, 0, len(list))
	for _, s := range list {
		all = append(all, registry.Fold(strings.TrimSpace(s)))
	}
	return all
}
