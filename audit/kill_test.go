package audit_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"onward/audit"
	"onward/migrations/pgtest"
)

// child names the database in the environment of a process that is to be killed.
const child = "ONWARD_TEST_CHILD"

func TestMain(m *testing.M) {
	if dsn := os.Getenv(child); dsn != "" {
		appendUntilKilled(dsn)
		return
	}
	code := m.Run()
	var stacks strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil || strings.Contains(stacks.String(), "audit.(*Committer)") {
		fmt.Fprintln(os.Stderr, "a committer is still running", err, stacks.String())
		code = 1
	}
	os.Exit(code)
}

// appendUntilKilled appends without end and prints each acknowledged id and index.
func appendUntilKilled(dsn string) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		panic(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	log, err := audit.Open(context.Background(), bun.NewDB(stdlib.OpenDB(*config), pgdialect.New()), "onward.test/log", start)
	if err != nil {
		panic(err)
	}
	c := log.NewCommitter(64, 16, clock)
	var mu sync.Mutex
	for range 32 {
		go func() {
			for {
				r, err := c.Append(context.Background(), audit.Pending{Entry: newEntry()})
				if err != nil {
					panic(err)
				}
				mu.Lock()
				fmt.Println(r.EntryID, r.Index)
				mu.Unlock()
			}
		}()
	}
	select {}
}

func TestKill(t *testing.T) {
	t.Parallel()
	t.Run("a program killed before any message that it sends leaves a whole log", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		p, _ := behind(t, db)
		acknowledged := 0
		for after := 0; after < 80; after += 2 {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), child+"="+p.dsn(t, db))
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			p.armKill(after, func() { _ = cmd.Process.Kill() })
			lines := bufio.NewScanner(out)
			places := make(map[uuid.UUID]int64)
			for lines.Scan() {
				var id string
				var index int64
				if n, _ := fmt.Sscan(lines.Text(), &id, &index); n == 2 && len(id) == 36 {
					places[uuid.MustParse(id)] = index
				}
			}
			if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
				t.Fatalf("before message %d it was not killed: %v", after, err)
			}
			for id, index := range places {
				if s, err := log.Entry(t.Context(), id); err != nil || s.Index != index {
					t.Fatalf("before message %d: acknowledged at %d, found %+v, %v", after, index, s.Receipt, err)
				}
			}
			acknowledged += len(places)
			change(t, log, start, newEntry()) // waits for what was on its way
			verify(t, log)
		}
		if acknowledged == 0 {
			t.Error("no program got as far as to acknowledge something")
		}
	})
	t.Run("what a killed program acknowledged is there and the log is whole", func(t *testing.T) {
		t.Parallel()
		log, db := open(t)
		acknowledged := 0
		for round := range 4 {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), child+"="+pgtest.DSN(t, db))
			cmd.Stderr = os.Stderr
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			places := make(map[uuid.UUID]int64)
			lines := bufio.NewScanner(out)
			for lines.Scan() {
				var id string
				var index int64
				if n, _ := fmt.Sscan(lines.Text(), &id, &index); n == 2 && len(id) == 36 {
					places[uuid.MustParse(id)] = index
				}
				if len(places) == 100+50*round {
					time.AfterFunc(time.Duration(round)*time.Millisecond, func() { _ = cmd.Process.Kill() })
				}
			}
			_ = cmd.Wait() // it was killed
			for id, index := range places {
				if s, err := log.Entry(t.Context(), id); err != nil || s.Index != index {
					t.Fatalf("acknowledged at %d, found %+v, %v", index, s.Receipt, err)
				}
			}
			acknowledged += len(places)
			change(t, log, start, newEntry()) // waits for what was on its way
			verify(t, log)
		}
		if h, err := log.Head(t.Context()); err != nil || h.Size < int64(acknowledged) {
			t.Fatal(h, err, acknowledged)
		}
	})
}
