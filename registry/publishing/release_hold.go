package publishing

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
)

// ErrHeld tells that somebody is at work on what becomes one release: the newest one stays the list, and the next look tries again.
var ErrHeld = errors.New("the list is being worked on")

// How often whoever holds releases says that it lives, how long it is believed, and how long it holds them at most: the list does not stand still
// for longer, whatever holds it.
const (
	holdBeat = 5 * time.Second
	holdLife = 30 * time.Second
	holdMost = 15 * time.Minute
)

// holdPatience is how long giving a hold back may take.
const holdPatience = 10 * time.Second

// AsOneRelease runs do, and makes one release of all that it changed: until it has returned, every instance shows the newest release before, whatever
// do has committed so far. What it did is a release when AsOneRelease returns, also where do fails in the middle. A program that dies within do
// holds the list for half a minute, and one that takes longer than a quarter of an hour is waited for no more. An error is that of do, or says that
// the list could not be held or released: what do changed stands.
func (d *Desk) AsOneRelease(ctx context.Context, now func() time.Time, do func() error) error {
	if _, err := d.Current(ctx, now()); err != nil && !errors.Is(err, ErrHeld) {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := beginHold(ctx, d.db, id); err != nil {
		return err
	}
	beat, stop := context.WithCancel(ctx)
	beaten := make(chan struct{})
	go func() {
		defer close(beaten)
		d.beat(beat, id)
	}()
	err = do()
	stop()
	<-beaten
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), holdPatience)
	defer cancel()
	return errors.Join(err, d.endHold(after, now(), id))
}

// beat moves the end of a hold on until ctx ends. Where that fails, the hold ends by itself.
func (d *Desk) beat(ctx context.Context, id uuid.UUID) {
	tick := time.NewTicker(holdBeat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			_ = prolongHold(ctx, d.db, id)
		}
	}
}

// endHold gives a hold back and makes the release, unless somebody else is still at work.
func (d *Desk) endHold(ctx context.Context, at time.Time, id uuid.UUID) error {
	if err := deleteHold(ctx, d.db, id); err != nil {
		return err
	}
	_, err := d.Current(ctx, at)
	if errors.Is(err, ErrHeld) {
		return nil
	}
	return err
}
