package notify_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onward/app/notify"
	"onward/registry/publishing"
)

// call is a webhook as its receiver got it.
type call struct {
	id, timestamp, signature string
	body                     []byte
}

// receiver is a real web server that answers as a test says.
type receiver struct {
	mu     sync.Mutex
	calls  []call
	answer func(w http.ResponseWriter, r *http.Request, body []byte)
	server *httptest.Server
}

func newReceiver(t *testing.T, answer func(http.ResponseWriter, *http.Request, []byte)) *receiver {
	t.Helper()
	r := &receiver{answer: answer}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body)
		r.mu.Lock()
		r.calls = append(r.calls, call{q.Header.Get("webhook-id"), q.Header.Get("webhook-timestamp"), q.Header.Get("webhook-signature"), body})
		r.mu.Unlock()
		r.answer(w, q, body)
	}))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) got() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]call(nil), r.calls...)
}

func hooking(o *notify.Options) { o.PrivateHooks = true }

func TestWebhook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var failed atomic.Int64
	r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request, body []byte) {
		var b struct{ Type, Challenge string }
		_ = json.Unmarshal(body, &b)
		switch {
		case b.Type == "subscription.verify":
			_ = json.NewEncoder(w).Encode(map[string]string{"challenge": b.Challenge})
		case failed.Add(1) == 1:
			w.WriteHeader(http.StatusInternalServerError)
		}
	})
	secret := must(w.Subscribe(t.Context(), w.watch.Now(), publishing.SubscriberFields{Channel: publishing.ByWebhook, Address: r.server.URL + "/hook"}))(t)
	w.run(t, hooking)
	told := func() bool {
		return len(must(w.Subscribers(t.Context(), publishing.SubscriberQuery{State: publishing.SubscriberTold}))(t).Items) == 1
	}
	eventually(t, "it is verified", told)
	n := w.announce(t)
	eventually(t, "it failed once", func() bool { return failed.Load() == 1 && w.states(t, n)[r.server.URL+"/hook"].Attempts == 1 })
	w.watch.add(time.Minute)
	eventually(t, "it is there", func() bool { return w.states(t, n)[r.server.URL+"/hook"].State == publishing.DeliverySent })
	calls := r.got()
	if len(calls) != 3 || calls[1].id != calls[2].id || calls[0].id == calls[1].id || string(calls[1].body) != string(calls[2].body) {
		t.Fatalf("%+v", calls)
	}
	for _, c := range calls {
		at := must(strconv.ParseInt(c.timestamp, 10, 64))(t)
		if c.signature != notify.Sign(secret, c.id, time.Unix(at, 0), c.body) {
			t.Error("the signature is another")
		}
		if since := w.watch.Now().Unix() - at; since < 0 || since > 3*3600 {
			t.Errorf("sent %d seconds ago", since)
		}
	}
	if calls[1].timestamp == calls[2].timestamp || calls[1].signature == calls[2].signature {
		t.Error("a second attempt is signed anew: its receiver refuses what is old")
	}
	var body struct {
		Type    string                    `json:"type"`
		ID      string                    `json:"id"`
		Changes []publishing.NoticeChange `json:"changes"`
	}
	if err := json.Unmarshal(calls[2].body, &body); err != nil || body.Type != "changes.announced" || body.ID != calls[2].id || len(body.Changes) != 1 {
		t.Errorf("%s %v", calls[2].body, err)
	}
	if body.Changes[0].Lines[0].Service != "Hosting and backup" {
		t.Errorf("%+v", body.Changes[0])
	}
	if kept := must(w.Delivery(t.Context(), w.states(t, n)[r.server.URL+"/hook"].ID))(t); string(kept.Message) != string(calls[2].body) {
		t.Error("other bytes were sent than kept")
	}
}

// TestSign holds the signature against one that was worked out with openssl: printf '%s' ID.TIMESTAMP.BODY | openssl dgst -sha256 -hmac KEY -binary.
func TestSign(t *testing.T) {
	t.Parallel()
	got := notify.Sign([]byte("secret-of-the-hook"), "0198", time.Unix(1764000000, 0), []byte(`{"a":1}`))
	if want := "v1,2OVh4abuKQ2rOHoh0ciP/XP+iXPMQ+9/tvNT8NN/aBY="; got != want {
		t.Errorf("%s, not %s", got, want)
	}
	if got := notify.ShownSecret([]byte{0, 255}); got != "whsec_AP8=" {
		t.Error(got)
	}
}

func TestWebhookReceivers(t *testing.T) {
	t.Parallel()
	elsewhere := newReceiver(t, func(http.ResponseWriter, *http.Request, []byte) {})
	for rule, c := range map[string]struct {
		answer func(http.ResponseWriter, *http.Request, []byte)
		want   string
	}{
		"one that says yes without the challenge": {func(http.ResponseWriter, *http.Request, []byte) {}, "without the challenge"},
		"one that repeats all that it is sent": {func(w http.ResponseWriter, _ *http.Request, b []byte) {
			_, _ = w.Write([]byte(strings.Replace(string(b), "challenge", "challenged", 1)))
		}, "without the challenge"},
		"one that fails": {func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(503) }, "503"},
		"one that hangs": {func(_ http.ResponseWriter, r *http.Request, _ []byte) { <-r.Context().Done() }, "no answer in time"},
		"one that hangs in the middle": {func(w http.ResponseWriter, r *http.Request, _ []byte) {
			w.WriteHeader(500)
			w.(http.Flusher).Flush()
			<-r.Context().Done()
		}, "no answer"},
		"one that leads elsewhere": {func(w http.ResponseWriter, r *http.Request, _ []byte) {
			http.Redirect(w, r, elsewhere.server.URL, http.StatusTemporaryRedirect)
		}, "307: redirects are not followed"},
		"one that breaks off": {func(http.ResponseWriter, *http.Request, []byte) { panic(http.ErrAbortHandler) }, "no answer"},
		"one that answers without end": {func(w http.ResponseWriter, r *http.Request, _ []byte) {
			for r.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, "without the challenge"},
		"one with endless headers": {func(w http.ResponseWriter, _ *http.Request, _ []byte) {
			for i := range 2000 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 100))
			}
		}, "no answer"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			r := newReceiver(t, c.answer)
			must(w.Subscribe(t.Context(), w.watch.Now(), publishing.SubscriberFields{Channel: publishing.ByWebhook, Address: r.server.URL}))(t)
			var e *notify.Engine
			e, _ = w.run(t, hooking)
			e.HookTimeout(time.Second)
			var outcome string
			eventually(t, "it was tried", func() bool {
				err := w.db.NewRaw(`SELECT outcome FROM deliveries WHERE attempts = 1`).Scan(t.Context(), &outcome)
				return err == nil
			})
			if !strings.Contains(outcome, c.want) || strings.Contains(outcome, "127.0.0.1") {
				t.Errorf("%q", outcome)
			}
			if all := must(w.Subscribers(t.Context(), publishing.SubscriberQuery{State: publishing.SubscriberTold}))(t).Items; len(all) != 0 {
				t.Error("it counts as verified")
			}
		})
	}
	t.Run("one that is gone for good is let go", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := newReceiver(t, func(w http.ResponseWriter, _ *http.Request, _ []byte) { w.WriteHeader(http.StatusGone) })
		w.subscriber(t, publishing.ByWebhook, r.server.URL, "")
		w.announce(t)
		w.run(t, hooking)
		eventually(t, "it has left", func() bool {
			return len(must(w.Subscribers(t.Context(), publishing.SubscriberQuery{State: publishing.SubscriberLeft}))(t).Items) == 1
		})
	})
	t.Run("one within our own network is not called, whatever its name", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		r := newReceiver(t, func(http.ResponseWriter, *http.Request, []byte) {})
		_, port, _ := strings.Cut(strings.TrimPrefix(r.server.URL, "http://"), ":")
		for _, address := range []string{r.server.URL, "http://localhost:" + port, "https://[::ffff:127.0.0.1]:" + port, "https://169.254.169.254/latest/meta-data"} {
			must(w.Subscribe(t.Context(), w.watch.Now(), publishing.SubscriberFields{Channel: publishing.ByWebhook, Address: address}))(t)
		}
		w.run(t, func(*notify.Options) {})
		var outcomes []string
		eventually(t, "all were tried", func() bool {
			outcomes = nil
			return w.db.NewRaw(`SELECT outcome FROM deliveries WHERE attempts = 1`).Scan(t.Context(), &outcomes) == nil && len(outcomes) == 4
		})
		for _, o := range outcomes {
			if o != "the address is not a public one" {
				t.Error(o)
			}
		}
		if len(r.got()) != 0 {
			t.Error("it was called")
		}
	})
	if len(elsewhere.got()) != 0 {
		t.Error("a redirect was followed")
	}
}

func TestPublicAddresses(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"8.8.8.8", "1.1.1.1", "193.0.6.139", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e"} {
		if !notify.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is public", a)
		}
	}
	for _, a := range []string{
		"127.0.0.1", "127.255.255.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "0.0.0.0",
		"0.1.2.3", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9", "::", "::1",
		"::ffff:10.0.0.1", "::ffff:127.0.0.1", "::127.0.0.1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "2001:db8::1", "2002:7f00:1::1",
		"64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "3fff::1",
	} {
		if notify.Public(netip.MustParseAddr(a)) {
			t.Errorf("%s is not public", a)
		}
	}
	if notify.Public(netip.Addr{}) {
		t.Error("nothing is public")
	}
}
