package main_test

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"onward/app/postgres"
)

// ownServer is a PostgreSQL that is not the program's.
type ownServer struct {
	t       testing.TB
	data    string
	cluster *postgres.Cluster
}

func newOwnServer(t *testing.T) *ownServer {
	t.Helper()
	s := &ownServer{t: t, data: filepath.Join(dataDir(t), "server")}
	s.start()
	t.Cleanup(func() { s.stop() })
	return s
}

func (s *ownServer) start() {
	s.t.Helper()
	cluster, err := postgres.Start(s.t.Context(), postgres.Options{DataDir: s.data})
	if err != nil {
		s.t.Fatal(err)
	}
	s.cluster = cluster
}

func (s *ownServer) stop() {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // also when the test is over
	defer cancel()
	if err := s.cluster.Stop(ctx); err != nil {
		s.t.Error(err)
	}
}

func TestOwnDatabase(t *testing.T) {
	t.Parallel()

	t.Run("the database stopped in the middle of 1,000 shares loses no acknowledged one and doubles none", func(t *testing.T) {
		t.Parallel()
		server := newOwnServer(t)
		p := start(t, dataDir(t), "ONWARD_DATABASE_URL="+server.cluster.SuperuserDSN("postgres"))
		if link := signInLink.FindString(p.out.String()); link != "" {
			t.Error("whoever reads the output of an instance could sign in")
		}
		admin := p.key("admin")
		vendor := p.ready(admin)
		service := p.key("service", "--system", "billing")
		var stopped sync.WaitGroup
		a := p.record(service, vendor, 1000, func(done int) {
			if done == 400 {
				stopped.Go(server.stop)
			}
		})
		stopped.Wait()
		if n := len(a.bodies); n < 400 || n == 1000 || a.other[http.StatusServiceUnavailable] != 1000-n {
			t.Fatalf("%d of 1,000 acknowledged, the rest %v: want 503 for each", n, a.other)
		}
		unready, err := p.call("", "GET", "/readyz", "")
		if err != nil || unready.status != http.StatusServiceUnavailable {
			t.Errorf("without a database: %d %v", unready.status, err)
		}
		server.start()
		waitReady(t, p.base, p.out)
		for i := range 1000 { // the same keys again
			name := fmt.Sprintf("share-%d", i)
			body, acknowledged := a.bodies[name]
			if !acknowledged {
				p.must(http.StatusCreated, service, "POST", "/v1/shares", a.requests[name], "Idempotency-Key", name)
				continue
			}
			again := p.must(http.StatusCreated, service, "POST", "/v1/shares", a.requests[name], "Idempotency-Key", name)
			if again.header.Get("Idempotency-Replayed") != "true" || entryID(t, string(again.body)) != entryID(t, body) {
				t.Fatalf("%s was acknowledged and is another now: %s", name, again.body)
			}
		}
		if n := p.countShares(admin); n != 1000 {
			t.Errorf("%d shares are in the log", n)
		}
	})
}

// countShares is how many shares are in the log.
func (p *program) countShares(admin string) (n int) {
	p.t.Helper()
	for cursor := ""; ; {
		a := p.must(http.StatusOK, admin, "GET", "/v1/audit/entries?type=share.recorded&limit=200"+cursor, "")
		n += strings.Count(string(a.body), `"leaf_base64"`)
		next := a.text(p.t, "next")
		if next == "" {
			return n
		}
		cursor = "&cursor=" + next
	}
}
