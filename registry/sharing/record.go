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
	lookups [][32]byte // of the people
	known   known
	// correction is set when the request is a share as it is corrected to be.
	correction *correction
}

// judge judges the request. What was not turned away has happened, for all that can be known: corrected facts that no rule permits make it
// a violation.
func (s *sheet) judge(d *dossier) (*judgement, error) {
	j, err := s.gate.judge(d, s.request, &s.known)
	if err == nil && s.correction != nil && j.verdict == Denied && s.correction.share.Verdict != string(Denied) {
		j.verdict = Violation
	}
	return j, err
}

// Begun is a share on its way into the log.
type Begun struct {
	sheet     *sheet
	judged    *judgement // replaced under the log's lock when it is judged again
	submitted *audit.Submitted
}

// Done tells whether Wait would return without waiting for the log.
func (b *Begun) Done() bool { return b.submitted.Done() }

// Wait returns what Share promises. It is called once.
func (b *Begun) Wait(ctx context.Context) (Decision, error) {
	receipt, err := b.submitted.Wait(ctx)
	if err != nil {
		return Decision{}, refusal(err)
	}
	if receipt.Replayed {
		return b.sheet.replay(ctx, receipt)
	}
	decision := b.judged.decision()
	decision.Receipt = &receipt
	return decision, nil
}

// record judges by a dossier, and by what is known of the people, both read at epoch or later, and submits the entry. When the log's epoch
// has moved since, the share is judged again under the log's lock: so every decision is by the facts as of its own place in the log.
func (g *Gate) record(d *dossier, epoch int64, s *sheet, submit func(audit.Pending) (*audit.Submitted, error)) (*Begun, error) {
	j, err := s.judge(d)
	if err != nil {
		return nil, err
	}
	entry, err := s.entry(j)
	if err != nil {
		return nil, err
	}
	b := &Begun{sheet: s, judged: j}
	p := audit.Pending{Entry: entry, Epoch: epoch}
	then := len(s.opens(j)) > 0 || s.correction != nil
	p.Revise = func(ctx context.Context, tx bun.Tx, epoch int64) (audit.Entry, error) {
		d, err := g.asOf(ctx, tx, s.request.VendorID, epoch)
		if err != nil {
			return audit.Entry{}, err
		}
		revised := *s
		s := &revised
		if s.known, err = s.find(ctx, tx, g.under(ctx, tx, epoch)); err != nil {
			return audit.Entry{}, err
		}
		again, err := s.judge(d)
		if err != nil {
			return audit.Entry{}, err
		}
		b.judged = again
		if !then {
			if err := s.openExceptions(ctx, tx, again); err != nil {
				return audit.Entry{}, err
			}
		}
		return s.revised(entry, again)
	}
	if then {
		p.Then = func(ctx context.Context, tx bun.Tx, _ audit.Entry, r audit.Receipt) error {
			if s.correction != nil {
				if err := s.correction.insert(ctx, tx, r); err != nil {
					return err
				}
				if err := s.clear(ctx, tx, r); err != nil {
					return err
				}
			}
			return s.openExceptions(ctx, tx, b.judged)
		}
	}
	if b.submitted, err = submit(p); err != nil {
		return nil, refusal(err)
	}
	return b, nil
}
