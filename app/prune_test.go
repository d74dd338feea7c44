package main_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/app/postgres"
	"onward/audit"
	"onward/migrations"
)

// oldLog makes a log in which 300 entries were recorded two years ago.
func oldLog(t *testing.T, dsn string) {
	t.Helper()
	db, err := postgres.Open(t.Context(), dsn, postgres.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	old := time.Now().UTC().AddDate(-2, 0, 0)
	if _, err := migrations.Run(t.Context(), db, old); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(t.Context(), db, "onward.test/old", old)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{old, time.Now().UTC()} {
		if err := log.AddMonths(t.Context(), at, 0); err != nil {
			t.Fatal(err)
		}
		var entries []audit.Entry
		for i := range 300 {
			entries = append(entries, audit.Entry{
				ID: uuid.New(), Type: "test.made", Actor: audit.Program, OccurredAt: at, Body: audit.Object{"n": strconv.Itoa(i)},
				VendorID: uuid.UUID{15: byte(i % 3)}, // none for every third
			})
		}
		if _, err := log.Change(t.Context(), at, func(context.Context, bun.Tx) ([]audit.Entry, error) { return entries, nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPrune(t *testing.T) {
	t.Parallel()
	server := newOwnServer(t)
	dsn := server.cluster.SuperuserDSN("postgres")
	oldLog(t, dsn)
	env := environment("ONWARD_DATA="+dataDir(t), "ONWARD_DATABASE_URL="+dsn)
	if _, code, text := runOnce(t, env, "prune"); code != 1 || !strings.Contains(text, "ONWARD_KEEP_MONTHS is not set") {
		t.Fatalf("status %d: %s", code, text)
	}
	env = append(env, "ONWARD_KEEP_MONTHS=23")
	for _, want := range []string{": the entries from 0 to 299.\n", "There is nothing to prune.\n"} {
		if out, code, text := runOnce(t, env, "prune"); code != 0 || !strings.HasSuffix(out, want) {
			t.Fatalf("status %d: %s%s", code, out, text)
		}
	}
	if out, code, text := runOnce(t, env, "doctor", "--verify"); code != 0 {
		t.Fatalf("status %d: %s%s", code, out, text)
	}
	if _, code, text := runOnce(t, append(env, "ONWARD_KEEP_MONTHS=soon"), "doctor"); code != 2 || !strings.Contains(text, "ONWARD_KEEP_MONTHS: it is a whole number") {
		t.Fatalf("status %d: %s", code, text)
	}
}

// A server prunes by itself what it is told to.
func TestServerPrunes(t *testing.T) {
	t.Parallel()
	server := newOwnServer(t)
	dsn := server.cluster.SuperuserDSN("postgres")
	oldLog(t, dsn)
	p := start(t, dataDir(t), "ONWARD_DATABASE_URL="+dsn, "ONWARD_KEEP_MONTHS=12")
	auditor := p.key("auditor")
	for range 100 {
		a := p.must(200, auditor, "GET", "/v1/audit/entries?order=oldest&limit=1", "")
		if strings.Contains(string(a.body), `"index":"300"`) {
			provePruned(t, p, auditor)
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("nothing is pruned:\n%s", p.out)
}

// provePruned proves what is left of a log, and that the rest was pruned, as an auditor does.
func provePruned(t *testing.T, p *program, auditor string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.zip")
	if err := os.WriteFile(file, p.must(200, auditor, "GET", "/v1/reports/shares?format=bundle", "").body, 0o600); err != nil {
		t.Fatal(err)
	}
	key := strings.TrimSpace(p.command("log", "key"))
	for thing, args := range map[string][]string{
		"a bundle": {"verify", "--key", key, file},
		"the log":  {"verify", "--key", key, "--api-key", auditor, p.base + "/log"},
	} {
		out, code, text := runOnce(t, nil, args...)
		if code != 0 || !strings.Contains(out, "The first 300 entries were pruned") || !strings.Contains(out, "Nothing else is missing of the whole log") {
			t.Errorf("%s: exit status %d: %s%s", thing, code, out, text)
		}
	}
}
