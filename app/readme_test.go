//go:build readme

package main_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var shellBlock = regexp.MustCompile("(?s)```sh\n(.*?)```")

// TestReadme runs every shell example of the README as it stands, but for the address, on a bare data folder.
func TestReadme(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, m := range shellBlock.FindAllStringSubmatch(string(text), -1) {
		blocks = append(blocks, m[1])
	}
	if len(blocks) < 8 || blocks[0] != "go run ./app\n" || blocks[1] != "go test ./...\n" {
		t.Fatalf("the README does not begin with the two commands: %q", blocks)
	}
	data, address := dataDir(t), freeAddress(t)
	env := environment("ONWARD_DATA="+data, "ONWARD_LISTEN="+address)

	server := exec.Command("bash", "-c", "exec "+blocks[0])
	server.Dir, server.Env = "..", env
	said := &output{}
	server.Stdout, server.Stderr = said, said
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM) // which "go run" keeps to itself: the program must end all the same
		_ = server.Wait()
	})
	waitReady(t, "http://"+address, said)

	script := "set -eu -o pipefail\n" + strings.ReplaceAll(strings.Join(blocks[2:], ""), "127.0.0.1:8080", address)
	t.Cleanup(func() { _ = os.Remove("../report.zip") })
	session := exec.Command("bash", "-c", script)
	session.Dir, session.Env = "..", env
	out, err := session.CombinedOutput()
	if err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	for _, want := range []string{
		"40 rows read", "Hetzner Online GmbH", "no_contract", `"verdict": "denied"`, `"verdict": "allowed"`, "share.recorded\tdenied", "share.recorded\tallowed", "contract.created",
		"Nothing is missing of all that is about vendor", "rows of shares.csv are exactly those", "Nothing is missing of the whole log",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the session does not show %q:\n%s", want, out)
		}
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitGone(t, "http://"+address)
}

// waitGone returns when nothing answers any more.
func waitGone(t *testing.T, base string) {
	t.Helper()
	for range 600 {
		resp, err := (&program{base: base}).call("", "GET", "/healthz", "")
		if err != nil {
			return
		}
		_ = resp
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the program outlives the command that started it")
}
