package sharing_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/policy"
	"onward/registry/sharing"
)

// publish publishes the shipped policy, changed, under a name that is its effective day, in that zone.
func (w *world) publish(tb testing.TB, name, zone string, change func(*policy.Version)) {
	tb.Helper()
	w.publishAt(tb, noon.Add(-time.Hour), name, zone, change)
}

func (w *world) publishAt(tb testing.TB, at time.Time, name, zone string, change func(*policy.Version)) {
	tb.Helper()
	text, err := json.Marshal(policy.Shipped()[0])
	must(tb, err)
	var v policy.Version
	must(tb, json.Unmarshal(text, &v))
	change(&v)
	fields, err := json.Marshal(map[string]any{
		"title": v.Title, "categories": v.Categories, "purposes": v.Purposes, "grounds": v.Grounds, "kinds": v.Kinds, "zone": zone,
		"effective_on": name, "text_url": "https://example.com/privacy", "text_sha256": strings.Repeat("0", 64),
	})
	must(tb, err)
	p, err := w.DraftPolicy(tb.Context(), legal, at, name, "", fields)
	must(tb, err)
	changes, err := w.PolicyChanges(tb.Context(), name, "")
	must(tb, err)
	decisions := map[string]registry.DecisionFields{}
	for _, c := range changes.Items {
		if c.Open {
			decisions[c.Item] = registry.DecisionFields{NeedsConsent: &c.NeedsConsent, Because: c.Reason}
		}
	}
	patch, err := json.Marshal(map[string]any{"decisions": decisions})
	must(tb, err)
	p, err = w.ChangePolicy(tb.Context(), legal, at, name, p.Revision, patch)
	must(tb, err)
	p, err = w.ApprovePolicy(tb.Context(), approver, at, name, p.Revision)
	must(tb, err)
	_, err = w.PublishPolicy(tb.Context(), legal, at, name, p.Revision)
	must(tb, err)
}

func trains(v *policy.Version) {
	v.Purposes = append(v.Purposes, policy.Purpose{Code: "TRAIN_AI", Label: "Train models", Clause: "P-05", OptOut: "yes"})
}

func TestGateAcrossVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.newGate()
	with := w.party(t, usual())
	r := ask(with)
	r.Purpose = "TRAIN_AI"
	_, err := other.Check(t.Context(), billing, noon, r) // it remembers the policy as it was
	must(t, err)
	w.publish(t, "2027-01-01", "America/Los_Angeles", trains)
	_, err = w.ChangeEngagement(t.Context(), legal, noon.Add(-time.Minute), with.engagement.ID, with.engagement.Version, []byte(`{"purposes": ["INFRA", "TRAIN_AI"]}`))
	must(t, err)
	begins := time.Date(2027, time.January, 1, 8, 0, 0, 0, time.UTC)

	for _, c := range []struct {
		name      string
		at        time.Time
		collected time.Time
		verdict   sharing.Verdict
		reasons   []string
	}{
		{"P-32: a purpose of the next version used one day early is denied", begins.AddDate(0, 0, -1), time.Time{}, sharing.Denied, []string{"purpose_not_in_policy:TRAIN_AI"}},
		{"P-32: so it is in the last microsecond before its day begins in its zone", begins.Add(-time.Microsecond), time.Time{}, sharing.Denied, []string{"purpose_not_in_policy:TRAIN_AI"}},
		{"P-32: from the first instant of its effective day it is allowed", begins, time.Time{}, sharing.Allowed, nil},
		{"P-01: of what was collected under the version before it needs consent, and that version is cited", begins, begins.Add(-time.Microsecond), sharing.Denied, []string{"needs_consent:2018-10-26"}},
		{"P-01: of what was collected under it, it does not", begins.Add(time.Hour), begins, sharing.Allowed, nil},
		{"P-01: of what was collected before every version it needs consent", begins, time.Date(2018, 10, 20, 0, 0, 0, 0, time.UTC), sharing.Denied, []string{"needs_consent:none"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := r
			r.OccurredAt = c.at
			if !c.collected.IsZero() {
				r.CollectedAt = &c.collected
			}
			for _, gate := range []*sharing.Gate{w.gate, other} {
				d, err := gate.Share(t.Context(), billing, noon, newKey(), r)
				must(t, err)
				judged(t, d, c.verdict, c.reasons...)
				want := "2018-10-26"
				if !c.at.Before(begins) {
					want = "2027-01-01"
				}
				if d.Policy != want {
					t.Errorf("judged by %s, want %s", d.Policy, want)
				}
				if got := w.body(t, d.Receipt.EntryID); got["policy"] != want || (got["collected_at"] != nil) == c.collected.IsZero() {
					t.Errorf("the leaf says %v", got)
				}
			}
		})
	}

	t.Run("P-01: an explicit consent of everybody to the very purpose lets it be used for that, as long as it stands", func(t *testing.T) {
		t.Parallel()
		r := r
		before := begins.Add(-time.Microsecond)
		r.CollectedAt = &before
		begun := begins.Add(time.Hour)
		must(t, w.log.AddMonths(t.Context(), begins, 0))
		choose := func(person, purpose, state string, at time.Time) {
			t.Helper()
			_, err := w.gate.RecordChoice(t.Context(), legal, begins.AddDate(0, 0, 9), newKey(), sharing.Choice{Subject: person, Purpose: purpose, State: state, At: at, Channel: "form"})
			must(t, err)
		}
		for _, person := range []string{"carol", "dan", "erin", "frank", "grace"} {
			choose(person, "TRAIN_AI", sharing.Consented, begun)
		}
		choose("dan", "TRAIN_AI", sharing.Withdrawn, begun.Add(time.Hour))
		choose("erin", "all", sharing.OptedOut, begun.Add(2*time.Hour))
		choose("heidi", "all", sharing.Consented, begun)
		for _, c := range []struct {
			rule    string
			people  []string
			at      time.Time
			verdict sharing.Verdict
			reasons []string
		}{
			{"all consented", []string{"carol", "frank"}, begun, sharing.Allowed, nil},
			{"a microsecond before", []string{"carol"}, begun.Add(-time.Microsecond), sharing.Denied, []string{"needs_consent:2018-10-26"}},
			{"one did not", []string{"carol", "ivan"}, begun, sharing.Denied, []string{"needs_consent:2018-10-26"}},
			{"before one withdrew", []string{"carol", "dan"}, begun.Add(time.Hour - time.Microsecond), sharing.Allowed, nil},
			{"after one withdrew", []string{"carol", "dan"}, begun.Add(time.Hour), sharing.Denied, []string{"needs_consent:2018-10-26", "opted_out:1"}},
			{"one objected to everything", []string{"erin"}, begun.Add(2 * time.Hour), sharing.Denied, []string{"needs_consent:2018-10-26", "opted_out:1"}},
			{"a consent to everything is to nothing", []string{"heidi"}, begun, sharing.Denied, []string{"needs_consent:2018-10-26"}},
			{"nobody is named", nil, begun, sharing.Denied, []string{"needs_consent:2018-10-26"}},
		} {
			r.OccurredAt, r.Subjects = c.at, c.people
			d, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
			if err != nil {
				t.Errorf("%s: %s", c.rule, said(err))
				continue
			}
			t.Log(c.rule)
			judged(t, d, c.verdict, c.reasons...)
		}
	})

	t.Run("P-01: a correction keeps when the data was collected", func(t *testing.T) {
		t.Parallel()
		r, n := r, int64(7)
		before := begins.Add(-time.Microsecond)
		r.OccurredAt, r.CollectedAt, r.State = begins, &before, "occurred"
		later := begins.Add(time.Hour)
		d, err := w.gate.Share(t.Context(), billing, later, newKey(), r)
		must(t, err)
		judged(t, d, sharing.Violation, "needs_consent:2018-10-26")
		d, err = w.gate.Correct(t.Context(), billing, later, newKey(), d.Receipt.EntryID, sharing.Correction{Reason: "The number was wrong.", SubjectCount: &n})
		must(t, err)
		judged(t, d, sharing.Violation, "needs_consent:2018-10-26")
	})

	t.Run("P-32: a share of 20 October 2018 is judged by the version before, of which there is none", func(t *testing.T) {
		t.Parallel()
		r := ask(with)
		r.OccurredAt = time.Date(2018, 10, 20, 12, 0, 0, 0, time.UTC)
		d := w.share(t, r)
		judged(t, d, sharing.Denied, "policy_not_in_force", "vendor_not_active:proposed")
		if d.Policy != "" {
			t.Error(d.Policy)
		}
	})
}

// TestPublicationIsSeen: the very next share on every instance is judged by a version that was just published.
func TestPublicationIsSeen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gates := []*sharing.Gate{w.gate, w.newGate(), w.newGate()}
	with := w.party(t, usual())
	r := ask(with)
	for i := range 3 {
		r.OccurredAt = time.Date(2027, time.January, 1+i, 0, 0, 0, 0, time.UTC)
		for _, g := range gates {
			d, err := g.Share(t.Context(), billing, noon, newKey(), r)
			must(t, err)
			if d.Verdict != sharing.Allowed {
				t.Fatalf("%+v", d)
			}
		}
		name := fmt.Sprintf("2027-01-0%d", 1+i)
		w.publish(t, name, "UTC", func(*policy.Version) {})
		for _, g := range gates {
			d, err := g.Share(t.Context(), billing, noon, newKey(), r)
			must(t, err)
			if d.Policy != name {
				t.Errorf("judged by %s, want %s", d.Policy, name)
			}
		}
	}
}

// TestInstrumentOfTheVersion: which shares need a legal instrument, the version in force says.
func TestInstrumentOfTheVersion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	w.publish(t, "2027-01-01", "UTC", func(v *policy.Version) {
		for i := range v.Kinds {
			v.Kinds[i].Instrument = v.Kinds[i].Code == "subprocessor"
		}
	})
	r := ask(with)
	judged(t, w.share(t, r), sharing.Allowed)
	r.OccurredAt = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	_, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
	refused(t, err, registry.Invalid, "/legal_process")
}

func TestImpact(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	hosting := w.party(t, usual())
	undocumented := usual()
	undocumented.document = false
	breached := w.party(t, undocumented)
	analytics := usual()
	analytics.engagement = func(f *registry.EngagementFields) {
		f.Purposes, f.Categories = []string{"SITE_ADMIN"}, []string{"BROWSER_LOG", "CONTACT"}
	}
	logs := w.party(t, analytics)
	over := usual()
	over.engagement = func(f *registry.EngagementFields) { f.Until = day(2026, 1, 1) }
	w.party(t, over)
	leaving := usual()
	leaving.state = registry.WindingDown
	w.party(t, leaving)

	before := &policy.Shipped()[0]
	version := func(change func(*policy.Version)) *policy.Version {
		text, err := json.Marshal(before)
		must(t, err)
		v := new(policy.Version)
		must(t, json.Unmarshal(text, v))
		change(v)
		return v
	}
	all := func(tb testing.TB, after *policy.Version, limit int) []string {
		tb.Helper()
		names := map[uuid.UUID]string{hosting.ID: "hosting", breached.ID: "breached", logs.ID: "logs"}
		var got []string
		for place := (sharing.ImpactPlace{}); ; {
			page, err := w.gate.Impacts(tb.Context(), before, after, noon, place, limit)
			must(tb, err)
			if len(page) == 0 {
				return got
			}
			for _, i := range page {
				if len(i.ContractIDs) != 1 || i.VendorName == "" {
					tb.Errorf("%+v", i)
				}
				for _, b := range i.Breaches {
					got = append(got, fmt.Sprintf("%s %s:%s %v %v", names[i.VendorID], b.Code, strings.ReplaceAll(b.On, i.ContractIDs[0].String(), "c"), b.Purposes, b.Categories))
				}
				place = sharing.ImpactPlace{VendorID: i.VendorID, EngagementID: i.EngagementID}
			}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*policy.Version)
		want   []string
	}{
		{"what changes nothing puts nobody in breach", func(*policy.Version) {}, nil},
		{"a purpose that is removed puts its engagements in breach", func(v *policy.Version) {
			v.Purpose("SITE_ADMIN").Code = "ELSE"
		}, []string{"logs purpose_not_in_policy:SITE_ADMIN [SITE_ADMIN] [BROWSER_LOG CONTACT]"}},
		{"a cell that closes names the category", func(v *policy.Version) {
			v.Category("BROWSER_LOG").Purposes = []string{"SECURITY"}
		}, []string{"logs category_purpose_mismatch:BROWSER_LOG [SITE_ADMIN] [BROWSER_LOG]"}},
		{"a clause that is newly required is missing; what was missing before is not told", func(v *policy.Version) {
			v.Kind("subprocessor").Clauses = []string{"confidentiality", "audit_right"}
		}, []string{
			"hosting clause_missing:audit_right [INFRA SECURITY] [CONTACT PRODUCT_USE]",
			"breached clause_missing:audit_right [INFRA SECURITY] [CONTACT PRODUCT_USE]",
			"logs clause_missing:audit_right [SITE_ADMIN] [BROWSER_LOG CONTACT]",
		}},
		{"what loosens puts nobody in breach", func(v *policy.Version) { v.Kind("subprocessor").Document = false }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			for _, limit := range []int{1, 2, 50} {
				if d := cmp.Diff(c.want, all(t, version(c.change), limit)); d != "" {
					t.Errorf("by %d (-want +got):\n%s", limit, d)
				}
			}
		})
	}
	if n := w.count(t, `SELECT count(*) FROM log_entry WHERE type = 'share.recorded'`); n != 0 {
		t.Errorf("%d shares were recorded", n)
	}
}

func TestConsents(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	other := w.newGate()
	with := w.party(t, usual())
	published, begins := noon.Add(-25*time.Hour), noon.Add(-12*time.Hour)
	w.publishAt(t, published, "2026-11-24", "UTC", trains)
	_, err := w.ChangeEngagement(t.Context(), legal, noon.Add(-time.Minute), with.engagement.ID, with.engagement.Version, []byte(`{"purposes": ["INFRA", "TRAIN_AI"]}`))
	must(t, err)
	type said struct {
		purpose, state string
		at             time.Time
	}
	consented := said{"TRAIN_AI", sharing.Consented, noon.Add(-time.Hour)}
	no := []string{"needs_consent:2018-10-26"}
	for i, e := range []struct {
		name    string
		said    []said
		reasons []string
	}{
		{"who said nothing did not consent", nil, no},
		{"an explicit consent permits it", []said{consented}, nil},
		{"it holds from its very instant", []said{{"TRAIN_AI", sharing.Consented, noon}}, nil},
		{"and not a microsecond before", []said{{"TRAIN_AI", sharing.Consented, noon.Add(time.Microsecond)}}, no},
		{"a consent between publication and effect counts", []said{{"TRAIN_AI", sharing.Consented, begins.Add(-time.Hour)}}, nil},
		{"so does one at the instant of the publication", []said{{"TRAIN_AI", sharing.Consented, published}}, nil},
		{"a consent from before the publication is to something else", []said{{"TRAIN_AI", sharing.Consented, published.Add(-time.Microsecond)}}, no},
		{"what use implies is no explicit consent", []said{{"TRAIN_AI", sharing.Implied, noon.Add(-time.Hour)}}, no},
		{"a consent to all names no purpose", []said{{"all", sharing.Consented, noon.Add(-time.Hour)}}, no},
		{"a consent to another purpose is none to this", []said{{"INFRA", sharing.Consented, noon.Add(-time.Hour)}}, no},
		{"a consent that was withdrawn counts no more", []said{consented, {"TRAIN_AI", sharing.Withdrawn, noon}}, append(no, "opted_out:1")},
		{"nor with an opt-out of everything that came later", []said{consented, {"all", sharing.OptedOut, noon}}, append(no, "opted_out:1")},
		{"a withdrawal of later changes nothing before", []said{consented, {"TRAIN_AI", sharing.Withdrawn, noon.Add(time.Microsecond)}}, nil},
		{"who withdraws and consents again has consented", []said{consented, {"TRAIN_AI", sharing.Withdrawn, noon.Add(-time.Minute)}, {"TRAIN_AI", sharing.Consented, noon}}, nil},
		{"of a withdrawal and a consent at once the withdrawal counts", []said{{"TRAIN_AI", sharing.Withdrawn, noon}, {"TRAIN_AI", sharing.Consented, noon}}, append(no, "opted_out:1")},
		{"what use implies takes no consent back", []said{consented, {"TRAIN_AI", sharing.Implied, noon}}, nil},
		{"and lifts no opt-out", []said{{"TRAIN_AI", sharing.OptedOut, noon.Add(-time.Hour)}, {"TRAIN_AI", sharing.Implied, noon}}, append(no, "opted_out:1")},
	} {
		t.Run("P-01: "+e.name, func(t *testing.T) {
			t.Parallel()
			person := fmt.Sprint("person-", i)
			for _, s := range e.said {
				w.choose(t, person, s.purpose, s.state, s.at)
			}
			r := about(with, person)
			r.Purpose, r.OccurredAt, r.CollectedAt = "TRAIN_AI", noon, ptr(begins.Add(-time.Microsecond))
			verdict := sharing.Denied
			if e.reasons == nil {
				verdict = sharing.Allowed
			}
			for _, gate := range []*sharing.Gate{w.gate, other} {
				d, err := gate.Share(t.Context(), billing, noon, newKey(), r)
				must(t, err)
				judged(t, d, verdict, e.reasons...)
				if given := len(d.Notes) == 1 && d.Notes[0].Code == "consent_given" && d.Notes[0].On == "1"; given != (e.reasons == nil) {
					t.Errorf("the notes are %+v", d.Notes)
				}
			}
		})
	}
	t.Run("P-01: one of several who did not consent stops the share, and so do people who are only counted", func(t *testing.T) {
		t.Parallel()
		w.choose(t, "anna", consented.purpose, consented.state, consented.at)
		w.choose(t, "bert", consented.purpose, consented.state, consented.at)
		ask := func(n *int64, people ...string) sharing.Decision {
			r := about(with, people...)
			r.Purpose, r.OccurredAt, r.CollectedAt, r.SubjectCount = "TRAIN_AI", noon, ptr(begins.Add(-time.Hour)), n
			return w.share(t, r)
		}
		judged(t, ask(nil, "anna", "bert"), sharing.Allowed)
		judged(t, ask(nil, "anna", "bert", "carl"), sharing.Denied, no...)
		judged(t, ask(ptr(int64(2))), sharing.Denied, no...)
		judged(t, ask(nil), sharing.Denied, no...)
	})
	t.Run("P-01: a consent is for what was collected before; what was collected since needs none, and says nothing of it", func(t *testing.T) {
		t.Parallel()
		w.choose(t, "dora", consented.purpose, consented.state, consented.at)
		r := about(with, "dora")
		r.Purpose, r.OccurredAt, r.CollectedAt = "TRAIN_AI", noon, &begins
		if d := w.share(t, r); d.Verdict != sharing.Allowed || len(d.Notes) != 0 {
			t.Errorf("got %+v", d)
		}
	})
	t.Run("P-01: a share that was recorded after a withdrawal never misses it", func(t *testing.T) {
		t.Parallel()
		w.choose(t, "emil", consented.purpose, consented.state, consented.at)
		r := about(with, "emil")
		r.Purpose, r.OccurredAt, r.CollectedAt = "TRAIN_AI", noon, ptr(begins.Add(-time.Hour))
		judged(t, w.share(t, r), sharing.Allowed)
		w.choose(t, "emil", "TRAIN_AI", sharing.Withdrawn, noon)
		d, err := other.Share(t.Context(), billing, noon, newKey(), r)
		must(t, err)
		judged(t, d, sharing.Denied, append(no, "opted_out:1")...)
	})
}
