package publishing

import (
	"bytes"
	"context"
	"crypto/sha256"
	"time"

	"github.com/uptrace/bun"
)

// While a program is replaced by one of another version, both run and write the list each in its own way. What one of them writes must not look like a
// change to the other: releases are never taken back, and nobody changed anything.

// How many releases back and forth are turns, and how long what took turns makes no further one.
const (
	turnsTaken = 4
	turnsRest  = 10 * time.Minute
)

// says tells whether the list whose text is text needs no other release than r: it is the same text, or was written by a program that knows fields
// besides. r has no number where there is no release yet: an empty list is no news then.
func (r Release) says(ctx context.Context, db bun.IDB, text []byte, list List) (bool, error) {
	switch {
	case r.Number == 0:
		return len(list.Entries) == 0, nil
	case r.SHA256 == sha256.Sum256(text):
		return true, nil
	}
	written, err := readReleaseText(ctx, db, r.Number)
	if err != nil {
		return false, err
	}
	understood, err := ListOf(written)
	if err != nil {
		return false, err
	}
	again, err := understood.Text()
	return bytes.Equal(again, text), err
}

// alternate tells whether the list of that digest would go on with what two programs do that word it differently: undo each other's last releases,
// which are given the newest first. Somebody who changes their mind that often within minutes waits as long.
func alternate(last []Mark, sum Digest, at time.Time) bool {
	return len(last) == turnsTaken && last[1].SHA256 == sum && last[3].SHA256 == sum && last[0].SHA256 == last[2].SHA256 &&
		at.Sub(last[turnsTaken-1].ReleasedAt) < turnsRest
}
