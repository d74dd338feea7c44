package main_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"
)

// ready makes a vendor that may receive contact details for INFRA, and returns its id.
func (p *program) ready(admin string) (vendor string) {
	p.t.Helper()
	v := p.must(201, admin, "POST", "/v1/vendors", `{"name":"Example Hosting","kinds":["subprocessor"],"country":"DE"}`)
	vendor = v.text(p.t, "id")
	e := p.must(201, admin, "POST", "/v1/vendors/"+vendor+"/engagements",
		`{"service":"Hosting","role":"sub_processor","purposes":["INFRA"],"categories":["CONTACT"],"listed":true,"listed_reason":"its infrastructure delivers the service"}`)
	engagement := e.text(p.t, "id")
	p.must(201, admin, "POST", "/v1/engagements/"+engagement+"/locations", `{"place":"DE","uses":["storage"],"transfer":{"mechanism":"none_needed"}}`)
	c := p.must(201, admin, "POST", "/v1/vendors/"+vendor+"/contracts",
		`{"kind":"data_processing_agreement","signed_on":"2020-01-01","in_force_from":"2020-01-01","clauses":[{"code":"confidentiality","where":"section 4"}]}`)
	p.must(200, admin, "PUT", "/v1/contracts/"+c.text(p.t, "id")+"/document", "the agreement", "Content-Type", "text/plain", "If-Match", c.header.Get("ETag"))
	approver := p.key("approver")
	a := p.must(200, approver, "PATCH", "/v1/vendors/"+vendor, `{"state":"approved"}`, "If-Match", v.header.Get("ETag"))
	p.must(200, admin, "PATCH", "/v1/vendors/"+vendor, `{"state":"active"}`, "If-Match", a.header.Get("ETag"))
	return vendor
}

func share(vendor string) string {
	return fmt.Sprintf(`{"vendor_id":%q,"purpose":"INFRA","ground":"service_provider","categories":["CONTACT"],"subject_count":1,"countries":["DE"],"origin":"DE","occurred_at":%q,"state":"intended"}`,
		vendor, time.Now().UTC().Format(time.RFC3339Nano))
}

// acknowledged are the shares that were answered 201, by their key, with the body of the answer.
type acknowledged struct {
	mu       sync.Mutex
	requests map[string]string // all of them
	bodies   map[string]string
	other    map[int]int
}

// record sends n shares from 16 callers and notes what each was answered; onEach is called after each answer.
func (p *program) record(key, vendor string, n int, onEach func(done int)) *acknowledged {
	a := &acknowledged{requests: map[string]string{}, bodies: map[string]string{}, other: map[int]int{}}
	jobs := make(chan int)
	var wg sync.WaitGroup
	done := 0
	for range 16 {
		wg.Go(func() {
			for i := range jobs {
				name := fmt.Sprintf("share-%d", i)
				request := share(vendor)
				got, err := p.call(key, "POST", "/v1/shares", request, "Idempotency-Key", name)
				a.mu.Lock()
				a.requests[name] = request
				switch {
				case err != nil:
					a.other[0]++
				case got.status == http.StatusCreated:
					a.bodies[name] = string(got.body)
				default:
					a.other[got.status]++
					if got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") == "" {
						p.t.Errorf("503 without Retry-After")
					}
				}
				done++
				onEach(done)
				a.mu.Unlock()
			}
		})
	}
	for i := range n {
		jobs <- i
	}
	close(jobs)
	wg.Wait()
	return a
}

func TestProgram(t *testing.T) {
	t.Parallel()

	t.Run("a bare folder becomes a service, and a signal ends it with everything kept", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		p := start(t, data)
		admin := p.key("admin")
		vendor := p.ready(admin)
		service := p.key("service", "--system", "billing")
		p.must(201, service, "POST", "/v1/shares", share(vendor), "Idempotency-Key", "one")
		if err := p.stop(); err != nil {
			t.Fatalf("%v:\n%s", err, p.out)
		}
		again := start(t, data)
		a := again.must(200, admin, "GET", "/v1/audit/entries?type=share.recorded", "")
		if got := strings.Count(string(a.body), `"share.recorded"`); got == 0 {
			t.Errorf("the share is gone: %s", a.body)
		}
		again.must(200, "", "GET", "/subprocessors.json", "")
	})

	t.Run("kill -9 in the middle of 1,000 shares loses no acknowledged one and doubles none", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		p := start(t, data)
		admin := p.key("admin")
		vendor := p.ready(admin)
		service := p.key("service", "--system", "billing")
		a := p.record(service, vendor, 1000, func(done int) {
			if done == 400 {
				_ = p.cmd.Process.Kill()
			}
		})
		if n := len(a.bodies); n < 300 || n == 1000 {
			t.Fatalf("%d of 1,000 acknowledged: the kill did not come in the middle (%v)", n, a.other)
		}
		again := start(t, data)
		for name, body := range a.bodies {
			got, err := again.call(service, "GET", "/v1/shares/"+entryID(t, body)+"/receipt", "")
			if err != nil || got.status != 200 {
				t.Fatalf("%s was acknowledged and is gone: %d %v %s", name, got.status, err, got.body)
			}
		}
		for name, request := range a.requests {
			again.must(201, service, "POST", "/v1/shares", request, "Idempotency-Key", name)
		}
		if n := again.countShares(admin); n != 1000 {
			t.Errorf("%d shares are in the log after each was sent again under its key", n)
		}
	})

	t.Run("a second start on the same folder uses the running database", func(t *testing.T) {
		t.Parallel()
		data := dataDir(t)
		first := start(t, data)
		admin := first.key("admin")
		second := start(t, data)
		first.must(201, admin, "POST", "/v1/vendors", `{"name":"Seen by both","kinds":["partner"]}`)
		a := second.must(200, admin, "GET", "/v1/vendors?q=seen+by", "")
		if !strings.Contains(string(a.body), "Seen by both") {
			t.Errorf("the second instance does not see it: %s", a.body)
		}
	})

	t.Run("a taken port is a sentence, before anything is started", func(t *testing.T) {
		t.Parallel()
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer ln.Close()
		data := dataDir(t)
		_, code, text := runOnce(t, environment("ONWARD_DATA="+data, "ONWARD_LISTEN="+ln.Addr().String()))
		if code != 1 || !strings.Contains(text, "is taken by another program") {
			t.Errorf("exit status %d: %s", code, text)
		}
		if _, err := os.Stat(data); err == nil {
			t.Error("it made a data folder all the same")
		}
	})

	t.Run("a folder that cannot be written is a sentence", func(t *testing.T) {
		t.Parallel()
		_, code, text := runOnce(t, environment("ONWARD_DATA=/proc/onward", "ONWARD_LISTEN="+freeAddress(t)))
		if code != 1 || !strings.Contains(text, "/proc/onward") || strings.Count(text, "\n") > 2 {
			t.Errorf("exit status %d: %s", code, text)
		}
	})
}

func TestCommandLine(t *testing.T) {
	t.Parallel()

	t.Run("help names every command and every setting", func(t *testing.T) {
		t.Parallel()
		out, code, _ := runOnce(t, environment(), "--help")
		if code != 0 {
			t.Fatalf("exit status %d", code)
		}
		for _, want := range []string{"serve", "demo", "import", "key create", "key list", "key revoke", "migrate", "ONWARD_LISTEN", "ONWARD_DATA", "ONWARD_DATABASE_URL", "ONWARD_FETCH_POSTGRES"} {
			if !strings.Contains(out, want) {
				t.Errorf("help does not name %s", want)
			}
		}
	})

	t.Run("every bad setting is named", func(t *testing.T) {
		t.Parallel()
		_, code, text := runOnce(t, environment("ONWARD_LISTEN=nowhere", "ONWARD_FETCH_POSTGRES=maybe", "ONWARD_SUBJECT_KEY=topsecret", "ONWARD_COLOUR=red"))
		if code != 2 {
			t.Errorf("exit status %d", code)
		}
		for _, want := range []string{"ONWARD_LISTEN", "ONWARD_FETCH_POSTGRES", "ONWARD_SUBJECT_KEY", "ONWARD_COLOUR"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s is not named: %s", want, text)
			}
		}
		if strings.Contains(text, "topsecret") {
			t.Errorf("a secret is repeated: %s", text)
		}
	})

	t.Run("an unknown command is refused", func(t *testing.T) {
		t.Parallel()
		if _, code, text := runOnce(t, environment(), "serv"); code != 2 || !strings.Contains(text, `"serv"`) {
			t.Errorf("exit status %d: %s", code, text)
		}
	})
}

// entryID is the id in the receipt of a share's answer.
func entryID(tb testing.TB, body string) string {
	tb.Helper()
	var v struct {
		Receipt struct {
			EntryID string `json:"entry_id"`
		} `json:"receipt"`
	}
	if err := json.Unmarshal([]byte(body), &v); err != nil || v.Receipt.EntryID == "" {
		tb.Fatalf("no receipt (%v): %s", err, body)
	}
	return v.Receipt.EntryID
}
