package sharing

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
	"onward/registry/policy"
)

// book is what tasks follow from.
type book struct {
	vendors   map[uuid.UUID]registry.Vendor
	contracts []registry.Contract
	locations []placed
	opened    []exceptionRow               // open exceptions that are about a vendor
	requests  []SubjectRequest             // of persons, open
	fallen    map[uuid.UUID][]exceptionRow // that were opened about mechanisms that fell, by engagement
}

// placed is a location of an engagement that has not ended.
type placed struct {
	registry.Location
	Origin string
	Data   []string // the sorts of data that the engagement's data subjects make of it
}

// follows are the tasks that follow from the registry at now and were not closed, in no order.
func (g *Gate) follows(ctx context.Context, db bun.IDB, now time.Time) ([]Task, error) {
	b, err := readBook(ctx, db, now)
	if err != nil {
		return nil, err
	}
	b.from(g.settings.HomeCountry)
	tasks := slices.Concat(b.vendorTasks(now), b.contractTasks(now), b.locationTasks(now), b.exceptionTasks(), b.requestTasks(now))
	for i := range tasks {
		t := &tasks[i]
		v := b.vendors[t.VendorID]
		t.VendorName, t.Owner, t.What = v.Name, ownerOf(v.Owner), taskKinds[t.Kind]
	}
	stored, err := storedTasks(ctx, db, tasks)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(tasks, func(t Task) bool { return stored[t.ID] }), nil
}

// from says where data comes from: whoever does not say is held to Union law.
func (b *book) from(home string) {
	for i := range b.locations {
		b.locations[i].Origin = cmp.Or(home, registry.EU)
	}
}

func ownerOf(owner string) string {
	if owner == "" {
		return "legal"
	}
	return owner
}

// nearness are the days before a deadline from which on it is a task, and how near it is then said to be. It is the same task, the nearer the
// more pressing.
var nearness = []int{1, 7, 30}

// comes makes a task of a deadline that is near; ok is false while it is not, and when it has passed.
func (t Task) comes(due, now time.Time) (_ Task, ok bool) {
	t.DueAt = due
	if !now.Before(due) {
		return t, false
	}
	for _, days := range nearness {
		if due.Sub(now) <= time.Duration(days)*24*time.Hour {
			t.WithinDays = &days
			return t, true
		}
	}
	return t, false
}

// vendorTasks: whoever holds data is looked at again on its day.
func (b *book) vendorTasks(now time.Time) []Task {
	var tasks []Task
	today := registry.DateOf(now.UTC())
	for id := range b.vendors {
		v := b.vendors[id]
		due := v.ReviewDue(today)
		if due == nil || v.State == registry.Proposed || v.State == registry.Ended || v.MergedIntoID != nil {
			continue
		}
		t := Task{Kind: "review_due", VendorID: id, RecordKind: "vendor", RecordID: id, DueAt: due.End(time.UTC)}
		tasks = append(tasks, t.caused(due.String()))
	}
	return tasks
}

// contractTasks: a contract that ends soon must be renewed, and one that goes on by itself ended in time; one that has ended leaves data to be deleted (P-22; Article 28(3)(g) GDPR).
func (b *book) contractTasks(now time.Time) []Task {
	var tasks []Task
	of := map[uuid.UUID][]registry.Contract{}
	for i := range b.contracts {
		if c := &b.contracts[i]; c.AmendsID != nil {
			of[*c.AmendsID] = append(of[*c.AmendsID], *c)
		}
	}
	for i := range b.contracts {
		c := b.contracts[i]
		if c.AmendsID != nil {
			continue
		}
		terms := registry.TermsAt(c, of[c.ID], now)
		v := b.vendors[c.VendorID]
		if v.State == registry.Ended {
			continue
		}
		t := Task{VendorID: c.VendorID, RecordKind: "contract", RecordID: c.ID}
		if term, notice := terms.Renewal(now); notice != nil {
			if t, near := t.comes(terms.EndOf(*notice), now); near {
				t.Kind = "renewal_notice"
				tasks = append(tasks, t.caused(term.String()))
			}
		}
		end := terms.LastDay()
		if end == nil {
			continue
		}
		switch terms.StatusAt(now) {
		case registry.ContractInForce:
			if t, near := t.comes(terms.EndsAt(), now); near {
				t.Kind = "contract_expiring"
				tasks = append(tasks, t.caused(end.String()))
			}
		case registry.ContractExpired, registry.ContractTerminated:
			if terms.ReturnOrDeleteDays == nil || deleted(v, *end) || b.replaced(c, of, now) {
				continue
			}
			if t.DueAt = terms.EndOf(end.AddDays(*terms.ReturnOrDeleteDays)); !now.Before(t.DueAt) {
				t.Kind = "deletion_overdue"
				tasks = append(tasks, t.caused(end.String()))
			}
		}
	}
	return tasks
}

// deleted tells whether the vendor certified the deletion after the contract's end, or an exception says why not.
func deleted(v registry.Vendor, end registry.Date) bool {
	return v.DeletionException != "" || (v.DeletionCertificate != nil && !v.DeletionCertificate.CertifiedOn.Before(end))
}

// replaced tells whether another contract of the kind is in force, under which the vendor may keep what it has.
func (b *book) replaced(ended registry.Contract, of map[uuid.UUID][]registry.Contract, now time.Time) bool {
	return slices.ContainsFunc(b.contracts, func(c registry.Contract) bool {
		if c.VendorID != ended.VendorID || c.Kind != ended.Kind || c.ID == ended.ID || c.AmendsID != nil {
			return false
		}
		terms := registry.TermsAt(c, of[c.ID], now)
		return terms.InForceAt(now)
	})
}

// caused gives the task the id of its cause.
func (t Task) caused(fact ...string) Task {
	t.ID = taskID(t.Kind, t.RecordID, fact...)
	return t
}

// locationTasks: a transfer stands on a mechanism that holds and an assessment that is fresh (P-09; Articles 44 to 49 GDPR, clause 14 SCC).
func (b *book) locationTasks(now time.Time) []Task {
	var tasks []Task
	today := registry.DateOf(now)
	for i := range b.locations {
		l := &b.locations[i]
		tr := l.Transfer
		if !b.standing(l, now) {
			continue
		}
		t := Task{VendorID: l.VendorID, RecordKind: "location", RecordID: l.ID}
		tasks = append(tasks, b.mechanismTasks(t, l, now)...)
		switch assessed := slices.Contains([]string{"scc_2021_914", "uk_idta", "uk_addendum", "bcr"}, tr.Mechanism); {
		case tr.ReviewOn != nil && !today.Before(*tr.ReviewOn):
			t.Kind, t.DueAt = "transfer_review_due", tr.ReviewOn.End(time.UTC)
			tasks = append(tasks, t.caused(tr.ReviewOn.String()))
		case tr.ReviewOn == nil && assessed && tr.AssessedOn != nil && !now.Before(tr.AssessedOn.End(time.UTC).AddDate(1, 0, 0)):
			t.Kind, t.DueAt = "transfer_stale", tr.AssessedOn.End(time.UTC).AddDate(1, 0, 0)
			tasks = append(tasks, t.caused(tr.AssessedOn.String()))
		}
	}
	return tasks
}

// mechanismTasks: where a mechanism has fallen, or is about to, and the one that was agreed to take its place does not carry the transfer, somebody
// acts on that very day.
func (b *book) mechanismTasks(t Task, l *placed, now time.Time) []Task {
	tr := l.Transfer
	if f, fell := b.fell(l, now); fell {
		if b.told(f) { // the exception is the task
			return nil
		}
		t.Kind, t.DueAt = "mechanism_fallen", f.at
		return []Task{t.caused(f.cause())}
	}
	end := b.mechanismEnd(l, now)
	if tr.Mechanism == "none_needed" || end.IsZero() || !b.holds(l, now) || b.carries(l, tr.Fallback, end) {
		return nil
	}
	t, near := t.comes(end, now)
	if !near {
		return nil
	}
	t.Kind = "mechanism_ending"
	return []Task{t.caused(tr.Mechanism, end.Format(instant))}
}

// mechanismEnd is the first instant at which the mechanism carries no more, as far as days are known: its own, those of the vendor's certification,
// and those of the decision on the country. Zero where none is known.
func (b *book) mechanismEnd(l *placed, now time.Time) time.Time {
	var end time.Time
	sooner := func(t time.Time) {
		if !t.IsZero() && (end.IsZero() || t.Before(end)) {
			end = t
		}
	}
	tr := l.Transfer
	if tr.Until != nil {
		sooner(tr.Until.End(time.UTC))
	}
	switch tr.Mechanism {
	case "dpf":
		v := b.vendors[l.VendorID]
		sooner(v.FrameworkEnd(policy.FrameworkFor(l.Origin, now), now, l.Data...))
	case "adequacy":
		sooner(policy.AdequateUntil(l.Place, now))
	}
	return end
}

// exceptionTasks: exceptions that are about a vendor and not about a single share.
func (b *book) exceptionTasks() []Task {
	tasks := make([]Task, 0, len(b.opened))
	for i := range b.opened {
		e := &b.opened[i]
		if e.VendorID == uuid.Nil {
			continue // a cookie of nobody knows whom: it waits among the exceptions
		}
		at := e.OpenedAt.UTC()
		t := Task{Kind: e.Kind, VendorID: e.VendorID, RecordKind: "exception", RecordID: e.ID, DueAt: at.Add(noticeTime), OpenedAt: &at}
		if e.EngagementID != uuid.Nil {
			t.DueAt = at.Truncate(24 * time.Hour) // a transfer without a mechanism is unlawful today
		}
		tasks = append(tasks, t.caused())
	}
	return tasks
}
