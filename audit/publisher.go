package audit

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// How a publisher paces itself.
const (
	publisherTick = 250 * time.Millisecond // how often it looks whether the log grew where nobody tells it
	publisherRest = 500 * time.Millisecond // how long it rests after a publication, its own or another instance's
)

// PublisherOptions are what a publisher works with; all but Witnesses are needed.
type PublisherOptions struct {
	// Keys reads the log's keys; it is asked before each publication, so that a rotation needs no restart.
	Keys func() (*Keys, error)
	// Copy is the file that keeps the checkpoints outside the database. Instances on one machine share it.
	Copy string
	// Now is the clock of signed_at, and of how old a cosignature is.
	Now    func() time.Time
	Logger *slog.Logger
	// Witnesses are asked to cosign what was published.
	Witnesses []Cosigner
}

// Publisher publishes checkpoints: it signs the log's size and root when the log grew, keeps them outside the database too, and freezes the
// log when the two disagree. Any number of publishers may work on one log; one at a time does.
//
// A publication has five steps: take the publication's lock in the database and the lock of the copy; compare; sign; add the note to the
// copy, on disk; insert it as a row and commit. What anybody can have seen is a row, and every row's note was on disk outside before:
// so nothing that was published can be forgotten by a database that is set back. A crash after the copy and before the row leaves in the
// copy a checkpoint that nobody saw; it is of entries that were durable when it was signed, so the database extends it, and the next
// publication goes on from there. A crash within the copy leaves a record without its end, which is dropped: its row does not exist.
//
// BUG(onward): Two instances with copies on two machines protect each other only through the database. An instance whose copy
// lags behind can sign what the other's copy contradicts, between a restore and the moment when the other compares; that one then
// freezes the log for both. Witnesses close the gap.
type Publisher struct {
	log     *Log
	options PublisherOptions
	// step, where tests set it, is called before each step and may break off there.
	step func(string) error

	mu    sync.Mutex // one publication at a time
	file  *copyFile
	woken []chan struct{} // of each witness

	reported string // what was logged last, so that it is said once
}

// NewPublisher makes a publisher of l; it does nothing until Run or Publish.
func NewPublisher(l *Log, o PublisherOptions) *Publisher {
	p := &Publisher{log: l, options: o, file: &copyFile{path: o.Copy, origin: l.origin}, step: func(string) error { return nil }}
	for range o.Witnesses {
		p.woken = append(p.woken, make(chan struct{}, 1))
	}
	return p
}

// Run publishes until ctx ends, at once when the log grew after a pause, and within a second when it grows all the time; and asks the
// witnesses. What fails is logged and tried again.
func (p *Publisher) Run(ctx context.Context) {
	var witnesses sync.WaitGroup
	for i := range p.options.Witnesses {
		witnesses.Go(func() { p.follow(ctx, &p.options.Witnesses[i], p.woken[i]) })
	}
	defer witnesses.Wait()
	tick := time.NewTicker(publisherTick)
	defer tick.Stop()
	var seen int64
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.log.grew:
		case <-tick.C:
		}
		published, err := p.look(ctx)
		if ctx.Err() != nil {
			return
		}
		p.report(ctx, err)
		if err == nil && published == seen {
			continue
		}
		if err == nil {
			seen = published
			p.wake()
		}
		if !rest(ctx, publisherRest) {
			return
		}
	}
}

// look publishes when there is something to publish, and returns the size that is published now.
func (p *Publisher) look(ctx context.Context) (size int64, err error) {
	now, err := p.log.readPublished(ctx)
	if err != nil {
		return 0, err
	}
	if now.frozen != "" {
		return now.published, frozenBecause(now.frozen)
	}
	if now.size == now.published && p.copied() == now.published {
		return now.published, nil
	}
	c, err := p.publish(ctx, false)
	return max(c.Size, now.published), err
}

// copied is the size of the newest checkpoint in the copy, as far as it was read.
func (p *Publisher) copied() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file.state == nil {
		return -1
	}
	return p.file.state.size
}

// report logs what went wrong when it is something new, and that it is over.
func (p *Publisher) report(ctx context.Context, err error) {
	text := ""
	if err != nil {
		text = err.Error()
	}
	p.mu.Lock()
	before := p.reported
	p.reported = text
	p.mu.Unlock()
	switch {
	case text == before:
	case errors.Is(err, ErrFrozen):
		p.options.Logger.ErrorContext(ctx, "the log is frozen: nothing is recorded until an administrator has acknowledged why", "why", err)
	case err != nil:
		p.options.Logger.ErrorContext(ctx, "publishing a checkpoint", "error", err)
	default:
		p.options.Logger.InfoContext(ctx, "checkpoints are published again")
	}
}

// wake tells the witnesses' goroutines that there may be a new checkpoint.
func (p *Publisher) wake() {
	for _, w := range p.woken {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

// rest waits; it returns false when ctx ended.
func rest(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
