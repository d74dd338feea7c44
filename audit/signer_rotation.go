package audit

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// AnnounceKey appends log.key_rotated, which carries the new verifier key beside the one that it replaces. Every checkpoint after it is to
// carry the signatures of both until RetireKey. It is once in the log, however often it is appended.
func (l *Log) AnnounceKey(ctx context.Context, by Actor, at time.Time, old, key string) (Receipt, error) {
	return l.appendKey(ctx, Entry{Type: "log.key_rotated", Actor: by, OccurredAt: at, Body: Object{"key": key, "old_key": old}})
}

// RetireKey appends log.key_retired: no checkpoint after the next one carries the signature of key. ErrNotFound when key was not announced to
// be replaced by one of the others that sign.
func (l *Log) RetireKey(ctx context.Context, by Actor, at time.Time, current, key string) (Receipt, error) {
	announced := Entry{Type: "log.key_rotated", Body: Object{"key": current, "old_key": key}}
	id, err := announced.ownID(l.origin)
	if err != nil {
		return Receipt{}, err
	}
	if _, err := l.Entry(ctx, id); err != nil {
		return Receipt{}, err
	}
	return l.appendKey(ctx, Entry{Type: "log.key_retired", Actor: by, OccurredAt: at, Body: Object{"key": key}})
}

func (l *Log) appendKey(ctx context.Context, e Entry) (Receipt, error) {
	var err error
	if e.ID, err = e.ownID(l.origin); err != nil {
		return Receipt{}, err
	}
	receipts, err := l.Change(ctx, e.OccurredAt, func(context.Context, bun.Tx) ([]Entry, error) { return []Entry{e}, nil })
	if err != nil {
		return Receipt{}, fmt.Errorf("write a key to the log: %w", err)
	}
	if len(receipts) != 1 {
		return Receipt{}, errors.New("write a key to the log: it has no receipt")
	}
	return receipts[0], nil
}

// ownID derives an entry's id from what it says, so that it is in the log once.
func (e *Entry) ownID(origin string) (uuid.UUID, error) {
	body, err := Canonical(e.Body)
	if err != nil {
		return uuid.Nil, err
	}
	return idOf(e.Type, origin, body), nil
}

// idOf is an id (RFC 9562, version 8) made of a label and what it is of.
func idOf(label, origin string, what []byte) uuid.UUID {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(label), []byte(origin), what} {
		h.Write(part)
		h.Write([]byte{0})
	}
	id := uuid.UUID(h.Sum(nil)[:16])
	id[6], id[8] = id[6]&0x0f|0x80, id[8]&0x3f|0x80
	return id
}
