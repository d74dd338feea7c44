package sharing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// choose records a choice as legal.
func (w *world) choose(tb testing.TB, person, purpose, state string, at time.Time) sharing.RecordedChoice {
	tb.Helper()
	c, err := w.gate.RecordChoice(tb.Context(), legal, noon, newKey(), sharing.Choice{Subject: person, Purpose: purpose, State: state, At: at, Channel: "link"})
	must(tb, err)
	return c
}

// mailing is a vendor that may get contact data for marketing.
func (w *world) mailing(tb testing.TB) party {
	tb.Helper()
	p := usual()
	p.engagement = func(f *registry.EngagementFields) {
		f.Purposes = []string{"MARKETING", "NEWSLETTER", "ENRICH", "TECH_ALERT", "REQUIRED_NOTICE", "ORDERS"}
		f.Categories = []string{"CONTACT", "THIRD_PARTY_DATA"}
	}
	return w.party(tb, p)
}

func promoting(p party, purpose string, people ...string) sharing.Request {
	r := about(p, people...)
	r.Purpose = purpose
	return r
}

func TestChoices(t *testing.T) {
	t.Parallel()
	//nolint:thelper // rules, not helpers
	rules := map[string]func(*testing.T, *world, party){
		"P-28: an opt-out binds from its very instant on, and not a microsecond before": func(t *testing.T, w *world, with party) {
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			for at, verdict := range map[time.Time]sharing.Verdict{
				noon.Add(-time.Microsecond): sharing.Allowed, noon: sharing.Denied, noon.Add(time.Second): sharing.Denied,
			} {
				r := promoting(with, "MARKETING", "alice", "bob")
				r.OccurredAt = at
				if d := w.share(t, r); d.Verdict != verdict {
					t.Errorf("at %s: %s", at, d.Verdict)
				}
			}
		},
		"P-28: the reason says how many, and the log never who": func(t *testing.T, w *world, with party) {
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			w.choose(t, "bob", "all", sharing.OptedOut, noon)
			judged(t, w.share(t, promoting(with, "MARKETING", "alice", "bob", "carol")), sharing.Denied, "opted_out:2")
		},
		"P-06: data of others is held to an opt-out too": func(t *testing.T, w *world, with party) {
			w.choose(t, "alice", "all", sharing.OptedOut, noon)
			r := promoting(with, "ENRICH", "alice")
			r.Categories = []string{"THIRD_PARTY_DATA"}
			r.DataOrigin, r.SourceVendorID = "combined", &with.ID
			judged(t, w.share(t, r), sharing.Denied, "opted_out:1")
		},
		"P-29: a required notice goes in spite of an opt-out, and says so": func(t *testing.T, w *world, with party) {
			w.choose(t, "alice", "all", sharing.OptedOut, noon)
			d := w.share(t, promoting(with, "REQUIRED_NOTICE", "alice"))
			judged(t, d, sharing.Allowed)
			if len(d.Notes) != 1 || d.Notes[0].Code != "opt_out_not_applicable" || d.Notes[0].On != "1" {
				t.Errorf("got notes %+v", d.Notes)
			}
			again, err := w.gate.Recorded(t.Context(), legal, d.Receipt.EntryID)
			must(t, err)
			if len(again.Notes) != 1 {
				t.Errorf("the log has notes %+v", again.Notes)
			}
		},
		"P-17: legal process is not stopped by an opt-out": func(t *testing.T, w *world, _ party) {
			court := w.party(t, plan{kinds: []string{"authority"}, state: registry.Active, none: []string{"engagement", "contract"}})
			w.choose(t, "alice", "all", sharing.OptedOut, noon)
			r := sealing(court, "alice", registry.Date{Year: 2026, Month: 12, Day: 1})
			r.Purpose = "LAW_DISCLOSURE"
			d := w.share(t, r)
			judged(t, d, sharing.Allowed)
		},
		"P-11: an order to a reseller of somebody who chose against partner marketing carries no_marketing, and the log keeps it": func(t *testing.T, w *world, _ party) {
			p := usual()
			p.kinds = []string{"reseller"}
			p.engagement = func(f *registry.EngagementFields) { f.Purposes, f.Categories = []string{"ORDERS"}, []string{"CONTACT"} }
			reseller := w.party(t, p)
			w.choose(t, "alice", "PARTNER_MARKETING", sharing.OptedOut, noon)
			r := promoting(reseller, "ORDERS", "alice")
			r.Ground = "partner"
			d := w.share(t, r)
			judged(t, d, sharing.Allowed)
			if !d.NoMarketing || w.body(t, d.Receipt.EntryID)["no_marketing"] != true {
				t.Errorf("got %+v", d)
			}
		},
		"the last choice counts, about the purpose or about all; at one instant, the one against": func(t *testing.T, w *world, with party) {
			at := func(n int) time.Time { return noon.Add(-time.Hour + time.Duration(n)*time.Second) }
			for n, step := range []struct {
				purpose, state string
				opted          bool
			}{
				{"all", sharing.OptedOut, true},
				{"MARKETING", sharing.Consented, false},
				{"MARKETING", sharing.Withdrawn, true},
				{"all", sharing.Consented, false},
				{"NEWSLETTER", sharing.OptedOut, false},
			} {
				w.choose(t, "alice", step.purpose, step.state, at(n))
				if opted := w.share(t, promoting(with, "MARKETING", "alice")).Verdict == sharing.Denied; opted != step.opted {
					t.Errorf("step %d: opted out %v", n, opted)
				}
			}
			w.choose(t, "bob", "all", sharing.OptedOut, noon)
			w.choose(t, "bob", "MARKETING", sharing.Consented, noon)
			judged(t, w.share(t, promoting(with, "MARKETING", "bob")), sharing.Denied, "opted_out:1")
		},
		"a share that happened against an opt-out is a violation": func(t *testing.T, w *world, with party) {
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			r := promoting(with, "MARKETING", "alice")
			r.State = "occurred"
			judged(t, w.share(t, r), sharing.Violation, "opted_out:1")
		},
		"a correction is judged by the choices of the share's people": func(t *testing.T, w *world, with party) {
			w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon)
			share := w.share(t, promoting(with, "TECH_ALERT", "alice"))
			judged(t, w.correct(t, share.Receipt.EntryID, sharing.Correction{Reason: "it was marketing", Purpose: ptr("MARKETING")}), sharing.Violation, "opted_out:1")
		},
		"the same key and choice get the same receipt; another person, instant or evidence under it is refused": func(t *testing.T, w *world, _ party) {
			c := sharing.Choice{Subject: "alice", Purpose: "all", State: sharing.OptedOut, At: noon, Channel: "link", Evidence: "mail 7"}
			key := newKey()
			first, err := w.gate.RecordChoice(t.Context(), legal, noon, key, c)
			must(t, err)
			again, err := w.gate.RecordChoice(t.Context(), legal, noon.Add(time.Hour), key, c)
			must(t, err)
			if !again.Receipt.Replayed || again.Receipt.EntryID != first.Receipt.EntryID || !again.RecordedAt.Equal(noon) {
				t.Errorf("got %+v", again)
			}
			for _, change := range []func(*sharing.Choice){
				func(c *sharing.Choice) { c.Subject = "bob" }, func(c *sharing.Choice) { c.At = noon.Add(-time.Second) },
				func(c *sharing.Choice) { c.Evidence = "" }, func(c *sharing.Choice) { c.State = sharing.Withdrawn },
			} {
				other := c
				change(&other)
				_, err := w.gate.RecordChoice(t.Context(), legal, noon, key, other)
				refused(t, err, registry.Conflict)
			}
		},
		"of many choices each is answered in its place, and a refused one loses no other": func(t *testing.T, w *world, _ party) {
			c := sharing.Choice{Subject: "alice", Purpose: "all", State: sharing.OptedOut, At: noon, Channel: "import"}
			must(t, w.gate.RecordChoices(t.Context(), legal, noon, []sharing.KeyedChoice{{"old", c}})[0].Err)
			var asked []sharing.KeyedChoice
			for i := range 10 {
				one := c
				one.Subject = fmt.Sprint("person-", i)
				asked = append(asked, sharing.KeyedChoice{IdempotencyKey: fmt.Sprint("k-", i), Choice: one})
			}
			asked[3].Purpose = "FLYING"
			asked[5] = sharing.KeyedChoice{IdempotencyKey: "old", Choice: c} // again
			asked[6].IdempotencyKey = "old"                                  // another person's
			asked[8] = asked[7]                                              // twice
			out := w.gate.RecordChoices(t.Context(), legal, noon, asked)
			for i, o := range out {
				switch i {
				case 3:
					refused(t, o.Err, registry.Invalid, "/purpose")
				case 6:
					refused(t, o.Err, registry.Conflict)
				case 5, 8:
					if o.Err != nil || !o.Choice.Receipt.Replayed {
						t.Errorf("line %d: %+v", i, o)
					}
				default:
					if o.Err != nil || o.Choice.Receipt.Replayed {
						t.Errorf("line %d: %+v", i, o)
					}
				}
			}
			if n := w.count(t, `SELECT count(*) FROM choices`); n != 7 {
				t.Errorf("%d choices are stored", n)
			}
		},
		"bad fields are all named": func(t *testing.T, w *world, _ party) {
			_, err := w.gate.RecordChoice(t.Context(), legal, noon, newKey(), sharing.Choice{Purpose: "x y", State: "maybe", At: noon.Add(time.Hour)})
			refused(t, err, registry.Invalid, "/subject", "/purpose", "/state", "/channel", "/at")
			_, err = w.gate.RecordChoice(t.Context(), legal, noon, "", sharing.Choice{})
			refused(t, err, registry.Invalid, "Idempotency-Key")
		},
		"one person's choices are read with their evidence; the entry says that and not whose": func(t *testing.T, w *world, _ party) {
			w.choose(t, "alice", "NEWSLETTER", sharing.OptedOut, noon.Add(-time.Hour))
			w.choose(t, "alice", "NEWSLETTER", sharing.Consented, noon)
			w.choose(t, "bob", "all", sharing.OptedOut, noon)
			p, err := w.gate.Choices(t.Context(), legal, noon, sharing.SubjectQuestion{Subject: "alice"})
			must(t, err)
			if len(p.History) != 2 || len(p.InForce) != 1 || p.InForce[0].State != sharing.Consented {
				t.Errorf("got %+v", p)
			}
			if b := w.body(t, p.ReportID); len(b) != 3 || b["report"] != "choices" {
				t.Errorf("the entry says %v", b)
			}
		},
		"a list of opt-outs makes no dossier old, and the very next share is bound, on every instance": func(t *testing.T, w *world, with party) {
			other := w.newGate()
			share := func() sharing.Decision {
				d, err := other.Share(t.Context(), billing, noon, newKey(), promoting(with, "MARKETING", "alice"))
				must(t, err)
				return d
			}
			judged(t, share(), sharing.Allowed)
			if !other.Remembers(t.Context(), with.ID) {
				t.Fatal("the dossier is not remembered: this test cannot fail")
			}
			w.choose(t, "alice", "all", sharing.OptedOut, noon)
			judged(t, share(), sharing.Denied, "opted_out:1")
			if !other.Remembers(t.Context(), with.ID) {
				t.Error("the dossier was made old by a choice")
			}
			_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{Fields: []byte(`{"notes":"x"}`)})
			must(t, err)
			if other.Remembers(t.Context(), with.ID) {
				t.Error("the dossier was not made old by a change of the vendor")
			}
		},
	}
	for rule, f := range rules {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			f(t, w, w.mailing(t))
		})
	}
}

// Whoever shares while somebody opts out: what is recorded before the opt-out may be allowed, what is recorded after it never.
func TestNoShareAfterAnOptOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.mailing(t)
	type result struct {
		index   int64
		verdict sharing.Verdict
	}
	results := make(chan result, 400)
	done := make(chan error)
	for range 4 {
		go func() {
			for range 100 {
				d, err := w.gate.Share(t.Context(), billing, noon, uuid.NewString(), promoting(with, "MARKETING", "alice"))
				if err != nil {
					done <- err
					return
				}
				results <- result{d.Receipt.Index, d.Verdict}
			}
			done <- nil
		}()
	}
	for range 20 {
		results <- <-results
	}
	choice := w.choose(t, "alice", "MARKETING", sharing.OptedOut, noon.Add(-time.Hour))
	for range 4 {
		must(t, <-done)
	}
	close(results)
	denied := 0
	for r := range results {
		if after := r.index > choice.Receipt.Index; after != (r.verdict == sharing.Denied) {
			t.Errorf("entry %d, the opt-out is %d: %s", r.index, choice.Receipt.Index, r.verdict)
		} else if after {
			denied++
		}
	}
	if denied == 0 {
		t.Error("no share came after the opt-out: this test cannot fail")
	}
}
