package main_test

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A stranger with the file, a policy and this program proves a report, witnessed by somebody who is not us.
func TestBundle(t *testing.T) {
	t.Parallel()
	data := dataDir(t)
	first := start(t, data)
	admin, service := first.key("admin"), first.key("service", "--system", "billing")
	vendor := first.ready(admin)
	logKey := strings.TrimSpace(first.command("log", "key"))
	if err := first.stop(); err != nil {
		t.Fatal(err)
	}
	witnessKey, witnessAddress := startWitness(t, logKey)
	own := filepath.Join(t.TempDir(), "witnesses")
	policy := "witness auditor " + witnessKey + " " + witnessAddress + "\nquorum auditor\n"
	if err := os.WriteFile(own, []byte(policy), 0o600); err != nil {
		t.Fatal(err)
	}
	p := start(t, data, "ONWARD_WITNESSES="+own)
	path := filepath.Join(t.TempDir(), "policy")
	if err := os.WriteFile(path, []byte("log "+logKey+"\n"+policy), 0o600); err != nil {
		t.Fatal(err)
	}
	began := time.Now().UTC().Format(time.RFC3339Nano)
	var entry string
	for _, name := range []string{"one", "two", "three"} {
		entry = entryID(t, string(p.must(http.StatusCreated, service, "POST", "/v1/shares", share(vendor), "Idempotency-Key", name).body))
	}
	p.must(http.StatusCreated, service, "POST", "/v1/shares/"+entry+"/corrections", `{"subject_count":2,"reason":"two were in the file"}`, "Idempotency-Key", "correct")
	until := time.Now().UTC().Format(time.RFC3339Nano)

	for name, c := range map[string]struct {
		query, says string
		rows        int
	}{
		"of the whole log":           {"", "Nothing is missing of the whole log", 4},
		"of a vendor":                {"&vendor_id=" + vendor, "vendor", 4},
		"of a period":                {"&recorded_from=" + began + "&recorded_until=" + until, "recorded from", 4},
		"of a vendor and a period":   {"&vendor_id=" + vendor + "&recorded_from=" + began + "&recorded_until=" + until, "recorded from", 4},
		"of what a text is found in": {"&text=example+hosting&verdict=allowed", "shares.csv", 4},
		"of nothing":                 {"&purpose=MARKETING", "shares.csv", 0},
	} {
		t.Run("a bundle "+name+" is proved", func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "report.zip")
			answer := p.must(http.StatusOK, admin, "GET", "/v1/reports/shares?format=bundle"+c.query, "")
			if err := os.WriteFile(file, answer.body, 0o600); err != nil {
				t.Fatal(err)
			}
			out, code, errText := runOnce(t, nil, "verify", "--policy", path, file)
			if code != 0 || !strings.Contains(out, c.says) || !strings.Contains(out, "cosigned it") {
				t.Fatalf("exit status %d:\n%s%s", code, out, errText)
			}
			if want := map[int]string{0: "0 rows", 4: "4 rows"}[c.rows]; !strings.Contains(out, want) {
				t.Errorf("it does not say %q:\n%s", want, out)
			}
		})
	}
	t.Run("a receipt is proved", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "share.tlog-proof")
		var got answer
		wait(t, func() bool {
			var err error
			got, err = p.call(service, "GET", "/v1/shares/"+entry+"/receipt?format=tlog-proof", "")
			return err == nil && got.status == http.StatusOK && bytes.Contains(got.body, []byte("auditor-test"))
		})
		if err := os.WriteFile(file, got.body, 0o600); err != nil {
			t.Fatal(err)
		}
		out, code, errText := runOnce(t, nil, "verify", "--policy", path, file)
		if code != 0 || !strings.Contains(out, "is in the log") {
			t.Errorf("exit status %d:\n%s%s", code, out, errText)
		}
	})
	t.Run("the whole log is proved over its address", func(t *testing.T) {
		t.Parallel()
		auditor := p.key("auditor")
		out, code, errText := runOnce(t, nil, "verify", "--key", logKey, "--api-key", auditor, p.base+"/log")
		if code != 0 {
			t.Errorf("exit status %d:\n%s%s", code, out, errText)
		}
	})
}

// wait waits until something is so.
func wait(t *testing.T, so func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !so(); time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it did not become so within a minute")
		}
	}
}

// startWitness runs a witness of the log beside the program.
func startWitness(t *testing.T, logKey string) (key, base string) {
	t.Helper()
	dir := t.TempDir()
	w := &watcher{t: t, args: []string{
		"witness", "--name", "auditor-test", "--key", filepath.Join(dir, "key"), "--log", logKey, "--listen", freeAddress(t), "--state", filepath.Join(dir, "state"),
	}}
	w.start()
	t.Cleanup(func() { _ = w.end(syscall.SIGTERM) })
	return w.key, strings.Fields(w.out.String())[4]
}
