package sharing_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

func TestRetries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())

	t.Run("50 callers with one key and request get one entry and one receipt", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		gates := []*sharing.Gate{w.gate, w.newGate()}
		answers := make([]sharing.Decision, 50)
		var group sync.WaitGroup
		for i := range answers {
			group.Go(func() {
				d, err := gates[i%2].Share(t.Context(), billing, noon, key, ask(with))
				if err != nil {
					t.Error(said(err))
				}
				d.Receipt.Replayed = false
				answers[i] = d
			})
		}
		group.Wait()
		for _, d := range answers {
			if diff := cmp.Diff(answers[0], d); diff != "" {
				t.Fatalf("two answers differ:\n%s", diff)
			}
		}
	})
	t.Run("a retry of a denied share gets the same reasons, though the facts have changed", func(t *testing.T) {
		t.Parallel()
		p := usual()
		p.document = false
		with := w.party(t, p)
		key := newKey()
		first, err := w.gate.Share(t.Context(), billing, noon, key, ask(with))
		must(t, err)
		judged(t, first, sharing.Denied, "document_missing:"+with.contract.ID.String())
		_, err = w.AttachDocument(t.Context(), legal, w.tick(), with.contract.ID, with.contract.Version, "a.pdf", "application/pdf", document("x"))
		must(t, err)
		again, err := w.gate.Share(t.Context(), billing, noon.Add(time.Hour), key, ask(with))
		must(t, err)
		if !again.Receipt.Replayed {
			t.Error("the second receipt is not said to be the first one's")
		}
		again.Receipt.Replayed = false
		if diff := cmp.Diff(first, again); diff != "" {
			t.Errorf("the second answer differs:\n%s", diff)
		}
		judged(t, w.share(t, ask(with)), sharing.Allowed)
	})
	t.Run("the order of a list, and the zone of an instant, make no other request", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		r := ask(with)
		r.Categories, r.Subjects = []string{"CONTACT", "PRODUCT_USE"}, []string{"a", "b"}
		first, err := w.gate.Share(t.Context(), billing, noon, key, r)
		must(t, err)
		r.Categories, r.Subjects = []string{"PRODUCT_USE", "CONTACT"}, []string{"b", "a"}
		r.OccurredAt = r.OccurredAt.In(time.FixedZone("", 3600))
		again, err := w.gate.Share(t.Context(), billing, noon, key, r)
		must(t, err)
		if first.Receipt.EntryID != again.Receipt.EntryID || !again.Receipt.Replayed {
			t.Errorf("got %+v, want the receipt of %+v", again.Receipt, first.Receipt)
		}
	})
	t.Run("another request under the same key is refused", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		_, err := w.gate.Share(t.Context(), billing, noon, key, ask(with))
		must(t, err)
		r := ask(with)
		r.Note = "another"
		_, err = w.gate.Share(t.Context(), billing, noon, key, r)
		refused(t, err, registry.Conflict)
	})
	t.Run("another actor's key of the same text is another key", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		a, err := w.gate.Share(t.Context(), billing, noon, key, ask(with))
		must(t, err)
		b, err := w.gate.Share(t.Context(), crm, noon, key, ask(with))
		must(t, err)
		if a.Receipt.EntryID == b.Receipt.EntryID {
			t.Error("two actors share an entry")
		}
	})
}

func TestChangesAreSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("a contract that was changed is seen by the very next share, on another instance too", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		other := w.newGate()
		for _, g := range []*sharing.Gate{w.gate, other} { // both remember the facts
			d, err := g.Share(t.Context(), billing, noon, newKey(), ask(with))
			must(t, err)
			judged(t, d, sharing.Allowed)
		}
		_, err := w.ChangeContract(t.Context(), legal, w.tick(), with.contract.ID, with.contract.Version, []byte(`{"permitted_purposes":["SECURITY"]}`))
		must(t, err)
		for _, g := range []*sharing.Gate{w.gate, other} {
			d, err := g.Share(t.Context(), billing, noon, newKey(), ask(with))
			must(t, err)
			judged(t, d, sharing.Denied, "purpose_not_in_contract:INFRA")
			if got := w.body(t, d.Receipt.EntryID)["verdict"]; got != "denied" {
				t.Errorf("the leaf says %v", got)
			}
			checked, err := g.Check(t.Context(), billing, noon, ask(with))
			must(t, err)
			judged(t, checked, sharing.Denied, "purpose_not_in_contract:INFRA")
		}
	})
	t.Run("a share that is judged while a change commits is judged by the change", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		judged(t, w.share(t, ask(with)), sharing.Allowed)
		held := w.hold(t)
		answers := make(chan sharing.Decision)
		for range 8 {
			go func() {
				d, err := w.gate.Share(t.Context(), billing, noon, newKey(), ask(with))
				if err != nil {
					t.Error(said(err))
				}
				answers <- d
			}()
		}
		held(func(tx bun.Tx) { w.windDown(t, tx, with) })
		for range 8 {
			judged(t, <-answers, sharing.Denied, "vendor_not_active:winding_down")
		}
	})
	t.Run("a share that occurred meanwhile opens its exception when it turns out to be a violation", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		r := ask(with)
		r.State = "occurred"
		judged(t, w.share(t, r), sharing.Allowed)
		_, err := w.ChangeContract(t.Context(), legal, w.tick(), with.contract.ID, with.contract.Version, []byte(`{"permitted_purposes":[]}`))
		must(t, err)
		judged(t, w.share(t, r), sharing.Violation, "purpose_not_in_contract:INFRA")
		if n := w.count(t, `SELECT count(*) FROM exceptions WHERE vendor_id = ?`, with.ID); n != 1 {
			t.Errorf("%d exceptions", n)
		}
	})
	t.Run("a share that occurred meanwhile opens none when it turns out to be permitted", func(t *testing.T) {
		t.Parallel()
		p := usual()
		p.contract = func(f *registry.ContractFields) { f.PermittedPurposes = []string{} }
		with := w.party(t, p)
		r := ask(with)
		r.State = "occurred"
		judged(t, w.share(t, r), sharing.Violation, "purpose_not_in_contract:INFRA")
		_, err := w.ChangeContract(t.Context(), legal, w.tick(), with.contract.ID, with.contract.Version, []byte(`{"permitted_purposes":["INFRA"]}`))
		must(t, err)
		judged(t, w.share(t, r), sharing.Allowed)
		if n := w.count(t, `SELECT count(*) FROM exceptions WHERE vendor_id = ?`, with.ID); n != 1 {
			t.Errorf("%d exceptions", n)
		}
	})
}

func TestViolations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := usual()
	p.document = false
	with := w.party(t, p)
	r := ask(with)
	r.State = "occurred"
	r.Categories = []string{"CONTACT", "PAYMENT"}

	t.Run("a violation opens one exception, however often it is reported under its key", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		var id uuid.UUID
		for range 3 {
			d, err := w.gate.Share(t.Context(), billing, noon, key, r)
			must(t, err)
			judged(t, d, sharing.Violation, "category_not_in_engagement:PAYMENT", "document_missing:"+with.contract.ID.String())
			id = d.Receipt.EntryID
		}
		var row struct {
			Kind     string
			VendorID uuid.UUID `bun:",type:uuid"`
			Reasons  []string  `bun:",array"`
			OpenedAt time.Time
		}
		must(t, w.db.NewRaw(`SELECT kind, vendor_id, reasons, opened_at FROM exceptions WHERE entry_id = ?`, id).Scan(t.Context(), &row))
		if row.Kind != "violation" || row.VendorID != with.ID || !row.OpenedAt.Equal(noon) ||
			!cmp.Equal(row.Reasons, []string{"category_not_in_engagement", "document_missing"}) {
			t.Errorf("got %+v", row)
		}
	})
	t.Run("a share that is refused before it occurs opens none", func(t *testing.T) {
		t.Parallel()
		intended := r
		intended.State = "intended"
		d := w.share(t, intended)
		if n := w.count(t, `SELECT count(*) FROM exceptions WHERE entry_id = ?`, d.Receipt.EntryID); n != 0 {
			t.Errorf("%d exceptions", n)
		}
	})
}

func TestBusy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	closed := w.log.NewCommitter(1, 1, func() time.Time { return noon })
	must(t, closed.Close(t.Context()))
	g := sharing.New(w.db, w.log, closed, sharing.Settings{SubjectKey: subjectKey})

	t.Run("a log that cannot be written is busy, and nothing is lost by trying again", func(t *testing.T) {
		t.Parallel()
		key := newKey()
		_, err := g.Share(t.Context(), billing, noon, key, ask(with))
		refused(t, err, registry.Busy)
		d, err := w.gate.Share(t.Context(), billing, noon, key, ask(with))
		must(t, err)
		judged(t, d, sharing.Allowed)
	})
	t.Run("a database that is away is busy too", func(t *testing.T) {
		t.Parallel()
		config, err := pgx.ParseConfig("host=" + t.TempDir() + " user=nobody")
		must(t, err)
		away := bun.NewDB(stdlib.OpenDB(*config), pgdialect.New())
		g := sharing.New(away, w.log, w.committer, sharing.Settings{SubjectKey: subjectKey})
		_, err = g.Share(t.Context(), billing, noon, newKey(), ask(with))
		refused(t, err, registry.Busy)
		_, err = g.Check(t.Context(), billing, noon, ask(with))
		refused(t, err, registry.Busy)
	})
}

// hold begins a change that holds the log's lock, and returns what ends it: it commits what is done in it.
func (w *world) hold(t *testing.T) func(do func(tx bun.Tx)) {
	t.Helper()
	begun, work, ended := make(chan struct{}), make(chan func(tx bun.Tx)), make(chan error)
	go func() {
		_, err := w.log.Change(context.WithoutCancel(t.Context()), noon, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
			if _, err := tx.ExecContext(ctx, `SELECT FROM log_head FOR UPDATE`); err != nil {
				return nil, err
			}
			close(begun)
			do := <-work
			do(tx)
			return []audit.Entry{{ID: uuid.New(), Type: "test.change", Actor: legal, OccurredAt: noon, Body: audit.Object{}}}, nil
		})
		ended <- err
	}()
	<-begun
	return func(do func(tx bun.Tx)) {
		t.Helper()
		time.Sleep(50 * time.Millisecond) // the others queue for the lock
		work <- do
		must(t, errors.Join(<-ended))
	}
}

// windDown writes a version of a vendor that is winding down since long ago.
func (w *world) windDown(t *testing.T, tx bun.Tx, with party) {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), `
		INSERT INTO record_version (kind, record_id, version, vendor_id, entry_id, actor_id, effective_at, recorded_at, reason, changed, salt, body)
		SELECT kind, record_id, version + 1, vendor_id, gen_random_uuid(), actor_id, effective_at + interval '1 second', recorded_at, '', '{}', salt,
			replace(body, '"state":"active"', '"state":"winding_down"')
		FROM record_version WHERE kind = 'vendor' AND record_id = ? ORDER BY version DESC LIMIT 1`, with.ID)
	if err != nil {
		t.Error(err)
	}
}
