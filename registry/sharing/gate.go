package sharing

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"golang.org/x/sync/singleflight"

	"onward/audit"
	"onward/registry"
)

// Settings of the gate.
type Settings struct {
	// SubjectKey keys the pseudonyms of subjects; 32 bytes, the same for ever and on every instance.
	SubjectKey []byte
	// HomeCountry is where data comes from when a request does not say; empty when not set.
	HomeCountry string
}

// Gate decides and records shares. Its methods can be called from many goroutines.
type Gate struct {
	db        *bun.DB
	log       *audit.Log
	committer *audit.Committer
	settings  Settings
	policies  atomic.Pointer[versions]
	exclusive atomic.Pointer[exclusives]
	known     *memory
	newest    atomic.Pointer[mark] // the newest that was seen
	loading   singleflight.Group
	macs      *sync.Pool
}

// New returns a gate that judges by what db holds and records through c. It panics when the key of pseudonyms is not of 32 bytes.
func New(db *bun.DB, log *audit.Log, c *audit.Committer, s Settings) *Gate {
	if len(s.SubjectKey) != 32 {
		panic(fmt.Sprintf("sharing: a subject key of %d bytes", len(s.SubjectKey)))
	}
	g := &Gate{db: db, log: log, committer: c, settings: s, known: newMemory(4096), macs: newMacs(s.SubjectKey)}
	g.newest.Store(&mark{epoch: -1, records: -1})
	return g
}

// Share decides a share and records the decision. key is the caller's idempotency key: the same key and request get the same decision and
// receipt, another request under it is refused (Conflict). A denied share is recorded too and is no error. It refuses bad fields
// (Invalid), an unknown vendor or engagement (Invalid), and, when the log cannot be written, Busy. When it returns without
// error the entry is durable. When ctx ends before, the entry may be written all the same: the same key finds it.
func (g *Gate) Share(ctx context.Context, by audit.Actor, now time.Time, key string, r Request) (Decision, error) {
	b, err := g.begin(ctx, by, now, key, r, g.committer.SubmitUrgently)
	if err != nil {
		return Decision{}, err
	}
	return b.Wait(ctx)
}

// Begin is the first half of Share: it decides, and puts the entry on its way. It waits for room in the log's queue, so that who has many
// shares to record goes as fast as the log does. Shares that one caller begins are recorded in the order in which it began them. Nothing
// is durable before Wait returns.
func (g *Gate) Begin(ctx context.Context, by audit.Actor, now time.Time, key string, r Request) (*Begun, error) {
	return g.begin(ctx, by, now, key, r, func(p audit.Pending) (*audit.Submitted, error) { return g.committer.SubmitPatiently(ctx, p) })
}

func (g *Gate) begin(ctx context.Context, by audit.Actor, now time.Time, key string, r Request,
	submit func(audit.Pending) (*audit.Submitted, error),
) (*Begun, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if err := r.check(now); err != nil {
		return nil, err
	}
	d, epoch, err := g.remembered(ctx, r.VendorID)
	if err != nil {
		return nil, refusal(err)
	}
	s := sheet{gate: g, by: by, now: now, key: key, request: &r, lookups: g.pseudonyms(r.Subjects)}
	if s.known, err = s.find(ctx, g.db, g.lately(ctx)); err != nil {
		return nil, refusal(err)
	}
	return g.record(d, epoch, s, submit)
}

// Check decides without recording, by the facts that are known at that moment. It refuses what Share refuses.
func (g *Gate) Check(ctx context.Context, _ audit.Actor, now time.Time, r Request) (Decision, error) {
	if err := r.check(now); err != nil {
		return Decision{}, err
	}
	d, err := g.current(ctx, r.VendorID)
	if err != nil {
		return Decision{}, refusal(err)
	}
	found, err := sheet{request: &r, lookups: g.pseudonyms(r.Subjects)}.find(ctx, g.db, g.now(ctx))
	if err != nil {
		return Decision{}, refusal(err)
	}
	j, err := g.judge(d, &r, found)
	if err != nil {
		return Decision{}, err
	}
	return j.decision(), nil
}

// CheckAt decides, without recording, a share that is intended at an instant, past or future: by the facts that are known now, as they are in
// force then. It refuses what Check refuses, but for how far ahead the instant is.
func (g *Gate) CheckAt(ctx context.Context, by audit.Actor, now, at time.Time, r Request) (Decision, error) {
	r.OccurredAt, r.State = at, "intended"
	if now.Before(at) {
		now = at
	}
	return g.Check(ctx, by, now, r)
}

// Recorded reads the decision of an entry, what it was judged by as that was, and what corrects it. A service reads only those of its own key's system (NotFound otherwise).
func (g *Gate) Recorded(ctx context.Context, by audit.Actor, entry uuid.UUID) (Recorded, error) {
	r, system, err := g.read(ctx, entry)
	if err == nil && !own(by, r.actor, system) {
		err = errNoShare
	}
	if errors.Is(err, audit.ErrNotFound) && !errors.Is(err, audit.ErrPruned) {
		return Recorded{}, errNoSuchShare
	}
	if err != nil {
		return Recorded{}, err
	}
	if err := g.explain(ctx, by, &r); err != nil {
		return Recorded{}, err
	}
	corrections, err := readCorrections(ctx, g.db, entry)
	if err != nil {
		return Recorded{}, err
	}
	for _, c := range corrections {
		one, _, err := g.read(ctx, c.EntryID)
		if err == nil {
			err = g.explain(ctx, by, &one)
		}
		if err != nil {
			return Recorded{}, err
		}
		r.Corrections = append(r.Corrections, one.Recorded)
	}
	return r.Recorded, nil
}

var errNoSuchShare = registry.Refuse(registry.NotFound, "There is no such share.")
