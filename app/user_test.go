package main_test

import (
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"
)

var signInLink = regexp.MustCompile(`http://\S+/app/sign-in/onward_[0-9A-Za-z]{43}`)

// signIn uses a link, and says whether it worked.
func signIn(t *testing.T, link string) bool {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := http.Client{Jar: jar}
	resp, err := browser.Post(link, "application/x-www-form-urlencoded", nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK && resp.Request.URL.Path == "/app"
}

func TestUsers(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	p := start(t, data)
	first := signInLink.FindString(p.out.String())
	if first == "" || !strings.Contains(p.out.String(), "workspace     "+p.base+"/app\n") {
		t.Fatalf("the first start prints no link:\n%s", p.out)
	}
	if !signIn(t, first) || signIn(t, first) {
		t.Error("the printed link does not work once")
	}
	if _, code, text := runOnce(t, p.env, "user", "create", "--role", "king", "--name", "Jane"); code != 1 || !strings.Contains(text, "/role") || !strings.Contains(text, "/email") {
		t.Errorf("exit status %d: %s", code, text)
	}
	if _, code, text := runOnce(t, p.env, "user", "link", "--email", "nobody@example.com"); code != 1 || !strings.Contains(text, "There is no such user.") {
		t.Errorf("exit status %d: %s", code, text)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = start(t, data)
	if second := signInLink.FindString(p.out.String()); second == "" || second == first {
		t.Errorf("as long as nobody else came in, the administrator needs a new link:\n%s", p.out)
	}
	printed := p.command("user", "create", "--role", "admin", "--name", "Jane", "--email", "jane@example.com")
	if link := strings.TrimSpace(printed); signInLink.FindString(link) != link || !signIn(t, link) {
		t.Errorf("user create printed %q", printed)
	}
	printed = p.command("user", "link", "--email", "JANE@example.com")
	if link := strings.TrimSpace(printed); signInLink.FindString(link) != link || !signIn(t, link) {
		t.Errorf("user link printed %q", printed)
	}
	if err := p.stop(); err != nil {
		t.Fatal(err)
	}
	p = start(t, data)
	if link := signInLink.FindString(p.out.String()); link != "" {
		t.Error("a link is printed though somebody else came in")
	}
}
