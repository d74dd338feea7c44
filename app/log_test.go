package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// copied are the notes in the copy of the checkpoints, oldest first.
func copied(tb testing.TB, data string) []string {
	tb.Helper()
	text, err := os.ReadFile(filepath.Join(data, "checkpoints"))
	if err != nil {
		tb.Fatal(err)
	}
	var notes []string
	for _, part := range strings.SplitAfter(string(text), "\n\n") {
		if strings.HasPrefix(part, "— ") {
			notes[len(notes)-1] += strings.TrimSuffix(part, "\n")
		} else if part != "" {
			notes = append(notes, part)
		}
	}
	return notes
}

// signers tells which of the verifier keys a note opens with.
func signers(tb testing.TB, text string, keys ...string) string {
	tb.Helper()
	var by strings.Builder
	for i, key := range keys {
		v, err := note.NewVerifier(key)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := note.Open([]byte(text), note.VerifierList(v)); err == nil {
			fmt.Fprint(&by, i)
		}
	}
	return by.String()
}

// grown makes an entry and waits until a checkpoint of it is in the copy; it returns that.
func (p *program) grown(data, admin string) string {
	p.t.Helper()
	p.must(201, admin, "POST", "/v1/vendors", fmt.Sprintf(`{"name":"One more at %d","kinds":["partner"]}`, time.Now().UnixNano()))
	var page struct {
		Items []struct {
			Index int64 `json:"index,string"`
		} `json:"items"`
	}
	if err := json.Unmarshal(p.must(200, admin, "GET", "/v1/audit/entries?limit=1", "").body, &page); err != nil || len(page.Items) != 1 {
		p.t.Fatal(page, err)
	}
	for range 1000 {
		if notes := copied(p.t, data); len(notes) > 0 {
			last := notes[len(notes)-1]
			var name string
			var size int64
			if _, err := fmt.Sscan(last, &name, &size); err == nil && size > page.Items[0].Index {
				return last
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("no checkpoint after ten seconds:\n%s", p.out)
	return ""
}

func TestLog(t *testing.T) {
	t.Parallel()

	t.Run("the key is made once, alone on standard output, kept to this account, and outlives a restart", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		p := start(t, data)
		key := strings.TrimSpace(p.command("log", "key"))
		info, err := os.Stat(filepath.Join(data, "log.key"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Fatal(info, err)
		}
		admin := p.key("admin")
		if last := p.grown(data, admin); signers(t, last, key) != "0" {
			t.Fatalf("not signed by %s:\n%s", key, last)
		}
		if err := p.stop(); err != nil {
			t.Fatalf("%v:\n%s", err, p.out)
		}
		again := start(t, data)
		if got := strings.TrimSpace(again.command("log", "key")); got != key {
			t.Fatalf("the key was %s and is %s", key, got)
		}
		again.grown(data, admin)
		for _, n := range copied(t, data) {
			if signers(t, n, key) != "0" {
				t.Fatalf("not signed by %s:\n%s", key, n)
			}
		}
	})

	t.Run("a key that is replaced signs together with the new one until the overlap ends, under a running server", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		p := start(t, data)
		admin := p.key("admin")
		old := strings.TrimSpace(p.command("log", "key"))
		if _, code, text := runOnce(t, p.env, "log", "rotate", "--end-overlap"); code != 1 || !strings.Contains(text, "no overlap") {
			t.Fatalf("exit status %d: %s", code, text)
		}
		next := strings.TrimSpace(p.command("log", "rotate"))
		if again := strings.TrimSpace(p.command("log", "rotate")); again != next || next == old {
			t.Fatalf("%s, then %s, then %s", old, next, again)
		}
		if got := p.command("log", "key"); got != next+"\n"+old+"\n" {
			t.Fatalf("the keys are %s", got)
		}
		if last := p.grown(data, admin); signers(t, last, next, old) != "01" {
			t.Fatalf("not signed by both:\n%s", last)
		}
		p.command("log", "rotate", "--end-overlap")
		if last := p.grown(data, admin); signers(t, last, next, old) != "0" {
			t.Fatalf("not signed by the new key alone:\n%s", last)
		}
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		again := start(t, data)
		again.must(200, admin, "GET", "/v1/audit/entries?type=log.key_retired", "")
		again.grown(data, admin)
	})

	t.Run("a database behind its copy is served frozen, until it is acknowledged at the command line", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		p := start(t, data)
		admin := p.key("admin")
		key := strings.TrimSpace(p.command("log", "key"))
		p.grown(data, admin)
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		secret, err := os.ReadFile(filepath.Join(data, "log.key"))
		if err != nil {
			t.Fatal(err)
		}
		signer, err := note.NewSigner(strings.TrimSpace(string(secret)))
		if err != nil {
			t.Fatal(err)
		}
		lost, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n5000\n%s\n", signer.Name(), tlog.Hash{1})}, signer)
		if err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(data, "checkpoints"), os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = f.Write(append(lost, '\n'))
		}
		if err != nil || f.Close() != nil {
			t.Fatal(err)
		}
		for range 2 { // it stays so
			p = launch(t, data)
			p.waitReadiness(http.StatusServiceUnavailable)
			a := p.must(503, "", "GET", "/readyz", "")
			if !strings.Contains(string(a.body), "a checkpoint kept outside it is of 5000") || !strings.Contains(p.out.String(), "level=ERROR") {
				t.Fatalf("%s\n%s", a.body, p.out)
			}
			p.must(503, admin, "POST", "/v1/vendors", `{"name":"Never","kinds":["partner"]}`)
			p.must(200, admin, "GET", "/v1/vendors", "")
			if err := p.stop(); err != nil {
				t.Fatal(err)
			}
		}
		p = launch(t, data)
		p.waitReadiness(http.StatusServiceUnavailable)
		if _, code, text := runOnce(t, p.env, "log", "acknowledge"); code != 1 || !strings.Contains(text, "the reason must have") {
			t.Fatalf("exit status %d: %s", code, text)
		}
		p.command("log", "acknowledge", "--reason", "a test")
		p.waitReadiness(http.StatusOK)
		if last := p.grown(data, admin); signers(t, last, key) != "0" {
			t.Fatalf("not signed by %s:\n%s", key, last)
		}
		if _, code, text := runOnce(t, p.env, "log", "acknowledge", "--reason", "a test"); code != 1 || !strings.Contains(text, "not frozen") {
			t.Fatalf("exit status %d: %s", code, text)
		}
	})

	t.Run("keys that cannot be used are one sentence each", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		env := environment("ONWARD_DATA=" + data)
		if _, code, text := runOnce(t, env, "log", "key"); code != 0 {
			t.Fatalf("exit status %d: %s", code, text)
		}
		foreign, err := os.ReadFile(filepath.Join(data, "log.key"))
		if err != nil {
			t.Fatal(err)
		}
		refuses := func(want string, more ...string) {
			t.Helper()
			_, code, text := runOnce(t, append(env, more...), "log", "key")
			if code != 1 || strings.Count(text, "onward: ") != 1 || !strings.Contains(text, want) {
				t.Errorf("exit status %d: %s", code, text)
			}
			if strings.Contains(text, strings.TrimSpace(string(foreign))) {
				t.Errorf("it tells the key: %s", text)
			}
		}
		refuses("ONWARD_LOG_KEY", "ONWARD_LOG_KEY=PRIVATE+KEY+elsewhere.example+00000000+AAAA")
		if err := os.Chmod(filepath.Join(data, "log.key"), 0o644); err != nil {
			t.Fatal(err)
		}
		refuses("can be read by other accounts")
		if err := os.Remove(filepath.Join(data, "log.key")); err != nil {
			t.Fatal(err)
		}
		p := launch(t, data)
		p.waitReadiness(http.StatusOK) // the log is empty: it was never signed
		p.key("admin")
		p.waitPublished(data)
		if err := p.stop(); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(filepath.Join(data, "log.key")); err != nil {
			t.Fatal(err)
		}
		refuses("was signed with a key that is not here")
	})
}

// waitReadiness waits until /readyz answers with a status.
func (p *program) waitReadiness(status int) {
	p.t.Helper()
	for range 6000 {
		if a, err := p.call("", "GET", "/readyz", ""); err == nil && a.status == status {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("/readyz does not answer %d after a minute:\n%s", status, p.out)
}

// waitPublished waits until there is a checkpoint.
func (p *program) waitPublished(data string) {
	p.t.Helper()
	for range 1000 {
		if len(copied(p.t, data)) > 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	p.t.Fatalf("no checkpoint after ten seconds:\n%s", p.out)
}
