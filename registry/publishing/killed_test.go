package publishing_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"onward/audit"
	"onward/migrations/pgtest"
	"onward/registry/publishing"
)

// What a process that is to be killed needs: the database, and what it takes for now.
const (
	childDSN = "ONWARD_TEST_CHILD"
	childNow = "ONWARD_TEST_NOW"
)

func TestMain(m *testing.M) {
	if dsn := os.Getenv(childDSN); dsn != "" {
		applyUntilKilled(dsn)
		return
	}
	os.Exit(m.Run())
}

// applyUntilKilled lets due changes take effect, as a server does, without end.
func applyUntilKilled(dsn string) {
	now, err := time.Parse(time.RFC3339, os.Getenv(childNow))
	if err != nil {
		panic(err)
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		panic(err)
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec
	db := bun.NewDB(stdlib.OpenDB(*config), pgdialect.New())
	log, err := audit.Join(context.Background(), db)
	if err != nil {
		panic(err)
	}
	for {
		if _, err := publishing.NewDesk(db, log).ApplyDue(context.Background(), now); err != nil {
			panic(err)
		}
		time.Sleep(time.Millisecond)
	}
}

// victim is a process that applies changes.
type victim struct {
	cmd  *exec.Cmd
	said bytes.Buffer
}

func (o *office) victim(t *testing.T, now time.Time) *victim {
	t.Helper()
	v := &victim{cmd: exec.CommandContext(t.Context(), os.Args[0])}
	v.cmd.Env = append(os.Environ(), childDSN+"="+pgtest.DSN(t, o.db), childNow+"="+now.Format(time.RFC3339))
	v.cmd.Stderr = &v.said
	if err := v.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return v
}

// kill sends SIGKILL: it can do nothing any more.
func (v *victim) kill(t *testing.T) {
	t.Helper()
	if err := v.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := v.cmd.Wait(); err == nil || v.said.Len() > 0 {
		t.Fatal(err, v.said.String())
	}
}

// dueChanges are changes whose day is the same one, announced.
func (o *office) dueChanges(t *testing.T, many int) (ids []uuid.UUID, due time.Time) {
	t.Helper()
	for i := range many {
		f := o.line(t, fmt.Sprintf("Vendor %d", i), true).steps(`{"service":"Mail","purposes":["SECURITY"]}`)
		f.EffectiveOn = day("2026-12-01")
		c := must(o.Propose(t.Context(), legal, o.tick(), f))(t)
		ids = append(ids, must(o.ApproveChange(t.Context(), approver, o.tick(), c.ID, c.Version))(t).ID)
	}
	if o.current(t).Release.Number != 1 {
		t.Fatal("the list before is not the first release")
	}
	return ids, day("2026-12-01").Start(time.UTC).Add(time.Hour)
}

func (o *office) effective(t *testing.T) (n int) {
	t.Helper()
	if err := o.db.NewRaw(`SELECT count(*) FROM changes WHERE state = 'effective'`).Scan(t.Context(), &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// wholeAfter holds that each change took effect once, and made one release, and that the list is what they made it.
func (o *office) wholeAfter(t *testing.T, ids []uuid.UUID) {
	t.Helper()
	checked := must(o.CheckReleases(t.Context()))(t)
	if len(checked.Wrong) > 0 || checked.Releases != int64(len(ids))+1 {
		t.Errorf("%+v, of %d changes", checked, len(ids))
	}
	in := map[uuid.UUID]int64{}
	for n := int64(2); n <= checked.Releases; n++ {
		r := must(o.Release(t.Context(), n))(t)
		if len(r.Changes) != 1 || len(r.Differences) != 1 {
			t.Errorf("release %d is of %d changes, and changed %d lines", n, len(r.Changes), len(r.Differences))
		}
		for _, id := range r.Changes {
			if in[id] > 0 {
				t.Errorf("change %s is in the releases %d and %d", id, in[id], n)
			}
			in[id] = n
		}
	}
	for _, id := range ids {
		c := must(o.Change(t.Context(), id))(t)
		var times int
		if err := o.db.NewRaw(`SELECT count(*) FROM record_version WHERE record_id = ? AND body::jsonb ->> 'state' = 'effective'`, id).Scan(t.Context(), &times); err != nil {
			t.Fatal(err)
		}
		if c.State != publishing.ChangeEffective || in[id] == 0 || times != 1 || c.Problem != "" {
			t.Errorf("change %s is %s, took effect %d times, in release %d: %s", id, c.State, times, in[id], c.Problem)
		}
		if e := must(o.registry.Engagement(t.Context(), *c.EngagementID, nil))(t); e.Service != "Mail" || e.Version != 2 {
			t.Errorf("its line says %s in version %d", e.Service, e.Version)
		}
	}
	if n := o.entriesOf(t, "change.effective"); n != len(ids) {
		t.Errorf("%d entries of %d changes", n, len(ids))
	}
	if n := o.entriesOf(t, "engagement.changed"); n != len(ids) {
		t.Errorf("%d entries of %d lines", n, len(ids))
	}
}

// TestKilledWhileChangesTakeEffect: a program that is killed while changes take effect, wherever it is, loses nothing and does nothing twice.
func TestKilledWhileChangesTakeEffect(t *testing.T) {
	t.Parallel()
	for what, lock := range map[string]string{
		"before it writes":                      `SELECT FROM changes ORDER BY effective_on, announced_at, id LIMIT 1 FOR UPDATE`,
		"between the records and their release": `SELECT pg_advisory_xact_lock(hashtext('release_list'))`,
		"between the release and the entries":   `SELECT FROM log_head FOR UPDATE`,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			ids, due := o.dueChanges(t, 3)
			held := must(o.db.Conn(t.Context()))(t)
			for _, sql := range []string{`BEGIN`, lock} {
				if _, err := held.ExecContext(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			v := o.victim(t, due)
			waiting := 0
			for end := time.Now().Add(30 * time.Second); waiting == 0; time.Sleep(5 * time.Millisecond) {
				err := o.db.NewRaw(`SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(t.Context(), &waiting)
				if err != nil || time.Now().After(end) {
					t.Fatal("it never came to that", err)
				}
			}
			v.kill(t)
			if _, err := held.ExecContext(t.Context(), `ROLLBACK`); err != nil {
				t.Fatal(err)
			}
			if err := held.Close(); err != nil {
				t.Fatal(err)
			}
			if n := must(o.ApplyDue(t.Context(), due))(t); n != len(ids) {
				t.Errorf("%d took effect afterwards", n)
			}
			o.wholeAfter(t, ids)
		})
	}
	t.Run("anywhere, again and again, two at once", func(t *testing.T) {
		t.Parallel()
		const many = 60
		o := newOffice(t)
		ids, due := o.dueChanges(t, many)
		kills := 0
		for ; o.effective(t) < many-5; kills++ {
			before, victims := o.effective(t), []*victim{o.victim(t, due), o.victim(t, due)}
			for end := time.Now().Add(30 * time.Second); o.effective(t) < before+4; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("nothing takes effect")
				}
			}
			time.Sleep(time.Duration(kills*700) * time.Microsecond) // each time somewhere else
			for _, v := range victims {
				v.kill(t)
			}
		}
		must(o.ApplyDue(t.Context(), due))(t)
		o.wholeAfter(t, ids)
		t.Logf("two processes were killed %d times", kills)
	})
}
