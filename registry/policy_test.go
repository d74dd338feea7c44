package registry_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

var (
	drafter = audit.Actor{Kind: "user", ID: uuid.MustParse("33333333-3333-4333-8333-333333333333"), Role: "admin"}
	sum     = strings.Repeat("ab", 32)
)

// textOf are the members of a draft that approval asks for, with the day on which it is to be effective.
func textOf(effective string) string {
	return fmt.Sprintf(`"effective_on": %q, "text_url": "https://example.com/privacy", "text_sha256": %q`, effective, sum)
}

// withTraining are the shipped purposes and TRAIN_AI, as a member of a patch.
func withTraining(tb testing.TB) string {
	tb.Helper()
	v := policy.Shipped()[0]
	text, err := json.Marshal(append(v.Purposes[:len(v.Purposes):len(v.Purposes)],
		policy.Purpose{Code: "TRAIN_AI", Label: "Train models", Clause: "P-05", OptOut: "yes"}))
	if err != nil {
		tb.Fatal(err)
	}
	return `"purposes": ` + string(text)
}

func (w *world) draft(tb testing.TB, name, fields string) registry.Policy {
	tb.Helper()
	p, err := w.DraftPolicy(tb.Context(), legal, w.tick(), name, "2018-10-26", []byte("{"+fields+"}"))
	if err != nil {
		tb.Fatalf("draft %s: %v", name, said(err))
	}
	return p
}

func (w *world) edit(tb testing.TB, p registry.Policy, patch string) registry.Policy {
	tb.Helper()
	p, err := w.ChangePolicy(tb.Context(), legal, w.tick(), p.Name, p.Revision, []byte(patch))
	if err != nil {
		tb.Fatalf("patch %s: %v", patch, said(err))
	}
	return p
}

func (w *world) approved(tb testing.TB, p registry.Policy) registry.Policy {
	tb.Helper()
	p, err := w.ApprovePolicy(tb.Context(), approver, w.tick(), p.Name, p.Revision)
	if err != nil {
		tb.Fatalf("approve: %v", said(err))
	}
	return p
}

func (w *world) publish(tb testing.TB, p registry.Policy) registry.Policy {
	tb.Helper()
	p, err := w.PublishPolicy(tb.Context(), legal, w.tick(), p.Name, p.Revision)
	if err != nil {
		tb.Fatalf("publish: %v", said(err))
	}
	return p
}

func TestPolicyLife(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft(t, "2027-01-01", textOf("2027-01-01")+`, "zone": "America/Los_Angeles", `+withTraining(t))
	if p.State != registry.PolicyDraft || p.Revision != 1 || p.Previous != "" || len(p.Categories) != 18 || len(p.Purposes) != 33 {
		t.Fatalf("%+v", p)
	}
	p = w.edit(t, p, `{"title": "The next policy", "decisions": {"purpose:TRAIN_AI": {"needs_consent": true, "because": "It is new."}}}`)
	if d := p.Decisions["purpose:TRAIN_AI"]; !d.NeedsConsent || d.DecidedBy != legal.ID || d.DecidedAt.IsZero() || p.Revision != 2 {
		t.Fatalf("%+v", p)
	}
	p = w.approved(t, p)
	if p.State != registry.PolicyApproved || p.Previous != "2018-10-26" || *p.ApprovedBy != approver.ID {
		t.Fatalf("%+v", p)
	}
	p = w.publish(t, p)
	if p.State != registry.PolicyPublished || p.PublishedOn != "2026-11-24" || *p.PublishedBy != legal.ID {
		t.Fatalf("%+v", p)
	}

	begins := time.Date(2027, 1, 1, 8, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name        string
		at          time.Time
		first, next registry.PolicyState
	}{
		{"before its day the version before is effective", begins.Add(-time.Microsecond), registry.PolicyEffective, registry.PolicyPublished},
		{"from the first instant of its day in its zone it is", begins, registry.PolicySuperseded, registry.PolicyEffective},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			page, err := w.Policies(t.Context(), c.at, 0, "")
			if err != nil || len(page.Items) != 2 || page.Items[0].State != c.first || page.Items[1].State != c.next {
				t.Errorf("%v %+v", err, page)
			}
		})
	}

	t.Run("its history is that of every record, and the log tells of each step", func(t *testing.T) {
		t.Parallel()
		page, err := w.PolicyHistory(t.Context(), p.Name, 0, "")
		if err != nil || len(page.Items) != 4 {
			t.Fatalf("%v %+v", err, page)
		}
		for i, want := range []string{"policy.published", "policy.approved", "policy.changed", "policy.drafted"} {
			e, err := w.log.Entry(t.Context(), page.Items[i].EntryID)
			if err != nil || e.Type != want || e.VendorID != uuid.Nil || !strings.Contains(string(e.Leaf), `"name":"2027-01-01"`) {
				t.Errorf("%v %s %s", err, e.Type, e.Leaf)
			}
		}
		if got := page.Items[1].Changes; len(got) == 0 || got[0].Pointer != "/approved_at" {
			t.Errorf("%+v", got)
		}
	})

	t.Run("the list pages", func(t *testing.T) {
		t.Parallel()
		var names []string
		for cursor := ""; ; {
			page, err := w.Policies(t.Context(), noon, 1, cursor)
			if err != nil {
				t.Fatal(said(err))
			}
			for _, p := range page.Items {
				names = append(names, p.Name)
			}
			if cursor = page.Next; cursor == "" {
				break
			}
		}
		if strings.Join(names, " ") != "2018-10-26 2027-01-01" {
			t.Error(names)
		}
	})

	t.Run("what was published never changes, not even in the database", func(t *testing.T) {
		t.Parallel()
		_, err := w.ChangePolicy(t.Context(), legal, w.tick(), p.Name, p.Revision, []byte(`{"title": "x"}`))
		refused(t, err, registry.Conflict)
		_, err = w.WithdrawPolicy(t.Context(), legal, w.tick(), p.Name, p.Revision)
		refused(t, err, registry.Conflict)
		for _, statement := range []string{
			`UPDATE policies SET content = content || '{"title": "x"}'`, `UPDATE policies SET effective_at = effective_at + interval '1 day'`,
			`UPDATE policies SET state = 'withdrawn'`, `DELETE FROM policies`, `TRUNCATE policies`,
		} {
			if _, err := w.db.ExecContext(t.Context(), statement); err == nil {
				t.Errorf("%s was done", statement)
			}
		}
	})

	t.Run("codes of a version to come can be named by a record, those of none cannot", func(t *testing.T) {
		t.Parallel()
		v := w.vendor(t, fields("Acme"))
		e := w.engagement(t, v.ID, registry.EngagementFields{Service: "Models", Purposes: []string{"TRAIN_AI", "INFRA"}})
		_, err := w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, e.Version, []byte(`{"purposes": ["TRAIN_AI", "SELL"]}`))
		refused(t, err, registry.Invalid, "/purposes/1")
		if s := refusal(t, err).Fields[0].Sentence; !strings.Contains(s, "TRAIN_AI") || strings.Count(s, "INFRA") != 1 {
			t.Error(s)
		}
		_, err = w.CreateContract(t.Context(), legal, w.tick(), v.ID, registry.ContractFields{Kind: "other", PermittedPurposes: []string{"TRAIN_AI"}})
		if err != nil {
			t.Error(said(err))
		}
	})
}

func TestPolicyRefusals(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var id atomic.Int64
	ready := func(t *testing.T, effective string) registry.Policy {
		t.Helper()
		return w.draft(t, fmt.Sprintf("v%d", id.Add(1)), textOf(effective))
	}

	t.Run("a bad draft names every bad field, and what does not fit together", func(t *testing.T) {
		t.Parallel()
		_, err := w.DraftPolicy(t.Context(), legal, w.tick(), "", "", []byte(`{"title": " ", "zone": "Mars/One", "text_sha256": "x",
			"categories": [{"code": "A", "label": "a", "clause": "P-02", "purposes": ["NONE"]}],
			"purposes": [{"code": "P", "label": "p", "clause": "P-05", "opt_out": "perhaps"}, {"code": "Q", "label": "q", "clause": "P-05", "opt_out": "no"}],
			"grounds": [{"code": "g", "label": "g", "clause": "P-07", "kinds": ["friend", "partner"], "clauses": ["none"], "approvals": 11}],
			"kinds": [{"code": "agent", "label": "a", "clause": "P-10"}, {"code": "agent", "label": "a", "clause": "P-10"}]}`))
		refused(t, err, registry.Invalid, "/name", "/title", "/zone", "/text_sha256", "/categories/0/purposes/0", "/purposes/0/opt_out", "/purposes/1/required",
			"/grounds/0/kinds/0", "/grounds/0/kinds/1", "/grounds/0/clauses/0", "/grounds/0/approvals", "/kinds/1/code")
	})
	t.Run("a name is given once, also that of what comes with the program", func(t *testing.T) {
		t.Parallel()
		p := ready(t, "2027-01-01")
		for _, name := range []string{p.Name, "2018-10-26"} {
			_, err := w.DraftPolicy(t.Context(), legal, w.tick(), name, "2018-10-26", []byte(`{}`))
			refused(t, err, registry.Conflict)
		}
		_, err := w.DraftPolicy(t.Context(), legal, w.tick(), "x", "none", []byte(`{}`))
		refused(t, err, registry.Invalid, "/copy_of")
	})
	t.Run("what comes with the program never changes", func(t *testing.T) {
		t.Parallel()
		_, err := w.ChangePolicy(t.Context(), legal, w.tick(), "2018-10-26", 1, []byte(`{"title": "x"}`))
		refused(t, err, registry.Conflict)
	})
	t.Run("P-32: whoever drafted it or changed it last does not approve it", func(t *testing.T) {
		t.Parallel()
		p := ready(t, "2027-01-01")
		p, err := w.ChangePolicy(t.Context(), drafter, w.tick(), p.Name, p.Revision, []byte(`{"title": "Changed"}`))
		if err != nil {
			t.Fatal(said(err))
		}
		for _, by := range []audit.Actor{drafter, {Kind: "user", ID: legal.ID, Role: "approver"}, {Kind: "user", ID: approver.ID, Role: "legal"}} {
			_, err := w.ApprovePolicy(t.Context(), by, w.tick(), p.Name, p.Revision)
			refused(t, err, registry.Forbidden)
		}
		w.approved(t, p)
	})
	t.Run("a change that was not seen is not approved", func(t *testing.T) {
		t.Parallel()
		p := ready(t, "2027-01-01")
		w.edit(t, p, `{"title": "Changed"}`)
		_, err := w.ApprovePolicy(t.Context(), approver, w.tick(), p.Name, p.Revision)
		refused(t, err, registry.Stale)
	})
	t.Run("approval wants the text and the day", func(t *testing.T) {
		t.Parallel()
		p := w.draft(t, "bare", "")
		_, err := w.ApprovePolicy(t.Context(), approver, w.tick(), p.Name, p.Revision)
		refused(t, err, registry.Invalid, "/text_url", "/text_sha256", "/effective_on")
	})
	t.Run("P-32: undecided changes are not approved, and are named", func(t *testing.T) {
		t.Parallel()
		p := w.draft(t, "undecided", textOf("2027-01-01")+", "+withTraining(t))
		_, err := w.ApprovePolicy(t.Context(), approver, w.tick(), p.Name, p.Revision)
		refused(t, err, registry.Conflict)
		if !strings.Contains(said(err), "purpose:TRAIN_AI") {
			t.Error(said(err))
		}
	})
	t.Run("a decision is about a change that there is, with a sentence", func(t *testing.T) {
		t.Parallel()
		p := ready(t, "2027-01-01")
		_, err := w.ChangePolicy(t.Context(), legal, w.tick(), p.Name, p.Revision, []byte(`{"decisions": {"purpose:NONE": {"needs_consent": false, "because": "No."}}}`))
		refused(t, err, registry.Invalid, "/decisions/purpose:NONE")
		_, err = w.ChangePolicy(t.Context(), legal, w.tick(), p.Name, p.Revision, []byte(`{"decisions": {"a/b": {}}}`))
		refused(t, err, registry.Invalid, "/decisions/a~1b/needs_consent", "/decisions/a~1b/because")
		_, err = w.ChangePolicy(t.Context(), legal, w.tick(), p.Name, p.Revision, []byte(`{"decisions": {"x": {"decided_by": "me"}}}`))
		refused(t, err, registry.Invalid, "/decisions/x/decided_by")
	})
	t.Run("a decision about a change that became another is gone", func(t *testing.T) {
		t.Parallel()
		p := w.draft(t, "moving", withTraining(t))
		p = w.edit(t, p, `{"decisions": {"purpose:TRAIN_AI": {"needs_consent": false, "because": "It is harmless."}}}`)
		kept := w.edit(t, p, `{"title": "Only the title"}`)
		if len(kept.Decisions) != 1 {
			t.Errorf("%+v", kept.Decisions)
		}
		gone := w.edit(t, kept, "{"+strings.Replace(withTraining(t), "Train models", "Sell models", 1)+"}")
		if len(gone.Decisions) != 0 {
			t.Errorf("%+v", gone.Decisions)
		}
	})
	t.Run("a draft is not published", func(t *testing.T) {
		t.Parallel()
		p := ready(t, "2027-01-01")
		_, err := w.PublishPolicy(t.Context(), legal, w.tick(), p.Name, p.Revision)
		refused(t, err, registry.Conflict)
	})
	t.Run("P-32: a version does not bind a day that has begun", func(t *testing.T) {
		t.Parallel()
		for _, day := range []string{"2018-10-27", "2026-11-23", "2026-11-24"} {
			p := ready(t, day)
			_, err := w.ApprovePolicy(t.Context(), approver, w.tick(), p.Name, p.Revision)
			refused(t, err, registry.Conflict)
		}
	})
	t.Run("P-32: nor when its day begins between approval and publication, or within the margin of clocks", func(t *testing.T) {
		t.Parallel()
		p := w.approved(t, ready(t, "2026-11-25"))
		midnight := time.Date(2026, 11, 25, 0, 0, 0, 0, time.UTC)
		for _, at := range []time.Time{midnight.Add(-4 * time.Minute), midnight, midnight.Add(time.Hour)} {
			_, err := w.PublishPolicy(t.Context(), legal, at, p.Name, p.Revision)
			refused(t, err, registry.Conflict)
		}
	})
	t.Run("what was withdrawn stays on record, and nothing follows", func(t *testing.T) {
		t.Parallel()
		p := w.approved(t, ready(t, "2027-01-01"))
		p, err := w.WithdrawPolicy(t.Context(), legal, w.tick(), p.Name, p.Revision)
		if err != nil || p.State != registry.PolicyWithdrawn {
			t.Fatal(err, p.State)
		}
		_, err = w.PublishPolicy(t.Context(), legal, w.tick(), p.Name, p.Revision)
		refused(t, err, registry.Conflict)
	})
}

func TestPolicyOrder(t *testing.T) { //nolint:tparallel // each step follows the one before
	t.Parallel()
	w := newWorld(t)
	march, february, april := w.draft(t, "march", textOf("2027-03-01")), w.draft(t, "february", textOf("2027-02-01")), w.draft(t, "april", textOf("2027-04-01"))
	february, april = w.approved(t, february), w.approved(t, april)
	march = w.publish(t, w.approved(t, march))

	t.Run("a version that was approved to follow another than the newest is not published", func(t *testing.T) { //nolint:paralleltest // it follows the one before
		_, err := w.PublishPolicy(t.Context(), legal, w.tick(), april.Name, april.Revision)
		refused(t, err, registry.Conflict)
	})
	t.Run("a version does not begin before one that is published", func(t *testing.T) { //nolint:paralleltest // it follows the one before
		_, err := w.PublishPolicy(t.Context(), legal, w.tick(), february.Name, february.Revision)
		refused(t, err, registry.Conflict)
		for _, day := range []string{"2027-02-28", "2027-03-01"} {
			p := w.draft(t, "again-"+day, textOf(day))
			_, err := w.ApprovePolicy(t.Context(), approver, w.tick(), p.Name, p.Revision)
			refused(t, err, registry.Conflict)
		}
	})
	t.Run("the next follows the newest", func(t *testing.T) { //nolint:paralleltest // it follows the one before
		p := w.publish(t, w.approved(t, w.draft(t, "may", textOf("2027-05-01"))))
		if p.Previous != march.Name {
			t.Error(p.Previous)
		}
	})
	t.Run("of two that are published at once one is", func(t *testing.T) { //nolint:paralleltest // it follows the one before
		a, b := w.approved(t, w.draft(t, "june", textOf("2027-06-01"))), w.approved(t, w.draft(t, "july", textOf("2027-07-01")))
		results := make(chan error)
		for _, p := range []registry.Policy{a, b} {
			go func() {
				_, err := w.PublishPolicy(t.Context(), legal, w.tick(), p.Name, p.Revision)
				results <- err
			}()
		}
		first, second := <-results, <-results
		if (first == nil) == (second == nil) {
			t.Errorf("%v, %v", first, second)
		}
	})
}

func TestPolicyChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.draft(t, "next", withTraining(t))
	p = w.edit(t, p, `{"decisions": {"purpose:TRAIN_AI": {"needs_consent": true, "because": "It is new."}}}`)
	changes, err := w.PolicyChanges(t.Context(), p.Name, "")
	if err != nil || changes.From != "2018-10-26" || len(changes.Items) != 1 {
		t.Fatalf("%v %+v", err, changes)
	}
	c := changes.Items[0]
	if c.Item != "purpose:TRAIN_AI" || c.Effect != policy.Adds || !c.NeedsConsent || !c.Open || c.Decision == nil || c.Decision.DecidedBy != legal.ID {
		t.Errorf("%+v", c)
	}
	if same, err := w.PolicyChanges(t.Context(), p.Name, p.Name); err != nil || len(same.Items) != 0 {
		t.Errorf("%v %+v", err, same)
	}
	if first, err := w.PolicyChanges(t.Context(), "2018-10-26", ""); err != nil || first.From != "" || len(first.Items) != 18+32+8+11 {
		t.Errorf("%v %d", err, len(first.Items))
	}
	_, err = w.PolicyChanges(t.Context(), p.Name, "none")
	refused(t, err, registry.Invalid, "/from")
}
