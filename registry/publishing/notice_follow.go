package publishing

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// follow freezes, in tx, the notice of what became of an announced change, for whoever its notice told or still will: the contacts of the customers that
// it reaches, and the subscribers. A delivery that was not tried yet and has nothing else to tell is dropped, and its receiver told nothing. A change that
// nobody was told of has no such notice.
func (d *Desk) follow(ctx context.Context, tx bun.Tx, c Change, about string) ([]audit.Entry, error) {
	if c.NoticeID == nil {
		return nil, nil
	}
	first, err := readNotices(ctx, tx, []uuid.UUID{*c.NoticeID})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(first[0].Changes, func(told NoticeChange) bool { return told.ChangeID == c.ID })
	if at < 0 {
		return nil, nil
	}
	told := first[0].Changes[at]
	told.EffectiveOn = *c.EffectiveOn
	if about == NoticeMoved {
		told.MovedFrom = c.MovedFrom
	}
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	dropped, err := dropUntried(ctx, tx, c, about)
	if err != nil {
		return nil, err
	}
	n := Notice{ID: id, About: about, Follows: c.NoticeID, OpenedAt: c.UpdatedAt, FrozenAt: c.UpdatedAt, Changes: []NoticeChange{told}}
	if err := insertNotice(ctx, tx, n); err != nil {
		return nil, err
	}
	entry, err := d.queue(ctx, tx, c.UpdatedAt, n)
	if err != nil {
		return nil, err
	}
	entry.Body["about"], entry.Body["follows"] = about, c.NoticeID.String()
	entry.Body["dropped"] = dropped
	return []audit.Entry{entry}, nil
}

// toCustomer are deliveries of a notice to all contacts that a customer has now. What follows another one comes after those that are still queued.
func (r *Rules) toCustomer(ctx context.Context, tx bun.Tx, at time.Time, n Notice, customer uuid.UUID) ([]Delivery, error) {
	all, err := r.toContacts(at, n.ID, r.customer(customer))
	if err != nil || n.Follows == nil {
		return all, err
	}
	for i := range all {
		if all[i].AfterID, err = queuedBefore(ctx, tx, n, all[i]); err != nil {
			return nil, err
		}
	}
	return all, nil
}
