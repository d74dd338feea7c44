package migrations_test

import (
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
	"time"

	"onward/migrations"
	"onward/migrations/pgtest"
)

// Links from before they became random are found by the same lookups after.
func TestOlderLinksAreKept(t *testing.T) {
	t.Parallel()
	db := pgtest.Empty(t)
	older := fstest.MapFS{}
	names, err := fs.Glob(os.DirFS("."), "000[1-5]_*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		older[name] = &fstest.MapFile{Data: text}
	}
	before, err := migrations.Read(older)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	if _, err := before.Run(t.Context(), db, at); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO entry_link (link, entry_id) SELECT sha256(p::bytea), gen_random_uuid() FROM unnest('{a,a,b}'::text[]) p`); err != nil {
		t.Fatal(err)
	}
	if _, err := migrations.Run(t.Context(), db, at); err != nil {
		t.Fatal(err)
	}
	found := ask(t, db, `SELECT string_agg(n::text, ',' ORDER BY n) FROM (SELECT count(*) AS n FROM entry_link JOIN entry_lookup k USING (link)
		WHERE lookup IN (sha256('a'), sha256('b')) AND link <> lookup GROUP BY lookup) q`)
	if found != "1,2" {
		t.Errorf("found %s", found)
	}
}
