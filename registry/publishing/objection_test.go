package publishing_test

import (
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/publishing"
)

// change writes a change of a vendor in a state straight into its table.
func (o *office) change(t *testing.T, state string) (id uuid.UUID) {
	t.Helper()
	id = uuid.Must(uuid.NewV7())
	v := must(o.registry.CreateVendor(t.Context(), legal, o.tick(), registry.VendorFields{
		Name: "Cloud " + id.String(), LegalName: "Cloud, Inc.", Kinds: []string{"subprocessor"},
	}))(t)
	_, err := o.db.NewRaw(`INSERT INTO changes (id, version, created_at, updated_at, kind, state, vendor_id, steps, effective_on, zone, emergency, staged,
		reason, proposed_by, withdrawn_because) VALUES (?, 1, ?, ?, 'add', ?, ?, '[]', '2027-01-15', 'Europe/Berlin', false, false, '', ?, '')`,
		id, noon, noon, state, v.ID, legal.ID).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// reach lets a change reach a customer; the period to object ends when it says.
func (o *office) reach(t *testing.T, change uuid.UUID, c publishing.Customer, ends time.Time) publishing.Link {
	t.Helper()
	r := publishing.ChangeCustomer{ChangeID: change, CustomerID: c.ID, NoticeBegins: &noon, NoticeEnds: &ends, ObjectionEnds: &ends}
	if _, err := o.db.NewInsert().Model(&r).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	return publishing.Link{Change: change, Customer: c.ID, Delivery: uuid.New()}
}

func (o *office) the(t *testing.T, l publishing.Link) publishing.Case {
	t.Helper()
	for _, k := range must(publishing.ReadCases(t.Context(), o.db, l.Change))(t) {
		if k.Customer.ID == l.Customer {
			return k
		}
	}
	t.Fatal("the change does not reach the customer")
	return publishing.Case{}
}

var (
	soon  = noon.AddDate(0, 0, 30)
	after = soon.AddDate(0, 0, 1)
)

func TestObjection(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	change := o.change(t, "announced")
	specific := func(name string) publishing.CustomerFields {
		f := customer(name)
		f.Authorisation = "specific"
		return f
	}

	t.Run("it holds the change for its customer, and for no other", func(t *testing.T) {
		t.Parallel()
		l, other := o.reach(t, change, o.customer(t, customer("Objects")), soon), o.reach(t, change, o.customer(t, customer("Is silent")), soon)
		made := must(o.ObjectByLink(t.Context(), o.tick(), l, "  We do not want\r\nour data there.  "))(t)
		if made.State != "open" || made.Channel != "form" || made.Ground != "We do not want\nour data there." {
			t.Errorf("%+v", made)
		}
		if k := o.the(t, l); k.Stance(after) != publishing.Waiting || k.Reach.Answer != "objected" {
			t.Errorf("%+v", k)
		}
		if k := o.the(t, other); k.Stance(after) != publishing.Accepted {
			t.Errorf("%+v", k)
		}
		upheld := must(o.DecideObjection(t.Context(), legal, o.tick(), made.ID, 1, publishing.ObjectionDecision{State: "upheld", Reason: "Their contract.", Outcome: "Stays on the old one."}))(t)
		if k := o.the(t, l); upheld.Version != 2 || *upheld.DecidedBy != legal.ID || k.Stance(after) != publishing.Refused || k.Reach.Answer != "objected" {
			t.Errorf("%+v %+v", upheld, k)
		}
		withdrawn := must(o.DecideObjection(t.Context(), legal, o.tick(), made.ID, 2, publishing.ObjectionDecision{State: "withdrawn", Reason: "They changed their mind."}))(t)
		if k := o.the(t, l); withdrawn.Version != 3 || k.Stance(after) != publishing.Accepted || k.Reach.Answer != "" || k.Reach.AnsweredAt != nil {
			t.Errorf("%+v %+v", withdrawn, k)
		}
		for _, state := range []string{"upheld", "rejected", "withdrawn"} {
			_, err := o.DecideObjection(t.Context(), legal, o.tick(), made.ID, 3, publishing.ObjectionDecision{State: state, Reason: "x"})
			refusedAs(t, err, registry.Conflict)
		}
	})

	t.Run("its history and entries tell of it without the customer's words", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, customer("Zuse")), soon)
		made := must(o.ObjectByLink(t.Context(), o.tick(), l, "Konrad disagrees."))(t)
		must(o.DecideObjection(t.Context(), legal, o.tick(), made.ID, 1, publishing.ObjectionDecision{State: "rejected", Reason: "Konrad errs."}))(t)
		page := must(o.registry.History(t.Context(), "objection", made.ID, 0, ""))(t)
		if len(page.Items) != 2 {
			t.Fatalf("%+v", page)
		}
		for i, kind := range []string{"objection.rejected", "objection.recorded"} {
			e := must(o.log.Entry(t.Context(), page.Items[i].EntryID))(t)
			leaf := string(e.Leaf)
			if e.Type != kind || strings.Contains(leaf, "Konrad") || strings.Contains(leaf, "Zuse") || !strings.Contains(leaf, l.Customer.String()) || !strings.Contains(leaf, change.String()) {
				t.Errorf("%s", leaf)
			}
		}
		if e := must(o.log.Entry(t.Context(), page.Items[1].EntryID))(t); !strings.Contains(string(e.Leaf), l.Delivery.String()) {
			t.Errorf("the delivery is not in %s", e.Leaf)
		}
	})

	t.Run("after the period, nothing is recorded under a general authorisation", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, customer("Late")), noon.Add(time.Hour))
		_, err := o.ObjectByLink(t.Context(), noon.Add(time.Hour), l, "Too late.")
		refusedAs(t, err, registry.Conflict)
		if k := o.the(t, l); len(k.Objections) != 0 || k.Reach.Answer != "" {
			t.Errorf("%+v", k)
		}
		in := must(o.RecordObjection(t.Context(), legal, noon.Add(2*time.Hour), publishing.ObjectionFields{
			ChangeID: change, CustomerID: l.Customer, ReceivedAt: noon.Add(time.Hour - time.Second), Ground: "It came by letter, in time.",
		}))(t)
		if in.Channel != "recorded" || o.the(t, l).Stance(after) != publishing.Waiting {
			t.Errorf("%+v", in)
		}
		_, err = o.RecordObjection(t.Context(), legal, noon, publishing.ObjectionFields{ChangeID: change, CustomerID: l.Customer, ReceivedAt: noon.Add(time.Second), Ground: "x"})
		refusedAs(t, err, registry.Invalid, "/received_at")
	})

	t.Run("under a specific one it is: silence was a no already", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, specific("Late, specific")), noon.Add(time.Hour))
		must(o.ObjectByLink(t.Context(), noon.Add(2*time.Hour), l, "No."))(t)
	})

	t.Run("a yes is what a specific authorisation waits for, and is said once", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, specific("Agrees")), soon)
		if k := o.the(t, l); k.Stance(after) != publishing.Refused {
			t.Errorf("%+v", k)
		}
		first := must(o.AcceptByLink(t.Context(), o.tick(), l))(t)
		again := must(o.Accept(t.Context(), legal, o.tick(), change, publishing.Acceptance{CustomerID: l.Customer}))(t)
		if k := o.the(t, l); k.Stance(after) != publishing.Accepted || !again.AnsweredAt.Equal(*first.AnsweredAt) {
			t.Errorf("%+v", k)
		}
		must(o.ObjectByLink(t.Context(), o.tick(), l, "On second thoughts, no."))(t)
		if k := o.the(t, l); k.Stance(after) != publishing.Waiting {
			t.Errorf("%+v", k)
		}
		_, err := o.AcceptByLink(t.Context(), o.tick(), l)
		refusedAs(t, err, registry.Conflict)
	})

	t.Run("a yes that comes after silence was written down as a no is one", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, specific("Agrees late")), noon.Add(time.Hour))
		if _, err := o.db.NewRaw(`UPDATE change_customers SET answer = 'refused' WHERE customer_id = ?`, l.Customer).Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		if q := must(o.Question(t.Context(), after, l))(t); !q.Agreeable() {
			t.Errorf("%+v", q)
		}
		must(o.AcceptByLink(t.Context(), after, l))(t)
		if k := o.the(t, l); k.Stance(after) != publishing.Accepted {
			t.Errorf("%+v", k)
		}
	})

	t.Run("of many that come at once, one is recorded", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, customer("Clicks twice")), soon)
		var made, refused atomic.Int64
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				_, err := o.ObjectByLink(t.Context(), o.tick(), l, "No.")
				var refusal *registry.Refusal
				if err == nil {
					made.Add(1)
				} else if errors.As(err, &refusal) && refusal.Kind == registry.Conflict {
					refused.Add(1)
				} else {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 || refused.Load() != 5 || len(o.the(t, l).Objections) != 1 {
			t.Errorf("made %d, refused %d", made.Load(), refused.Load())
		}
	})

	t.Run("of a yes and a no at once, each is whole", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, specific("Two people")), soon)
		var all sync.WaitGroup
		all.Go(func() { _, _ = o.AcceptByLink(t.Context(), o.tick(), l) })
		all.Go(func() { _, _ = o.ObjectByLink(t.Context(), o.tick(), l, "No.") })
		all.Wait()
		if k := o.the(t, l); k.Reach.Answer != "objected" || len(k.Objections) != 1 || k.Stance(after) != publishing.Waiting {
			t.Errorf("%+v", k)
		}
	})

	t.Run("of two decisions at once, one is stale", func(t *testing.T) {
		t.Parallel()
		l := o.reach(t, change, o.customer(t, customer("Decided twice")), soon)
		made := must(o.ObjectByLink(t.Context(), o.tick(), l, "No."))(t)
		var stale atomic.Int64
		var all sync.WaitGroup
		for _, state := range []string{"upheld", "rejected"} {
			all.Go(func() {
				_, err := o.DecideObjection(t.Context(), legal, o.tick(), made.ID, 1, publishing.ObjectionDecision{State: state, Reason: "x"})
				var refusal *registry.Refusal
				if errors.As(err, &refusal) && refusal.Kind == registry.Stale {
					stale.Add(1)
				}
			})
		}
		all.Wait()
		if stale.Load() != 1 {
			t.Errorf("%d are stale", stale.Load())
		}
	})

	t.Run("what is not announced, was withdrawn or does not reach the customer is not objected to", func(t *testing.T) {
		t.Parallel()
		c := o.customer(t, customer("Early"))
		for _, state := range []string{"proposed", "approved", "withdrawn"} {
			l := o.reach(t, o.change(t, state), c, soon)
			_, err := o.ObjectByLink(t.Context(), o.tick(), l, "No.")
			refusedAs(t, err, registry.Conflict)
			_, err = o.AcceptByLink(t.Context(), o.tick(), l)
			refusedAs(t, err, registry.Conflict)
		}
		must(o.ObjectByLink(t.Context(), o.tick(), o.reach(t, o.change(t, "effective"), c, soon), "No."))(t)
		for _, l := range []publishing.Link{{Change: change, Customer: c.ID}, {Change: uuid.New(), Customer: c.ID}, {Change: change, Customer: uuid.New()}} {
			_, err := o.ObjectByLink(t.Context(), o.tick(), l, "No.")
			refusedAs(t, err, registry.NotFound)
			_, err = o.Question(t.Context(), noon, l)
			refusedAs(t, err, registry.NotFound)
		}
	})

	t.Run("bad fields are named together", func(t *testing.T) {
		t.Parallel()
		_, err := o.RecordObjection(t.Context(), legal, o.tick(), publishing.ObjectionFields{Ground: " \u202e "})
		refusedAs(t, err, registry.Invalid, "/change_id", "/customer_id", "/ground")
		_, err = o.ObjectByLink(t.Context(), o.tick(), publishing.Link{Change: change, Customer: change}, strings.Repeat("x", 5001))
		refusedAs(t, err, registry.Invalid, "/ground")
		_, err = o.DecideObjection(t.Context(), legal, o.tick(), uuid.New(), 1, publishing.ObjectionDecision{State: "open"})
		refusedAs(t, err, registry.Invalid, "/state", "/reason")
		_, err = o.DecideObjection(t.Context(), legal, o.tick(), uuid.New(), 1, publishing.ObjectionDecision{State: "upheld", Reason: "x"})
		refusedAs(t, err, registry.NotFound)
	})
}

func TestObjections(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	changes := []uuid.UUID{o.change(t, "announced"), o.change(t, "announced")}
	var first publishing.Objection
	for i, name := range []string{"A", "B", "C"} {
		c := o.customer(t, customer(name))
		for j, change := range changes {
			made := must(o.ObjectByLink(t.Context(), o.tick(), o.reach(t, change, c, soon), "No."))(t)
			if i+j == 0 {
				first = made
			}
		}
	}
	must(o.DecideObjection(t.Context(), legal, o.tick(), first.ID, 1, publishing.ObjectionDecision{State: "rejected", Reason: "x"}))(t)
	for _, c := range []struct {
		rule string
		q    publishing.ObjectionQuery
		want int
	}{
		{"all, two a page", publishing.ObjectionQuery{Limit: 2}, 6},
		{"those that are open", publishing.ObjectionQuery{State: "open", Limit: 1}, 5},
		{"to a change", publishing.ObjectionQuery{Change: changes[1]}, 3},
		{"of a customer", publishing.ObjectionQuery{Customer: first.CustomerID}, 2},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			seen := map[uuid.UUID]bool{}
			q, last := c.q, time.Time{}
			for {
				page := must(o.Objections(t.Context(), q))(t)
				for _, objection := range page.Items {
					if !last.IsZero() && objection.ReceivedAt.After(last) {
						t.Error("the newest is not first")
					}
					seen[objection.ID], last = true, objection.ReceivedAt
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if len(seen) != c.want {
				t.Errorf("got %d", len(seen))
			}
		})
	}
	t.Run("what nothing matches is refused", func(t *testing.T) {
		t.Parallel()
		_, err := o.Objections(t.Context(), publishing.ObjectionQuery{State: "lost"})
		refusedAs(t, err, registry.Invalid, "/state")
		_, err = o.Objections(t.Context(), publishing.ObjectionQuery{Cursor: "x"})
		refusedAs(t, err, registry.Invalid, "/cursor")
	})
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	f := customer("Reader")
	f.Objection = &publishing.Clock{Number: 30, Days: "calendar", From: "sent", Zone: "Asia/Tokyo"}
	c := o.customer(t, f)
	l := o.reach(t, o.change(t, "announced"), c, soon)
	q := must(o.Question(t.Context(), noon, l))(t)
	if q.Kind != "add" || q.LegalName != "Cloud, Inc." || q.Customer != "Reader" || q.Zone.String() != "Asia/Tokyo" || q.Over || !q.Objectionable() || q.Agreeable() {
		t.Errorf("%+v", q)
	}
	if q = must(o.Question(t.Context(), soon, l))(t); !q.Over || q.Objectionable() {
		t.Errorf("%+v", q)
	}
	must(o.ObjectByLink(t.Context(), noon, l, "No."))(t)
	if q = must(o.Question(t.Context(), noon, l))(t); q.Answer != "objected" || q.Objectionable() || !q.AnsweredAt.Equal(noon) {
		t.Errorf("%+v", q)
	}
	q = must(o.Question(t.Context(), noon, o.reach(t, o.change(t, "withdrawn"), c, soon)))(t)
	if !q.Withdrawn || q.Objectionable() {
		t.Errorf("%+v", q)
	}
	_, err := o.Question(t.Context(), noon, o.reach(t, o.change(t, "approved"), c, soon))
	refusedAs(t, err, registry.NotFound)
}
