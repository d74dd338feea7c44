package workspace_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"onward/app/login"
	"onward/audit"
)

// typesOf are the types of the entries of the log, in their order.
func (s *stage) typesOf(t *testing.T) string {
	t.Helper()
	var types []string
	for _, e := range must(s.log.Entries(t.Context(), audit.Query{After: -1, Limit: 200}))(t) {
		types = append(types, e.Type)
		if leaf := string(e.Leaf); strings.Contains(leaf, "Ada") || strings.Contains(leaf, "example.com") {
			t.Error("an entry names somebody:", leaf)
		}
	}
	return strings.Join(types, " ")
}

func TestSignIn(t *testing.T) {
	t.Parallel()

	t.Run("whoever is not signed in is led to sign in, from every page and form", func(t *testing.T) {
		t.Parallel()
		p := newStage(t).stranger(t)
		for _, path := range []string{"/app", "/app/tasks", "/app/exceptions?kind=violation", "/app/changes", "/app/vendors", "/app/log", "/app/alarm", "/app/nothing"} {
			if a := p.get(t, path); a.status != http.StatusSeeOther || a.header.Get("Location") != "/app/sign-in" || a.header.Get("Cache-Control") != "no-store" {
				t.Error(path, a.status, a.header)
			}
		}
		for _, path := range []string{"/app/alarm", "/app/sign-out", "/app/tasks/00000000-0000-0000-0000-000000000000/close"} {
			if a := p.post(t, path, nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/app/sign-in" {
				t.Error(path, a.status, a.header)
			}
		}
		if a := p.get(t, "/app/sign-in"); a.status != http.StatusOK || !strings.Contains(a.text(), "onward user link") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("getting a link does not use it, its button does, once", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Legal)
		link := s.link(t, p.user)
		mail := s.stranger(t)
		for range 2 {
			a := mail.get(t, link)
			if a.status != http.StatusOK || len(find(a.page, "form", "action="+link)) != 1 || len(a.header["Set-Cookie"]) > 0 {
				t.Fatal(a.status, a.text())
			}
		}
		if a := mail.post(t, link, nil); a.status != http.StatusSeeOther {
			t.Fatal(a.status)
		}
		if a := mail.get(t, "/app"); a.status != http.StatusOK || !strings.Contains(a.text(), "Ada legal") {
			t.Error(a.status, a.text())
		}
		again := s.stranger(t)
		for _, a := range []*answer{again.get(t, link), again.post(t, link, nil)} {
			if a.status != http.StatusGone || !strings.Contains(a.text(), "was used") || len(a.header["Set-Cookie"]) > 0 {
				t.Error(a.status, a.text())
			}
		}
	})

	t.Run("a link is too old after 15 minutes", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Legal)
		link := s.link(t, p.user)
		s.clock.add(15 * time.Minute)
		if a := s.stranger(t).post(t, link, nil); a.status != http.StatusGone {
			t.Error(a.status)
		}
	})

	t.Run("signing in and out are entries, and signing out ends the session", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Auditor)
		if a := p.post(t, "/app/sign-out", nil); a.status != http.StatusSeeOther || a.header.Get("Location") != "/app/sign-in" {
			t.Error(a.status, a.header)
		}
		if a := p.get(t, "/app"); a.status != http.StatusSeeOther {
			t.Error(a.status)
		}
		if types := s.typesOf(t); types != "user.created user.signed_in user.signed_out" {
			t.Error(types)
		}
	})

	t.Run("another who signs in at the same browser signs the first one out", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p, other := s.as(t, login.Auditor), s.as(t, login.Legal)
		if a := p.post(t, s.link(t, other.user), nil); a.status != http.StatusSeeOther {
			t.Error(a.status)
		}
		if a := p.get(t, "/app"); !strings.Contains(a.text(), "Ada legal") {
			t.Error(a.text())
		}
		if types := s.typesOf(t); !strings.HasSuffix(types, "user.signed_in user.signed_out") {
			t.Error(types)
		}
	})

	t.Run("a request that was on its way does not bring a session back that was signed out", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Auditor)
		var token string
		if err := s.db.NewRaw("SELECT token FROM app_sessions").Scan(t.Context(), &token); err != nil {
			t.Fatal(err)
		}
		cookies := p.client.Jar.Cookies(must(http.NewRequest(http.MethodGet, s.server.URL, nil))(t).URL)
		p.post(t, "/app/sign-out", nil)
		old := s.stranger(t)
		if a := old.send(t, http.MethodGet, "/app", nil, "Cookie", cookies[0].Name+"="+cookies[0].Value); a.status != http.StatusSeeOther {
			t.Error(a.status)
		}
		if token == cookies[0].Value {
			t.Error("the token is kept as it is")
		}
	})

	t.Run("whoever is disabled is out with the next request, whoever has another role has it", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		s.as(t, login.Admin) // stays
		p := s.as(t, login.Admin)
		role, yes := login.Auditor, true
		must(s.users.Change(t.Context(), audit.Program, s.clock.Now(), p.user.ID, 1, login.UserPatch{Role: &role}))(t)
		if a := p.post(t, "/app/alarm", nil); a.status != http.StatusForbidden {
			t.Error(a.status)
		}
		must(s.users.Change(t.Context(), audit.Program, s.clock.Now(), p.user.ID, 2, login.UserPatch{Disabled: &yes}))(t)
		if a := p.get(t, "/app"); a.status != http.StatusSeeOther {
			t.Error(a.status)
		}
	})

	t.Run("a session ends after eight hours of nothing", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Legal)
		s.clock.add(8*time.Hour - time.Minute)
		if a := p.get(t, "/app"); a.status != http.StatusOK {
			t.Error(a.status)
		}
		s.clock.add(2 * time.Minute)
		if a := p.get(t, "/app"); a.status != http.StatusSeeOther {
			t.Error(a.status)
		}
	})

	t.Run("the cookie is the browser's alone, and over https the host's alone", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Legal)
		plain := s.stranger(t).post(t, s.link(t, p.user), nil).header.Get("Set-Cookie")
		secure := s.stranger(t).send(t, http.MethodPost, s.link(t, p.user), nil, "X-Forwarded-Proto", "https").header.Get("Set-Cookie")
		for cookie, want := range map[string]string{plain: "onward=; Path=/; HttpOnly; SameSite=Lax", secure: "__Host-onward=; Path=/; HttpOnly; Secure; SameSite=Lax"} {
			name, rest, _ := strings.Cut(cookie, "=")
			_, attributes, _ := strings.Cut(rest, ";")
			if got := name + "=;" + attributes; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
	})

	t.Run("a form of another site's page is refused", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Admin)
		link := s.link(t, p.user)
		for _, header := range [][]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://elsewhere.example"}, {"Origin", "null"}} {
			for _, path := range []string{"/app/sign-out", link, "/app/alarm"} {
				if a := p.send(t, http.MethodPost, path, nil, header...); a.status != http.StatusForbidden || !strings.Contains(a.text(), "another site") {
					t.Error(header, path, a.status, a.text())
				}
			}
		}
		if a := p.get(t, "/app"); a.status != http.StatusOK {
			t.Error("the session ended:", a.status)
		}
	})

	t.Run("every answer is kept by nobody and loads nothing", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Admin)
		for _, path := range []string{"/app", "/app/log", "/app/nothing", "/app/tasks?kind=x", "/app/sign-in"} {
			a := p.get(t, path)
			if h := a.header; h.Get("Cache-Control") != "no-store" || h.Get("X-Frame-Options") != "DENY" || h.Get("Referrer-Policy") != "same-origin" ||
				!strings.HasPrefix(h.Get("Content-Security-Policy"), "default-src 'none'; style-src 'sha256-") {
				t.Error(path, h)
			}
			if len(find(a.page, "script", "")) > 0 || strings.Contains(a.body, `="http`) || strings.Contains(a.body, `="//`) || strings.Contains(a.body, "url(") {
				t.Error(path, "asks another host, or has a script")
			}
		}
	})

	t.Run("there is no other way of asking", func(t *testing.T) {
		t.Parallel()
		p := newStage(t).as(t, login.Admin)
		if a := p.post(t, "/app/log", nil); a.status != http.StatusMethodNotAllowed || !strings.Contains(a.header.Get("Allow"), "GET") {
			t.Error(a.status, a.header)
		}
		if a := p.send(t, http.MethodHead, "/app", nil); a.status != http.StatusOK {
			t.Error(a.status)
		}
	})
}
