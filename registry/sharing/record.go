package sharing

import (
	"context"
	"time"

	"github.com/uptrace/bun"

	"onward/audit"
)

// sheet is what is needed to write the entry of a share, however often it is judged.
type sheet struct {
	gate    *Gate
	by      audit.Actor
	now     time.Time
	key     string
	request *Request
}

// record judges by a dossier and appends the entry. When the log's epoch has moved since the dossier was read, the share is judged again
// under the log's lock: so every decision is by the facts as of its own place in the log.
func (g *Gate) record(ctx context.Context, d *dossier, s sheet) (Decision, error) {
	j, err := g.judge(d, s.request)
	if err != nil {
		return Decision{}, err
	}
	entry, err := s.entry(j)
	if err != nil {
		return Decision{}, err
	}
	p := audit.Pending{Entry: entry, Epoch: d.epoch}
	first := j.verdict
	p.Revise = func(ctx context.Context, tx bun.Tx, epoch int64) (audit.Entry, error) {
		d, err := g.asOf(ctx, tx, s.request.VendorID, epoch)
		if err != nil {
			return audit.Entry{}, err
		}
		again, err := g.judge(d, s.request)
		if err != nil {
			return audit.Entry{}, err
		}
		j = again
		if j.verdict == Violation && first != Violation {
			if err := s.openException(ctx, tx, j); err != nil {
				return audit.Entry{}, err
			}
		}
		return s.revised(entry, j), nil
	}
	if first == Violation {
		p.Then = func(ctx context.Context, tx bun.Tx, _ audit.Entry, _ audit.Receipt) error {
			if j.verdict != Violation {
				return nil
			}
			return s.openException(ctx, tx, j)
		}
	}
	receipt, err := g.committer.Append(ctx, p)
	if err != nil {
		return Decision{}, refusal(err)
	}
	if receipt.Replayed {
		first, _, err := g.read(ctx, receipt.EntryID)
		first.Receipt = &receipt
		return first.Decision, err
	}
	decision := j.decision()
	decision.Receipt = &receipt
	return decision, nil
}
