package registry_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
)

var (
	legal    = audit.Actor{Kind: "user", ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Role: "legal"}
	approver = audit.Actor{Kind: "user", ID: uuid.MustParse("22222222-2222-4222-8222-222222222222"), Role: "approver"}
	noon     = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
)

// world is a registry with a database and a log of its own.
type world struct {
	*registry.Registry
	db  *bun.DB
	log *audit.Log
	now atomic.Int64 // seconds after noon
}

// newWorld makes an empty registry; when the test ends, its whole log is verified.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	db := pgtest.New(tb)
	log, err := audit.Open(tb.Context(), db, "registry.test/log", noon)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			tb.Errorf("the log: %v", err)
		}
	})
	return &world{Registry: registry.New(db, log), db: db, log: log}
}

// tick is the next instant; no two are the same.
func (w *world) tick() time.Time { return noon.Add(time.Duration(w.now.Add(1)) * time.Second) }

// latest is the instant that ticked last.
func (w *world) latest() time.Time { return noon.Add(time.Duration(w.now.Load()) * time.Second) }

func fields(name string) registry.VendorFields {
	return registry.VendorFields{Name: name, Kinds: []string{"subprocessor"}}
}

func (w *world) vendor(tb testing.TB, f registry.VendorFields) registry.Vendor {
	tb.Helper()
	v, err := w.CreateVendor(tb.Context(), legal, w.tick(), f)
	if err != nil {
		tb.Fatalf("create %s: %v", f.Name, said(err))
	}
	return v
}

// move puts a vendor through states, each by the approver.
func (w *world) move(tb testing.TB, v registry.Vendor, states ...registry.VendorState) registry.Vendor {
	tb.Helper()
	for _, s := range states {
		var err error
		if v, err = w.ChangeVendor(tb.Context(), approver, w.tick(), v.ID, v.Version, registry.VendorPatch{State: s}); err != nil {
			tb.Fatalf("to %s: %v", s, said(err))
		}
	}
	return v
}

func (w *world) patch(tb testing.TB, v registry.Vendor, patch string) registry.Vendor {
	tb.Helper()
	v, err := w.ChangeVendor(tb.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{Fields: []byte(patch)})
	if err != nil {
		tb.Fatalf("patch %s: %v", patch, said(err))
	}
	return v
}

func (w *world) engagement(tb testing.TB, vendor uuid.UUID, f registry.EngagementFields) registry.Engagement {
	tb.Helper()
	e, err := w.CreateEngagement(tb.Context(), legal, w.tick(), vendor, f)
	if err != nil {
		tb.Fatalf("create an engagement: %v", said(err))
	}
	return e
}

// said is an error with the fields that it blames.
func said(err error) string {
	var r *registry.Refusal
	if !errors.As(err, &r) {
		return err.Error()
	}
	var s strings.Builder
	s.WriteString(r.Sentence)
	for _, f := range r.Fields {
		s.WriteString(" [" + f.Pointer + " " + f.Sentence + "]")
	}
	return s.String()
}

// refused fails unless err is a refusal of that kind which blames exactly the fields at pointers, in any order.
func refused(tb testing.TB, err error, kind registry.Kind, pointers ...string) {
	tb.Helper()
	r := refusal(tb, err)
	if r.Kind != kind {
		tb.Fatalf("got kind %d, want %d: %s", r.Kind, kind, said(err))
	}
	got := map[string]bool{}
	for _, f := range r.Fields {
		got[f.Pointer] = true
	}
	for _, p := range pointers {
		if !got[p] {
			tb.Errorf("%s is not blamed: %s", p, said(err))
		}
	}
	if len(pointers) > 0 && len(r.Fields) != len(pointers) {
		tb.Errorf("got %d fields, want %d: %s", len(r.Fields), len(pointers), said(err))
	}
}

// refusal is the refusal that err is.
func refusal(tb testing.TB, err error) *registry.Refusal {
	tb.Helper()
	var r *registry.Refusal
	if !errors.As(err, &r) {
		tb.Fatalf("got %v, want a refusal", err)
	}
	return r
}
