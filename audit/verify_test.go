package audit_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/migrations/pgtest"
)

// victim is a log that can be damaged by somebody whom nothing stops, and healed again.
type victim struct {
	log   *audit.Log
	super *bun.DB
	size  int64
}

var kept = []string{"log_head", "log_entry", "log_entry_key", "log_tile", "log_vendor_seq"}

// newVictim has two whole tiles and the start of a third, and two vendors.
func newVictim(tb testing.TB) *victim {
	tb.Helper()
	log, db := open(tb)
	v := &victim{log: log, super: pgtest.Superuser(tb, db), size: 600}
	for range 3 {
		var entries []audit.Entry
		for i := range 200 {
			e := newEntry()
			if i%3 == 0 {
				e.VendorID = uuid.UUID{7}
			}
			entries = append(entries, e)
		}
		change(tb, log, start, entries...)
	}
	v.do(tb, `DO $$ DECLARE t regclass; BEGIN FOR t IN SELECT oid FROM pg_class WHERE relname LIKE 'log\_%' AND relkind IN ('r', 'p') LOOP
		EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', t); END LOOP; END $$`)
	for _, table := range kept {
		v.do(tb, fmt.Sprintf(`CREATE TABLE saved_%[1]s AS SELECT * FROM %[1]s`, table))
	}
	return v
}

func (v *victim) do(tb testing.TB, statement string) {
	tb.Helper()
	if _, err := v.super.ExecContext(context.Background(), statement); err != nil {
		tb.Fatalf("%s: %v", statement, err)
	}
}

func (v *victim) heal(tb testing.TB) {
	tb.Helper()
	var b strings.Builder
	for _, table := range kept {
		fmt.Fprintf(&b, `TRUNCATE %[1]s; INSERT INTO %[1]s SELECT * FROM saved_%[1]s;`, table)
	}
	v.do(tb, `DO $$ BEGIN `+b.String()+` END $$`)
}

// edit is a way to damage a log at an index, and the index that Verify must name.
type edit struct {
	statement string // with the index for each %[1]d
	named     func(index int64) int64
}

func itself(index int64) int64 { return index }
func atEnd(int64) int64        { return 600 }

// covering is the first entry of what the head has one hash for, where no completed tile covers the entry.
func covering(index int64) int64 {
	for _, from := range []int64{592, 576, 512} { // 600 = 512 + 64 + 16 + 8
		if index >= from {
			return from
		}
	}
	return index
}

var edits = map[string]edit{
	"a byte of a leaf":             {`UPDATE log_entry SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE idx = %[1]d`, itself},
	"a leaf's hash":                {`UPDATE log_entry SET leaf_hash = set_byte(leaf_hash, 0, get_byte(leaf_hash, 0) # 1) WHERE idx = %[1]d`, itself},
	"a leaf and its hash":          {`UPDATE log_entry SET leaf = replace(convert_from(leaf, 'UTF8'), 'Acme', 'Acne')::bytea, leaf_hash = sha256('\x00'::bytea || replace(convert_from(leaf, 'UTF8'), 'Acme', 'Acne')::bytea) WHERE idx = %[1]d`, covering},
	"the order of two":             {`UPDATE log_entry a SET leaf = b.leaf, leaf_hash = b.leaf_hash FROM log_entry b WHERE a.idx IN (%[1]d, 599 - %[1]d) AND b.idx = 599 - a.idx`, func(i int64) int64 { return min(i, 599-i) }},
	"one line less":                {`DELETE FROM log_entry WHERE idx = %[1]d`, itself},
	"one line less, closing up":    {`DELETE FROM log_entry WHERE idx = %[1]d; UPDATE log_entry SET idx = idx - 1 WHERE idx > %[1]d; UPDATE log_head SET size = size - 1`, nil},
	"the end cut off":              {`DELETE FROM log_entry WHERE idx >= %[1]d`, itself},
	"the end cut off, and counted": {`DELETE FROM log_entry WHERE idx >= %[1]d; UPDATE log_head SET size = %[1]d`, nil},
	"a line again at the end":      {`INSERT INTO log_entry SELECT month, 600, entry_id, type, recorded_at, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf FROM log_entry WHERE idx = %[1]d`, atEnd},
	"a line before the first":      {`INSERT INTO log_entry SELECT month, -1, entry_id, type, recorded_at, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf FROM log_entry WHERE idx = %[1]d`, atEnd},
	"a line twice":                 {`INSERT INTO log_entry SELECT (month + interval '1 month')::date, idx, entry_id, type, recorded_at, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf FROM log_entry WHERE idx = %[1]d`, nil},
	"a month":                      {`UPDATE log_entry SET month = (month + interval '1 month')::date WHERE idx = %[1]d`, itself},
	"a type":                       {`UPDATE log_entry SET type = 'vendor.ended' WHERE idx = %[1]d`, itself},
	"an actor":                     {`UPDATE log_entry SET actor_id = gen_random_uuid() WHERE idx = %[1]d`, itself},
	"a vendor":                     {`UPDATE log_entry SET vendor_id = gen_random_uuid() WHERE idx = %[1]d`, itself},
	"a vendor's number":            {`UPDATE log_entry SET vendor_seq = vendor_seq + 1 WHERE idx = %[1]d`, itself},
	"the time of recording":        {`UPDATE log_entry SET recorded_at = recorded_at + interval '1 microsecond' WHERE idx = %[1]d`, itself},
	"the time of occurrence":       {`UPDATE log_entry SET occurred_at = occurred_at - interval '1 day' WHERE idx = %[1]d`, itself},
	"an id":                        {`UPDATE log_entry SET entry_id = gen_random_uuid() WHERE idx = %[1]d`, itself},
	"a key":                        {`UPDATE log_entry_key SET entry_id = gen_random_uuid() WHERE idx = %[1]d`, itself},
	"a key's place":                {`UPDATE log_entry_key SET idx = idx + 1 WHERE idx = %[1]d`, itself},
	"one key less":                 {`DELETE FROM log_entry_key WHERE idx = %[1]d`, itself},
	"one key more":                 {`INSERT INTO log_entry_key SELECT gen_random_uuid(), month, idx, request_hash FROM log_entry_key WHERE idx = %[1]d`, atEnd},
	"a tile":                       {`UPDATE log_tile SET hashes = set_byte(hashes, %[1]d %% 256 * 32, get_byte(hashes, %[1]d %% 256 * 32) # 1) WHERE n = %[1]d / 256`, itself},
	"a tile's root":                {`UPDATE log_tile SET root = set_byte(root, 31, get_byte(root, 31) # 1) WHERE n = %[1]d / 256`, func(i int64) int64 { return i / 256 * 256 }},
	"one tile less":                {`DELETE FROM log_tile WHERE n = %[1]d / 256`, func(i int64) int64 { return i / 256 * 256 }},
	"one tile more":                {`INSERT INTO log_tile SELECT 1, n, hashes, root FROM log_tile WHERE n = 0`, atEnd},
	"one tile more of level 0":     {`INSERT INTO log_tile SELECT 0, %[1]d + 2, hashes, root FROM log_tile WHERE n = 0`, atEnd},
	"the root":                     {`UPDATE log_head SET root = set_byte(root, 0, get_byte(root, 0) # 1)`, atEnd},
	"the edge":                     {`UPDATE log_head SET edge = set_byte(edge, 0, get_byte(edge, 0) # 1)`, func(int64) int64 { return 0 }},
	"the size":                     {`UPDATE log_head SET size = size + 1`, atEnd},
	"the newest time":              {`UPDATE log_head SET last_at = last_at + interval '1 second'`, atEnd},
	"the origin":                   {`UPDATE log_head SET origin = 'another.test/log'`, atEnd},
	"the head's absence":           {`DELETE FROM log_head`, func(int64) int64 { return 0 }},
	"a counter":                    {`UPDATE log_vendor_seq SET last_seq = last_seq + 1 WHERE vendor_id = '07000000-0000-0000-0000-000000000000'`, atEnd},
	"one counter less":             {`DELETE FROM log_vendor_seq WHERE vendor_id = '07000000-0000-0000-0000-000000000000'`, atEnd},
	"one counter more":             {`INSERT INTO log_vendor_seq VALUES (gen_random_uuid(), 1)`, atEnd},
}

//nolint:tparallel,paralleltest // its subtests damage and heal one log in turn
func TestVerify(t *testing.T) {
	t.Parallel()
	v := newVictim(t)
	random := rand.New(rand.NewPCG(3, 4))
	for name, e := range edits {
		t.Run("finds "+name+" and names the first bad index", func(t *testing.T) {
			v.finds(t, e, []int64{0, 255, 256, 511}[random.IntN(4)])
			v.finds(t, e, random.Int64N(512))
			if !strings.Contains(e.statement, "log_tile") { // tiles cover the first 512
				v.finds(t, e, 512+random.Int64N(88))
			}
		})
	}
	verify(t, v.log)
}

// finds damages the log, expects Verify to say where, and heals it.
func (v *victim) finds(t *testing.T, e edit, index int64) {
	t.Helper()
	statement := e.statement
	if strings.Contains(statement, "%[1]d") {
		statement = fmt.Sprintf(statement, index)
	}
	v.do(t, statement)
	err := v.log.Verify(t.Context())
	var fault *audit.Fault
	switch {
	case !errors.As(err, &fault):
		t.Errorf("at %d Verify says %v", index, err)
	case e.named != nil && fault.Index != e.named(index):
		t.Errorf("at %d Verify names %d: %v", index, fault.Index, err)
	}
	v.heal(t)
}
