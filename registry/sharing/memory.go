package sharing

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// mark is a moment of the log. Every Change moves the epoch; records counts those of them that may concern what vendors are judged by, which
// choices, tasks and reports do not: a list of a million opt-outs makes no dossier old.
type mark struct{ epoch, records int64 }

// memory holds the dossiers that were used last.
type memory struct {
	mu    sync.Mutex
	most  int
	byID  map[uuid.UUID]*list.Element
	order *list.List // of *dossier, the last used first
}

func newMemory(most int) *memory {
	return &memory{most: most, byID: make(map[uuid.UUID]*list.Element), order: list.New()}
}

// get is the dossier of a vendor if it holds so many changes.
func (m *memory) get(vendor uuid.UUID, records int64) (*dossier, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byID[vendor]
	if !ok {
		return nil, false
	}
	m.order.MoveToFront(e)
	d, ok := e.Value.(*dossier)
	return d, ok && d.records >= records
}

// put keeps a dossier unless a newer one is there.
func (m *memory) put(d *dossier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byID[d.vendorID]; ok {
		if old, ok := e.Value.(*dossier); !ok || old.records < d.records {
			e.Value = d
		}
		return
	}
	m.byID[d.vendorID] = m.order.PushFront(d)
	if m.order.Len() > m.most {
		last := m.order.Back()
		if d, ok := m.order.Remove(last).(*dossier); ok {
			delete(m.byID, d.vendorID)
		}
	}
}

// remembered is a vendor's dossier as it was at the newest epoch that this gate has seen, which it returns; the log may have moved on. Where
// it is remembered, the database is not asked.
func (g *Gate) remembered(ctx context.Context, vendor uuid.UUID) (*dossier, int64, error) {
	newest := g.newest.Load()
	if d, ok := g.known.get(vendor, newest.records); ok {
		return d, newest.epoch, nil
	}
	return g.load(ctx, vendor)
}

// current is a vendor's dossier with every change that was committed before the call.
func (g *Gate) current(ctx context.Context, vendor uuid.UUID) (*dossier, error) {
	now, err := readMark(ctx, g.db)
	if err != nil {
		return nil, err
	}
	g.seen(now)
	for {
		if d, ok := g.known.get(vendor, now.records); ok {
			return d, nil
		}
		if d, _, err := g.load(ctx, vendor); err != nil || d.records >= now.records {
			return d, err
		}
	}
}

// loaded is a dossier and the epoch before which it was read.
type loaded struct {
	*dossier
	epoch int64
}

// load reads a vendor's dossier, once for all who want it at the same time. The mark is read first: what is committed after that may be in
// the dossier too, but nothing before it is missing.
func (g *Gate) load(ctx context.Context, vendor uuid.UUID) (*dossier, int64, error) {
	loading := g.loading.DoChan(vendor.String(), func() (any, error) {
		ctx := context.WithoutCancel(ctx) // the others wait for it too
		now, err := readMark(ctx, g.db)
		if err != nil {
			return loaded{}, err
		}
		d, err := g.readDossier(ctx, g.db, vendor, now.records)
		if err != nil {
			return loaded{}, err
		}
		g.seen(now)
		g.known.put(d)
		return loaded{d, now.epoch}, nil
	})
	select {
	case r := <-loading:
		l, _ := r.Val.(loaded)
		return l.dossier, l.epoch, r.Err
	case <-ctx.Done():
		return nil, 0, fmt.Errorf("read the dossier of vendor %s: %w", vendor, context.Cause(ctx))
	}
}

// asOf is a vendor's dossier inside a transaction that holds the log's lock, with every change up to epoch, which no other can follow.
func (g *Gate) asOf(ctx context.Context, tx bun.Tx, vendor uuid.UUID, epoch int64) (*dossier, error) {
	now := g.newest.Load()
	if now.epoch != epoch {
		read, err := readMark(ctx, tx)
		if err != nil {
			return nil, err
		}
		g.seen(read)
		now = &read
	}
	if d, ok := g.known.get(vendor, now.records); ok {
		return d, nil
	}
	d, err := g.readDossier(ctx, tx, vendor, now.records)
	if err != nil {
		return nil, err
	}
	g.known.put(d)
	return d, nil
}

// seen remembers that a moment has come.
func (g *Gate) seen(now mark) {
	for {
		newest := g.newest.Load()
		if now.epoch <= newest.epoch || g.newest.CompareAndSwap(newest, &now) {
			return
		}
	}
}

// change is a Change that touches nothing a vendor is judged by. It takes the log's lock when do has returned, and do may take it before.
func (g *Gate) change(ctx context.Context, now time.Time, do func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error)) ([]audit.Receipt, error) {
	return g.log.Change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		entries, err := do(ctx, tx)
		if err != nil || len(entries) == 0 {
			return nil, err
		}
		if err := g.log.LockHead(ctx, tx); err != nil {
			return nil, fmt.Errorf("count a change: %w", err)
		}
		return entries, countAside(ctx, tx)
	})
}
