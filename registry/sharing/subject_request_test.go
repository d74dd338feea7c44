package sharing_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

func TestSubjectRequests(t *testing.T) {
	t.Parallel()
	at := func(text string) time.Time {
		t.Helper()
		instant, err := time.Parse(time.RFC3339, text)
		must(t, err)
		return instant
	}
	receive := func(t *testing.T, w *world, f sharing.SubjectRequestFields) sharing.SubjectRequest {
		t.Helper()
		r, err := w.gate.ReceiveRequest(t.Context(), legal, noon, newKey(), f)
		must(t, err)
		return r
	}
	t.Run("the entries say kind, channel, days and outcome, and nothing of the person", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := receive(t, w, received(noon))
		if body := w.body(t, r.ID); len(body) != 3 || body["kind"] != "access" || body["channel"] != "portal" || body["due_on"] != "2026-12-24" {
			t.Error(body)
		}
		_, err := w.gate.ExtendRequest(t.Context(), legal, noon.Add(time.Hour), r.ID, sharing.Extension{Reason: "alice asked much"})
		must(t, err)
		done, err := w.gate.CloseRequest(t.Context(), legal, noon.Add(2*time.Hour), r.ID, sharing.SubjectRequestClosing{Outcome: "refused", Reason: "alice asks each day"})
		must(t, err)
		if done.State != "closed" || done.Reason != "alice asks each day" || done.ExtensionReason != "alice asked much" || done.DueOn.String() != "2027-02-24" {
			t.Errorf("%+v", done)
		}
		n := w.count(t, `SELECT count(*) FROM log_entry WHERE type LIKE 'request.%'`)
		leaks := w.count(t, `SELECT count(*) FROM log_entry WHERE type LIKE 'request.%' AND convert_from(leaf, 'UTF8') LIKE '%alice%'`)
		commits := w.count(t, `SELECT count(*) FROM log_entry WHERE type LIKE 'request.%' AND convert_from(leaf, 'UTF8')::jsonb ? 'commitment'`)
		if n != 3 || leaks != 0 || commits != 2 {
			t.Errorf("%d entries, %d name the person, %d commit to a reason", n, leaks, commits)
		}
	})
	t.Run("it is extended once, until its day has passed, and closed once", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		must(t, w.log.AddMonths(t.Context(), noon, 2))
		first, second, third := receive(t, w, received(noon)), receive(t, w, received(noon)), receive(t, w, received(noon))
		x := sharing.Extension{Reason: "there are many"}
		_, err := w.gate.ExtendRequest(t.Context(), legal, at("2026-12-25T00:00:00Z"), first.ID, x)
		refused(t, err, registry.Conflict)
		_, err = w.gate.ExtendRequest(t.Context(), legal, at("2026-12-24T23:59:59Z"), first.ID, sharing.Extension{})
		refused(t, err, registry.Invalid, "/reason")
		_, err = w.gate.ExtendRequest(t.Context(), legal, at("2026-12-24T23:59:59Z"), first.ID, x)
		must(t, err)
		_, err = w.gate.ExtendRequest(t.Context(), legal, at("2026-12-24T23:59:59Z"), first.ID, x)
		refused(t, err, registry.Conflict)
		_, err = w.gate.CloseRequest(t.Context(), legal, noon, second.ID, sharing.SubjectRequestClosing{Outcome: "refused"})
		refused(t, err, registry.Invalid, "/reason")
		_, err = w.gate.CloseRequest(t.Context(), legal, noon, second.ID, sharing.SubjectRequestClosing{Outcome: "forgotten"})
		refused(t, err, registry.Invalid, "/outcome")
		_, err = w.gate.CloseRequest(t.Context(), legal, noon, second.ID, sharing.SubjectRequestClosing{Outcome: "answered"})
		must(t, err)
		_, err = w.gate.CloseRequest(t.Context(), legal, noon, second.ID, sharing.SubjectRequestClosing{Outcome: "answered"})
		refused(t, err, registry.Conflict)
		_, err = w.gate.ExtendRequest(t.Context(), legal, noon, second.ID, x)
		refused(t, err, registry.Conflict)
		_, err = w.gate.CloseRequest(t.Context(), legal, at("2027-01-08T00:00:00Z"), third.ID, sharing.SubjectRequestClosing{Outcome: "answered"})
		must(t, err) // late, but answered
		_, err = w.gate.CloseRequest(t.Context(), legal, noon, uuid.New(), sharing.SubjectRequestClosing{Outcome: "answered"})
		refused(t, err, registry.NotFound)
	})
	t.Run("a retry under its key gets the first answer, and another request is refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.acknowledge(t, legal)
		key, f := newKey(), received(noon)
		first, err := w.gate.ReceiveRequest(t.Context(), legal, noon, key, f)
		must(t, err)
		if first.Replayed {
			t.Error("the first was there before")
		}
		retry := func(later time.Time) {
			t.Helper()
			again, err := w.gate.ReceiveRequest(t.Context(), legal, later, key, f)
			must(t, err)
			if !again.Replayed {
				t.Error("it was recorded twice")
			}
			again.Replayed, again.Lookup = false, first.Lookup
			if d := cmp.Diff(first, again, cmpopts.IgnoreTypes(bun.BaseModel{})); d != "" {
				t.Error(d)
			}
		}
		retry(noon.Add(time.Minute))
		_, err = w.gate.ExtendRequest(t.Context(), legal, noon, first.ID, sharing.Extension{Reason: "it is complex"})
		must(t, err)
		_, err = w.gate.CloseRequest(t.Context(), legal, noon, first.ID, sharing.SubjectRequestClosing{Outcome: "refused", Reason: "it was another"})
		must(t, err)
		retry(noon.AddDate(1, 0, 0))
		for name, change := range map[string]func(*sharing.SubjectRequestFields){
			"kind":     func(f *sharing.SubjectRequestFields) { f.Kind = "erasure" },
			"person":   func(f *sharing.SubjectRequestFields) { f.Subject = "bob" },
			"channel":  func(f *sharing.SubjectRequestFields) { f.Channel = "mail" },
			"instant":  func(f *sharing.SubjectRequestFields) { f.ReceivedAt = noon.Add(-time.Second) },
			"zone":     func(f *sharing.SubjectRequestFields) { f.Zone = "Europe/Berlin" },
			"calendar": func(f *sharing.SubjectRequestFields) { f.Calendar = "berlin" },
		} {
			if name == "calendar" {
				_, err := w.PutCalendar(t.Context(), legal, w.tick(), "berlin", 0, berlinDays(t))
				must(t, err)
			}
			other := f
			change(&other)
			if _, err := w.gate.ReceiveRequest(t.Context(), legal, noon, key, other); err == nil {
				t.Errorf("another %s was recorded under the key", name)
			} else {
				refused(t, err, registry.Conflict)
			}
		}
		_, err = w.gate.Share(t.Context(), legal, noon, key, ask(w.party(t, usual())))
		refused(t, err, registry.Conflict)
		_, err = w.gate.ReceiveRequest(t.Context(), legal, noon, "", f)
		refused(t, err, registry.Invalid, "Idempotency-Key")
		if other, err := w.gate.ReceiveRequest(t.Context(), approver, noon, key, f); err != nil || other.ID == first.ID || other.Replayed {
			t.Errorf("somebody else's key led to %v: %v", other.ID, err)
		}
		if n := w.count(t, "SELECT count(*) FROM subject_requests"); n != 2 {
			t.Errorf("there are %d", n)
		}
	})
	t.Run("many retries at once record one request", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		key := newKey()
		var group sync.WaitGroup
		for range 8 {
			group.Go(func() {
				if _, err := w.gate.ReceiveRequest(t.Context(), legal, noon, key, received(noon)); err != nil {
					t.Error(said(err))
				}
			})
		}
		group.Wait()
		if n := w.count(t, "SELECT count(*) FROM subject_requests"); n != 1 {
			t.Errorf("there are %d", n)
		}
	})
	t.Run("a retry after the person was erased brings nobody back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.acknowledge(t, legal)
		key := newKey()
		_, err := w.gate.ReceiveRequest(t.Context(), legal, noon, key, received(noon))
		must(t, err)
		_, err = w.gate.Erase(t.Context(), legal, noon, sharing.Erasure{Subject: "alice", Ground: "consent_withdrawn"})
		must(t, err)
		again, err := w.gate.ReceiveRequest(t.Context(), legal, noon, key, received(noon))
		must(t, err)
		if n := w.count(t, "SELECT count(*) FROM subject_requests WHERE lookup IS NOT NULL"); n != 0 || !again.Replayed {
			t.Errorf("%d requests lead to somebody", n)
		}
	})
	t.Run("bad fields are refused", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		_, err := w.gate.ReceiveRequest(t.Context(), legal, noon, newKey(), sharing.SubjectRequestFields{Kind: "wish", ReceivedAt: noon.AddDate(0, 0, 1), Zone: "Mars/Base", Calendar: "none"})
		refused(t, err, registry.Invalid, "/kind", "/subject", "/channel", "/zone", "/received_at", "/calendar")
		_, err = w.gate.ReceiveRequest(t.Context(), legal, noon, newKey(), received(time.Date(1900, 12, 31, 0, 0, 0, 0, time.UTC)))
		refused(t, err, registry.Invalid, "/received_at")
	})
	t.Run("who has not acknowledged confidentiality records requests, and reads none", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		other := audit.Actor{Kind: "key", ID: uuid.New(), Role: "legal"}
		r, err := w.gate.ReceiveRequest(t.Context(), other, noon, newKey(), received(noon))
		must(t, err)
		_, err = w.gate.Request(t.Context(), other, noon, r.ID)
		refused(t, err, registry.Unacknowledged)
		_, err = w.gate.Requests(t.Context(), other, noon, sharing.SubjectRequestQuery{})
		refused(t, err, registry.Unacknowledged)
		_, err = w.gate.RequestsOf(t.Context(), other, noon, sharing.SubjectQuestion{Subject: "alice"})
		refused(t, err, registry.Unacknowledged)
		_, err = w.gate.CloseRequest(t.Context(), other, noon, r.ID, sharing.SubjectRequestClosing{Outcome: "answered"})
		refused(t, err, registry.Unacknowledged)
	})
	t.Run("each is a task before its day and one after it, which does not come back", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		must(t, w.log.AddMonths(t.Context(), noon, 1))
		r := receive(t, w, received(noon))
		only := func(now time.Time) *sharing.Task {
			t.Helper()
			page, err := w.gate.Tasks(t.Context(), now, sharing.TaskQuery{Limit: 10})
			must(t, err)
			if len(page.Items) > 1 {
				t.Fatalf("%+v", page.Items)
			}
			for i := range page.Items {
				return &page.Items[i]
			}
			return nil
		}
		soon := only(at("2026-12-20T00:00:00Z"))
		if soon == nil || soon.Kind != "request_due" || soon.RecordID != r.ID || *soon.WithinDays != 7 || soon.VendorID != uuid.Nil || soon.Owner != "legal" || !soon.DueAt.Equal(r.DueAt) {
			t.Fatalf("%+v", soon)
		}
		late := only(at("2026-12-25T00:00:00Z"))
		if late == nil || late.Kind != "request_overdue" || late.ID == soon.ID {
			t.Fatalf("%+v", late)
		}
		if again := only(at("2027-05-01T00:00:00Z")); again == nil || again.ID != late.ID {
			t.Fatalf("another one: %+v", again)
		}
		closed, err := w.gate.CloseTask(t.Context(), legal, at("2026-12-25T00:00:00Z"), late.ID, sharing.TaskClosing{Outcome: "not_needed", Reason: "answered by letter"})
		must(t, err)
		if closed.VendorID != uuid.Nil {
			t.Errorf("%+v", closed)
		}
		if nag := only(at("2027-05-01T00:00:00Z")); nag != nil {
			t.Errorf("it nags again: %+v", nag)
		}
		page, err := w.gate.Tasks(t.Context(), at("2027-05-01T00:00:00Z"), sharing.TaskQuery{State: "closed", Limit: 10})
		must(t, err)
		if len(page.Items) != 1 || page.Items[0].ID != late.ID || page.Items[0].Owner != "legal" {
			t.Errorf("closed: %+v", page.Items)
		}
	})
	t.Run("lists tell open, overdue and closed, page by page", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		old := receive(t, w, received(noon.AddDate(0, -3, 0)))
		recent := receive(t, w, received(noon))
		ended := receive(t, w, received(noon))
		_, err := w.gate.CloseRequest(t.Context(), legal, noon, ended.ID, sharing.SubjectRequestClosing{Outcome: "answered"})
		must(t, err)
		list := func(q sharing.SubjectRequestQuery) (ids []uuid.UUID, next string) {
			t.Helper()
			page, err := w.gate.Requests(t.Context(), legal, noon, q)
			must(t, err)
			for _, r := range page.Items {
				ids = append(ids, r.ID)
			}
			return ids, page.Next
		}
		for state, want := range map[string][]uuid.UUID{"open": {old.ID, recent.ID}, "overdue": {old.ID}, "closed": {ended.ID}} {
			if got, next := list(sharing.SubjectRequestQuery{State: state}); !slices.Equal(got, want) || next != "" {
				t.Errorf("%s: %v, want %v", state, got, want)
			}
		}
		first, next := list(sharing.SubjectRequestQuery{State: "open", Limit: 1})
		second, end := list(sharing.SubjectRequestQuery{State: "open", Limit: 1, Cursor: next})
		if !slices.Equal(slices.Concat(first, second), []uuid.UUID{old.ID, recent.ID}) || end != "" {
			t.Errorf("pages %v and %v, then %q", first, second, end)
		}
		if none, _ := list(sharing.SubjectRequestQuery{State: "open", Kind: "erasure"}); len(none) != 0 {
			t.Errorf("%v", none)
		}
		_, err = w.gate.Requests(t.Context(), legal, noon, sharing.SubjectRequestQuery{State: "closed", Cursor: next})
		refused(t, err, registry.Invalid, "/cursor")
	})
	t.Run("an erasure leaves a request of nobody, and no word of it", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := receive(t, w, received(noon))
		bob := received(noon)
		bob.Subject = "bob"
		other := receive(t, w, bob)
		_, err := w.gate.CloseRequest(t.Context(), legal, noon, r.ID, sharing.SubjectRequestClosing{Outcome: "refused", Reason: "alice asks each day"})
		must(t, err)
		of, err := w.gate.RequestsOf(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "alice"})
		must(t, err)
		if len(of.Requests) != 1 || of.Requests[0].ID != r.ID {
			t.Errorf("%+v", of.Requests)
		}
		gone, err := w.gate.Erase(t.Context(), legal, noon, sharing.Erasure{Subject: "alice", Ground: "objection"})
		must(t, err)
		if gone.Receipt == nil {
			t.Error("nothing was recorded")
		}
		of, err = w.gate.RequestsOf(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "alice"})
		must(t, err)
		left, err := w.gate.Request(t.Context(), legal, noon, r.ID)
		must(t, err)
		if len(of.Requests) != 0 || left.Reason != "" || left.Outcome != "refused" {
			t.Errorf("%+v, %+v", of.Requests, left)
		}
		if n := w.count(t, `SELECT count(*) FROM entry_detail WHERE detail::text LIKE '%each day%'`); n != 0 {
			t.Errorf("%d details are left", n)
		}
		of, err = w.gate.RequestsOf(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "bob"})
		must(t, err)
		if len(of.Requests) != 1 || of.Requests[0].ID != other.ID {
			t.Errorf("of somebody else: %+v", of.Requests)
		}
	})
}
