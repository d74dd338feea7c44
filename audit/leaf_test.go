package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// badEntries are entries that no log takes.
func badEntries() map[string]audit.Entry {
	bad := make(map[string]audit.Entry)
	set := func(rule string, f func(e *audit.Entry)) {
		e := newEntry()
		f(&e)
		bad[rule] = e
	}
	set("an entry has an id", func(e *audit.Entry) { e.ID = uuid.Nil })
	set("a type is noun.verb", func(e *audit.Entry) { e.Type = "vendor" })
	set("a type is small letters", func(e *audit.Entry) { e.Type = "Vendor.created" })
	set("an actor has a kind", func(e *audit.Entry) { e.Actor.Kind = "robot" })
	set("an actor has a role", func(e *audit.Entry) { e.Actor.Role = "" })
	set("no year before 1900", func(e *audit.Entry) { e.OccurredAt = time.Time{} })
	set("no year after 9999", func(e *audit.Entry) { e.OccurredAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) })
	set("a commitment has 32 bytes", func(e *audit.Entry) { e.Commitment = make([]byte, 31) })
	set("a detail is committed to", func(e *audit.Entry) { e.Detail = &audit.Detail{JSON: []byte(`{}`)} })
	set("a detail is text", func(e *audit.Entry) {
		e.Commitment, e.Detail = make([]byte, 32), &audit.Detail{JSON: []byte("\xff")}
	})
	set("a detail has no U+0000", func(e *audit.Entry) {
		e.Commitment, e.Detail = make([]byte, 32), &audit.Detail{JSON: []byte("\x00")}
	})

	set("a leaf has at most 65,535 bytes", func(e *audit.Entry) { e.Body = audit.Object{"a": strings.Repeat("x", 65_300)} })
	set("a body has no numbers", func(e *audit.Entry) { e.Body = audit.Object{"a": 1} })
	return bad
}

func TestLeaf(t *testing.T) {
	t.Parallel()
	for rule, e := range badEntries() {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			if leaf, err := audit.Leaf("onward.test/log", e, start, 1); err == nil {
				t.Fatalf("%s was accepted", leaf)
			}
		})
	}
	t.Run("the leaves of version 1 never change", func(t *testing.T) {
		t.Parallel()
		golden, err := os.ReadFile("testdata/leaves_v1.txt")
		if err != nil {
			t.Fatal(err)
		}
		if got := leavesV1(t); !bytes.Equal(got, golden) {
			t.Fatalf("got\n%s\nwant\n%s", got, golden)
		}
	})
}

// leavesV1 are leaves with everything that a leaf can have, each followed by its RFC 6962 hash.
func leavesV1(tb testing.TB) []byte {
	tb.Helper()
	id := func(b byte) uuid.UUID { return uuid.UUID{15: b} }
	at := time.Date(2026, 2, 3, 4, 5, 6, 789, time.UTC)
	commitment := sha256.Sum256([]byte("commitment"))
	entries := []audit.Entry{
		{ID: id(1), Type: "program.started", Actor: audit.Program, OccurredAt: at},
		{
			ID: id(2), Type: "vendor.created", Actor: audit.Actor{Kind: "user", ID: id(9), Role: "legal", System: "not in the leaf"},
			OccurredAt: time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC), VendorID: id(8), Commitment: commitment[:],
			Body: audit.Object{"name": "Müller & \"Söhne\"\n\u2028😀", "kinds": []string{"agent", "partner"}, "none": []string{}},
		},
		{
			ID: id(3), Type: "share.recorded", Actor: audit.Actor{Kind: "key", ID: id(7), Role: "service"},
			OccurredAt: time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC), VendorID: id(8),
			Body: audit.Object{"Z": true, "a": audit.Object{"b": []audit.Object{{"c": false}, {}}}},
		},
	}
	var b bytes.Buffer
	for i, e := range entries {
		leaf, err := audit.Leaf("onward.test/log", e, at.Add(time.Duration(i)*time.Hour).In(time.FixedZone("", 3600)), int64(i)*999_999_999)
		if err != nil {
			tb.Fatal(err)
		}
		twice(tb, leaf)
		hash := tlog.RecordHash(leaf)
		b.Write(leaf)
		b.WriteString("\n" + hex.EncodeToString(hash[:]) + "\n")
	}
	return b.Bytes()
}
