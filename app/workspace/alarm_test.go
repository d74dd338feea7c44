package workspace_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"onward/app/login"
	"onward/audit"
)

// alarms are the banners of a page.
func (a *answer) alarms() (all []string) {
	for _, n := range find(a.page, "div", "role=alert") {
		all = append(all, textOf(n))
	}
	return all
}

func TestAlarm(t *testing.T) {
	t.Parallel()

	t.Run("a frozen log is told on every page, with why, since when, what it means and who ends it", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin, legal := s.as(t, login.Admin), s.as(t, login.Legal)
		s.publish(t)
		if alarms := legal.get(t, "/app").alarms(); len(alarms) != 0 {
			t.Error("an alarm for nothing:", alarms)
		}
		s.freeze(t)
		for _, path := range []string{"/app", "/app/tasks", "/app/exceptions", "/app/changes", "/app/objections", "/app/vendors", "/app/log", "/app/alarm", "/app/nothing", "/app/sign-in"} {
			alarms := legal.get(t, path).alarms()
			if len(alarms) != 1 {
				t.Fatal(path, alarms)
			}
			for _, want := range []string{"The log is frozen.", "Since " + s.clock.Now().Format("2 January 2006"), "a checkpoint kept outside it is of 1000000", "no share is allowed", "an administrator ends it"} {
				if !strings.Contains(alarms[0], want) {
					t.Errorf("%s does not say %q: %s", path, want, alarms[0])
				}
			}
		}
		if n := len(find(legal.get(t, "/app").page, "form", "action=/app/alarm")); n != 0 {
			t.Error("legal sees the button")
		}
		if n := len(find(admin.get(t, "/app").page, "form", "action=/app/alarm")); n != 1 {
			t.Error("an admin does not see the button")
		}
		if a := legal.post(t, "/app/alarm", url.Values{"reason": {"It was us."}}); a.status != http.StatusForbidden {
			t.Error(a.status)
		}
	})

	t.Run("an admin who signs in while it is frozen acknowledges it with a reason, and all is on record", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		admin.post(t, "/app/sign-out", nil)
		s.publish(t)
		s.freeze(t)
		admin.signIn(t)
		if a := admin.post(t, "/app/alarm", url.Values{"reason": {"  "}}); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.text(), "must have 1 to 2,000 printable characters") {
			t.Error(a.status, a.text())
		}
		typed := strings.Repeat("<x> ", 501)
		a := admin.post(t, "/app/alarm", url.Values{"reason": {typed}})
		if areas := find(a.page, "textarea", "name=reason"); len(areas) != 1 || areas[0].FirstChild == nil || areas[0].FirstChild.Data != typed || attributeOf(areas[0], "aria-invalid") != "true" {
			t.Error("what was typed is lost:", a.status)
		}
		if a := admin.post(t, "/app/alarm", url.Values{"reason": {"Restored from the backup of last night.\r\nA disk had failed."}}); a.status != http.StatusSeeOther {
			t.Fatal(a.status, a.text())
		}
		if alarms := admin.get(t, "/app").alarms(); len(alarms) != 0 {
			t.Error(alarms)
		}
		if types := s.typesOf(t); types != "user.created user.signed_in user.signed_out log.acknowledged user.signed_in" {
			t.Error(types)
		}
		acknowledged := must(s.log.Entries(t.Context(), audit.Query{After: 2, Limit: 1}))(t)[0]
		if leaf := string(acknowledged.Leaf); acknowledged.ActorID != admin.user.ID || !strings.Contains(leaf, `"kind":"user"`) || !strings.Contains(leaf, "A disk had failed.") {
			t.Error(leaf)
		}
		if a := admin.post(t, "/app/alarm", url.Values{"reason": {"Again."}}); a.status != http.StatusConflict || !strings.Contains(a.text(), "The log is not frozen.") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("what contradicts itself nobody acknowledges", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		admin := s.as(t, login.Admin)
		if _, err := s.db.NewRaw("UPDATE log_head SET frozen = 'The database contradicts itself.'").Exec(t.Context()); err != nil {
			t.Fatal(err)
		}
		a := admin.get(t, "/app")
		if alarms := a.alarms(); len(alarms) != 1 || !strings.Contains(alarms[0], "restore it from a backup") || len(find(a.page, "form", "action=/app/alarm")) != 0 {
			t.Error(alarms)
		}
		if a := admin.post(t, "/app/alarm", url.Values{"reason": {"It is fine."}}); a.status != http.StatusConflict || !strings.Contains(a.text(), "cannot be acknowledged") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("a form that cannot be recorded meanwhile says so, and keeps what was typed", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		legal := s.as(t, login.Legal)
		s.task(t)
		s.publish(t)
		s.freeze(t)
		form := attributeOf(find(legal.get(t, "/app/tasks").page, "form", "method=post")[1], "action")
		a := legal.post(t, form, url.Values{"outcome": {"done"}, "reason": {"We looked."}})
		if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "We looked.") || !strings.Contains(textOf(find(a.page, "form", "action="+form)[0]), "The log is frozen") {
			t.Error(a.status, a.text())
		}
	})

	t.Run("entries that no checkpoint covers for a minute are told of", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Auditor)
		s.publish(t)
		s.clock.add(time.Hour)
		if alarms := p.get(t, "/app").alarms(); len(alarms) != 0 {
			t.Error("an old checkpoint that covers all is no alarm:", alarms)
		}
		s.as(t, login.Auditor)
		if alarms := p.get(t, "/app").alarms(); len(alarms) != 0 {
			t.Error("an entry of a moment ago is no alarm:", alarms)
		}
		s.clock.add(2 * time.Minute)
		if alarms := p.get(t, "/app").alarms(); len(alarms) != 1 || !strings.Contains(alarms[0], "not being published") || !strings.Contains(alarms[0], "there are 2") {
			t.Error(alarms)
		}
	})

	t.Run("a witness that does not cosign is told of", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Auditor)
		s.publish(t)
		s.mu.Lock()
		s.cosigned = map[string]time.Time{"fresh.example": s.clock.Now().Add(-24 * time.Hour), "old.example": s.clock.Now().Add(-26 * time.Hour), "never.example": {}}
		s.mu.Unlock()
		alarms := p.get(t, "/app").alarms()
		if len(alarms) != 2 || !strings.Contains(alarms[0], "The witness never.example does not cosign. It never did.") || !strings.Contains(alarms[1], "old.example") {
			t.Error(alarms)
		}
		if text := p.get(t, "/app/log").text(); !strings.Contains(text, "Witness fresh.example cosigned") || !strings.Contains(text, "Witness never.example never cosigned") {
			t.Error(text)
		}
	})

	t.Run("a public list that is old is told of, and mail that waits", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Auditor)
		s.mu.Lock()
		s.stale, s.mail = s.clock.Now(), "No mail server is set."
		s.mu.Unlock()
		if alarms := p.get(t, "/app").alarms(); len(alarms) != 1 || !strings.Contains(alarms[0], "The public list is old.") {
			t.Error(alarms)
		}
	})
	t.Run("while the database is away every page says so, and nobody is sent to sign in", func(t *testing.T) {
		t.Parallel()
		s := newStage(t)
		p := s.as(t, login.Admin)
		s.loseDatabase(t)
		for _, path := range []string{"/app", "/app/tasks", "/app/log"} {
			a := p.get(t, path)
			if alarms := a.alarms(); a.status != http.StatusServiceUnavailable || len(alarms) != 1 || !strings.Contains(alarms[0], "The database does not answer.") {
				t.Error(path, a.status, alarms)
			}
		}
		if a := s.stranger(t).get(t, "/app/sign-in"); a.status != http.StatusOK || len(a.alarms()) != 1 {
			t.Error(a.status, a.text())
		}
	})
}
