package workspace_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/app/login"
	"onward/audit"
	"onward/registry"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

var (
	proposer = audit.Actor{Kind: "key", ID: uuid.MustParse("00000000-0000-4000-8000-000000000001"), Role: "legal"}
	approver = audit.Actor{Kind: "key", ID: uuid.MustParse("00000000-0000-4000-8000-000000000002"), Role: "approver"}
)

// vendor is a new active vendor.
func (s *stage) vendor(tb testing.TB, f registry.VendorFields) registry.Vendor {
	tb.Helper()
	f.Kinds = []string{"subprocessor"}
	v := must(s.registry.CreateVendor(tb.Context(), proposer, s.clock.Now(), f))(tb)
	v = must(s.registry.ChangeVendor(tb.Context(), approver, s.clock.Now(), v.ID, v.Version, registry.VendorPatch{State: registry.Approved}))(tb)
	return must(s.registry.ChangeVendor(tb.Context(), proposer, s.clock.Now(), v.ID, v.Version, registry.VendorPatch{State: registry.Active}))(tb)
}

// task is the vendor of a task that is overdue: its review.
func (s *stage) task(tb testing.TB) registry.Vendor {
	tb.Helper()
	day := registry.DateOf(s.clock.Now().AddDate(0, 0, -3))
	return s.vendor(tb, registry.VendorFields{Name: "Acme <Analytics>", ReviewOn: &day, Owner: "Finance"})
}

// expiring is a contract of the vendor that ends in so many days.
func (s *stage) expiring(tb testing.TB, vendor uuid.UUID, days int) {
	tb.Helper()
	signed, until := registry.DateOf(s.clock.Now().AddDate(-1, 0, 0)), registry.DateOf(s.clock.Now().AddDate(0, 0, days))
	must(s.registry.CreateContract(tb.Context(), proposer, s.clock.Now(), vendor, registry.ContractFields{
		Kind: "data_processing_agreement", Title: "Agreement", SignedOn: &signed, InForceFrom: &signed, InForceUntil: &until,
	}))(tb)
}

// violation is an exception: data went to a vendor without a contract.
func (s *stage) violation(tb testing.TB, vendor uuid.UUID) {
	tb.Helper()
	must(s.gate.Share(tb.Context(), audit.Actor{Kind: "key", ID: uuid.New(), Role: "admin"}, s.clock.Now(), "violation", sharing.Request{
		VendorID: vendor, Purpose: "INFRA", Ground: "service_provider", Categories: []string{"CONTACT"}, Countries: []string{"US"}, Origin: "DE",
		OccurredAt: s.clock.Now(), State: "occurred", Subjects: []string{"jane@example.com"},
	}))(tb)
}

// proposed is a change of the list that somebody proposes: a new line.
func (s *stage) proposed(tb testing.TB, by audit.Actor, vendor uuid.UUID) publishing.Change {
	tb.Helper()
	return must(s.desk.Propose(tb.Context(), by, s.clock.Now(), publishing.ChangeFields{Steps: []registry.Step{{
		RecordKind: "engagement", ParentID: &vendor, Action: registry.StepCreate,
		Fields: []byte(`{"service":"Backup","purposes":["INFRA"],"categories":["CONTACT"],"listed":true,"listed_reason":"It holds customers' data."}`),
	}}}))(tb)
}

func TestHome(t *testing.T) {
	t.Parallel()

	t.Run("a registry with nothing open says so", func(t *testing.T) {
		t.Parallel()
		if a := newStage(t).as(t, login.Legal).get(t, "/app"); a.status != http.StatusOK || !strings.Contains(a.text(), "Nothing is open.") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("it shows what must be done next, with counts that lead there", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Approver)
		v := s.task(t)
		s.violation(t, v.ID)
		s.expiring(t, v.ID, 5)
		s.proposed(t, proposer, v.ID)
		a := p.get(t, "/app")
		got := map[string]string{}
		for _, n := range find(find(a.page, "ul", "class=numbers")[0], "a", "") {
			got[textOf(n)] = attributeOf(n, "href")
			if answer := p.get(t, attributeOf(n, "href")); answer.status != http.StatusOK {
				t.Error(attributeOf(n, "href"), answer.status)
			}
		}
		want := map[string]string{
			"1 open exception": "/app/exceptions", "1 overdue task": "/app/tasks", "1 deadline within 30 days": "/app/tasks", "2 open tasks": "/app/tasks",
			"1 change to approve": "/app/changes?state=proposed", "0 announced changes": "/app/changes?state=announced", "0 open objections": "/app/objections?state=open",
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		text := a.text()
		for _, want := range []string{"Violation Acme <Analytics>", "Overdue Review the vendor", "Finance by the end of " + s.clock.Now().AddDate(0, 0, -3).Format("2 January 2006"), "About to break Within a week Renew, replace or end the contract", "5 days left", "Changes to approve Add: Acme <Analytics>"} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q: %s", want, text)
			}
		}
	})
}

func TestForms(t *testing.T) {
	t.Parallel()

	t.Run("a task is closed for a reason; what is wrong stands beside the field, and what was typed stays", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.task(t)
		p := s.as(t, login.Legal)
		page := p.get(t, "/app/tasks?kind=review_due&owner=Finance")
		forms := find(page.page, "form", "method=post")
		form := attributeOf(forms[len(forms)-1], "action")
		back := attributeOf(find(forms[len(forms)-1], "input", "name=back")[0], "value")
		a := p.post(t, form, url.Values{"outcome": {"impossible"}, "reason": {""}, "back": {back}})
		if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "is required where the task is not done") {
			t.Error(a.status, a.text())
		}
		if chosen := find(a.page, "option", "selected="); !strings.Contains(a.body, `<option value="impossible" selected>`) || len(find(a.page, "details", "open=")) == 0 {
			t.Error("what was chosen is lost", chosen)
		}
		a = p.post(t, form, url.Values{"outcome": {"done"}, "reason": {"We looked."}, "back": {back}})
		if a.status != http.StatusSeeOther || a.header.Get("Location") != "/app/tasks?kind=review_due&owner=Finance" {
			t.Error(a.status, a.header.Get("Location"))
		}
		if a := p.get(t, "/app/tasks"); !strings.Contains(a.text(), "There is no such task.") {
			t.Error(a.text())
		}
		if a := p.get(t, "/app/tasks?state=closed"); !strings.Contains(a.text(), "done. We looked.") {
			t.Error(a.text())
		}
		if a := p.post(t, form, url.Values{"outcome": {"done"}}); a.status != http.StatusConflict || !strings.Contains(a.text(), "The task is closed.") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("that a recipient was told is recorded once", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.violation(t, s.vendor(t, registry.VendorFields{Name: "Acme"}).ID)
		if _, _, err := s.gate.Acknowledge(t.Context(), proposer, s.clock.Now(), sharing.AcknowledgementFields{Version: sharing.CurrentConfidentiality().Version}); err != nil {
			t.Fatal(err)
		}
		must(s.gate.FlagChild(t.Context(), proposer, s.clock.Now(), sharing.ChildFlag{Subject: "jane@example.com", Source: "A parent called.", At: s.clock.Now()}))(t)
		p := s.as(t, login.Legal)
		told := ""
		for _, form := range find(p.get(t, "/app/tasks?kind=child_deletion").page, "form", "method=post") {
			if action := attributeOf(form, "action"); strings.HasSuffix(action, "/sent") {
				told = action
			}
		}
		if a := p.post(t, told, url.Values{"back": {"kind=child_deletion"}}); a.status != http.StatusSeeOther || a.header.Get("Location") != "/app/tasks?kind=child_deletion" {
			t.Fatal(told, a.status, a.text())
		}
		if a := p.get(t, "/app/tasks"); !strings.Contains(a.text(), "The recipient was told") || len(find(a.page, "form", "action="+told)) != 0 {
			t.Error(a.text())
		}
		if a := p.post(t, told, nil); a.status != http.StatusConflict || !strings.Contains(a.text(), "The recipient was told already.") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("an exception is closed for a reason", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.violation(t, s.vendor(t, registry.VendorFields{Name: "Acme"}).ID)
		p := s.as(t, login.Legal)
		forms := find(p.get(t, "/app/exceptions").page, "form", "method=post")
		form := attributeOf(forms[len(forms)-1], "action")
		if a := p.post(t, form, url.Values{"reason": {" "}}); a.status != http.StatusUnprocessableEntity || len(find(a.page, "textarea", "aria-invalid=true")) != 1 {
			t.Error(a.status, a.text())
		}
		if a := p.post(t, form, url.Values{"reason": {"A contract was signed."}}); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text())
		}
		if a := p.get(t, "/app/exceptions?state=closed"); !strings.Contains(a.text(), "Closed by Ada legal") {
			t.Error(a.text())
		}
	})

	t.Run("a role that may not act sees no form, and is refused", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		v := s.task(t)
		s.violation(t, v.ID)
		s.proposed(t, proposer, v.ID)
		p, legal := s.as(t, login.Auditor), s.as(t, login.Legal)
		for _, path := range []string{"/app/tasks", "/app/exceptions", "/app/changes"} {
			if forms := find(p.get(t, path).page, "form", "method=post"); len(forms) != 1 { // to sign out
				t.Error(path, "has forms for an auditor")
			}
			for _, form := range find(legal.get(t, path).page, "form", "method=post")[1:] {
				if a := p.post(t, attributeOf(form, "action"), url.Values{"reason": {"x"}, "outcome": {"done"}, "version": {"1"}}); a.status != http.StatusForbidden {
					t.Error(attributeOf(form, "action"), a.status)
				}
			}
		}
	})

	t.Run("a change is approved by somebody else than who proposed it", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		own, other := s.as(t, login.Admin), s.as(t, login.Approver)
		c := s.proposed(t, own.user.Actor(), s.vendor(t, registry.VendorFields{Name: "Acme"}).ID)
		path := "/app/changes/" + c.ID.String()
		if a := own.get(t, "/app/changes"); len(find(a.page, "form", "action="+path+"/approve")) != 0 || !strings.Contains(a.text(), "Somebody else must approve it.") {
			t.Error(a.text())
		}
		if a := own.post(t, path+"/approve", url.Values{"version": {"1"}}); a.status != http.StatusForbidden || !strings.Contains(a.text(), "Whoever proposed a change does not approve it") {
			t.Error(a.status, a.text())
		}
		if a := other.post(t, path+"/approve", url.Values{"version": {"7"}}); a.status != http.StatusPreconditionFailed {
			t.Error(a.status, a.text())
		}
		if a := other.post(t, path+"/approve", url.Values{"version": {"1"}, "back": {"state=proposed"}}); a.status != http.StatusSeeOther || a.header.Get("Location") != "/app/changes?state=proposed" {
			t.Error(a.status, a.text())
		}
		if a := own.get(t, "/app/changes"); !strings.Contains(a.text(), "approved by Ada approver") {
			t.Error(a.text())
		}
	})

	t.Run("a change is withdrawn for a reason", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Legal)
		c := s.proposed(t, p.user.Actor(), s.vendor(t, registry.VendorFields{Name: "Acme"}).ID)
		path := "/app/changes/" + c.ID.String() + "/withdraw"
		if a := p.post(t, path, url.Values{"version": {"1"}}); a.status != http.StatusUnprocessableEntity || len(find(a.page, "textarea", "aria-invalid=true")) != 1 {
			t.Error(a.status, a.text())
		}
		if a := p.post(t, path, url.Values{"version": {"1"}, "reason": {"We stay."}}); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text())
		}
		if a := p.get(t, "/app/changes?state=withdrawn"); !strings.Contains(a.text(), "Withdrawn: We stay.") {
			t.Error(a.text())
		}
	})

	t.Run("what is no form, or too large, or about nothing, is refused", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Legal)
		path := "/app/exceptions/00000000-0000-0000-0000-000000000000/close"
		if a := p.send(t, http.MethodPost, path, url.Values{"reason": {strings.Repeat("x", 100<<10)}}, "Sec-Fetch-Site", "same-origin"); a.status != http.StatusRequestEntityTooLarge {
			t.Error(a.status)
		}
		if a := p.send(t, http.MethodPost, path, nil, "Content-Type", "application/json"); a.status != http.StatusUnsupportedMediaType {
			t.Error(a.status)
		}
		if a := p.post(t, path, url.Values{"reason": {"x"}}); a.status != http.StatusNotFound {
			t.Error(a.status)
		}
		if a := p.post(t, "/app/exceptions/x/close", url.Values{"reason": {"x"}}); a.status != http.StatusNotFound {
			t.Error(a.status)
		}
	})
}

func TestPages(t *testing.T) {
	t.Parallel()

	t.Run("vendors are searched and paged", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		for i := range 53 {
			must(s.registry.CreateVendor(t.Context(), proposer, s.clock.Now(), registry.VendorFields{Name: fmt.Sprintf("Acme %02d", i), Kinds: []string{"partner"}}))(t)
		}
		p := s.as(t, login.Auditor)
		first := p.get(t, "/app/vendors?q=acme")
		next := find(first.page, "a", "rel=next")
		if n := len(find(find(first.page, "ul", "class=cards")[0], "li", "")); n != 50 || len(next) != 1 {
			t.Fatal(n, next)
		}
		if a := p.get(t, attributeOf(next[0], "href")); len(find(find(a.page, "ul", "class=cards")[0], "li", "")) != 3 || len(find(a.page, "a", "rel=next")) != 0 {
			t.Error(a.text())
		}
		if a := p.get(t, "/app/vendors?q=acme+07"); len(find(find(a.page, "ul", "class=cards")[0], "li", "")) != 1 {
			t.Error(a.text())
		}
		if a := p.get(t, "/app/vendors?cursor=made-up"); a.status != http.StatusUnprocessableEntity {
			t.Error(a.status)
		}
	})

	t.Run("a vendor shows its contracts' status at a day, and its history field by field", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		v := s.vendor(t, registry.VendorFields{Name: "Acme"})
		s.expiring(t, v.ID, 5)
		must(s.registry.ChangeVendor(t.Context(), proposer, s.clock.Now(), v.ID, v.Version, registry.VendorPatch{Fields: []byte(`{"country":"DE"}`)}))(t)
		p := s.as(t, login.Auditor)
		path := "/app/vendors/" + v.ID.String()
		if text := p.get(t, path).text(); !strings.Contains(text, "Agreement in force") || !strings.Contains(text, "Version 4") || !strings.Contains(text, "/country DE") || !strings.Contains(text, "proposed → approved") {
			t.Error(text)
		}
		if text := p.get(t, path+"?at="+s.clock.Now().AddDate(0, 0, 10).Format(time.DateOnly)).text(); !strings.Contains(text, "Agreement expired") {
			t.Error(text)
		}
		contract := ""
		for _, n := range find(p.get(t, path).page, "a", "") {
			if href := attributeOf(n, "href"); strings.HasPrefix(href, "/app/history/contract/") {
				contract = href
			}
		}
		if a := p.get(t, contract); a.status != http.StatusOK || !strings.Contains(a.text(), "/in_force_until") {
			t.Error(contract, a.status, a.text())
		}
		for bad, status := range map[string]int{"/app/history/policy/" + v.ID.String(): 404, "/app/history/contract/" + v.ID.String(): 404, path + "?at=soon": 422, "/app/vendors/00000000-0000-0000-0000-000000000000": 404, "/app/vendors/x": 404} {
			if a := p.get(t, bad); a.status != status {
				t.Error(bad, a.status)
			}
		}
	})

	t.Run("the log's page says how to prove it", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Auditor)
		s.publish(t)
		if text := p.get(t, "/app/log").text(); !strings.Contains(text, "Entries 2") || !strings.Contains(text, "of 2 entries") || !strings.Contains(text, "onward verify --key 'onward.example/test+") {
			t.Error(text)
		}
	})
}
