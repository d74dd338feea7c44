package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
)

// world is a log whose database can be broken and mended.
type world struct {
	log   *audit.Log // through the proxy
	db    *bun.DB    // beside the proxy
	proxy *proxy
	pool  *bun.DB // of log
	at    time.Time
	// lasting is a committer of log that goes on from try to try; among are those whose entries it was given lately.
	lasting *audit.Committer
	among   []told
}

// told is what somebody in a crowd was told.
type told struct {
	entry   audit.Entry
	receipt audit.Receipt
	err     error
}

// failure is what breaks, and what the caller must be told.
type failure struct {
	smash func(t *testing.T, w *world)
	mend  func(t *testing.T, w *world)
	told  error // nil: the entry is written; errFault: any error that is none of audit's
	// again is true where a committer finds out that nothing was written, and writes it again.
	again bool
}

var errFault = errors.New("a fault")

// refuse makes the database refuse an operation on a table; when deferred, at COMMIT.
func refuse(operation, table string, deferred bool) failure {
	return failure{
		smash: func(t *testing.T, w *world) {
			t.Helper()
			create := `CREATE TRIGGER refuse_test BEFORE %s ON %s FOR EACH ROW EXECUTE FUNCTION refuse_change()`
			if deferred {
				create = `CREATE CONSTRAINT TRIGGER refuse_test AFTER %s ON %s DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_change()`
			}
			super(t, w.db, fmt.Sprintf(create, operation, table))
		},
		mend: func(t *testing.T, w *world) {
			t.Helper()
			super(t, w.db, `DROP TRIGGER refuse_test ON `+table)
		},
		told: errFault,
	}
}

// full makes the disk full when something is written to a table: by the very error that PostgreSQL answers then.
func full(table string) failure {
	return failure{
		smash: func(t *testing.T, w *world) {
			t.Helper()
			super(t, w.db, `CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
				RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
				CREATE TRIGGER refuse_test BEFORE INSERT OR UPDATE ON `+table+` FOR EACH ROW EXECUTE FUNCTION disk_full()`)
		},
		mend: func(t *testing.T, w *world) {
			t.Helper()
			super(t, w.db, `DROP TRIGGER refuse_test ON `+table)
		},
		told: audit.ErrUnavailable,
	}
}

// elsewhere runs a statement as the superuser in another database of the cluster.
func elsewhere(t *testing.T, db *bun.DB, statement string) {
	t.Helper()
	config, err := pgx.ParseConfig(pgtest.SuperuserDSN(t, db))
	if err != nil {
		t.Fatal(err)
	}
	config.Database = "postgres"
	conn, err := pgx.ConnectConfig(t.Context(), config)
	if err == nil {
		_, err = conn.Exec(t.Context(), statement)
		err = errors.Join(err, conn.Close(t.Context()))
	}
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

// severs arms the proxy.
func severs(c cut, told error) failure {
	return failure{smash: func(_ *testing.T, w *world) { w.proxy.arm(c, 0) }, told: told}
}

var failures = map[string]failure{
	"the line is refused":                          refuse("INSERT", "log_entry", false),
	"the key is refused":                           refuse("INSERT", "log_entry_key", false),
	"the counter is refused":                       refuse("UPDATE", "log_vendor_seq", false),
	"the head is refused":                          refuse("UPDATE", "log_head", false),
	"the commit is refused":                        refuse("INSERT", "log_entry_key", true),
	"the commit is lost on its way":                {smash: func(_ *testing.T, w *world) { w.proxy.arm(cutBeforeCommit, 0) }, told: audit.ErrUnavailable, again: true},
	"the commit is done, its answer is lost":       severs(cutAfterCommit, nil),
	"the commit arrives after the client has gone": severs(cutAndLateCommit, nil),
	"the month is missing": {
		smash: func(_ *testing.T, w *world) { w.at = start.AddDate(1, 0, 0) },
		mend:  func(_ *testing.T, w *world) { w.at = start },
		told:  errFault,
	},
	"the clock goes back": {
		smash: func(_ *testing.T, w *world) { w.at = start.AddDate(-1, 0, 0) },
	},
	"the database cannot be reached": {
		smash: func(_ *testing.T, w *world) { w.proxy.setDown(true) },
		mend:  func(_ *testing.T, w *world) { w.proxy.setDown(false) },
		told:  audit.ErrUnavailable,
	},
	"the database turns everyone out": {
		smash: func(t *testing.T, w *world) {
			t.Helper()
			name := pgtest.AddressOf(t, w.db).Database
			elsewhere(t, w.db, `ALTER DATABASE `+name+` ALLOW_CONNECTIONS false`)
			elsewhere(t, w.db, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '`+name+`'`)
		},
		mend: func(t *testing.T, w *world) {
			t.Helper()
			elsewhere(t, w.db, `ALTER DATABASE `+pgtest.AddressOf(t, w.db).Database+` ALLOW_CONNECTIONS true`)
		},
		told: audit.ErrUnavailable,
	},
	"the disk is full for the line":    full("log_entry"),
	"the disk is full for the key":     full("log_entry_key"),
	"the disk is full for the counter": full("log_vendor_seq"),
	"the disk is full for the head":    full("log_head"),
	"every connection of the pool is in use for a while": {
		smash: func(t *testing.T, w *world) {
			t.Helper()
			w.pool.SetMaxOpenConns(1)
			taken, err := w.pool.Conn(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			time.AfterFunc(200*time.Millisecond, func() { _ = taken.Close() })
		},
		mend: func(_ *testing.T, w *world) { w.pool.SetMaxOpenConns(0) },
	},
	"the server has no connection left": {
		smash: func(t *testing.T, w *world) {
			t.Helper()
			name := pgtest.AddressOf(t, w.db).Database
			elsewhere(t, w.db, `ALTER DATABASE `+name+` CONNECTION LIMIT 0`)
			elsewhere(t, w.db, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '`+name+`'`)
		},
		mend: func(t *testing.T, w *world) {
			t.Helper()
			elsewhere(t, w.db, `ALTER DATABASE `+pgtest.AddressOf(t, w.db).Database+` CONNECTION LIMIT -1`)
		},
		told: audit.ErrUnavailable,
	},
	"the head is damaged": {
		smash: func(t *testing.T, w *world) {
			t.Helper()
			super(t, w.db, `UPDATE log_head SET root = set_byte(root, 0, get_byte(root, 0) # 1)`)
		},
		mend: func(t *testing.T, w *world) {
			t.Helper()
			super(t, w.db, `UPDATE log_head SET root = set_byte(root, 0, get_byte(root, 0) # 1)`)
		},
		told: errFault,
	},
}

const (
	committerWay = "the committer"
	lastingWay   = "a committer that knows the head"
)

// ways are the ways in which an entry gets into the log.
var ways = map[string]func(t *testing.T, w *world, e audit.Entry) (audit.Receipt, error){
	"a change": func(t *testing.T, w *world, e audit.Entry) (audit.Receipt, error) {
		t.Helper()
		r, err := w.log.Change(t.Context(), w.at, nothing(e))
		if err != nil {
			return audit.Receipt{}, err
		}
		return r[0], nil
	},
	committerWay: func(t *testing.T, w *world, e audit.Entry) (audit.Receipt, error) {
		t.Helper()
		return commitOne(t, w, audit.Pending{Entry: e})
	},
	lastingWay: commitAmong,
	"the committer with something to do": func(t *testing.T, w *world, e audit.Entry) (audit.Receipt, error) {
		t.Helper()
		return commitOne(t, w, audit.Pending{Entry: e, Then: noThen})
	},
}

// commitAmong appends e among others, by a committer that knows where the log ends.
func commitAmong(t *testing.T, w *world, e audit.Entry) (audit.Receipt, error) {
	t.Helper()
	if w.lasting == nil {
		w.begin(t)
	}
	crowd := many(20, nil)
	crowd[3].Entry = e
	answers := all(t.Context(), w.lasting, crowd)
	w.among = nil
	for i, p := range crowd {
		w.among = append(w.among, told{p.Entry, answers[i].receipt, answers[i].err})
	}
	return answers[3].receipt, answers[3].err
}

// begin begins the lasting committer with an entry.
func (w *world) begin(t *testing.T) {
	t.Helper()
	w.lasting = w.log.NewPartingCommitter(64, 64, func() time.Time { return w.at })
	t.Cleanup(func() {
		if err := w.lasting.Close(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	if _, err := w.lasting.Append(t.Context(), audit.Pending{Entry: newEntry()}); err != nil {
		t.Fatal(err)
	}
}

// checkAmong compares what those in a crowd were told with the log.
func (w *world) checkAmong(t *testing.T) {
	t.Helper()
	for _, a := range w.among {
		s, err := w.log.Entry(t.Context(), a.entry.ID)
		if (a.err == nil) != (err == nil) || err == nil && s.Index != a.receipt.Index {
			t.Fatalf("told %+v, %v; found %+v, %v", a.receipt, a.err, s.Receipt, err)
		}
	}
}

func commitOne(t *testing.T, w *world, p audit.Pending) (audit.Receipt, error) {
	t.Helper()
	c := w.log.NewCommitter(1, 1, func() time.Time { return w.at })
	r, err := c.Append(t.Context(), p)
	return r, errors.Join(err, c.Close(t.Context()))
}

// TestFailure breaks every part of an append, before, at and after the end of a tile.
func TestFailure(t *testing.T) {
	t.Parallel()
	for name, f := range failures {
		for way, try := range ways {
			f := f
			if f.again && (way == lastingWay || way == committerWay) {
				f.told = nil
			}
			t.Run("when "+name+" in "+way, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				for range 3 { // the sizes are 254, 255 and 256
					f.holds(t, w, try)
				}
			})
		}
	}
	t.Run("when the tile is refused in a change", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		change(t, w.log, start, newEntry())
		refuse("INSERT", "log_tile", false).holds(t, w, ways["a change"])
	})
	for way, try := range ways {
		t.Run("when the disk is full for the tile in "+way, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			change(t, w.log, start, newEntry())
			full("log_tile").holds(t, w, try)
		})
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	log, db := open(t)
	p, through := behind(t, db)
	entries := make([]audit.Entry, 0, 253)
	for range cap(entries) {
		entries = append(entries, newEntry())
	}
	change(t, log, start, entries...)
	log, err := audit.Open(t.Context(), through, "onward.test/log", start)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{log: log, db: db, proxy: p, pool: through, at: start}
	w.begin(t)
	return w
}

// holds breaks, appends, mends, and checks what must be true after.
func (f failure) holds(t *testing.T, w *world, try func(*testing.T, *world, audit.Entry) (audit.Receipt, error)) {
	t.Helper()
	e := newEntry()
	e.RequestHash = [32]byte{5}
	f.smash(t, w)
	r, err := try(t, w, e)
	if f.mend != nil {
		f.mend(t, w)
	}
	isRefusal := errors.Is(err, audit.ErrUnavailable) || errors.Is(err, audit.ErrBusy) || errors.Is(err, audit.ErrReused)
	switch {
	case f.told == nil && (err != nil || r.Replayed):
		t.Fatalf("it was not written: %v", err)
	case errors.Is(f.told, errFault) && (err == nil || isRefusal):
		t.Fatalf("it is not a fault: %v", err)
	case f.told != nil && !errors.Is(f.told, errFault) && !errors.Is(err, f.told):
		t.Fatalf("told %v, want %v", err, f.told)
	}
	verify(t, w.log)
	w.checkAmong(t)
	if _, err := w.log.Entry(t.Context(), e.ID); (err == nil) != (f.told == nil) {
		t.Fatalf("afterwards the entry is found with %v", err)
	}
	again, err := try(t, w, e)
	if err != nil || again.Replayed != (f.told == nil) || f.told == nil && again.Index != r.Index {
		t.Fatalf("to ask again gives %+v, %v", again, err)
	}
	verify(t, w.log)
}
