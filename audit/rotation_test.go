package audit_test

import (
	"errors"
	"testing"

	signed "golang.org/x/mod/sumdb/note"

	"onward/audit"
)

func TestRotation(t *testing.T) {
	t.Parallel()
	t.Run("during the overlap every checkpoint opens with the old key and with the new one", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		old := p.secret
		p.grow(t, 3)
		p.publish(t)
		next, _, err := audit.NewKey(origin)
		if err != nil {
			t.Fatal(err)
		}
		p.keys = keysOf(t, next+","+old)
		active := p.keys.Active()
		first, err := p.log.AnnounceKey(t.Context(), audit.Program, start, active[1], active[0])
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.log.AnnounceKey(t.Context(), audit.Program, start, active[1], active[0])
		if err != nil || !again.Replayed || again.Index != first.Index {
			t.Fatal(again, err)
		}
		c := p.publish(t)
		if c.Size <= first.Index {
			t.Fatal("the new key is not under a checkpoint")
		}
		opens(t, c.Note, active[0], true)
		opens(t, c.Note, active[1], true)

		if _, err := p.log.RetireKey(t.Context(), audit.Program, start, active[0], active[1]); err != nil {
			t.Fatal(err)
		}
		c = p.publish(t)
		opens(t, c.Note, active[0], true)
		opens(t, c.Note, active[1], true)
		p.keys = keysOf(t, next+"\n"+active[1]+"\n")
		p.grow(t, 1)
		c = p.publish(t) // reads what the old key signed
		opens(t, c.Note, active[0], true)
		opens(t, c.Note, active[1], false)
	})
	t.Run("a key that was not announced is not retired", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		_, other, err := audit.NewKey(origin)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.log.RetireKey(t.Context(), audit.Program, start, other, p.keys.Active()[0]); !errors.Is(err, audit.ErrNotFound) {
			t.Fatal(err)
		}
	})
}

// opens checks whether a note opens for somebody who knows one key.
func opens(t *testing.T, text []byte, key string, want bool) {
	t.Helper()
	v, err := signed.NewVerifier(key)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed.Open(text, signed.VerifierList(v)); (err == nil) != want {
		t.Fatalf("for %s it opens with %v:\n%s", key, err, text)
	}
}
