package workspace_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"onward/app/login"
	"onward/registry"
	"onward/registry/publishing"
)

// objection is an open objection of a new customer to an announced change.
func (s *stage) objection(tb testing.TB, customer string) publishing.Objection {
	tb.Helper()
	change := s.proposed(tb, proposer, s.vendor(tb, registry.VendorFields{Name: "Vendor of " + customer}).ID)
	c := must(s.desk.CreateCustomer(tb.Context(), proposer, s.clock.Now(), publishing.CustomerFields{
		Name: customer, Contract: "MSA 2026/1", Authorisation: "general", Language: "en", Products: []string{}, Regions: []string{},
		Contacts: []publishing.CustomerContact{{Email: "privacy@customer.example", Name: "Grace Hopper", Position: "Data protection officer"}},
	}))(tb)
	begins, ends := s.clock.Now(), s.clock.Now().AddDate(0, 0, 30)
	if _, err := s.db.NewRaw(`UPDATE changes SET state = 'announced', effective_on = ?, zone = 'UTC' WHERE id = ?`,
		registry.DateOf(s.clock.Now().AddDate(0, 0, 40)), change.ID).Exec(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	reach := publishing.ChangeCustomer{ChangeID: change.ID, CustomerID: c.ID, NoticeBegins: &begins, NoticeEnds: &ends, ObjectionEnds: &ends}
	if _, err := s.db.NewInsert().Model(&reach).Exec(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return must(s.desk.RecordObjection(tb.Context(), proposer, s.clock.Now(), publishing.ObjectionFields{
		ChangeID: change.ID, CustomerID: c.ID, Ground: "We do not want <our> data there.",
	}))(tb)
}

func TestObjections(t *testing.T) {
	t.Parallel()
	const list = "/app/objections"

	t.Run("legal decides one for a reason; what is wrong stands beside the fields, and what was typed stays", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		o := s.objection(t, "Customer <Ltd>")
		legal := s.as(t, login.Legal)
		path := list + "/" + o.ID.String() + "/decide"
		form := legal.get(t, list+"?state=open").formTo(t, path)
		var choices []string
		for _, n := range find(form, "option", "") {
			choices = append(choices, attributeOf(n, "value"))
		}
		if strings.Join(choices, " ") != " upheld rejected withdrawn" {
			t.Errorf("one can choose of %q", choices)
		}
		a := legal.post(t, path, filled(form, url.Values{"state": {""}, "outcome": {"We keep the <old> vendor."}}))
		again := a.formTo(t, path)
		if wrong := bad(again); a.status != http.StatusUnprocessableEntity || len(wrong) != 3 || wrong["state"] != "is required" || wrong["reason"] != "is required" {
			t.Error(a.status, wrong)
		}
		if typed := find(again, "textarea", "name=outcome"); len(typed) != 1 || textOf(typed[0]) != "We keep the <old> vendor." || len(find(a.page, "details", "open=")) == 0 {
			t.Error("what was typed is lost:", a.text())
		}
		values := filled(again, url.Values{"state": {"upheld"}, "reason": {"The ground\r\nholds."}, "outcome": {"We keep the <old> vendor."}})
		if a = legal.post(t, path, values); a.status != http.StatusSeeOther || a.header.Get("Location") != list+"?state=open" {
			t.Fatal(a.status, a.header.Get("Location"), a.text())
		}
		if a := legal.get(t, list+"?state=open"); !strings.Contains(a.text(), "There is no such objection.") {
			t.Error(a.text())
		}
		if text := legal.get(t, list).text(); !strings.Contains(text, "Customer <Ltd> upheld We do not want <our> data there.") ||
			!strings.Contains(text, "Upheld by Ada legal ,") || !strings.Contains(text, ": The ground holds. What follows for the customer: We keep the <old> vendor.") {
			t.Error(text)
		}
		decided := must(s.desk.Objection(t.Context(), o.ID))(t)
		if decided.State != "upheld" || decided.Reason != "The ground\nholds." || *decided.DecidedBy != legal.user.ID || decided.Version != 2 {
			t.Errorf("%+v", decided)
		}
		if types := s.typesOf(t); !strings.HasSuffix(types, "objection.upheld") {
			t.Error(types)
		}
	})

	t.Run("one that is upheld can be withdrawn, and then nothing more", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		o := s.objection(t, "Customer")
		admin := s.as(t, login.Admin)
		path := list + "/" + o.ID.String() + "/decide"
		seen := filled(admin.get(t, list).formTo(t, path), url.Values{"state": {"upheld"}, "reason": {"It holds."}})
		if a := admin.post(t, path, seen); a.status != http.StatusSeeOther {
			t.Fatal(a.status, a.text())
		}
		a := admin.post(t, path, seen)
		if wrong := bad(a.formTo(t, path)); a.status != http.StatusPreconditionFailed || !strings.Contains(wrong[""], "2") {
			t.Error(a.status, wrong)
		}
		if options := find(a.formTo(t, path), "option", ""); len(options) != 1 || attributeOf(options[0], "value") != "withdrawn" {
			t.Error(textOf(a.formTo(t, path)))
		}
		seen.Set("version", "2")
		seen.Set("state", "rejected")
		if a := admin.post(t, path, seen); a.status != http.StatusConflict || bad(a.formTo(t, path))[""] != "An objection that is upheld cannot be rejected." {
			t.Error(a.status, a.text())
		}
		seen.Set("state", "withdrawn")
		if a := admin.post(t, path, seen); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text())
		}
		a = admin.get(t, list)
		if len(find(a.page, "form", "action="+path)) != 0 || !strings.Contains(a.text(), "Withdrawn by the customer, written down by Ada admin ,") {
			t.Error(a.text())
		}
		seen.Set("version", "3")
		if a := admin.post(t, path, seen); a.status != http.StatusConflict || !strings.Contains(a.text(), "An objection that is withdrawn cannot be withdrawn.") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("who may not decide sees no form, and is refused", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		o := s.objection(t, "Customer")
		path := list + "/" + o.ID.String() + "/decide"
		for _, role := range []string{login.Approver, login.Auditor} {
			p := s.as(t, role)
			if a := p.get(t, list); len(find(a.page, "form", "action="+path)) != 0 || !strings.Contains(a.text(), "Customer open") {
				t.Error(role, a.text())
			}
			if a := p.post(t, path, url.Values{"state": {"rejected"}, "reason": {"x"}, "version": {"1"}}); a.status != http.StatusForbidden {
				t.Error(role, a.status)
			}
		}
		legal := s.as(t, login.Legal)
		for path, status := range map[string]int{path: http.StatusBadRequest, list + "/x/decide": http.StatusNotFound, list + "/00000000-0000-0000-0000-000000000000/decide": http.StatusBadRequest} {
			if a := legal.post(t, path, url.Values{"state": {"rejected"}, "reason": {"x"}}); a.status != status {
				t.Error(path, a.status)
			}
		}
		if o := must(s.desk.Objection(t.Context(), o.ID))(t); o.State != "open" {
			t.Errorf("%+v", o)
		}
	})

	t.Run("a reason may be as long as the interface for programs lets it be", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		o := s.objection(t, "Customer")
		legal := s.as(t, login.Legal)
		path := list + "/" + o.ID.String() + "/decide"
		values := url.Values{"state": {"rejected"}, "reason": {strings.Repeat("𝄞", 5000)}, "outcome": {strings.Repeat("𝄞", 2000)}, "version": {"1"}}
		if a := legal.post(t, path, values); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text()[:200])
		}
	})
}
