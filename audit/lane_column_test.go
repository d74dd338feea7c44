package audit_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"

	"onward/audit"
)

func TestColumn(t *testing.T) {
	t.Parallel()
	ids := []pgtype.UUID{{Bytes: uuid.New(), Valid: true}, {}, {Bytes: uuid.New(), Valid: true}}
	columns := map[string]struct {
		oid   uint32
		slice any
	}{
		"bytes":          {pgtype.ByteaArrayOID, [][]byte{{1, 2, 3}, {}, bytes.Repeat([]byte{7}, 70_000)}},
		"texts":          {pgtype.TextArrayOID, []string{"", "share.recorded", "ü"}},
		"ids":            {pgtype.UUIDArrayOID, ids},
		"numbers":        {pgtype.Int8ArrayOID, []int64{0, -1, 1 << 62}},
		"short numbers":  {pgtype.Int2ArrayOID, []int16{0, -1, 7}},
		"absent numbers": {pgtype.Int8ArrayOID, []pgtype.Int8{{Int64: 5, Valid: true}, {}}},
		"instants": {pgtype.TimestamptzArrayOID, []time.Time{
			start, time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), time.Unix(0, 1000),
		}},
	}
	for name, c := range columns {
		t.Run("a column of "+name+" reads as what pgx writes", func(t *testing.T) {
			t.Parallel()
			m := pgtype.NewMap()
			text, known := audit.AppendColumn(c.slice)
			want, err := m.Encode(c.oid, pgtype.BinaryFormatCode, c.slice, nil)
			if err != nil || !known {
				t.Fatal(known, err)
			}
			if text[7] = want[7]; !bytes.Equal(text, want) { // whether there may be nulls
				t.Fatalf("%x\n%x", text[:min(64, len(text))], want[:min(64, len(want))])
			}
		})
	}
	t.Run("of another type nothing is written", func(t *testing.T) {
		t.Parallel()
		if text, known := audit.AppendColumn([]int32{1}); known || len(text) > 0 {
			t.Fatal(text)
		}
	})
}

func TestPace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule                             string
		waiting, flights, flying, lately int
		took                             time.Duration
		want                             int
	}{
		{"one alone goes at once", 1, 0, 0, 1, 300 * time.Microsecond, 1},
		{"where commits are cheap, a crowd goes by halves", 32, 0, 0, 16, 600 * time.Microsecond, 16},
		{"the other half goes behind the first", 16, 1, 16, 16, 600 * time.Microsecond, 16},
		{"a small rest waits for those who are on their way", 3, 1, 29, 29, 900 * time.Microsecond, 0},
		{"a large crowd goes in four parts", 256, 0, 0, 64, 1500 * time.Microsecond, 64},
		{"no more than four are on their way", 64, 4, 256, 64, 1500 * time.Microsecond, 0},
		{"where commits are dear, a small crowd goes together", 32, 0, 0, 32, 10 * time.Millisecond, 32},
		{"and nobody behind it", 32, 1, 32, 32, 10 * time.Millisecond, 0},
		{"a crowd that takes longer to get ready than a commit goes in parts all the same", 1000, 0, 0, 250, 15 * time.Millisecond, 250},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if got := audit.Share(c.waiting, c.flights, c.flying, c.lately, c.took); got != c.want {
				t.Fatalf("%d go", got)
			}
		})
	}
}
