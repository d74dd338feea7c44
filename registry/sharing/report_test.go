package sharing_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

// reported are the rows of a report.
func (w *world) reported(tb testing.TB, f sharing.Filter) (rows []sharing.Row) {
	tb.Helper()
	r, err := w.gate.BeginReport(tb.Context(), legal, noon, "json", f)
	must(tb, err)
	must(tb, r.Rows(tb.Context(), func(row *sharing.Row) error {
		text, err := json.Marshal(row) // a row is lent
		if err != nil {
			return err
		}
		var own sharing.Row
		err = json.Unmarshal(text, &own)
		rows = append(rows, own)
		return err
	}))
	return rows
}

func TestReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with, other := w.party(t, usual()), w.party(t, usual())
	var ids []string
	for i := range 620 { // more than two pages
		r := ask(with)
		if i%3 == 1 {
			r = ask(other)
		}
		if i%5 == 2 {
			r.Countries = []string{"US", "DE"}
		}
		r.OccurredAt = noon.AddDate(0, 0, -i)
		ids = append(ids, w.share(t, r).Receipt.EntryID.String())
	}
	fix := w.correct(t, uuid.MustParse(ids[0]), sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")})
	newest := w.correct(t, uuid.MustParse(ids[0]), sharing.Correction{Reason: "x", Purpose: ptr("INFRA"), Countries: []string{"FR"}})

	t.Run("every share and correction is a row, in the order of the log, and says what corrects it", func(t *testing.T) {
		t.Parallel()
		rows := w.reported(t, sharing.Filter{})
		want := append(append([]string{}, ids...), fix.Receipt.EntryID.String(), newest.Receipt.EntryID.String())
		got := []string{}
		for i := range rows {
			got = append(got, rows[i].EntryID)
			if i > 0 && rows[i].Index <= rows[i-1].Index {
				t.Fatal("not in order")
			}
			if by := map[bool]string{true: newest.Receipt.EntryID.String()}[i == 0]; rows[i].CorrectedBy != by {
				t.Errorf("row %d is corrected by %q", i, rows[i].CorrectedBy)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		if last := rows[len(rows)-1]; last.Corrects != ids[0] || last.Index != newest.Receipt.Index {
			t.Errorf("got %+v", last)
		}
	})
	t.Run("a filter selects the same from the log as from leaves alone", func(t *testing.T) {
		t.Parallel()
		all, err := w.log.Entries(t.Context(), audit.Query{After: -1, Limit: 10_000})
		must(t, err)
		for name, f := range map[string]sharing.Filter{
			"vendor":      {VendorID: other.ID},
			"kind":        {VendorKind: "subprocessor"},
			"no kind":     {VendorKind: "reseller"},
			"country":     {Country: "US"},
			"verdict":     {Verdict: "denied"},
			"purpose":     {Purpose: "SECURITY"},
			"ground":      {Ground: "partner"},
			"category":    {Category: "CONTACT"},
			"system":      {System: "billing"},
			"occurred":    {OccurredFrom: noon.AddDate(0, 0, -100), OccurredUntil: noon.AddDate(0, 0, -50)},
			"recorded":    {RecordedFrom: noon, RecordedUntil: noon.Add(time.Second)},
			"not before":  {RecordedUntil: noon},
			"later":       {RecordedFrom: noon.AddDate(0, 1, 0)},
			"text":        {Text: "COUNTRY_not us"},
			"text, name":  {Text: other.Name},
			"text, none":  {Text: "wonderland"},
			"many":        {VendorID: with.ID, Country: "US", Verdict: "denied", OccurredFrom: noon.AddDate(0, 0, -30)},
			"all of them": {},
		} {
			var want []string
			for _, e := range all {
				if f.Selects(e.Leaf) {
					want = append(want, e.EntryID.String())
				}
			}
			var got []string
			for _, r := range w.reported(t, f) {
				got = append(got, r.EntryID)
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s: %s", name, d)
			}
			if empty := map[string]bool{"no kind": true, "ground": true, "not before": true, "later": true, "text, none": true}[name]; (len(want) == 0) != empty {
				t.Errorf("%s selects %d", name, len(want))
			}
		}
	})
	t.Run("a report is of the entries before its own beginning, whatever comes while it runs", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t) // its own: what it shares would be rows of the others' reports
		third := w.party(t, usual())
		before := w.share(t, ask(third))
		r, err := w.gate.BeginReport(t.Context(), legal, noon, "csv", sharing.Filter{VendorID: third.ID})
		must(t, err)
		w.share(t, ask(third))
		w.correct(t, before.Receipt.EntryID, sharing.Correction{Reason: "x", Purpose: ptr("SECURITY")})
		for range 2 { // the same again
			n := 0
			must(t, r.Rows(t.Context(), func(row *sharing.Row) error {
				n++
				if row.EntryID != before.Receipt.EntryID.String() || row.CorrectedBy != "" {
					t.Errorf("got %+v", row)
				}
				return nil
			}))
			if n != 1 {
				t.Errorf("%d rows", n)
			}
		}
	})
	t.Run("it begins and ends in the log, about the vendor that it names, with the text as a hash only", func(t *testing.T) {
		t.Parallel()
		r, err := w.gate.BeginReport(t.Context(), legal, noon, "csv", sharing.Filter{VendorID: other.ID, Text: "alice", OccurredFrom: noon})
		must(t, err)
		e, err := w.log.Entry(t.Context(), r.ID)
		must(t, err)
		h := hmac.New(sha256.New, r.TextKey[:])
		h.Write([]byte("alice"))
		want := map[string]any{
			"report": "shares", "report_id": r.ID.String(), "format": "csv",
			"filter": map[string]any{"vendor_id": other.ID.String(), "occurred_from": "2026-11-24T12:00:00.000000Z", "text_hash": hex.EncodeToString(h.Sum(nil))},
		}
		if d := cmp.Diff(want, w.body(t, r.ID)); d != "" || e.VendorID != other.ID || e.Type != "report.begun" || e.VendorSeq == 0 {
			t.Errorf("%s %+v", d, e)
		}
		must(t, r.End(t.Context(), noon, 3, [32]byte{1}, false))
		ended, err := w.log.Entries(t.Context(), audit.Query{After: r.Begun.Index, Type: "report.ended", VendorID: other.ID})
		must(t, err)
		found := false
		for _, e := range ended {
			b := w.body(t, e.EntryID)
			found = found || b["report_id"] == r.ID.String() && b["rows"] == "3" && b["complete"] == false && b["sha256"] == "01"+fmt.Sprintf("%062d", 0)
		}
		if !found {
			t.Errorf("got %v", ended)
		}
	})
	t.Run("a filter that nothing could match is refused, and nothing is written", func(t *testing.T) {
		t.Parallel()
		_, err := w.gate.BeginReport(t.Context(), legal, noon, "csv", sharing.Filter{
			VendorKind: "friend", Purpose: "a b", Country: "Germany", Verdict: "maybe", Text: "\a", OccurredFrom: noon, OccurredUntil: noon,
		})
		refused(t, err, registry.Invalid, "/vendor_kind", "/purpose", "/country", "/verdict", "/text", "/occurred_until")
		_, err = w.gate.BeginReport(t.Context(), legal, noon, "csv", sharing.Filter{VendorID: uuid.New()})
		refused(t, err, registry.Invalid, "/vendor_id")
	})
	t.Run("it stops when it is told to, and gives its connection back", func(t *testing.T) {
		t.Parallel()
		r, err := w.gate.BeginReport(t.Context(), legal, noon, "csv", sharing.Filter{})
		must(t, err)
		enough := errors.New("enough")
		for range 50 { // more than there are connections
			n := 0
			err := r.Rows(t.Context(), func(*sharing.Row) error {
				if n++; n == 3 {
					return enough
				}
				return nil
			})
			if !errors.Is(err, enough) || n != 3 {
				t.Fatalf("%v after %d", err, n)
			}
			ctx, cancel := context.WithCancel(t.Context())
			err = r.Rows(ctx, func(*sharing.Row) error {
				cancel()
				return nil
			})
			if !errors.Is(err, context.Canceled) {
				t.Fatalf("got %v", err)
			}
		}
	})
}
