package sharing_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/sharing"
)

var (
	legal    = audit.Actor{Kind: "user", ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Role: "legal"}
	approver = audit.Actor{Kind: "user", ID: uuid.MustParse("22222222-2222-4222-8222-222222222222"), Role: "approver"}
	billing  = audit.Actor{Kind: "key", ID: uuid.MustParse("33333333-3333-4333-8333-333333333333"), Role: "service", System: "billing"}
	crm      = audit.Actor{Kind: "key", ID: uuid.MustParse("44444444-4444-4444-8444-444444444444"), Role: "service", System: "crm"}

	longAgo = time.Date(2020, time.January, 1, 9, 0, 0, 0, time.UTC)
	noon    = time.Date(2026, time.November, 24, 12, 0, 0, 0, time.UTC)

	subjectKey = []byte("0123456789abcdef0123456789abcdef")
)

// world is a gate with a registry, a database and a log of its own.
type world struct {
	*registry.Registry
	gate      *sharing.Gate
	committer *audit.Committer
	db        *bun.DB
	log       *audit.Log
	ticks     atomic.Int64
}

// newWorld makes an empty world; when the test ends, its whole log is verified.
func newWorld(tb testing.TB) *world {
	tb.Helper()
	return newWorldIn(tb, pgtest.New(tb))
}

func newWorldIn(tb testing.TB, db *bun.DB) *world {
	tb.Helper()
	log, err := audit.Open(tb.Context(), db, "sharing.test/log", longAgo)
	must(tb, err)
	must(tb, log.AddMonths(tb.Context(), noon, 0))
	w := &world{Registry: registry.New(db, log), db: db, log: log}
	w.committer = log.NewCommitter(1024, 256, func() time.Time { return noon })
	w.gate = w.newGate()
	for _, by := range []audit.Actor{legal, approver} {
		w.acknowledge(tb, by)
	}
	tb.Cleanup(func() {
		if err := w.committer.Close(context.Background()); err != nil {
			tb.Errorf("close the committer: %v", err)
		}
		if err := log.Verify(context.Background()); err != nil {
			tb.Errorf("the log: %v", err)
		}
	})
	return w
}

// acknowledge lets an actor see rows about persons.
func (w *world) acknowledge(tb testing.TB, by audit.Actor) {
	tb.Helper()
	_, _, err := w.gate.Acknowledge(tb.Context(), by, longAgo, sharing.AcknowledgementFields{Version: sharing.CurrentConfidentiality().Version})
	must(tb, err)
}

// newGate is another gate on the same database, with a memory of its own, as another instance has.
func (w *world) newGate() *sharing.Gate {
	return sharing.New(w.db, w.log, w.committer, sharing.Settings{SubjectKey: subjectKey, HomeCountry: "DE"})
}

// tick is the next instant of a time long ago, when the records were made.
func (w *world) tick() time.Time { return longAgo.Add(time.Duration(w.ticks.Add(1)) * time.Second) }

func day(y int, m time.Month, d int) *registry.Date { return &registry.Date{Year: y, Month: m, Day: d} }

// party is a vendor with what it needs to receive data.
type party struct {
	registry.Vendor
	engagement registry.Engagement
	location   registry.Location
	contract   registry.Contract
}

// plan says what a party has; the functions change what is usual.
type plan struct {
	kinds      []string
	state      registry.VendorState
	engagement func(*registry.EngagementFields)
	location   func(*registry.LocationFields)
	contract   func(*registry.ContractFields)
	document   bool
	none       []string // engagement, location or contract
}

// usual is a subprocessor in Germany that everything permits to get CONTACT and PRODUCT_USE for INFRA and SECURITY.
func usual() plan {
	return plan{kinds: []string{"subprocessor"}, state: registry.Active, document: true}
}

var names atomic.Int64

func (w *world) party(tb testing.TB, p plan) party {
	tb.Helper()
	has := func(what string) bool {
		for _, n := range p.none {
			if n == what {
				return false
			}
		}
		return true
	}
	v, err := w.CreateVendor(tb.Context(), legal, w.tick(), registry.VendorFields{Name: fmt.Sprintf("Acme %d GmbH", names.Add(1)), Kinds: p.kinds})
	must(tb, err)
	for _, s := range []registry.VendorState{registry.Approved, registry.Active, registry.WindingDown} {
		if v.State == p.state {
			break
		}
		v, err = w.ChangeVendor(tb.Context(), approver, w.tick(), v.ID, v.Version, registry.VendorPatch{State: s})
		must(tb, err)
	}
	q := party{Vendor: v}
	if has("engagement") {
		f := registry.EngagementFields{Service: "Hosting", Purposes: []string{"INFRA", "SECURITY"}, Categories: []string{"CONTACT", "PRODUCT_USE"}}
		edit(p.engagement, &f)
		q.engagement, err = w.CreateEngagement(tb.Context(), legal, w.tick(), v.ID, f)
		must(tb, err)
	}
	if has("engagement") && has("location") {
		f := registry.LocationFields{Place: "DE"}
		edit(p.location, &f)
		q.location, err = w.CreateLocation(tb.Context(), legal, w.tick(), q.engagement.ID, f)
		must(tb, err)
	}
	if has("contract") {
		f := registry.ContractFields{
			Kind: "data_processing_agreement", SignedOn: day(2020, 1, 1), InForceFrom: day(2020, 1, 1),
			Clauses: []registry.Clause{{Code: "confidentiality", Where: "section 5"}},
		}
		edit(p.contract, &f)
		q.contract, err = w.CreateContract(tb.Context(), legal, w.tick(), v.ID, f)
		must(tb, err)
		if p.document {
			q.contract, err = w.AttachDocument(tb.Context(), legal, w.tick(), q.contract.ID, q.contract.Version, "a.pdf", "application/pdf",
				strings.NewReader("%PDF "+q.contract.ID.String()))
			must(tb, err)
		}
	}
	return q
}

func edit[T any](f func(*T), v *T) {
	if f != nil {
		f(v)
	}
}

// ask is a request that the usual party gets allowed.
func ask(p party) sharing.Request {
	return sharing.Request{
		VendorID: p.ID, Purpose: "INFRA", Ground: "service_provider", Categories: []string{"CONTACT"}, Countries: []string{"DE"},
		OccurredAt: noon, State: "intended",
	}
}

var keys atomic.Int64

func newKey() string { return fmt.Sprintf("key-%d", keys.Add(1)) }

// share asks the gate under a new key.
func (w *world) share(tb testing.TB, r sharing.Request) sharing.Decision {
	tb.Helper()
	d, err := w.gate.Share(tb.Context(), billing, noon, newKey(), r)
	must(tb, err)
	return d
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(said(err))
	}
}

// said is an error with the fields that it blames.
func said(err error) string {
	var r *registry.Refusal
	if !errors.As(err, &r) {
		return err.Error()
	}
	parts := []string{r.Sentence}
	for _, f := range r.Fields {
		parts = append(parts, "["+f.Pointer+" "+f.Sentence+"]")
	}
	return strings.Join(parts, " ")
}

// judged fails unless the decision has that verdict and exactly those reasons, each code or code:on.
func judged(tb testing.TB, d sharing.Decision, verdict sharing.Verdict, reasons ...string) {
	tb.Helper()
	got := []string{}
	for _, r := range d.Reasons {
		got = append(got, strings.TrimSuffix(r.Code+":"+r.On, ":"))
	}
	if reasons == nil {
		reasons = []string{}
	}
	if d.Verdict != verdict || !cmp.Equal(reasons, got) {
		tb.Errorf("got %s, want %s; reasons (-want +got):\n%s", d.Verdict, verdict, cmp.Diff(reasons, got))
	}
}

// refused fails unless err is a refusal of that kind which blames exactly the fields at pointers.
func refused(tb testing.TB, err error, kind registry.Kind, pointers ...string) {
	tb.Helper()
	var r *registry.Refusal
	if !errors.As(err, &r) {
		tb.Fatalf("got %v, want a refusal", err)
	}
	got := []string{}
	for _, f := range r.Fields {
		got = append(got, f.Pointer)
	}
	if pointers == nil {
		pointers = []string{}
	}
	if r.Kind != kind || !cmp.Equal(pointers, got) {
		tb.Errorf("got kind %d, want %d; pointers (-want +got):\n%s%s", r.Kind, kind, cmp.Diff(pointers, got), said(err))
	}
}

// body is what the leaf of an entry says.
func (w *world) body(tb testing.TB, id uuid.UUID) map[string]any {
	tb.Helper()
	e, err := w.log.Entry(tb.Context(), id)
	must(tb, err)
	var leaf struct {
		Body map[string]any `json:"body"`
	}
	must(tb, json.Unmarshal(e.Leaf, &leaf))
	return leaf.Body
}

func (w *world) count(tb testing.TB, query string, args ...any) int {
	tb.Helper()
	var n int
	must(tb, w.db.NewRaw(query, args...).Scan(tb.Context(), &n))
	return n
}

func document(text string) *strings.Reader { return strings.NewReader("%PDF " + text) }
