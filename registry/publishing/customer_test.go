package publishing_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry"
	"onward/registry/publishing"
)

// office is a desk with a registry, a database and a log of its own; when the test ends, the whole log is verified.
type office struct {
	*publishing.Desk
	registry *registry.Registry
	db       *bun.DB
	log      *audit.Log
	now      atomic.Int64 // seconds after noon
}

func newOffice(t *testing.T) *office {
	t.Helper()
	db := pgtest.New(t)
	log, err := audit.Open(t.Context(), db, "publishing.test/log", noon)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := log.Verify(context.Background()); err != nil {
			t.Errorf("the log: %v", err)
		}
	})
	return &office{Desk: publishing.NewDesk(db, log), registry: registry.New(db, log), db: db, log: log}
}

// tick is the next instant; no two are the same.
func (o *office) tick() time.Time { return noon.Add(time.Duration(o.now.Add(1)) * time.Second) }

func customer(name string) publishing.CustomerFields {
	return publishing.CustomerFields{
		Name: name, Contract: "MSA 2024/7", Authorisation: "general", Language: "de", Products: []string{}, Regions: []string{},
		Contacts: []publishing.CustomerContact{{Email: "privacy@customer.example", Name: "Ada Lovelace", Position: "Data protection officer"}},
	}
}

func (o *office) customer(t *testing.T, f publishing.CustomerFields) publishing.Customer {
	t.Helper()
	return must(o.CreateCustomer(t.Context(), legal, o.tick(), f))(t)
}

// refusedAs holds that err is a refusal of that kind and of those fields.
func refusedAs(t *testing.T, err error, kind registry.Kind, pointers ...string) {
	t.Helper()
	var refusal *registry.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != kind {
		t.Errorf("not refused as it should be: %v", err)
		return
	}
	var got []string
	for _, f := range refusal.Fields {
		got = append(got, f.Pointer)
	}
	slices.Sort(got)
	slices.Sort(pointers)
	if len(pointers) > 0 && !slices.Equal(got, pointers) {
		t.Errorf("refused for %v, not %v", got, pointers)
	}
}

func TestCustomer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	must(o.registry.PutCalendar(t.Context(), legal, o.tick(), "de-be", 0, calendar("2026-01-01", "2027-12-31", "2026-12-25").CalendarFields))(t)

	t.Run("what is recorded is what is read, now and as of then", func(t *testing.T) {
		t.Parallel()
		f := customer("Analytical Engines")
		f.Notice = &publishing.Clock{Number: 10, Days: "business", From: "received", Zone: "Europe/Berlin", Calendar: "de-be"}
		f.From, f.Until, f.Emergency, f.Products, f.Regions = day("2026-02-28"), day("2028-02-29"), true, []string{"Mail"}, []string{"EU"}
		c := o.customer(t, f)
		if diff := cmp.Diff(f, c.CustomerFields); diff != "" {
			t.Error(diff)
		}
		for _, asOf := range []*time.Time{nil, &c.CreatedAt} {
			read := must(o.Customer(t.Context(), c.ID, asOf))(t)
			read.Search = c.Search
			if diff := cmp.Diff(c, read); diff != "" {
				t.Error(diff)
			}
		}
		before := c.CreatedAt.Add(-time.Second)
		_, err := o.Customer(t.Context(), c.ID, &before)
		refusedAs(t, err, registry.NotFound)
	})

	t.Run("its history says what changed, and its entries name nobody", func(t *testing.T) {
		t.Parallel()
		c := o.customer(t, customer("Difference Engines"))
		c = must(o.ChangeCustomer(t.Context(), legal, o.tick(), c.ID, 1, []byte(`{"authorisation":"specific","contacts":[{"email":"grace@customer.example"}],"notes":"asks"}`)))(t)
		same := must(o.ChangeCustomer(t.Context(), legal, o.tick(), c.ID, 2, []byte(`{"notes":"asks"}`)))(t)
		if c.Version != 2 || same.Version != 2 || c.Authorisation != "specific" {
			t.Errorf("%+v %+v", c, same)
		}
		page := must(o.registry.History(t.Context(), "customer", c.ID, 0, ""))(t)
		if len(page.Items) != 2 || len(page.Items[0].Changes) != 5 {
			t.Fatalf("%+v", page.Items)
		}
		for _, v := range page.Items {
			e := must(o.log.Entry(t.Context(), v.EntryID))(t)
			for _, secret := range []string{"customer.example", "Ada", "Difference", "MSA", "asks"} {
				if strings.Contains(string(e.Leaf), secret) {
					t.Errorf("%s stands in %s", secret, e.Leaf)
				}
			}
			if !strings.HasPrefix(e.Type, "customer.") || !strings.Contains(string(e.Leaf), c.ID.String()) {
				t.Errorf("%s", e.Leaf)
			}
		}
	})

	t.Run("another version and a customer that is none are refused", func(t *testing.T) {
		t.Parallel()
		c := o.customer(t, customer("Stale"))
		_, err := o.ChangeCustomer(t.Context(), legal, o.tick(), c.ID, 2, []byte(`{"notes":"x"}`))
		refusedAs(t, err, registry.Stale)
		_, err = o.ChangeCustomer(t.Context(), legal, o.tick(), uuid.New(), 1, []byte(`{"notes":"x"}`))
		refusedAs(t, err, registry.NotFound)
	})

	t.Run("a name is given once, whatever its case and width, also by two at once", func(t *testing.T) {
		t.Parallel()
		var taken, made atomic.Int64
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				_, err := o.CreateCustomer(t.Context(), legal, o.tick(), customer([]string{"Twice", "TWICE", "Ｔｗｉｃｅ"}[i%3]))
				var refusal *registry.Refusal
				switch {
				case err == nil:
					made.Add(1)
				case errors.As(err, &refusal) && refusal.Kind == registry.Conflict:
					taken.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		all.Wait()
		if made.Load() != 1 || taken.Load() != 7 {
			t.Errorf("made %d, taken %d", made.Load(), taken.Load())
		}
	})

	t.Run("of two who change one version at once, one is stale", func(t *testing.T) {
		t.Parallel()
		c := o.customer(t, customer("Contended"))
		var stale, changed atomic.Int64
		var all sync.WaitGroup
		for i := range 4 {
			all.Go(func() {
				_, err := o.ChangeCustomer(t.Context(), legal, o.tick(), c.ID, 1, fmt.Appendf(nil, `{"notes":"%d"}`, i))
				var refusal *registry.Refusal
				if err == nil {
					changed.Add(1)
				} else if errors.As(err, &refusal) && refusal.Kind == registry.Stale {
					stale.Add(1)
				}
			})
		}
		all.Wait()
		if changed.Load() != 1 || stale.Load() != 3 {
			t.Errorf("changed %d, stale %d", changed.Load(), stale.Load())
		}
	})

	t.Run("bad fields are named together", func(t *testing.T) {
		t.Parallel()
		_, err := o.CreateCustomer(t.Context(), legal, o.tick(), publishing.CustomerFields{
			Authorisation: "maybe", Language: "Deutsch", Notice: &publishing.Clock{Number: 0, Days: "working", Zone: "Mars/Base"},
			From: day("2026-02-01"), Until: day("2026-01-31"), Contacts: []publishing.CustomerContact{{Email: "nobody\r\nBcc: all@example.com"}},
		})
		refusedAs(t, err, registry.Invalid, "/name", "/authorisation", "/language", "/notice/number", "/notice/days", "/notice/from", "/notice/zone",
			"/until", "/contacts/0/email")
		f := customer("Nobody")
		f.Contacts = nil
		_, err = o.CreateCustomer(t.Context(), legal, o.tick(), f)
		refusedAs(t, err, registry.Invalid, "/contacts")
		f = customer("Clocks")
		f.Notice = &publishing.Clock{Number: 10, Days: "calendar", From: "sent", Calendar: "de-be"}
		f.Objection = &publishing.Clock{Number: 10, Days: "business", From: "sent", Calendar: "fr"}
		f.Contacts = append(f.Contacts, publishing.CustomerContact{Email: "PRIVACY@customer.example"})
		_, err = o.CreateCustomer(t.Context(), legal, o.tick(), f)
		refusedAs(t, err, registry.Invalid, "/notice/calendar", "/objection/calendar", "/contacts/1/email")
	})
}

func TestCustomers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 23 {
		f := customer(fmt.Sprintf("Customer %02d", i))
		f.Contract = fmt.Sprintf("Vertrag Nº %d", i)
		if i%2 == 0 {
			f.Authorisation = "specific"
		}
		f.Products = [][]string{{"Mail"}, {"Files"}, {}}[i%3]
		o.customer(t, f)
	}
	count := func(t *testing.T, q publishing.CustomerQuery) (names []string) {
		t.Helper()
		for pages := 0; ; pages++ {
			page := must(o.Customers(t.Context(), q))(t)
			for _, c := range page.Items {
				names = append(names, c.Name)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return names
			}
			if pages > 30 {
				t.Fatal("the pages do not end")
			}
		}
	}
	for _, c := range []struct {
		rule string
		q    publishing.CustomerQuery
		want int
	}{
		{"all, in one page", publishing.CustomerQuery{}, 23},
		{"all, three a page", publishing.CustomerQuery{Limit: 3}, 23},
		{"those with a word in the name", publishing.CustomerQuery{Text: "cuSTÓmer 07"}, 1},
		{"those with a word in the contract", publishing.CustomerQuery{Text: "vertrag 22", Limit: 1}, 1},
		{"a % is no wildcard", publishing.CustomerQuery{Text: "%"}, 0},
		{"a mode", publishing.CustomerQuery{Authorisation: "specific", Limit: 5}, 12},
		{"a product, or none in particular", publishing.CustomerQuery{Product: "mail", Limit: 4}, 15},
		{"and a mode too", publishing.CustomerQuery{Product: "mail", Authorisation: "general"}, 7},
		{"a region: none is named", publishing.CustomerQuery{Region: "EU"}, 23},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			names := count(t, c.q)
			if len(names) != c.want || !slices.IsSorted(names) || len(slices.Compact(names)) != c.want {
				t.Errorf("%d: %v", len(names), names)
			}
		})
	}
	t.Run("a cursor of another list is refused", func(t *testing.T) {
		t.Parallel()
		page := must(o.Customers(t.Context(), publishing.CustomerQuery{Limit: 3}))(t)
		_, err := o.Customers(t.Context(), publishing.CustomerQuery{Limit: 3, Text: "customer", Cursor: page.Next})
		refusedAs(t, err, registry.Invalid, "/cursor")
		_, err = o.Customers(t.Context(), publishing.CustomerQuery{Authorisation: "x", Text: "\x00", Product: "\xff"})
		refusedAs(t, err, registry.Invalid, "/authorisation", "/text", "/product")
	})
	t.Run("all are read", func(t *testing.T) {
		t.Parallel()
		if all := must(publishing.ReadCustomers(t.Context(), o.db))(t); len(all) != 23 || all[22].Name != "Customer 22" {
			t.Errorf("%d", len(all))
		}
	})
}

func TestUses(t *testing.T) {
	t.Parallel()
	mail := publishing.Customer{CustomerFields: publishing.CustomerFields{
		Products: []string{"Mail"}, Regions: []string{"Île-de-France"}, From: day("2026-01-01"), Until: day("2026-12-31"),
	}}
	for _, c := range []struct {
		rule              string
		customer          publishing.Customer
		products, regions []string
		day               string
		want              bool
	}{
		{"a line that names no product concerns all", mail, nil, nil, "2026-06-01", true},
		{"a product that it uses does", mail, []string{"Files", "MAIL"}, nil, "2026-06-01", true},
		{"one that it does not use does not", mail, []string{"Files"}, nil, "2026-06-01", false},
		{"accents and case do not count", mail, nil, []string{"ile-de-france"}, "2026-06-01", true},
		{"another region does not", mail, []string{"Mail"}, []string{"EU"}, "2026-06-01", false},
		{"a customer that names nothing uses all", publishing.Customer{}, []string{"Files"}, []string{"EU"}, "2026-06-01", true},
		{"its last day belongs to it", mail, nil, nil, "2026-12-31", true},
		{"after it, nothing concerns it", mail, nil, nil, "2027-01-01", false},
		{"before its first day it is told: the change holds when it begins", mail, nil, nil, "2025-12-31", true},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if got := c.customer.Uses(c.products, c.regions, *day(c.day)); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}
