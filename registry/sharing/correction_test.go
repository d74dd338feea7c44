package sharing_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

func TestCorrect(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	correct := func(t *testing.T, by audit.Actor, share uuid.UUID, c sharing.Correction) (sharing.Decision, error) {
		t.Helper()
		return w.gate.Correct(t.Context(), by, noon, newKey(), share, c)
	}
	happened := ask(with)
	happened.State = "occurred"

	t.Run("a correction is an entry about the same vendor with the corrected facts, and the share stays as it was", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened)
		before, err := w.log.Entry(t.Context(), share.Receipt.EntryID)
		must(t, err)
		d, err := correct(t, legal, share.Receipt.EntryID, sharing.Correction{Reason: "it was for security", Purpose: ptr("SECURITY"), SubjectCount: ptr(int64(7))})
		must(t, err)
		judged(t, d, sharing.Allowed)
		e, err := w.log.Entry(t.Context(), d.Receipt.EntryID)
		must(t, err)
		got := w.body(t, d.Receipt.EntryID)
		for name, want := range map[string]any{
			"corrects": share.Receipt.EntryID.String(), "purpose": "SECURITY", "ground": "service_provider", "subject_count": "7", "system": "billing",
			"state": "occurred", "vendor_name": with.Name,
		} {
			if got[name] != want {
				t.Errorf("%s is %v, want %v", name, got[name], want)
			}
		}
		if d := cmp.Diff([]any{"purpose", "subject_count"}, got["corrected"]); d != "" || e.VendorID != with.ID || e.Type != "share.corrected" {
			t.Error(d, e)
		}
		after, err := w.log.Entry(t.Context(), share.Receipt.EntryID)
		must(t, err)
		if d := cmp.Diff(before, after); d != "" {
			t.Error(d)
		}
	})
	t.Run("the reason is committed to and not in the leaf", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened).Receipt.EntryID
		d, err := correct(t, legal, share, sharing.Correction{Reason: "alice told us", Purpose: ptr("SECURITY")})
		must(t, err)
		e, err := w.log.Entry(t.Context(), d.Receipt.EntryID)
		must(t, err)
		o, err := w.log.Opening(t.Context(), w.db, d.Receipt.EntryID)
		must(t, err)
		if strings.Contains(string(e.Leaf), "alice") || string(o.Detail.JSON) != `{"reason":"alice told us"}` ||
			!strings.Contains(string(e.Leaf), string(mustJSON(t, audit.Commit("onward/share/v1", o.Detail.Salt, o.Detail.JSON)))) {
			t.Errorf("%s %s", e.Leaf, o.Detail.JSON)
		}
	})
	t.Run("the last correction counts, and is made of what the one before it said", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened).Receipt.EntryID
		_, err := correct(t, legal, share, sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")})
		must(t, err)
		second, err := correct(t, legal, share, sharing.Correction{Reason: "y", Categories: []string{"PRODUCT_USE"}})
		must(t, err)
		if got := w.body(t, second.Receipt.EntryID); got["purpose"] != "SECURITY" || !cmp.Equal(got["corrected"], []any{"categories"}) {
			t.Errorf("got %v", got)
		}
		_, err = correct(t, legal, share, sharing.Correction{Reason: "z", Purpose: ptr("SECURITY")})
		refused(t, err, registry.Invalid, "")
		r, err := w.gate.Recorded(t.Context(), billing, share)
		must(t, err)
		if len(r.Corrections) != 2 || r.Corrections[1].Receipt.EntryID != second.Receipt.EntryID || *r.Corrections[0].Corrects != share {
			t.Errorf("got %+v", r.Corrections)
		}
	})
	t.Run("a correction that makes it a violation opens one exception", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, ask(with)) // intended and allowed: it happened, for all that can be known
		d, err := correct(t, legal, share.Receipt.EntryID, sharing.Correction{Reason: "x", Countries: []string{"US"}})
		must(t, err)
		judged(t, d, sharing.Violation, "country_not_covered:US")
		if n := w.count(t, `SELECT count(*) FROM exceptions WHERE entry_id = ?`, d.Receipt.EntryID); n != 1 {
			t.Errorf("%d exceptions", n)
		}
	})
	t.Run("what was denied did not happen, and opens none", func(t *testing.T) {
		t.Parallel()
		r := ask(with)
		r.Countries = []string{"US"}
		share := w.share(t, r)
		judged(t, share, sharing.Denied, "country_not_covered:US")
		d, err := correct(t, legal, share.Receipt.EntryID, sharing.Correction{Reason: "x", Countries: []string{"IN"}})
		must(t, err)
		judged(t, d, sharing.Denied, "country_not_covered:IN")
		if n := w.count(t, `SELECT count(*) FROM exceptions WHERE entry_id = ?`, d.Receipt.EntryID); n != 0 {
			t.Errorf("%d exceptions", n)
		}
	})
	t.Run("it is judged by what was in force when it occurred", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened).Receipt.EntryID
		before := noon.AddDate(-10, 0, 0)
		d, err := correct(t, legal, share, sharing.Correction{Reason: "x", OccurredAt: &before})
		must(t, err)
		if e, err := w.log.Entry(t.Context(), d.Receipt.EntryID); err != nil || !e.OccurredAt.Equal(before) || d.Verdict != sharing.Violation {
			t.Errorf("%v %v %v", e.OccurredAt, d, err)
		}
	})
	t.Run("a retry gets the same receipt, and another request under the key is a conflict", func(t *testing.T) {
		t.Parallel()
		share, key := w.share(t, happened).Receipt.EntryID, newKey()
		c := sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")}
		first, err := w.gate.Correct(t.Context(), legal, noon, key, share, c)
		must(t, err)
		again, err := w.gate.Correct(t.Context(), legal, noon, key, share, c)
		must(t, err)
		if again.Receipt.EntryID != first.Receipt.EntryID || !again.Receipt.Replayed {
			t.Errorf("got %+v", again.Receipt)
		}
		for _, other := range []sharing.Correction{{Reason: "y", Purpose: ptr("SECURITY")}, {Reason: "x", Purpose: ptr("INFRA")}, {Reason: "x", Countries: []string{"FR"}}} {
			_, err = w.gate.Correct(t.Context(), legal, noon, key, share, other)
			refused(t, err, registry.Conflict)
		}
	})
	t.Run("of many who correct at once, each is made of the one before or refused", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened).Receipt.EntryID
		var group sync.WaitGroup
		var mu sync.Mutex
		made := 0
		for i := range 12 {
			group.Go(func() {
				_, err := w.gate.Correct(t.Context(), legal, noon, newKey(), share, sharing.Correction{Reason: "x", SubjectCount: ptr(int64(i + 1))})
				var r *registry.Refusal
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					made++
				case !errors.As(err, &r) || r.Kind != registry.Conflict:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if n := w.count(t, `SELECT count(*) FROM share_correction WHERE share_id = ?`, share); made == 0 || n != made {
			t.Errorf("%d made, %d rows", made, n)
		}
	})
	t.Run("what is no share, or another system's, is not found, and a correction is not corrected", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened).Receipt.EntryID
		c := sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")}
		_, err := correct(t, crm, share, c)
		refused(t, err, registry.NotFound)
		_, err = correct(t, legal, uuid.New(), c)
		refused(t, err, registry.NotFound)
		all, err := w.log.Entries(t.Context(), audit.Query{After: -1, Limit: 1, Type: "vendor.created"})
		must(t, err)
		_, err = correct(t, legal, all[0].EntryID, c)
		refused(t, err, registry.NotFound)
		d, err := correct(t, billing, share, c)
		must(t, err)
		_, err = correct(t, legal, d.Receipt.EntryID, sharing.Correction{Reason: "x", Purpose: ptr("INFRA")})
		refused(t, err, registry.Conflict)
	})
	t.Run("bad fields are named, and so is a correction that contradicts itself", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, happened).Receipt.EntryID
		_, err := correct(t, legal, share, sharing.Correction{Ground: ptr("no code"), Countries: []string{"XX"}})
		refused(t, err, registry.Invalid, "/reason", "/ground", "/countries/0")
		_, err = correct(t, legal, share, sharing.Correction{Reason: "x", OccurredAt: ptr(noon.AddDate(0, 0, 1))})
		refused(t, err, registry.Invalid, "/occurred_at")
		_, err = correct(t, legal, share, sharing.Correction{Reason: "x", SealedUntil: &registry.Date{Year: 2027, Month: 1, Day: 1}})
		refused(t, err, registry.Invalid, "/sealed_until")
		_, err = correct(t, legal, share, sharing.Correction{Reason: "x", Ground: ptr("legal_process")})
		refused(t, err, registry.Invalid, "/legal_process")
		_, err = correct(t, legal, share, sharing.Correction{Reason: "x", EngagementID: ptr(uuid.New())})
		refused(t, err, registry.Invalid, "/engagement_id")
	})
	t.Run("a service does not touch a seal, and a share that is no disclosure any more loses it", func(t *testing.T) {
		t.Parallel()
		share := w.share(t, sealing(with, "alice", registry.Date{Year: 2027, Month: 1, Day: 1})).Receipt.EntryID
		for _, c := range []sharing.Correction{{Reason: "x", SealedUntil: &registry.Date{Year: 2026, Month: 1, Day: 1}}, {Reason: "x", Ground: ptr("service_provider")}} {
			_, err := correct(t, billing, share, c)
			refused(t, err, registry.Forbidden)
		}
		_, err := correct(t, billing, share, sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")})
		must(t, err)
		d, err := correct(t, legal, share, sharing.Correction{Reason: "x", Ground: ptr("service_provider")})
		must(t, err)
		if got := w.body(t, d.Receipt.EntryID); got["sealed_until"] != nil || !cmp.Equal(got["corrected"], []any{"ground", "sealed_until"}) {
			t.Errorf("got %v", got)
		}
	})
}
