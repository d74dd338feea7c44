package notify_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/app/notify"
	"onward/app/site"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
)

var (
	legal    = audit.Actor{Kind: "user", ID: uuid.MustParse("11111111-1111-4111-8111-111111111111"), Role: "legal"}
	approver = audit.Actor{Kind: "user", ID: uuid.MustParse("22222222-2222-4222-8222-222222222222"), Role: "approver"}
)

// watch is the clock, which tests move ahead.
type watch struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().UTC().Add(w.ahead)
}

func (w *watch) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ahead += d
}

// world is a desk with a database of its own; when the test ends, its log is verified.
type world struct {
	*publishing.Desk
	registry *registry.Registry
	db       *bun.DB
	links    publishing.Links
	watch    *watch
	lines    int
}

func newWorld(tb testing.TB) *world {
	tb.Helper()
	w := &world{db: pgtest.New(tb), watch: &watch{}}
	log, err := audit.Open(tb.Context(), w.db, "notify.test/log", w.watch.Now())
	if err != nil {
		tb.Fatal(err)
	}
	if err := log.AddMonths(tb.Context(), w.watch.Now(), 3); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	if w.links, err = publishing.NewLinks(make([]byte, 32)); err != nil {
		tb.Fatal(err)
	}
	w.Desk, w.registry = publishing.NewDesk(w.db, log), registry.New(w.db, log)
	return w
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

func (w *world) customer(tb testing.TB, name, language, authorisation string, addresses ...string) publishing.Customer {
	tb.Helper()
	f := publishing.CustomerFields{Name: name, Authorisation: authorisation, Language: language}
	for _, a := range addresses {
		f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: a})
	}
	return must(w.CreateCustomer(tb.Context(), legal, w.watch.Now(), f))(tb)
}

// subscriber is somebody who has confirmed; who was asked for that is not mailed.
func (w *world) subscriber(tb testing.TB, channel, address, language string) uuid.UUID {
	tb.Helper()
	at := w.watch.Now()
	must(w.Subscribe(tb.Context(), at, publishing.SubscriberFields{Channel: channel, Address: address, Language: language}))(tb)
	s := must(w.Subscribers(tb.Context(), publishing.SubscriberQuery{Address: address}))(tb).Items[0]
	if err := w.Confirm(tb.Context(), at, s.ID); err != nil {
		tb.Fatal(err)
	}
	if _, err := w.db.Exec(`UPDATE deliveries SET state = 'dropped' WHERE subscriber_id = ?`, s.ID); err != nil {
		tb.Fatal(err)
	}
	return s.ID
}

// announce plans a change of a new line, approves it, and freezes its notice: its deliveries are due.
func (w *world) announce(tb testing.TB) publishing.Notice {
	tb.Helper()
	ctx := tb.Context()
	w.lines++
	v := must(w.registry.CreateVendor(ctx, legal, w.watch.Now(), registry.VendorFields{
		Name: fmt.Sprintf("Nimbus <Storage> & Söhne %d", w.lines), LegalName: "Nimbus Storage, Inc.", Kinds: []string{"subprocessor"},
	}))(tb)
	for _, s := range []registry.VendorState{registry.Approved, registry.Active} {
		v = must(w.registry.ChangeVendor(ctx, approver, w.watch.Now(), v.ID, v.Version, registry.VendorPatch{State: s}))(tb)
	}
	e := must(w.registry.CreateEngagement(ctx, legal, w.watch.Now(), v.ID, registry.EngagementFields{
		Service: "Hosting", Listed: true, ListedReason: "it delivers the product", Purposes: []string{"INFRA"}, Categories: []string{"CONTACT"},
	}))(tb)
	must(w.registry.CreateLocation(ctx, legal, w.watch.Now(), e.ID, registry.LocationFields{Place: "US", Transfer: &registry.Transfer{Mechanism: "dpf"}}))(tb)
	c := must(w.Propose(ctx, legal, w.watch.Now(), publishing.ChangeFields{Steps: []registry.Step{{
		RecordKind: "engagement", RecordID: e.ID, Action: registry.StepPatch, Fields: json.RawMessage(`{"service":"Hosting and backup","purposes":["INFRA","SECURITY"]}`),
	}}}))(tb)
	must(w.ApproveChange(ctx, approver, w.watch.Now(), c.ID, c.Version))(tb)
	w.watch.add(2 * publishing.NoticeWindow)
	if n := must(w.TellDue(ctx, w.watch.Now()))(tb); n != 1 {
		tb.Fatalf("%d changes were told", n)
	}
	return must(w.Notices(ctx, 1, ""))(tb).Items[0]
}

func (w *world) words(tb testing.TB) notify.Words {
	tb.Helper()
	return wordsOf(must(site.ReadLanguages(""))(tb), w.links)
}

func wordsOf(all []*site.Language, links publishing.Links) notify.Words {
	return notify.Words{Languages: all, Company: "Example GmbH", Contact: "privacy@example.com", PublicURL: "https://privacy.example.com", Links: links}
}

// run runs an engine until the test ends, or stop is called.
func (w *world) run(tb testing.TB, change func(*notify.Options)) (e *notify.Engine, stop func()) {
	tb.Helper()
	o := notify.Options{Desk: w.Desk, Words: w.words(tb), Now: w.watch.Now, Logger: slog.New(slog.DiscardHandler)}
	change(&o)
	e = notify.New(o)
	ctx, cancel := context.WithCancel(tb.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-done
	})
	tb.Cleanup(stop)
	return e, stop
}

// eventually waits until something holds.
func eventually(tb testing.TB, what string, holds func() bool) {
	tb.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
		if time.Now().After(end) {
			tb.Fatalf("it never came to this: %s", what)
		}
	}
}

// states are how the deliveries of a notice fare, by address.
func (w *world) states(tb testing.TB, n publishing.Notice) map[string]publishing.Delivery {
	tb.Helper()
	all := map[string]publishing.Delivery{}
	for _, d := range must(w.Deliveries(tb.Context(), publishing.DeliveryQuery{Notice: n.ID, Limit: 200}))(tb).Items {
		all[d.Address] = d
	}
	return all
}

func parsed(tb testing.TB, message []byte) *mail.Message {
	tb.Helper()
	return must(mail.ReadMessage(strings.NewReader(string(message))))(tb)
}
