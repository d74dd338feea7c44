package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

func TestDeadlines(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := func(text string) time.Time {
		t.Helper()
		instant, err := time.Parse(time.RFC3339, text)
		must(t, err)
		return instant
	}
	near := func(task sharing.Task) int {
		if task.WithinDays == nil {
			return 0
		}
		return *task.WithinDays
	}

	t.Run("the end of a contract is one task that says 30, 7 and 1 days, in the contract's zone over a change of its clock", func(t *testing.T) {
		t.Parallel()
		p := usual()
		p.contract = func(f *registry.ContractFields) { f.InForceUntil, f.Zone = day(2026, 11, 1), "America/New_York" }
		with := w.party(t, p) // summer time ends there on 1 November 2026, a day of 25 hours
		due := at("2026-11-02T05:00:00Z")
		var first sharing.Task
		for instant, days := range map[string]int{
			"2026-10-03T05:00:00Z": 30, "2026-10-26T04:59:59Z": 30, "2026-10-26T05:00:00Z": 7, "2026-11-01T04:59:59Z": 7, "2026-11-01T05:00:00Z": 1,
			"2026-11-02T04:59:59Z": 1,
		} {
			task := w.only(t, at(instant), with.ID, "contract_expiring")
			if first.ID == (sharing.Task{}).ID {
				first = task
			}
			if near(task) != days || !task.DueAt.Equal(due) || task.ID != first.ID {
				t.Errorf("at %s it is within %d days, due at %s", instant, near(task), task.DueAt)
			}
		}
		for _, instant := range []string{"2026-10-03T04:59:59Z", "2026-11-02T05:00:00Z"} {
			if tasks := w.tasksOf(t, at(instant), with.ID); len(tasks) != 0 {
				t.Errorf("at %s: %+v", instant, tasks)
			}
		}
	})
	t.Run("a contract that renews itself is a task before the last day of notice, each term anew, and not after that day", func(t *testing.T) {
		t.Parallel()
		p := usual()
		p.contract = func(f *registry.ContractFields) {
			f.InForceUntil, f.AutoRenewal, f.RenewalMonths, f.NoticeDaysUs = day(2026, 12, 31), true, ptr(12), ptr(30)
		}
		with := w.party(t, p)
		first := w.only(t, at("2026-11-24T12:00:00Z"), with.ID, "renewal_notice")
		if !first.DueAt.Equal(at("2026-12-02T00:00:00Z")) || near(first) != 30 {
			t.Errorf("%+v", first)
		}
		if tasks := w.tasksOf(t, at("2026-12-02T00:00:00Z"), with.ID); len(tasks) != 0 {
			t.Errorf("after the last day: %+v", tasks)
		}
		next := w.only(t, at("2027-12-01T00:00:00Z"), with.ID, "renewal_notice")
		if next.ID == first.ID || near(next) != 1 {
			t.Errorf("%+v", next)
		}
		_, err := w.gate.CloseTask(t.Context(), legal, at("2026-11-24T12:00:00Z"), first.ID, sharing.TaskClosing{Outcome: "done"})
		must(t, err)
		if tasks := w.tasksOf(t, at("2026-11-25T00:00:00Z"), with.ID); len(tasks) != 0 {
			t.Errorf("done, and still there: %+v", tasks)
		}
	})
	t.Run("a vendor is reviewed on its day, the next review does not nag for the last one, and nobody reviews who is gone or never came", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		v, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"review_on":"2024-02-29","review_months":12}`)})
		must(t, err)
		if tasks := w.tasksOf(t, at("2024-02-28T23:59:59Z"), with.ID); len(tasks) != 0 {
			t.Errorf("too early: %+v", tasks)
		}
		last, next := w.only(t, noon, with.ID, "review_due"), w.only(t, at("2027-02-28T00:00:00Z"), with.ID, "review_due")
		if last.ID == next.ID || !last.DueAt.Equal(at("2026-03-01T00:00:00Z")) || !next.DueAt.Equal(at("2027-03-01T00:00:00Z")) || next.RecordID != with.ID {
			t.Errorf("%+v, %+v", last, next)
		}
		_, err = w.gate.CloseTask(t.Context(), legal, noon, last.ID, sharing.TaskClosing{Outcome: "done"})
		must(t, err)
		if tasks := w.tasksOf(t, at("2027-02-27T23:59:59Z"), with.ID); len(tasks) != 0 {
			t.Errorf("done, and still there: %+v", tasks)
		}
		w.only(t, at("2028-02-29T00:00:00Z"), with.ID, "review_due")
		v, err = w.ChangeVendor(t.Context(), approver, noon, v.ID, v.Version, registry.VendorPatch{State: registry.WindingDown})
		must(t, err)
		w.only(t, at("2028-02-29T00:00:00Z"), with.ID, "review_due")
		_, err = w.ChangeVendor(t.Context(), approver, noon, v.ID, v.Version, registry.VendorPatch{State: registry.Ended, Fields: []byte(`{"deletion_exception":"a dispute"}`)})
		must(t, err)
		if tasks := w.tasksOf(t, at("2028-02-29T00:00:00Z"), with.ID); len(tasks) != 0 {
			t.Errorf("ended: %+v", tasks)
		}
		p := usual()
		p.state = registry.Proposed
		proposed := w.party(t, p)
		_, err = w.ChangeVendor(t.Context(), legal, noon, proposed.ID, proposed.Version, registry.VendorPatch{Fields: []byte(`{"review_on":"2024-02-29"}`)})
		must(t, err)
		if tasks := w.tasksOf(t, noon, proposed.ID); len(tasks) != 0 {
			t.Errorf("proposed: %+v", tasks)
		}
	})
	t.Run("an interval needs a first day", func(t *testing.T) {
		t.Parallel()
		_, err := w.CreateVendor(t.Context(), legal, w.tick(), registry.VendorFields{Name: "Interval", Kinds: []string{"agent"}, ReviewMonths: ptr(12)})
		refused(t, err, registry.Invalid, "/review_on")
	})
}
