package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/app/postgres"
	"onward/audit"
	"onward/migrations"
	"onward/registry"
	"onward/registry/publishing"
)

// releaseOf is the release that p says its list is; empty where it says none.
func (p *program) releaseOf() string {
	p.t.Helper()
	return p.must(http.StatusOK, "", "GET", "/subprocessors.json", "").header.Get("Onward-Release")
}

// waitReleased waits until p's list is that release, and returns how long that took.
func (p *program) waitReleased(number int) time.Duration {
	p.t.Helper()
	begun := time.Now()
	for p.releaseOf() != fmt.Sprint(number) {
		if time.Since(begun) > 30*time.Second {
			p.t.Fatalf("release %q, not %d, after half a minute:\n%s", p.releaseOf(), number, p.out)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return time.Since(begun)
}

// newService is what a vendor is asked to do from now on.
func (p *program) newService(admin, vendor, service string) {
	p.t.Helper()
	p.must(http.StatusCreated, admin, "POST", "/v1/vendors/"+vendor+"/engagements", fmt.Sprintf(
		`{"service":%q,"role":"sub_processor","purposes":["INFRA"],"categories":["CONTACT"],"listed":true,"listed_reason":"it delivers the service"}`, service))
}

// TestEveryInstanceReleases runs three instances on one database and kills them, one after the other, as soon as they have answered a change: one that
// is left makes the release.
func TestEveryInstanceReleases(t *testing.T) {
	t.Parallel()
	server := newOwnServer(t)
	data := dataDir(t)
	url := "ONWARD_DATABASE_URL=" + server.cluster.SuperuserDSN("postgres")
	first := start(t, data, url)
	admin := first.key("admin")
	vendor := first.ready(admin)
	first.waitReleased(1)
	others := []*program{start(t, data, url), start(t, data, url)}
	for _, p := range others {
		if took := p.waitReleased(1); took > 5*time.Second {
			t.Errorf("an instance that starts names the release after %s", took)
		}
	}

	made := 1
	for i := range 5 {
		first.newService(admin, vendor, fmt.Sprintf("Service %d", i))
		made++
		for _, p := range others {
			if took := p.waitReleased(made); took > 5*time.Second { // a second where the machine is idle
				t.Errorf("release %d is seen elsewhere after %s", made, took)
			}
		}
	}
	for _, p := range []*program{first, others[0]} {
		p.newService(admin, vendor, fmt.Sprintf("Service %d", made))
		_ = p.cmd.Process.Kill()
		<-p.exited
		made++
		others[1].waitReleased(made)
	}

	last := others[1]
	var all struct {
		Items []struct {
			Number int
			SHA256 string
			Lines  int
		}
	}
	if err := json.Unmarshal(last.must(http.StatusOK, admin, "GET", "/v1/releases?limit=200", "").body, &all); err != nil || len(all.Items) != made {
		t.Fatalf("%d releases, not %d: %v", len(all.Items), made, err)
	}
	for i, r := range all.Items {
		if r.Number != made-i || r.Lines != r.Number {
			t.Errorf("release %d has %d lines in place %d", r.Number, r.Lines, i)
		}
	}
	entries := last.must(http.StatusOK, admin, "GET", "/v1/audit/entries?type=list.released&limit=200", "")
	if n := strings.Count(string(entries.body), `"leaf_base64"`); n != made {
		t.Errorf("%d entries of %d releases", n, made)
	}
	if said := last.command("doctor"); !strings.Contains(said, fmt.Sprintf("Each of the %d releases of the public list is what the log says.", made)) {
		t.Error(said)
	}
}

// Nobody sees the demo's records before all of them are there: they are one release.
func TestDemoIsOneRelease(t *testing.T) {
	t.Parallel()
	p := launchCommand(t, "demo", dataDir(t))
	waitReady(t, p.base, p.out)
	if release := p.releaseOf(); release != "1" {
		t.Errorf("its list is release %q", release)
	}
	if body := string(p.must(http.StatusOK, "", "GET", "/subprocessors/changes?lang=en", "").body); !strings.Contains(body, "The list begins, with ") {
		t.Error("its history does not begin with it")
	}
}

// A release outlives its entry: what was pruned is not missing, and the list goes on from it.
func TestReleasesOfAPrunedLog(t *testing.T) {
	t.Parallel()
	server := newOwnServer(t)
	dsn := server.cluster.SuperuserDSN("postgres")
	oldRelease(t, dsn)
	data := dataDir(t)
	settings := []string{"ONWARD_DATABASE_URL=" + dsn, "ONWARD_KEEP_MONTHS=23"}
	env := environment(append(settings, "ONWARD_DATA="+data)...)
	if out, code, text := runOnce(t, env, "prune"); code != 0 || !strings.Contains(out, ": the entries from 0 to ") {
		t.Fatalf("status %d: %s%s", code, out, text)
	}
	p := start(t, data, settings...)
	p.waitReleased(1)
	admin := p.key("admin")
	p.ready(admin)
	p.waitReleased(2)
	if out := p.command("doctor"); !strings.Contains(out, "Each of the 2 releases of the public list is what the log says.") {
		t.Error(out)
	}
	if found := p.must(http.StatusOK, admin, "GET", "/v1/audit/entries?type=list.released", ""); strings.Count(string(found.body), `"leaf_base64"`) != 1 {
		t.Error("the entry of the first release was not pruned")
	}
	if got := p.must(http.StatusOK, "", "GET", "/subprocessors/releases/1/difference/2", ""); !strings.Contains(string(got.body), "Example Hosting") {
		t.Error("what the second changed is not told")
	}
}

// oldRelease releases a list of one line, two years ago. The log goes on today.
func oldRelease(t *testing.T, dsn string) {
	t.Helper()
	db, err := postgres.Open(t.Context(), dsn, postgres.Pool{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	old, ctx := time.Now().UTC().AddDate(-2, 0, 0), t.Context()
	if _, err := migrations.Run(ctx, db, old); err != nil {
		t.Fatal(err)
	}
	log, err := audit.Open(ctx, db, "onward.test/old", old)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{old, time.Now().UTC()} {
		if err := log.AddMonths(ctx, at, 0); err != nil {
			t.Fatal(err)
		}
	}
	editor, approver := audit.Actor{Kind: "key", ID: uuid.New(), Role: "legal"}, audit.Actor{Kind: "key", ID: uuid.New(), Role: "approver"}
	r := registry.New(db, log)
	v, err := r.CreateVendor(ctx, editor, old, registry.VendorFields{Name: "Old Hosting", Kinds: []string{"subprocessor"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.ChangeVendor(ctx, approver, old, v.ID, v.Version, registry.VendorPatch{State: registry.Approved}); err != nil {
		t.Fatal(err)
	}
	fields := registry.EngagementFields{Service: "Hosting", Listed: true, ListedReason: "it delivers the service"}
	if _, err := r.CreateEngagement(ctx, editor, old, v.ID, fields); err != nil {
		t.Fatal(err)
	}
	if list, err := publishing.NewDesk(db, log).Current(ctx, old); err != nil || list.Release == nil {
		t.Fatalf("%+v %v", list.Release, err)
	}
	now := time.Now().UTC()
	var more []audit.Entry // only whole tiles are pruned
	for range 256 {
		more = append(more, audit.Entry{ID: uuid.New(), Type: "test.made", Actor: audit.Program, OccurredAt: now, Body: audit.Object{}})
	}
	if _, err := log.Change(ctx, now, func(context.Context, bun.Tx) ([]audit.Entry, error) { return more, nil }); err != nil {
		t.Fatal(err)
	}
}
