package workspace_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"onward/app/login"
	"onward/registry/sharing"
)

func TestConfidentiality(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := s.as(t, login.Auditor)
	const path = "/app/confidentiality"
	a := p.get(t, path)
	if a.status != http.StatusOK || !strings.Contains(a.text(), "Pass on nothing of what you see") || len(find(a.page, "form", "action="+path)) != 1 {
		t.Fatal(a.status, a.text())
	}
	if a := p.post(t, path, url.Values{"version": {"2001-01-01"}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "Read it again") {
		t.Error(a.status, a.text())
	}
	version := sharing.CurrentConfidentiality().Version
	for range 2 { // the second time changes nothing
		if a := p.post(t, path, url.Values{"version": {version}}); a.status != http.StatusSeeOther || a.header.Get("Location") != path {
			t.Fatal(a.status, a.text())
		}
	}
	if a := p.get(t, path); !strings.Contains(a.text(), "You acknowledged this version, "+version) || len(find(a.page, "form", "action="+path)) != 0 {
		t.Error(a.text())
	}
	done := must(s.gate.Acknowledgements(t.Context(), 10, ""))(t)
	if len(done.Items) != 1 || done.Items[0].Version != version {
		t.Error(done.Items)
	}
	if a := s.as(t, login.Legal).get(t, path); len(find(a.page, "form", "action="+path)) != 1 {
		t.Error("one person's acknowledgement is another's", a.text())
	}
}
