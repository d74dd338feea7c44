package audit_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	signed "golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
)

// witness is a witness of one log: it cosigns what extends what it knows.
type witness struct {
	key    signed.Verifier
	signer signed.Signer

	mu    sync.Mutex
	size  int64
	root  tlog.Hash
	asked int
	// fails, where set, answers instead.
	fails func(asked int) ([]byte, error)
}

func newWitness(tb testing.TB, name string) *witness {
	tb.Helper()
	seed := sha256.Sum256([]byte(name))
	private := ed25519.NewKeyFromSeed(seed[:])
	public := append([]byte{4}, private.Public().(ed25519.PublicKey)...)
	sum := sha256.Sum256(append([]byte(name+"\n"), public...))
	id := binary.BigEndian.Uint32(sum[:])
	w := &witness{}
	var err error
	encode := base64.StdEncoding.EncodeToString
	if w.key, err = cosignature.NewVerifierForCosignatureV1(fmt.Sprintf("%s+%08x+%s", name, id, encode(public))); err != nil {
		tb.Fatal(err)
	}
	if w.signer, err = cosignature.NewSignerForCosignatureV1(fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, id, encode(append([]byte{4}, seed[:]...)))); err != nil {
		tb.Fatal(err)
	}
	return w
}

// ask is what C2SP tlog-witness says of add-checkpoint.
func (w *witness) ask(_ context.Context, oldSize int64, proof []tlog.Hash, text []byte) ([]byte, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.asked++
	if w.fails != nil {
		if lines, err := w.fails(w.asked); lines != nil || err != nil {
			return lines, err
		}
	}
	body, _, _ := strings.Cut(string(text), "\n\n")
	var name, root string
	var size int64
	if _, err := fmt.Sscan(body, &name, &size, &root); err != nil {
		return nil, err
	}
	packed, err := base64.StdEncoding.DecodeString(root)
	if err != nil {
		return nil, err
	}
	switch {
	case oldSize != w.size:
		return nil, &audit.WitnessConflict{Size: w.size}
	case w.size == 0 && len(proof) > 0:
		return nil, errors.New("a proof from nothing")
	case w.size > 0:
		if err := tlog.CheckTree(proof, size, tlog.Hash(packed), w.size, w.root); err != nil {
			return nil, err
		}
	}
	w.size, w.root = size, tlog.Hash(packed)
	return w.lines(text)
}

// lines is a cosignature, with one that is grease beside it.
func (w *witness) lines(text []byte) ([]byte, error) {
	n, err := signed.Sign(&signed.Note{Text: string(text[:bytes.Index(text, []byte("\n\n"))+1])}, w.signer)
	if err != nil {
		return nil, err
	}
	return append([]byte("— grease.example/ AAAAAAAAAAAA\n"), n[bytes.Index(n, []byte("\n\n"))+2:]...), nil
}

// cosigns tells whether the newest checkpoint of size is cosigned by w.
func (w *witness) cosigns(tb testing.TB, log *audit.Log, size int64) bool {
	tb.Helper()
	c, err := log.Checkpoint(tb.Context())
	if err != nil || c.Size < size {
		return false
	}
	_, err = signed.Open(c.Note, signed.VerifierList(w.key))
	return err == nil
}

func (w *witness) cosigner() audit.Cosigner { return audit.Cosigner{Key: w.key, Ask: w.ask} }

func (w *witness) times() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.asked
}

// run runs a publisher until the test ends.
func run(t *testing.T, p *audit.Publisher) {
	t.Helper()
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ended := make(chan struct{})
	go func() { defer close(ended); p.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
}

func TestWitness(t *testing.T) {
	t.Parallel()
	t.Run("what is published is cosigned, by each witness by itself", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 3)
		one, hung := newWitness(t, "one.example"), newWitness(t, "hung.example")
		stuck := audit.Cosigner{Key: hung.key, Ask: func(ctx context.Context, _ int64, _ []tlog.Hash, _ []byte) ([]byte, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}}
		publisher := p.publisher(stuck, one.cosigner())
		run(t, publisher)
		waitFor(t, "it is cosigned", func() bool { return one.cosigns(t, p.log, 3) })
		p.grow(t, 300)
		waitFor(t, "what came after is cosigned", func() bool { return one.cosigns(t, p.log, 303) })
		is, err := publisher.Published(t.Context())
		if err != nil || is.Size != 303 || is.CosignedAt["one.example"].IsZero() || !is.CosignedAt["hung.example"].IsZero() {
			t.Fatal(is, err)
		}
	})
	t.Run("a witness that knows another size gets the proof from there", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 5)
		c := p.publish(t)
		w := newWitness(t, "one.example")
		w.size, w.root = c.Size, tlog.Hash(c.Root) // it was asked before our database was told
		p.grow(t, 290)
		p.publish(t)
		run(t, p.publisher(w.cosigner()))
		waitFor(t, "it is cosigned", func() bool { return w.cosigns(t, p.log, 295) })
		if n := w.times(); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
	t.Run("a witness that knows more than the log is not believed, and nothing is stored", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 5)
		p.publish(t)
		w := newWitness(t, "one.example")
		w.size = 1000
		run(t, p.publisher(w.cosigner()))
		waitFor(t, "it was asked", func() bool { return w.times() > 0 })
		if w.cosigns(t, p.log, 5) {
			t.Error("it is cosigned")
		}
	})
	t.Run("a witness that fails is asked again", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 5)
		w := newWitness(t, "one.example")
		w.fails = func(asked int) ([]byte, error) {
			if asked < 2 {
				return nil, errors.New("out of order")
			}
			return nil, nil
		}
		run(t, p.publisher(w.cosigner()))
		waitFor(t, "it is cosigned", func() bool { return w.cosigns(t, p.log, 5) })
	})
	t.Run("a line that is not the witness's over this checkpoint is not stored", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 5)
		before := p.publish(t)
		p.grow(t, 5)
		w, other := newWitness(t, "one.example"), newWitness(t, "other.example")
		stale, err := w.lines(before.Note)
		if err != nil {
			t.Fatal(err)
		}
		answers := [][]byte{stale, []byte("rubbish\n"), {}, []byte("— one.example AAAA\n")}
		w.fails = func(asked int) ([]byte, error) {
			if asked <= len(answers) {
				return answers[asked-1], nil
			}
			c, err := p.log.Checkpoint(context.Background())
			if err != nil {
				return nil, err
			}
			return other.lines(c.Note)
		}
		publisher := p.publisher(w.cosigner())
		for range len(answers) + 1 {
			if _, err := publisher.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := publisher.Cosign(t.Context()); err == nil {
				t.Error("it was taken")
			}
		}
		var stored int
		if err := p.db.NewRaw(`SELECT count(*) FROM log_cosignature`).Scan(t.Context(), &stored); err != nil || stored != 0 {
			t.Fatal(stored, err)
		}
	})
	t.Run("a cosignature that is a day old is asked for again", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 5)
		p.publish(t)
		w := newWitness(t, "one.example")
		for range 2 {
			if err := p.publisherAt(func() time.Time { return time.Now().AddDate(0, 0, 1) }, w.cosigner()).Cosign(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.times(); n != 2 {
			t.Errorf("asked %d times", n)
		}
	})
	t.Run("a cosignature that is not old is not asked for again", func(t *testing.T) {
		t.Parallel()
		p := newPress(t)
		p.grow(t, 5)
		p.publish(t)
		w := newWitness(t, "one.example")
		for range 3 {
			if err := p.publisherAt(time.Now, w.cosigner()).Cosign(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.times(); n != 1 {
			t.Errorf("asked %d times", n)
		}
	})
}
