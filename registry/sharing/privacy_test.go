package sharing_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

// said by people, or naming them: none of it may be in a leaf, and the subject nowhere.
var personal = []string{"alice@example.org", "Alice Liddell", "a note about her", "ticket-of-alice", "Court of Hearts", "the trial", "HEART-7", "deal-wonderland"}

func (w *world) revealing(tb testing.TB, with party) sharing.Request {
	tb.Helper()
	if _, err := w.gate.Deal(tb.Context(), "deal-wonderland"); err != nil {
		_, err := w.gate.OpenDeal(tb.Context(), legal, noon, sharing.DealFields{Name: "deal-wonderland"})
		must(tb, err)
	}
	r := ask(with)
	r.Subjects = []string{"alice@example.org"}
	r.Customer, r.Note, r.Source, r.Deal = "Alice Liddell", "a note about her", "ticket-of-alice", "deal-wonderland"
	r.LegalProcess = &sharing.LegalProcess{Issuer: "Court of Hearts", Instrument: "the trial", Reference: "HEART-7"}
	return r
}

func TestNothingPersonalInTheLog(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	d := w.share(t, w.revealing(t, with))
	id := d.Receipt.EntryID

	t.Run("a leaf holds nothing that people wrote, and no subject", func(t *testing.T) {
		t.Parallel()
		e, err := w.log.Entry(t.Context(), id)
		must(t, err)
		for _, p := range personal {
			if strings.Contains(string(e.Leaf), p) {
				t.Errorf("the leaf holds %q: %s", p, e.Leaf)
			}
		}
		if w.body(t, id)["subject_count"] != "1" {
			t.Error("the leaf does not say how many people it is about")
		}
	})
	t.Run("the detail beside the log opens the commitment, and commits to each subject under a salt of its own", func(t *testing.T) {
		t.Parallel()
		var row struct {
			Salt   []byte
			Detail string
		}
		must(t, w.db.NewRaw(`SELECT salt, detail FROM entry_detail WHERE entry_id = ?`, id).Scan(t.Context(), &row))
		e, err := w.log.Entry(t.Context(), id)
		must(t, err)
		commitment := audit.Commit("onward/share/v1", [32]byte(row.Salt), []byte(row.Detail))
		if !bytes.Contains(e.Leaf, mustJSON(t, commitment)) {
			t.Errorf("the leaf does not commit to the detail")
		}
		if strings.Contains(row.Detail, personal[0]) || !strings.Contains(row.Detail, personal[2]) {
			t.Errorf("the detail is %s", row.Detail)
		}
		opening, err := w.log.Opening(t.Context(), w.db, id)
		must(t, err)
		if len(opening.Links) != 1 || !strings.Contains(row.Detail, sharing.CommitSubject(opening.Links[0])) {
			t.Errorf("the link %v does not open %s", opening.Links, row.Detail)
		}
		lookup := opening.Links[0].Lookup
		if strings.Contains(row.Detail, hex.EncodeToString(lookup[:])) || strings.Contains(row.Detail, base64.StdEncoding.EncodeToString(lookup[:])) {
			t.Error("the detail holds the lookup itself")
		}
	})
	t.Run("a subject is nowhere in the database", func(t *testing.T) {
		t.Parallel()
		for _, table := range []string{"log_entry", "log_entry_key", "entry_detail", "entry_link", "entry_lookup", "exceptions"} {
			if n := w.count(t, `SELECT count(*) FROM `+table+` t WHERE t::text LIKE '%alice@%' OR t::text LIKE '%' || ? || '%'`,
				hex.EncodeToString([]byte(personal[0]))); n != 0 {
				t.Errorf("%s holds it", table)
			}
		}
	})
	t.Run("a refusal does not repeat a subject", func(t *testing.T) {
		t.Parallel()
		r := w.revealing(t, with)
		r.Subjects = append(r.Subjects, r.Subjects[0], "bell\a")
		_, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
		var refusal *registry.Refusal
		if !errors.As(err, &refusal) || strings.Contains(said(err), "alice") || strings.Contains(said(err), "bell") {
			t.Errorf("got %v", said(err))
		}
	})
	t.Run("the same person has the same pseudonym in every entry, and another under another key", func(t *testing.T) {
		t.Parallel()
		count := func(id uuid.UUID) int {
			return w.count(t, `SELECT count(*) FROM entry_link a JOIN entry_link b USING (link) WHERE a.entry_id = ? AND b.entry_id = ?`, id, d.Receipt.EntryID)
		}
		if same := w.share(t, w.revealing(t, with)); count(same.Receipt.EntryID) != 1 {
			t.Error("the same person is not found again")
		}
		g := sharing.New(w.db, w.log, w.committer, sharing.Settings{SubjectKey: bytes.Repeat([]byte{7}, 32), HomeCountry: "DE"})
		other, err := g.Share(t.Context(), billing, noon, newKey(), w.revealing(t, with))
		must(t, err)
		if count(other.Receipt.EntryID) != 0 {
			t.Error("the pseudonym does not depend on the key")
		}
	})
	t.Run("every proof holds after the detail and the links are erased", func(t *testing.T) {
		t.Parallel()
		gone := w.share(t, w.revealing(t, with)).Receipt.EntryID
		for _, table := range []string{"entry_detail", "entry_link"} {
			_, err := w.db.ExecContext(t.Context(), `DELETE FROM `+table+` WHERE entry_id = ?`, gone)
			must(t, err)
		}
		must(t, w.log.Verify(t.Context()))
	})
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	d := w.share(t, ask(with))

	t.Run("a share is read as it was decided", func(t *testing.T) {
		t.Parallel()
		for _, by := range []audit.Actor{billing, legal} {
			r, err := w.gate.Recorded(t.Context(), by, d.Receipt.EntryID)
			must(t, err)
			judged(t, r.Decision, sharing.Allowed)
			if !r.OccurredAt.Equal(noon) || *r.EngagementID != with.engagement.ID || r.Leaf["type"] != "share.recorded" {
				t.Errorf("got %+v", r)
			}
		}
	})
	t.Run("a service does not read what another system shared", func(t *testing.T) {
		t.Parallel()
		_, err := w.gate.Recorded(t.Context(), crm, d.Receipt.EntryID)
		refused(t, err, registry.NotFound)
	})
	t.Run("what is not there, or is no share, is not found", func(t *testing.T) {
		t.Parallel()
		_, err := w.gate.Recorded(t.Context(), legal, uuid.New())
		refused(t, err, registry.NotFound)
		all, err := w.log.Entries(t.Context(), audit.Query{After: -1, Limit: 1})
		must(t, err)
		_, err = w.gate.Recorded(t.Context(), legal, all[0].EntryID)
		refused(t, err, registry.NotFound)
	})
	t.Run("a leaf names what the share was judged by", func(t *testing.T) {
		t.Parallel()
		got := w.body(t, d.Receipt.EntryID)
		for _, r := range []struct{ kind, id, version string }{
			{"vendor", with.ID.String(), "3"},
			{"engagement", with.engagement.ID.String(), "1"},
			{"location", with.location.ID.String(), "1"},
			{"contract", with.contract.ID.String(), "2"},
		} {
			if !named(got["judged_by"], r.kind, r.id, r.version) {
				t.Errorf("it does not name version %s of %s %s: %v", r.version, r.kind, r.id, got["judged_by"])
			}
		}
		if got["vendor_name"] != with.Name || got["system"] != "billing" || got["policy"] != "2018-10-26" || got["origin"] != "DE" {
			t.Errorf("the leaf says %v", got)
		}
	})
}

func named(list any, kind, id, version string) bool {
	all, _ := list.([]any)
	for _, one := range all {
		if r, _ := one.(map[string]any); r["kind"] == kind && r["id"] == id && r["version"] == version {
			return true
		}
	}
	return false
}
