package sharing_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"github.com/uptrace/bun"
	"pgregory.net/rapid"

	"onward/migrations/pgtest"
	"onward/registry/sharing"
)

// After an erasure no dump of the database leads from the reference to an entry, whoever has the key and knows what was asked.
func TestNothingLeadsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	key := newKey()
	r := about(with, "alice@example.org")
	r.Customer = "Alice Liddell"
	d, err := w.gate.Share(t.Context(), billing, noon, key, r)
	must(t, err)
	w.share(t, about(with, "alice@example.org", "bob"))
	for _, p := range []string{"alice@example.org", "bob"} {
		w.told(t, noon, p)
	}
	opening, err := w.log.Opening(t.Context(), w.db, d.Receipt.EntryID)
	must(t, err)
	var link []byte
	must(t, w.db.NewRaw(`SELECT link FROM entry_link WHERE entry_id = ?`, d.Receipt.EntryID).Scan(t.Context(), &link))
	secrets := [][]byte{opening.Links[0].Lookup[:], opening.Links[0].Salt[:], opening.Detail.Salt[:], link, []byte("Alice Liddell")}
	// What somebody with the key could try: the request as it was hashed, with the person in it.
	canonical, err := sharing.Canonical(&r)
	must(t, err)
	if bytes.Contains(canonical, []byte("alice")) || bytes.Contains(canonical, []byte("Liddell")) {
		t.Errorf("the request hash is over %s", canonical)
	}
	if before := dump(t, w.db); !finds(before, secrets[0]) || !finds(before, secrets[3]) {
		t.Fatal("the dump does not hold what must be gone: this test cannot fail")
	}
	w.erase(t, noon, "alice@example.org")
	after := dump(t, w.db)
	for i, s := range secrets {
		if finds(after, s) {
			t.Errorf("secret %d is still in the dump", i)
		}
	}
	if !bytes.Contains(after, []byte(d.Receipt.EntryID.String())) {
		t.Error("the dump is not of the log")
	}
}

// finds looks for bytes in any writing.
func finds(dump, secret []byte) bool {
	return bytes.Contains(dump, secret) || bytes.Contains(dump, []byte(hex.EncodeToString(secret))) ||
		bytes.Contains(dump, []byte(base64.StdEncoding.EncodeToString(secret)))
}

// dump is all that pg_dump writes.
func dump(t *testing.T, db *bun.DB) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), pgtest.Binaries(t).Path("pg_dump"), pgtest.SuperuserDSN(t, db)).Output()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Whoever is erased, in whatever order: the log verifies, and everybody else is still told of the same shares.
func TestErasureProperty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	round := 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		person := rapid.Map(rapid.IntRange(0, 4), func(n int) string { return fmt.Sprint("person-", round, "-", n) })
		expected := map[string][]string{}
		for _, people := range rapid.SliceOfN(rapid.SliceOfNDistinct(person, 1, 4, rapid.ID[string]), 1, 6).Draw(t, "shares") {
			d, err := w.gate.Share(context.Background(), billing, noon, newKey(), about(with, people...))
			if err != nil {
				t.Fatal(said(err))
			}
			for _, p := range people {
				expected[p] = append(expected[p], d.Receipt.EntryID.String())
			}
		}
		for _, p := range rapid.SliceOfN(person, 0, 6).Draw(t, "erased") {
			e, err := w.gate.Erase(context.Background(), legal, noon, sharing.Erasure{Subject: p, Ground: "unlawful"})
			if err != nil || int(e.Entries) != len(expected[p]) {
				t.Fatalf("erased %d of %d: %v", e.Entries, len(expected[p]), err)
			}
			delete(expected, p)
		}
		for p, want := range expected {
			if got := lookUp(t, w, p); !slices.Equal(got, want) {
				t.Fatalf("%s: got %v, want %v", p, got, want)
			}
		}
		if err := w.log.Verify(context.Background()); err != nil {
			t.Fatal(err)
		}
	})
}

func lookUp(t *rapid.T, w *world, p string) (entries []string) {
	r, err := w.gate.BeginSubjectReport(context.Background(), legal, noon, sharing.SubjectQuestion{Subject: p})
	if err == nil {
		err = r.Shares(context.Background(), func(s *sharing.SubjectShare) error {
			entries = append(entries, s.EntryID)
			return nil
		})
	}
	if err != nil {
		t.Fatal(said(err))
	}
	return entries
}
