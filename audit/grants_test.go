package audit_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"onward/migrations/pgtest"
)

// TestAppendOnly holds the database to its part: nobody but a superuser changes what was written, not even the owner.
func TestAppendOnly(t *testing.T) {
	t.Parallel()
	log, db := open(t)
	entries := many(300, nil)
	c := log.NewCommitter(300, 64, clock)
	for _, a := range all(t.Context(), c, entries) {
		if a.err != nil {
			t.Fatal(a.err)
		}
	}
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	statements := map[string]string{
		"a line is not changed":                  `UPDATE log_entry SET type = 'a.b' WHERE idx = 3`,
		"a line is not deleted":                  `DELETE FROM log_entry WHERE idx = 3`,
		"lines are not truncated":                `TRUNCATE log_entry`,
		"a line is not changed in its partition": `UPDATE log_entry_2026_11 SET type = 'a.b' WHERE idx = 3`,
		"a line is not deleted in its partition": `DELETE FROM log_entry_2026_11 WHERE idx = 3`,
		"a partition is not truncated":           `TRUNCATE log_entry_2026_11`,
		"an empty partition is not truncated":    `TRUNCATE log_entry_2027_01`,
		"a line is not replaced":                 `INSERT INTO log_entry SELECT * FROM log_entry WHERE idx = 3 ON CONFLICT (idx, month) DO UPDATE SET type = 'a.b'`,
		"a key is not changed":                   `UPDATE log_entry_key SET idx = 4 WHERE idx = 3`,
		"a key is not deleted":                   `DELETE FROM log_entry_key WHERE idx = 3`,
		"keys are not truncated":                 `TRUNCATE log_entry_key`,
		"a tile is not changed":                  `UPDATE log_tile SET root = hashes WHERE n = 0`,
		"a tile is not deleted":                  `DELETE FROM log_tile WHERE n = 0`,
		"tiles are not truncated":                `TRUNCATE log_tile`,
		"triggers do not rest for a replica":     `SET LOCAL session_replication_role = replica; DELETE FROM log_entry WHERE idx = 3`,
	}
	onlyApp := map[string]string{
		"the program does not disable a trigger":       `ALTER TABLE log_entry DISABLE TRIGGER USER`,
		"the program does not drop a partition":        `DROP TABLE log_entry_2026_11`,
		"the program does not rename the log":          `UPDATE log_head SET origin = 'another'`,
		"the program does not delete the head":         `DELETE FROM log_head`,
		"the program does not delete a counter":        `DELETE FROM log_vendor_seq`,
		"the program does not write to a partition":    `INSERT INTO log_entry_2026_11 SELECT * FROM log_entry WHERE idx = 3`,
		"the program does not change a detail":         `UPDATE entry_detail SET detail = '{}'`,
		"the program does not make a table":            `CREATE TABLE mine (n int)`,
		"the program does not make others append-only": `SELECT make_append_only('log_head')`,
	}
	owner := pgtest.Superuser(t, db)
	for rule, statement := range statements {
		t.Run(rule+" by the program", func(t *testing.T) {
			t.Parallel()
			refuses(t, db, "", statement)
		})
		t.Run(rule+" by the owner", func(t *testing.T) {
			t.Parallel()
			refuses(t, owner, `SET LOCAL ROLE onward_owner;`, statement)
		})
	}
	for rule, statement := range onlyApp {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			refuses(t, db, "", statement)
		})
	}
	t.Cleanup(func() { verify(t, log) })
}

// refuses runs statements in one transaction, which must end for want of a privilege.
func refuses(t *testing.T, db *bun.DB, role, statement string) {
	t.Helper()
	_, err := db.ExecContext(t.Context(), `DO $test$ BEGIN `+role+statement+`; END $test$`)
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || refusal.Code != "42501" {
		t.Fatalf("not refused: %v", err)
	}
}
