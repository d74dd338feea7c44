package sharing

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

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

// get is the dossier of a vendor if it holds every change up to epoch.
func (m *memory) get(vendor uuid.UUID, epoch int64) (*dossier, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	e, ok := m.byID[vendor]
	if !ok {
		return nil, false
	}
	m.order.MoveToFront(e)
	d, ok := e.Value.(*dossier)
	return d, ok && d.epoch >= epoch
}

// put keeps a dossier unless a newer one is there.
func (m *memory) put(d *dossier) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, ok := m.byID[d.vendorID]; ok {
		if old, ok := e.Value.(*dossier); !ok || old.epoch < d.epoch {
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

// remembered is a vendor's dossier as it was at the newest epoch that this gate has seen; the log may have moved on. Where it is
// remembered, the database is not asked.
func (g *Gate) remembered(ctx context.Context, vendor uuid.UUID) (*dossier, error) {
	if d, ok := g.known.get(vendor, g.newest.Load()); ok {
		return d, nil
	}
	return g.load(ctx, vendor)
}

// current is a vendor's dossier with every change that was committed before the call.
func (g *Gate) current(ctx context.Context, vendor uuid.UUID) (*dossier, error) {
	head, err := g.log.Head(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the log's head: %w", err)
	}
	g.seen(head.Epoch)
	for {
		if d, ok := g.known.get(vendor, head.Epoch); ok {
			return d, nil
		}
		if d, err := g.load(ctx, vendor); err != nil || d.epoch >= head.Epoch {
			return d, err
		}
	}
}

// load reads a vendor's dossier, once for all who want it at the same time. The epoch is read first: what is committed after that may be in
// the dossier too, but nothing before it is missing.
func (g *Gate) load(ctx context.Context, vendor uuid.UUID) (*dossier, error) {
	loaded := g.loading.DoChan(vendor.String(), func() (any, error) {
		ctx := context.WithoutCancel(ctx) // the others wait for it too
		head, err := g.log.Head(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the log's head: %w", err)
		}
		d, err := g.readDossier(ctx, g.db, vendor, head.Epoch)
		if err != nil {
			return nil, err
		}
		g.seen(head.Epoch)
		g.known.put(d)
		return d, nil
	})
	select {
	case r := <-loaded:
		d, _ := r.Val.(*dossier)
		return d, r.Err
	case <-ctx.Done():
		return nil, fmt.Errorf("read the dossier of vendor %s: %w", vendor, context.Cause(ctx))
	}
}

// asOf is a vendor's dossier inside a transaction that holds the log's lock, with every change up to epoch, which no other can follow.
func (g *Gate) asOf(ctx context.Context, tx bun.Tx, vendor uuid.UUID, epoch int64) (*dossier, error) {
	g.seen(epoch)
	if d, ok := g.known.get(vendor, epoch); ok {
		return d, nil
	}
	d, err := g.readDossier(ctx, tx, vendor, epoch)
	if err != nil {
		return nil, err
	}
	g.known.put(d)
	return d, nil
}

// seen remembers that an epoch has come.
func (g *Gate) seen(epoch int64) {
	for {
		newest := g.newest.Load()
		if epoch <= newest || g.newest.CompareAndSwap(newest, epoch) {
			return
		}
	}
}
