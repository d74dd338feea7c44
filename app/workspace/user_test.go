package workspace_test

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"onward/app/login"
	"onward/app/workspace"
	"onward/audit"
)

const usersPath = "/app/users"

// colleague is a new user who never signed in.
func (s *stage) colleague(tb testing.TB, name, role string) login.User {
	tb.Helper()
	return must(s.users.Create(tb.Context(), audit.Program, s.clock.Now(), login.UserFields{
		Name: name, Email: fmt.Sprintf("colleague-%d@example.com", s.clock.Now().UnixNano()), Role: role,
	}))(tb)
}

// formTo is the form of a page that is sent to a path.
func (a *answer) formTo(tb testing.TB, path string) *html.Node {
	tb.Helper()
	forms := find(a.page, "form", "action="+path)
	if len(forms) != 1 {
		tb.Fatalf("%d forms to %s: %s", len(forms), path, a.text())
	}
	return forms[0]
}

// filled is what a form sends as it is shown, with other values where they are given.
func filled(form *html.Node, values url.Values) url.Values {
	sent := url.Values{}
	for _, n := range find(form, "input", "") {
		sent.Set(attributeOf(n, "name"), attributeOf(n, "value"))
	}
	for _, n := range find(form, "select", "") {
		for _, o := range find(n, "option", "") {
			for _, a := range o.Attr {
				if a.Key == "selected" {
					sent.Set(attributeOf(n, "name"), attributeOf(o, "value"))
				}
			}
		}
	}
	for name, v := range values {
		sent[name] = v
	}
	return sent
}

// bad is what a form says is wrong, field by field, after the name of the field; what is wrong with the whole stands under "".
func bad(form *html.Node) map[string]string {
	all := map[string]string{}
	for _, name := range []string{"input", "select", "textarea"} {
		for _, n := range find(form, name, "aria-invalid=true") {
			for _, p := range find(form, "p", "id="+attributeOf(n, "aria-describedby")) {
				all[attributeOf(n, "name")] = textOf(p)
			}
		}
	}
	for _, p := range find(form, "p", "role=alert") {
		all[""] = textOf(p)
	}
	return all
}

func TestUsersPage(t *testing.T) {
	t.Parallel()

	t.Run("only an administrator is led there and let in", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		someone := s.colleague(t, "Jane Doe", login.Legal)
		for _, role := range login.UserRoles() {
			p := s.as(t, role)
			if led := len(find(p.get(t, "/app").page, "a", "href="+usersPath)) == 1; led != (role == login.Admin) {
				t.Error(role, "is led there:", led)
			}
			if role == login.Admin {
				continue
			}
			if a := p.get(t, usersPath); a.status != http.StatusForbidden || !strings.Contains(a.text(), "This needs somebody with the role admin.") || strings.Contains(a.text(), "Jane") {
				t.Error(role, a.status, a.text())
			}
			for _, path := range []string{"", "/change", "/disable", "/enable", "/link"} {
				if path != "" {
					path = "/" + someone.ID.String() + path
				}
				form := url.Values{"version": {"1"}, "name": {"John"}, "email": {role + "@example.org"}, "role": {"admin"}}
				if a := p.post(t, usersPath+path, form); a.status != http.StatusForbidden {
					t.Error(role, path, a.status)
				}
			}
		}
		if u := must(s.users.Read(t.Context(), someone.ID))(t); u.Version != 1 {
			t.Errorf("%+v", u)
		}
	})

	t.Run("it lists who may sign in, and says where there is nobody else", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		if text := admin.get(t, usersPath).text(); !strings.Contains(text, "Nobody else may sign in.") || !strings.Contains(text, "Ada admin admin you "+admin.user.Email+" Signed in last") {
			t.Error(text)
		}
		u := s.colleague(t, "<b>Jane</b>", login.Auditor)
		yes := true
		must(s.users.Change(t.Context(), audit.Program, s.clock.Now(), u.ID, 1, login.UserPatch{Disabled: &yes}))(t)
		if text := admin.get(t, usersPath).text(); strings.Contains(text, "Nobody else") || !strings.Contains(text, "<b>Jane</b> auditor disabled "+u.Email+" Never signed in Enable") {
			t.Error(text)
		}
	})

	t.Run("it is paged, and a form leads back to its page", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		for i := range 51 {
			s.colleague(t, fmt.Sprintf("User %02d", i), login.Legal)
		}
		cards := func(a *answer) []*html.Node { return find(find(a.page, "ul", "class=cards")[0], "li", "") }
		first := admin.get(t, usersPath)
		next := find(first.page, "a", "rel=next")
		if n := len(cards(first)); n != 50 || len(next) != 1 {
			t.Fatal(n, next)
		}
		second := admin.get(t, attributeOf(next[0], "href"))
		if got := cards(second); len(got) != 2 || !strings.Contains(textOf(got[0]), "User 00") || len(find(second.page, "a", "rel=next")) != 0 {
			t.Error(second.text())
		}
		disable := ""
		for _, n := range find(second.page, "form", "method=post") {
			if path := attributeOf(n, "action"); strings.HasSuffix(path, "/disable") && !strings.Contains(path, admin.user.ID.String()) {
				disable = path
			}
		}
		a := admin.post(t, disable, filled(second.formTo(t, disable), nil))
		if a.status != http.StatusSeeOther || a.header.Get("Location") != attributeOf(next[0], "href") {
			t.Error(a.status, a.header.Get("Location"), a.text())
		}
		if a := admin.get(t, usersPath+"?cursor=made-up"); a.status != http.StatusUnprocessableEntity {
			t.Error(a.status)
		}
	})
}

func TestUserForms(t *testing.T) {
	t.Parallel()

	t.Run("a user is added; what is wrong stands beside the fields, and what was typed stays", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		form := admin.get(t, usersPath).formTo(t, usersPath)
		if v := filled(form, nil); v.Get("role") != login.Auditor {
			t.Error("the role that may do least is not the one that is chosen:", v)
		}
		a := admin.post(t, usersPath, url.Values{"name": {" "}, "email": {"Jane <jane@example.com>"}, "role": {"king"}})
		if wrong := bad(a.formTo(t, usersPath)); a.status != http.StatusUnprocessableEntity || len(wrong) != 4 ||
			!strings.Contains(wrong["email"], "must be an e-mail address") || wrong["name"] == "" || wrong["role"] == "" {
			t.Error(a.status, wrong)
		}
		a = admin.post(t, usersPath, url.Values{"name": {"Jane <Doe>"}, "email": {strings.ToUpper(admin.user.Email)}, "role": {"legal"}})
		again := filled(a.formTo(t, usersPath), nil)
		if wrong := bad(a.formTo(t, usersPath)); a.status != http.StatusConflict || wrong[""] != "There is a user with this e-mail address." || len(find(a.page, "details", "open=")) == 0 {
			t.Error(a.status, wrong)
		}
		if again.Get("name") != "Jane <Doe>" || again.Get("role") != login.Legal {
			t.Error("what was typed is lost:", again)
		}
		again.Set("email", "jane@example.com")
		if a = admin.post(t, usersPath, again); a.status != http.StatusSeeOther || a.header.Get("Location") != usersPath {
			t.Fatal(a.status, a.text())
		}
		u := must(s.users.ByEmail(t.Context(), "jane@example.com"))(t)
		if u.Role != login.Legal || u.CreatedBy != admin.user.ID || !strings.Contains(admin.get(t, usersPath).text(), "Jane <Doe> legal jane@example.com Never signed in") {
			t.Errorf("%+v", u)
		}
	})

	t.Run("name and role change, of the version that was seen", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		u := s.colleague(t, "Jane Doe", login.Legal)
		path := usersPath + "/" + u.ID.String() + "/change"
		seen := filled(admin.get(t, usersPath).formTo(t, path), nil)
		if seen.Get("name") != "Jane Doe" || seen.Get("role") != login.Legal || seen.Get("version") != "1" {
			t.Error(seen)
		}
		seen.Set("role", login.Approver)
		if a := admin.post(t, path, seen); a.status != http.StatusSeeOther || a.header.Get("Location") != usersPath {
			t.Fatal(a.status, a.text())
		}
		seen.Set("name", "Jane Roe")
		a := admin.post(t, path, seen)
		if wrong := bad(a.formTo(t, path)); a.status != http.StatusPreconditionFailed || !strings.Contains(wrong[""], "now at version 2") {
			t.Error(a.status, wrong)
		}
		again := filled(a.formTo(t, path), nil)
		if again.Get("name") != "Jane Roe" || again.Get("version") != "2" {
			t.Error(again)
		}
		if a := admin.post(t, path, url.Values{"name": {""}, "role": {"king"}, "version": {"2"}}); a.status != http.StatusUnprocessableEntity || len(bad(a.formTo(t, path))) != 3 {
			t.Error(a.status, a.text())
		}
		if a := admin.post(t, path, again); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text())
		}
		if u := must(s.users.Read(t.Context(), u.ID))(t); u.Name != "Jane Roe" || u.Role != login.Approver || u.Version != 3 {
			t.Errorf("%+v", u)
		}
		for path, status := range map[string]int{path: http.StatusBadRequest, usersPath + "/x/change": http.StatusNotFound, usersPath + "/00000000-0000-0000-0000-000000000000/link": http.StatusNotFound} {
			if a := admin.post(t, path, url.Values{"name": {"x"}}); a.status != status {
				t.Error(path, a.status)
			}
		}
	})

	t.Run("who is disabled is out at once, and in again once enabled", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin, legal := s.as(t, login.Admin), s.as(t, login.Legal)
		path := usersPath + "/" + legal.user.ID.String()
		if a := admin.post(t, path+"/disable", filled(admin.get(t, usersPath).formTo(t, path+"/disable"), nil)); a.status != http.StatusSeeOther {
			t.Fatal(a.status, a.text())
		}
		if a := legal.get(t, "/app"); a.status != http.StatusSeeOther {
			t.Error(a.status)
		}
		page := admin.get(t, usersPath)
		if len(find(page.page, "form", "action="+path+"/link"))+len(find(page.page, "form", "action="+path+"/disable")) != 0 {
			t.Error("who is disabled can be given a link, or disabled again")
		}
		if a := admin.post(t, path+"/link", nil); a.status != http.StatusConflict || !strings.Contains(a.text(), "The user is disabled.") {
			t.Error(a.status, a.text())
		}
		if a := admin.post(t, path+"/enable", filled(page.formTo(t, path+"/enable"), nil)); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text())
		}
		legal.signIn(t)
	})

	t.Run("the last administrator stays one, and is told what to do", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		path := usersPath + "/" + admin.user.ID.String()
		for form, values := range map[string]url.Values{path + "/disable": nil, path + "/change": {"role": {"legal"}}} {
			a := admin.post(t, form, filled(admin.get(t, usersPath).formTo(t, form), values))
			if wrong := bad(a.formTo(t, form)); a.status != http.StatusConflict || !strings.Contains(wrong[""], "Make another user an administrator first.") {
				t.Error(form, a.status, wrong)
			}
		}
		s.colleague(t, "Jane Doe", login.Admin)
		a := admin.post(t, path+"/change", filled(admin.get(t, usersPath).formTo(t, path+"/change"), url.Values{"role": {"legal"}}))
		if place := a.header.Get("Location"); a.status != http.StatusSeeOther || !strings.HasPrefix(place, "/app") || admin.get(t, place).status != http.StatusOK {
			t.Error("one is led to where one may not be any more:", a.status, place)
		}
	})
}

func TestUserLink(t *testing.T) {
	t.Parallel()
	shown := regexp.MustCompile(`(https?://[^/\s]+)(/app/sign-in/(onward_[0-9A-Za-z]{43}))`)

	t.Run("it is shown in the answer alone, with how long it is valid, and signs in once", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		u := s.colleague(t, "Jane Doe", login.Legal)
		path := usersPath + "/" + u.ID.String() + "/link"
		if a := admin.get(t, path); a.status != http.StatusMethodNotAllowed {
			t.Error("a link is made by looking:", a.status)
		}
		a := admin.post(t, path, filled(admin.get(t, usersPath).formTo(t, path), nil))
		link := shown.FindStringSubmatch(a.text())
		if a.status != http.StatusOK || link == nil || link[1] != s.server.URL || a.header.Get("Cache-Control") != "no-store" {
			t.Fatal(a.status, a.header, a.text())
		}
		until := s.clock.Now().Add(15 * time.Minute)
		if text := a.text(); !strings.Contains(text, "For Jane Doe , "+u.Email+". It works once, for 15 minutes: until "+until.Format("2 January 2006, 15:04 UTC")) {
			t.Error(text)
		}
		if strings.Contains(fmt.Sprint(a.header), link[3]) || strings.Contains(admin.get(t, usersPath).body, link[3]) {
			t.Error("the secret is elsewhere too")
		}
		var kept bool
		if err := s.db.NewRaw(`SELECT EXISTS (SELECT FROM sign_in_links l WHERE l::text LIKE ?)`, "%"+link[3]+"%").Scan(t.Context(), &kept); err != nil || kept {
			t.Error("the secret is kept", err)
		}
		jane := s.stranger(t)
		if a := jane.post(t, link[2], nil); a.status != http.StatusSeeOther {
			t.Error(a.status, a.text())
		}
		if a := jane.get(t, "/app"); !strings.Contains(a.text(), "Jane Doe legal") {
			t.Error(a.text())
		}
		if a := s.stranger(t).post(t, link[2], nil); a.status != http.StatusGone {
			t.Error(a.status)
		}
		if !strings.Contains(admin.get(t, usersPath).text(), u.Email+" Signed in last") {
			t.Error("when she signed in is not shown")
		}
		entries := must(s.log.Entries(t.Context(), audit.Query{After: -1, Limit: 200}))(t)
		if leaf := string(entries[len(entries)-1].Leaf); !strings.Contains(leaf, `"link_by":"`+admin.user.ID.String()+`"`) {
			t.Error("the log does not say who made the link:", leaf)
		}
	})

	t.Run("it leads to the address of the settings, or else to the one that was asked", func(t *testing.T) {
		t.Parallel()
		for want, s := range map[string]*stage{
			"https://privacy.example.com": newStage(t, func(o *workspace.Options) { o.Brand.PublicURL = "https://privacy.example.com" }),
			"":                            newStage(t),
		} {
			admin := s.as(t, login.Admin)
			path := usersPath + "/" + admin.user.ID.String() + "/link"
			if link := shown.FindStringSubmatch(admin.post(t, path, url.Values{}).text()); link == nil || link[1] != cmp.Or(want, s.server.URL) {
				t.Error(want, link)
			}
		}
	})

	t.Run("it can be made while the log is frozen, when a user cannot be changed", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		u := s.colleague(t, "Jane Doe", login.Legal)
		s.publish(t)
		s.freeze(t)
		path := usersPath + "/" + u.ID.String()
		a := admin.post(t, path+"/disable", filled(admin.get(t, usersPath).formTo(t, path+"/disable"), nil))
		if wrong := bad(a.formTo(t, path+"/disable")); a.status != http.StatusServiceUnavailable || !strings.Contains(wrong[""], "The log is frozen") {
			t.Error(a.status, wrong)
		}
		if a := admin.post(t, path+"/link", nil); a.status != http.StatusOK || shown.FindString(a.text()) == "" {
			t.Error(a.status, a.text())
		}
	})
}
