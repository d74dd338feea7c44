package notify_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"

	"onward/app/notify"
	"onward/app/postgres"
	"onward/app/site"
	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry/publishing"
)

// What a process that is to be killed needs: the database, the mail server's port, and how far its clock is ahead.
const (
	childDSN   = "ONWARD_TEST_CHILD"
	childPort  = "ONWARD_TEST_PORT"
	childAhead = "ONWARD_TEST_AHEAD"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		deliverUntilKilled(dsn)
		return
	}
	os.Exit(m.Run())
}

// deliverUntilKilled runs an engine.
func deliverUntilKilled(dsn string) {
	ahead, err := time.ParseDuration(os.Getenv(childAhead))
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	db, err := postgres.Open(ctx, dsn, postgres.Pool{})
	if err != nil {
		panic(err)
	}
	log, err := audit.Join(ctx, db)
	if err != nil {
		panic(err)
	}
	links, err := publishing.NewLinks(make([]byte, 32))
	if err != nil {
		panic(err)
	}
	languages, err := site.ReadLanguages("")
	if err != nil {
		panic(err)
	}
	notify.New(notify.Options{
		Desk: publishing.NewDesk(db, log), Now: func() time.Time { return time.Now().UTC().Add(ahead) }, Logger: slog.New(slog.DiscardHandler),
		Words: wordsOf(languages, links), Mail: &notify.Mail{Host: "127.0.0.1", Port: os.Getenv(childPort), Plain: true, From: sender},
	}).Run(ctx)
}

// subscribe has many subscribers, all confirmed.
func (w *world) subscribe(tb testing.TB, many int) {
	tb.Helper()
	_, err := w.db.Exec(`INSERT INTO subscribers (id, created_at, channel, address, language, products, regions, secret, expires_at, confirmed_at)
		SELECT gen_random_uuid(), now(), 'email', 'reader-' || i || '@example.org', CASE WHEN i % 2 = 0 THEN 'en' ELSE 'de' END, '{}', '{}', '', now(), now()
		FROM generate_series(1, ?) i`, many)
	if err != nil {
		tb.Fatal(err)
	}
}

func TestKilled(t *testing.T) {
	t.Parallel()
	const many, kills, workers = 400, 3, 4
	w, box := newWorld(t), &mailbox{slow: 2 * time.Millisecond}
	box.start(t, nil, false)
	w.subscribe(t, many)
	n := w.announce(t)
	for i := range kills {
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), childDSN+"="+pgtest.DSN(t, w.db), childPort+"="+box.settings(t).Port, childAhead+"="+w.watch.ahead.String())
		var said bytes.Buffer
		cmd.Stderr = &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		eventually(t, "some mails are there", func() bool { return len(box.got()) >= (i+1)*70 })
		if err := cmd.Process.Kill(); err != nil { // SIGKILL: it can do nothing any more
			t.Fatal(err)
		}
		if err := cmd.Wait(); err == nil || said.Len() > 0 {
			t.Fatal(err, said.String())
		}
	}
	if before := len(box.got()); before >= many {
		t.Fatalf("%d mails were there before the last kill: nothing was in the middle", before)
	}
	w.run(t, sendingTo(t, box))
	w.watch.add(6 * time.Minute) // what the dead ones held is due again
	eventually(t, "all are written down", func() bool { return must(w.Notice(t.Context(), n.ID))(t).Deliveries["sent"] == many })
	again := 0
	for i := range many {
		got := box.to(fmt.Sprintf("reader-%d@example.org", i+1))
		if len(got) == 0 {
			t.Errorf("reader %d was missed", i+1)
			continue
		}
		again += len(got) - 1
		for _, other := range got[1:] {
			one, two := parsed(t, got[0]).Header.Get("Message-Id"), parsed(t, other).Header.Get("Message-Id")
			if one == "" || one != two || !bytes.Equal(got[0], other) {
				t.Errorf("reader %d: %s, then %s", i+1, one, two)
			}
		}
	}
	if again > kills*workers {
		t.Errorf("%d mails came twice; only those in flight may: %d", again, kills*workers)
	}
	t.Logf("%d of %d mails came twice after %d kills", again, many, kills)
}

// BenchmarkAnnouncement tells 100,000 subscribers of one change, and measures the memory that is in use meanwhile.
func BenchmarkAnnouncement(b *testing.B) {
	const many = 100_000
	for b.Loop() {
		w, box := newWorld(b), &mailbox{}
		box.forget = true
		box.start(b, nil, false)
		w.subscribe(b, many)
		began := time.Now()
		n := w.announce(b)
		frozen := time.Since(began)
		settings := box.settings(b)
		var high uint64
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(200 * time.Millisecond):
					var m runtime.MemStats
					runtime.ReadMemStats(&m)
					high = max(high, m.HeapInuse)
				}
			}
		}()
		began = time.Now()
		_, stop := w.run(b, func(o *notify.Options) { o.Mail = settings })
		for sent := 0; sent < many; time.Sleep(time.Second) {
			sent = must(w.Notice(b.Context(), n.ID))(b).Deliveries["sent"]
			if time.Since(began) > 20*time.Minute {
				b.Fatalf("%d were sent", sent)
			}
		}
		took := time.Since(began)
		stop()
		close(done)
		b.ReportMetric(frozen.Seconds(), "s-to-queue")
		b.ReportMetric(many/took.Seconds(), "mails/s")
		b.ReportMetric(float64(high)/(1<<20), "MB-heap")
	}
}
