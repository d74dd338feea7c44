package sharing_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// tasksOf are the open tasks of a vendor at an instant.
func (w *world) tasksOf(tb testing.TB, at time.Time, vendor uuid.UUID) (tasks []sharing.Task) {
	tb.Helper()
	p, err := w.gate.Tasks(tb.Context(), at, sharing.TaskQuery{VendorID: vendor, Limit: 200})
	must(tb, err)
	return p.Items
}

// only fails unless the vendor has exactly one open task, of that kind.
func (w *world) only(tb testing.TB, at time.Time, vendor uuid.UUID, kind string) sharing.Task {
	tb.Helper()
	tasks := w.tasksOf(tb, at, vendor)
	if len(tasks) != 1 || tasks[0].Kind != kind || tasks[0].What == "" || tasks[0].Owner == "" {
		tb.Fatalf("got %+v, want one %s", tasks, kind)
	}
	return tasks[0]
}

func TestTasks(t *testing.T) {
	t.Parallel()
	midnight := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	//nolint:thelper // rules, not helpers
	rules := map[string]func(*testing.T, *world){
		"P-22: a contract that ended 90 days ago, with 30 days to delete and no certificate, is overdue until a certificate comes": func(t *testing.T, w *world) {
			p := usual()
			p.contract = func(f *registry.ContractFields) {
				f.InForceUntil, f.ReturnOrDeleteDays = day(2026, 8, 26), ptr(30)
			}
			with := w.party(t, p)
			if task := w.only(t, noon, with.ID, "deletion_overdue"); !task.DueAt.Equal(midnight(2026, 9, 26)) || task.RecordID != with.contract.ID {
				t.Errorf("got %+v", task)
			}
			if tasks := w.tasksOf(t, midnight(2026, 9, 26).Add(-time.Microsecond), with.ID); len(tasks) != 0 {
				t.Errorf("before it is due: %+v", tasks)
			}
			_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"deletion_certificate":{"certified_on":"2026-09-01","reference":"x"}}`)})
			must(t, err)
			if tasks := w.tasksOf(t, noon, with.ID); len(tasks) != 0 {
				t.Errorf("with a certificate: %+v", tasks)
			}
		},
		"a contract is a task for its last thirty days, one task, and closed for a reason it does not come back until its end moves": func(t *testing.T, w *world) {
			p := usual()
			p.contract = func(f *registry.ContractFields) { f.InForceUntil = day(2026, 12, 23) }
			with := w.party(t, p)
			if tasks := w.tasksOf(t, midnight(2026, 11, 24).Add(-time.Microsecond), with.ID); len(tasks) != 0 {
				t.Errorf("too early: %+v", tasks)
			}
			first := w.only(t, midnight(2026, 11, 24), with.ID, "contract_expiring")
			if last := w.only(t, midnight(2026, 12, 23), with.ID, "contract_expiring"); last.ID != first.ID {
				t.Error("another task on the last day")
			}
			_, err := w.gate.CloseTask(t.Context(), legal, noon, first.ID, sharing.TaskClosing{Outcome: "not_needed"})
			refused(t, err, registry.Invalid, "/reason")
			closed, err := w.gate.CloseTask(t.Context(), legal, noon, first.ID, sharing.TaskClosing{Outcome: "not_needed", Reason: "it ends as planned"})
			must(t, err)
			if closed.ClosedAt == nil || closed.Outcome != "not_needed" || len(w.tasksOf(t, noon, with.ID)) != 0 {
				t.Errorf("got %+v", closed)
			}
			_, err = w.gate.CloseTask(t.Context(), legal, noon, first.ID, sharing.TaskClosing{Outcome: "done"})
			refused(t, err, registry.Conflict)
			_, err = w.ChangeContract(t.Context(), legal, noon, with.contract.ID, with.contract.Version, []byte(`{"in_force_until":"2026-12-20"}`))
			must(t, err)
			if again := w.only(t, noon, with.ID, "contract_expiring"); again.ID == first.ID {
				t.Error("another end is the same task")
			}
		},
		"a transfer whose mechanism has ended, and that nothing carries, is a task": func(t *testing.T, w *world) {
			p := usual()
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "US", &registry.Transfer{Mechanism: "dpf", Until: day(2026, 10, 1), AssessedOn: day(2026, 1, 1)}
			}
			with := w.party(t, p)
			if task := w.only(t, noon, with.ID, "mechanism_fallen"); !task.DueAt.Equal(midnight(2026, 10, 2)) {
				t.Errorf("got %+v", task)
			}
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "US", &registry.Transfer{Mechanism: "dpf", Until: day(2026, 10, 1), Fallback: "bcr"}
			}
			if tasks := w.tasksOf(t, noon, w.party(t, p).ID); len(tasks) != 0 {
				t.Errorf("with a fallback: %+v", tasks)
			}
		},
		"an assessment of a transfer is stale after a year, and due on its day of review": func(t *testing.T, w *world) {
			p := usual()
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "IN", &registry.Transfer{Mechanism: "scc_2021_914", AssessedOn: day(2025, 11, 23)}
			}
			w.only(t, noon, w.party(t, p).ID, "transfer_stale")
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "IN", &registry.Transfer{Mechanism: "scc_2021_914", AssessedOn: day(2025, 11, 1), ReviewOn: day(2026, 11, 24)}
			}
			w.only(t, noon, w.party(t, p).ID, "transfer_review_due")
		},
		"an attempt to share with somebody whom nobody approved is one task for the vendor, however many attempts": func(t *testing.T, w *world) {
			p := usual()
			p.state = registry.Proposed
			with := w.party(t, p)
			w.share(t, ask(with))
			w.share(t, ask(with))
			task := w.only(t, noon, with.ID, "vendor_not_approved")
			_, err := w.gate.CloseTask(t.Context(), legal, noon, task.ID, sharing.TaskClosing{Outcome: "done"})
			must(t, err)
			closed, err := w.gate.Exceptions(t.Context(), sharing.ExceptionQuery{State: "closed", Limit: 10})
			must(t, err)
			if len(closed.Items) != 1 || closed.Items[0].Kind != "vendor_not_approved" || len(w.tasksOf(t, noon, with.ID)) != 0 {
				t.Errorf("got %+v", closed.Items)
			}
		},
		"shares that are recorded long after they occurred are one task for the vendor": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			for _, days := range []int{-44, -46, -60} {
				r := ask(with)
				r.State, r.OccurredAt = "occurred", noon.AddDate(0, 0, days)
				judged(t, w.share(t, r), sharing.Allowed)
			}
			w.only(t, noon, with.ID, "late_discovery")
		},
		"P-28: an opt-out opens a task for each vendor that has the data for the purpose, once": func(t *testing.T, w *world) {
			one, two, other := w.mailing(t), w.mailing(t), w.mailing(t)
			w.share(t, promoting(one, "MARKETING", "alice"))
			w.share(t, promoting(two, "MARKETING", "alice", "bob"))
			w.share(t, promoting(other, "TECH_ALERT", "alice"))
			c := w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			if len(c.Tasks) != 2 {
				t.Fatalf("got %+v", c.Tasks)
			}
			task := w.only(t, noon, one.ID, "stop_use")
			if task.Purpose != "MARKETING" || task.RecordID != c.EntryID || len(w.tasksOf(t, noon, other.ID)) != 0 {
				t.Errorf("got %+v", task)
			}
			sent, err := w.gate.SendTask(t.Context(), legal, noon, task.ID)
			must(t, err)
			if sent.SentAt == nil || sent.ClosedAt != nil {
				t.Errorf("got %+v", sent)
			}
			_, err = w.gate.CloseTask(t.Context(), legal, noon, task.ID, sharing.TaskClosing{Outcome: "confirmed"})
			must(t, err)
			if again := w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon); len(again.Tasks) != 0 {
				t.Errorf("told twice: %+v", again.Tasks)
			}
		},
		"P-26: three past recipients get three tasks to delete, and further shares are denied, but by law": func(t *testing.T, w *world) {
			var with [3]party
			for i := range with {
				with[i] = w.party(t, usual())
				w.share(t, about(with[i], "kid"))
			}
			n, err := w.gate.FlagChild(t.Context(), legal, noon, sharing.ChildFlag{Subject: "kid", Source: "a parent wrote", At: noon})
			must(t, err)
			if len(n.Tasks) != 3 || n.Tasks[0].Kind != "child_deletion" {
				t.Errorf("got %+v", n.Tasks)
			}
			judged(t, w.share(t, about(with[0], "kid", "adult")), sharing.Denied, "child_under_13:1")
			before := about(with[0], "kid")
			before.OccurredAt = noon.Add(-time.Second)
			judged(t, w.share(t, before), sharing.Allowed)
			court := w.party(t, plan{kinds: []string{"authority"}, state: registry.Active, none: []string{"engagement", "contract"}})
			r := sealing(court, "kid", registry.Date{Year: 2026, Month: 12, Day: 1})
			r.Purpose = "LAW_DISCLOSURE"
			judged(t, w.share(t, r), sharing.Allowed)
			again, err := w.gate.FlagChild(t.Context(), legal, noon, sharing.ChildFlag{Subject: "kid", Source: "another wrote", At: noon})
			must(t, err)
			if len(again.Tasks) != 0 {
				t.Errorf("told twice: %+v", again.Tasks)
			}
		},
		"P-31: a correction opens tasks for recipients of those categories only": func(t *testing.T, w *world) {
			contact, use := w.party(t, usual()), w.party(t, usual())
			w.share(t, about(contact, "alice"))
			r := about(use, "alice")
			r.Categories = []string{"PRODUCT_USE"}
			w.share(t, r)
			n, err := w.gate.CorrectSubject(t.Context(), legal, noon, sharing.SubjectCorrection{Subject: "alice", Categories: []string{"CONTACT", "SHIPPING"}})
			must(t, err)
			if len(n.Tasks) != 1 || n.Tasks[0].VendorID != contact.ID || len(n.Tasks[0].Categories) != 1 {
				t.Errorf("got %+v", n.Tasks)
			}
			if none, err := w.gate.CorrectSubject(t.Context(), legal, noon, sharing.SubjectCorrection{Subject: "nobody", Categories: []string{"CONTACT"}}); err != nil || none.Receipt != nil {
				t.Errorf("got %+v, %v", none, err)
			}
		},
		"a restriction denies shares until its end, and each recipient is to be told": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			w.share(t, about(with, "alice"))
			until := noon.Add(time.Hour)
			n, err := w.gate.RestrictSubject(t.Context(), legal, noon, sharing.Restriction{Subject: "alice", At: noon, Until: &until})
			must(t, err)
			if len(n.Tasks) != 1 || n.Tasks[0].Kind != "restriction_notice" {
				t.Errorf("got %+v", n.Tasks)
			}
			for at, verdict := range map[time.Time]sharing.Verdict{
				noon.Add(-time.Microsecond): sharing.Allowed, noon: sharing.Denied, until.Add(-time.Microsecond): sharing.Denied, until: sharing.Allowed,
			} {
				r := about(with, "alice")
				r.OccurredAt = at
				if d := w.share(t, r); d.Verdict != verdict {
					t.Errorf("at %s: %s", at, d.Verdict)
				}
			}
		},
		"an erasure opens a task for each recipient that nothing leads back from, and keeps the opt-out unless it is to go too": func(t *testing.T, w *world) {
			with := w.mailing(t)
			w.share(t, promoting(with, "MARKETING", "alice"))
			w.choose(t, "alice", "NEWSLETTER", sharing.Consented, noon)
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			e := w.erase(t, noon, "alice")
			if len(e.Tasks) != 1 || e.Tasks[0].Kind != "erasure_notice" || e.KeptOptOuts != 1 {
				t.Fatalf("got %+v", e)
			}
			if n := w.count(t, `SELECT count(*) FROM tasks WHERE lookup IS NOT NULL`); n != 0 {
				t.Errorf("%d tasks lead to the person", n)
			}
			judged(t, w.share(t, promoting(with, "MARKETING", "alice")), sharing.Denied, "opted_out:1")
			gone, err := w.gate.Erase(t.Context(), legal, noon, sharing.Erasure{Subject: "alice", Ground: "objection", KeepOptOuts: ptr(false)})
			must(t, err)
			if gone.KeptOptOuts != 0 || w.count(t, `SELECT count(*) FROM choices`) != 0 || w.count(t, `SELECT count(*) FROM entry_detail`) != 0 {
				t.Errorf("got %+v", gone)
			}
		},
		"an erasure takes the evidence of an opt-out of somebody who is in no share, and then has nothing more to do": func(t *testing.T, w *world) {
			_, err := w.gate.RecordChoice(t.Context(), legal, noon, newKey(), sharing.Choice{
				Subject: "alice", Purpose: "all", State: sharing.OptedOut, At: noon, Channel: "email", Evidence: "Alice Liddell wrote",
			})
			must(t, err)
			if e := w.erase(t, noon, "alice"); e.KeptOptOuts != 1 || e.Receipt == nil || w.count(t, `SELECT count(*) FROM entry_detail`) != 0 {
				t.Errorf("got %+v", e)
			}
			if e := w.erase(t, noon, "alice"); e.KeptOptOuts != 1 || e.Receipt != nil {
				t.Errorf("got %+v", e)
			}
		},
		"tasks page in the order in which they are due": func(t *testing.T, w *world) {
			for i := range 5 {
				p := usual()
				p.contract = func(f *registry.ContractFields) { f.InForceUntil = day(2026, 12, 1+i) }
				with := w.party(t, p)
				w.share(t, about(with, "alice"))
			}
			_, err := w.gate.CorrectSubject(t.Context(), legal, noon, sharing.SubjectCorrection{Subject: "alice", Categories: []string{"CONTACT"}})
			must(t, err)
			var seen []sharing.Task
			q := sharing.TaskQuery{Limit: 3}
			for pages := 0; pages == 0 || q.Cursor != ""; pages++ {
				p, err := w.gate.Tasks(t.Context(), noon, q)
				must(t, err)
				seen = append(seen, p.Items...)
				q.Cursor = p.Next
			}
			if len(seen) != 10 {
				t.Errorf("%d tasks", len(seen))
			}
			for i := range seen[1:] {
				if seen[i+1].DueAt.Before(seen[i].DueAt) || seen[i].ID == seen[i+1].ID {
					t.Errorf("task %d is out of order", i+1)
				}
			}
			_, err = w.gate.Tasks(t.Context(), noon, sharing.TaskQuery{Limit: 3, Cursor: "x"})
			refused(t, err, registry.Invalid, "/cursor")
		},
		"a violation is closed by a correction that clears it, or for a reason, and not twice": func(t *testing.T, w *world) {
			with := w.party(t, usual())
			wrong := ask(with)
			wrong.State, wrong.Countries = "occurred", []string{"FR"}
			first, second := w.share(t, wrong), w.share(t, wrong)
			w.correct(t, first.Receipt.EntryID, sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")})
			open := func() []sharing.Exception {
				p, err := w.gate.Exceptions(t.Context(), sharing.ExceptionQuery{State: "open", Kind: "violation", Limit: 10})
				must(t, err)
				return p.Items
			}
			if n := len(open()); n != 2 {
				t.Fatalf("%d are open", n)
			}
			w.correct(t, first.Receipt.EntryID, sharing.Correction{Reason: "x", Countries: []string{"DE"}})
			left := open()
			if len(left) != 1 || left[0].EntryID != second.Receipt.EntryID {
				t.Fatalf("got %+v", left)
			}
			_, err := w.gate.CloseException(t.Context(), legal, noon, left[0].ID, sharing.Closing{})
			refused(t, err, registry.Invalid, "/reason")
			_, err = w.gate.CloseException(t.Context(), legal, noon, left[0].ID, sharing.Closing{Reason: "the vendor deleted it"})
			must(t, err)
			_, err = w.gate.CloseException(t.Context(), legal, noon, left[0].ID, sharing.Closing{Reason: "again"})
			refused(t, err, registry.Conflict)
			_, err = w.gate.CloseException(t.Context(), legal, noon, uuid.New(), sharing.Closing{Reason: "none"})
			refused(t, err, registry.NotFound)
		},
	}
	for rule, f := range rules {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			f(t, newWorld(t))
		})
	}
}
