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
	// correction is set when the request is a share as it is corrected to be.
	correction *correction
}

// judge judges the request. What was not turned away has happened, for all that can be known: corrected facts that no rule permits make it
// a violation.
func (s sheet) judge(d *dossier) (*judgement, error) {
	j, err := s.gate.judge(d, s.request)
	if err == nil && s.correction != nil && j.verdict == Denied && s.correction.share.Verdict != string(Denied) {
		j.verdict = Violation
	}
	return j, err
}

// record judges by a dossier and appends the entry. When the log's epoch has moved since the dossier was read, the share is judged again
// under the log's lock: so every decision is by the facts as of its own place in the log.
func (g *Gate) record(ctx context.Context, d *dossier, s sheet) (Decision, error) {
	j, err := s.judge(d)
	if err != nil {
		return Decision{}, err
	}
	entry, err := s.entry(j)
	if err != nil {
		return Decision{}, err
	}
	p := audit.Pending{Entry: entry, Epoch: d.epoch}
	then := j.verdict == Violation || s.correction != nil
	p.Revise = func(ctx context.Context, tx bun.Tx, epoch int64) (audit.Entry, error) {
		d, err := g.asOf(ctx, tx, s.request.VendorID, epoch)
		if err != nil {
			return audit.Entry{}, err
		}
		again, err := s.judge(d)
		if err != nil {
			return audit.Entry{}, err
		}
		j = again
		if j.verdict == Violation && !then {
			if err := s.openException(ctx, tx, j); err != nil {
				return audit.Entry{}, err
			}
		}
		return s.revised(entry, j), nil
	}
	if then {
		p.Then = func(ctx context.Context, tx bun.Tx, _ audit.Entry, r audit.Receipt) error {
			if s.correction != nil {
				if err := s.correction.insert(ctx, tx, r); err != nil {
					return err
				}
			}
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
		return s.replay(ctx, receipt)
	}
	decision := j.decision()
	decision.Receipt = &receipt
	return decision, nil
}
