package main_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
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
