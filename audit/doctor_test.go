package audit_test

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"onward/audit"
	"onward/migrations/pgtest"
)

// patient is a published log whose clock is the database's.
type patient struct {
	*press
	late time.Duration // how far the program's clock is behind
}

func newPatient(tb testing.TB, durable bool) *patient {
	tb.Helper()
	p := &patient{}
	if durable {
		p.press = newDurablePress(tb)
	} else {
		p.press = newPress(tb)
	}
	if err := p.log.AddMonths(tb.Context(), p.now(), 3); err != nil {
		tb.Fatal(err)
	}
	change(tb, p.log, p.now(), newEntry(), newEntry())
	if _, err := p.publisherAt(p.now).Publish(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	return p
}

func (p *patient) now() time.Time {
	var now time.Time
	if err := p.db.NewRaw(`SELECT clock_timestamp()`).Scan(context.Background(), &now); err != nil {
		panic(err)
	}
	return now.UTC().Add(-p.late)
}

// wrong are the sentences of what does not hold, one a line.
func (p *patient) wrong(tb testing.TB, verify bool, witnesses ...audit.Cosigner) string {
	tb.Helper()
	found, err := p.publisherAt(p.now, witnesses...).Examine(tb.Context(), audit.Checkup{CheckpointAge: time.Minute, WitnessAge: time.Hour, Verify: verify})
	if err != nil {
		tb.Fatal(err)
	}
	var b strings.Builder
	for _, f := range found {
		if !f.Holds {
			b.WriteString(f.Name + ": " + f.Sentence + "\n")
		}
	}
	return b.String()
}

// broken are what can be broken by a statement of the superuser, and the sentence that tells of it.
var broken = map[string]struct{ statement, sentence string }{
	"a trigger that was dropped": {
		`DROP TRIGGER refuse_truncate ON log_tile`, "triggers: The table log_tile can be changed: its trigger refuse_truncate is missing.",
	},
	"a trigger that is switched off": {
		`ALTER TABLE log_checkpoint DISABLE TRIGGER refuse_row_change`, "triggers: The table log_checkpoint can be changed: its trigger refuse_row_change is switched off.",
	},
	"a trigger that rests for a replica": {
		`ALTER TABLE record_version ENABLE TRIGGER refuse_row_change`, "triggers: The table record_version can be changed: its trigger refuse_row_change rests in some sessions.",
	},
	"a trigger of one partition": {
		`ALTER TABLE ONLY log_entry_2027_01 DISABLE TRIGGER refuse_truncate`, "triggers: The table log_entry_2027_01 can be changed: its trigger refuse_truncate is switched off.",
	},
	"a trigger that refuses less": {
		`DROP TRIGGER refuse_row_change ON log_entry_key; CREATE TRIGGER refuse_row_change BEFORE UPDATE ON log_entry_key FOR EACH ROW EXECUTE FUNCTION refuse_change(); ALTER TABLE log_entry_key ENABLE ALWAYS TRIGGER refuse_row_change`,
		"triggers: The table log_entry_key can be changed: its trigger refuse_row_change is not what it was.",
	},
	"a trigger that refuses sometimes": {
		`DROP TRIGGER refuse_row_change ON log_tile; CREATE TRIGGER refuse_row_change BEFORE UPDATE OR DELETE ON log_tile FOR EACH ROW WHEN (OLD.n > 5) EXECUTE FUNCTION refuse_change(); ALTER TABLE log_tile ENABLE ALWAYS TRIGGER refuse_row_change`,
		"triggers: The table log_tile can be changed: its trigger refuse_row_change is not what it was.",
	},
	"a trigger that does nothing": {
		`CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'`, "triggers: The function refuse_change was replaced",
	},
	"a right that is too much": {
		`GRANT DELETE ON log_entry TO onward_app`, "grants: The program's role onward_app may delete log_entry, and should not.",
	},
	"a right on a column": {
		`GRANT UPDATE (leaf) ON log_entry TO onward_app`, "grants: The program's role onward_app may update log_entry, and should not.",
	},
	"a right on one partition": {
		`GRANT TRUNCATE ON log_entry_2027_01 TO PUBLIC`, "grants: The program's role onward_app may truncate log_entry_2027_01, and should not.",
	},
	"a right to rename the log": {
		`GRANT UPDATE (origin) ON log_head TO onward_app`, "grants: The program's role onward_app may update log_head.origin, and should not.",
	},
	"an owner who is somebody": {
		`ALTER TABLE log_tile OWNER TO onward_superuser`, "owners: The table log_tile belongs to onward_superuser and not to onward_owner",
	},
	"a partition that is missing": {
		`DO $$ BEGIN EXECUTE 'DROP TABLE log_entry_' || to_char(now() + interval '2 months', 'YYYY_MM'); END $$`, "months: The log has no partition for ",
	},
	"a partition that is detached": {
		`DO $$ BEGIN EXECUTE 'ALTER TABLE log_entry DETACH PARTITION log_entry_' || to_char(now() + interval '1 month', 'YYYY_MM'); END $$`, "months: The log has no partition for ",
	},
	"a log that is ahead": {
		`UPDATE log_head SET last_at = now() + interval '3 days'`, "recorded: The newest entry was recorded 72h0m0s in the future",
	},
	"a log that is frozen": {
		`UPDATE log_head SET frozen = 'Because.'`, "frozen: The log is frozen. Because.",
	},
	"a log that lost its end": {
		`UPDATE log_head SET size = 1`, "checkpoint: The newest checkpoint covers 2 entries, and the log has 1.",
	},
	"a log that is another than the copy's": {
		`SET session_replication_role = replica; ALTER TABLE log_entry DISABLE TRIGGER USER; UPDATE log_entry SET leaf_hash = sha256(leaf_hash) WHERE idx = 1; ALTER TABLE log_entry ENABLE ALWAYS TRIGGER refuse_row_change; ALTER TABLE log_entry ENABLE ALWAYS TRIGGER refuse_truncate`,
		"copy: The copy of the checkpoints and the database disagree: it has another root for 2 entries.",
	},
}

func TestExamine(t *testing.T) {
	t.Parallel()
	t.Run("everything holds in a database as the program makes it", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, true)
		if wrong := p.wrong(t, true); wrong != "" {
			t.Error(wrong)
		}
	})
	for name, b := range broken {
		t.Run("it finds "+name, func(t *testing.T) {
			t.Parallel()
			p := newPatient(t, false)
			if wrong := p.wrong(t, false); strings.Contains(wrong, b.sentence) {
				t.Fatal("before it is broken: " + wrong)
			}
			super(t, p.db, b.statement)
			if wrong := p.wrong(t, false); !strings.Contains(wrong, b.sentence) {
				t.Fatalf("%q is not in:\n%s", b.sentence, wrong)
			}
		})
	}
	t.Run("it finds a server that does not wait for its disk", func(t *testing.T) {
		t.Parallel()
		wrong := newPatient(t, false).wrong(t, false)
		for _, name := range []string{"fsync", "full_page_writes", "synchronous_commit"} {
			if !strings.Contains(wrong, name+": PostgreSQL's "+name+" is off: ") {
				t.Errorf("%s is not in:\n%s", name, wrong)
			}
		}
	})
	t.Run("it finds which layer a single role lacks", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, false)
		other := *p
		other.press = p.on(t, pgtest.Superuser(t, p.db))
		if wrong := other.wrong(t, false); !strings.Contains(wrong, "grants: The program works as onward_superuser, a superuser, whom no grant holds back") {
			t.Error(wrong)
		}
		super(t, p.db, `ALTER TABLE log_entry OWNER TO onward_app`)
		if wrong := p.wrong(t, false); !strings.Contains(wrong, "grants: The database has a single role: the program works as onward_app, which owns the log") {
			t.Error(wrong)
		}
	})
	t.Run("it finds two clocks that are apart", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, false)
		p.late = time.Hour
		wrong := p.wrong(t, false)
		if !strings.Contains(wrong, "clock: The clocks of the database and of this machine are 1h0m0s apart.") || !strings.Contains(wrong, "recorded: ") {
			t.Error(wrong)
		}
	})
	t.Run("it finds a checkpoint that is old and one that is missing", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, false)
		change(t, p.log, p.now(), newEntry())
		if wrong := p.wrong(t, false); strings.Contains(wrong, "checkpoint: ") {
			t.Fatal(wrong)
		}
		p.late = -time.Hour
		if wrong := p.wrong(t, false); !strings.Contains(wrong, "checkpoint: The newest checkpoint is 1h0m") || !strings.Contains(wrong, "covers 2 of 3 entries") {
			t.Error(wrong)
		}
		fresh := &patient{press: newPress(t)}
		change(t, fresh.log, start, newEntry())
		if wrong := fresh.wrong(t, false); !strings.Contains(wrong, "checkpoint: No checkpoint was published, and the log has 1 entries.") {
			t.Error(wrong)
		}
	})
	t.Run("it finds a copy that is missing, cut, or of another log", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, false)
		if err := os.Truncate(p.copy, 0); err != nil {
			t.Fatal(err)
		}
		if wrong := p.wrong(t, false); !strings.Contains(wrong, "copy: The copy of the checkpoints and the database disagree: it ends with 0 entries, and a checkpoint of 2 was published.") {
			t.Error(wrong)
		}
		if err := os.WriteFile(p.copy, []byte("nonsense\n\n— x y\n\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if wrong := p.wrong(t, false); !strings.Contains(wrong, "copy: The copy of the checkpoints and the database disagree: the record at byte 0 is not signed by a key of the log.") {
			t.Error(wrong)
		}
		if err := os.Remove(p.copy); err != nil {
			t.Fatal(err)
		}
		if wrong := p.wrong(t, false); !strings.Contains(wrong, "copy: There is no copy of the checkpoints outside the database at ") {
			t.Error(wrong)
		}
		if _, err := os.Stat(p.copy); err == nil {
			t.Error("it made a copy")
		}
	})
	t.Run("it finds a witness that never cosigned or not for long", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, false)
		w := newWitness(t, "witness.test")
		if wrong := p.wrong(t, false, w.cosigner()); !strings.Contains(wrong, "witnesses: The witness witness.test has never cosigned a checkpoint.") {
			t.Error(wrong)
		}
		if err := p.publisherAt(p.now, w.cosigner()).Cosign(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.late = -365 * 24 * time.Hour
		if wrong := p.wrong(t, false, w.cosigner()); !strings.Contains(wrong, "witnesses: The witness witness.test cosigned ") {
			t.Error(wrong)
		}
	})
	t.Run("it names the first bad index when it is asked to verify", func(t *testing.T) {
		t.Parallel()
		p := newPatient(t, false)
		super(t, p.db, `ALTER TABLE log_entry DISABLE TRIGGER USER; UPDATE log_entry SET leaf = '{}' WHERE idx = 1`)
		if wrong := p.wrong(t, false); strings.Contains(wrong, "verify: ") {
			t.Error(wrong)
		}
		if wrong := p.wrong(t, true); !strings.Contains(wrong, "verify: The log is damaged; the first bad index is 1: the leaf does not have its hash.") {
			t.Error(wrong)
		}
	})
}
