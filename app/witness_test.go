package main_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"onward/app/witness"
)

func verifierKey(name string, public []byte) string {
	key, err := note.NewEd25519VerifierKey(name, ed25519.PublicKey(public))
	if err != nil {
		panic(err)
	}
	return key
}

// watcher is a running "onward witness".
type watcher struct {
	t    testing.TB
	args []string
	cmd  *exec.Cmd
	ask  witness.Ask
	key  string
	out  *output
}

// start runs the witness and waits until it has printed its key and address.
func (w *watcher) start() {
	w.t.Helper()
	path, err := binary()
	if err != nil {
		w.t.Fatal(err)
	}
	w.out = &output{}
	w.cmd = exec.Command(path, w.args...)
	w.cmd.Env, w.cmd.Stdout, w.cmd.Stderr = alone(), w.out, w.out
	if err := w.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	deadline := time.Now().Add(30 * time.Second)
	for !strings.Contains(w.out.String(), "address") && time.Now().Before(deadline) {
		time.Sleep(2 * time.Millisecond)
	}
	fields := strings.Fields(w.out.String())
	if len(fields) != 5 {
		w.t.Fatalf("it says %q", w.out)
	}
	w.key = fields[2]
	if w.ask, err = witness.New(fields[4], w.key); err != nil {
		w.t.Fatal(err)
	}
}

func (w *watcher) end(sig syscall.Signal) error {
	_ = w.cmd.Process.Signal(sig)
	return w.cmd.Wait()
}

// growingLog is a log that a witness is asked to sign.
type growingLog struct {
	hashes []tlog.Hash
	size   int64
	signer note.Signer
	key    string
}

func newGrowingLog(tb testing.TB) *growingLog {
	tb.Helper()
	skey, vkey, err := note.GenerateKey(rand.Reader, "onward.test/log")
	if err != nil {
		tb.Fatal(err)
	}
	s, err := note.NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return &growingLog{signer: s, key: vkey}
}

func (g *growingLog) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = g.hashes[x]
	}
	return hashes, nil
}

// next adds an entry and returns the checkpoint and the proof from an earlier size.
func (g *growingLog) next(tb testing.TB, from int64) ([]byte, tlog.TreeProof) {
	tb.Helper()
	hashes, err := tlog.StoredHashes(g.size, fmt.Append(nil, g.size), g)
	if err != nil {
		tb.Fatal(err)
	}
	g.hashes = append(g.hashes, hashes...)
	g.size++
	root, err := tlog.TreeHash(g.size, g)
	if err != nil {
		tb.Fatal(err)
	}
	checkpoint, err := note.Sign(&note.Note{Text: fmt.Sprintf("onward.test/log\n%d\n%s\n", g.size, root)}, g.signer)
	if err != nil {
		tb.Fatal(err)
	}
	var p tlog.TreeProof
	if from > 0 {
		if p, err = tlog.ProveTree(g.size, from, g); err != nil {
			tb.Fatal(err)
		}
	}
	return checkpoint, p
}

func TestWitnessNeverForgetsWhatItSignedThoughItIsKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	log := newGrowingLog(t)
	w := &watcher{t: t, args: []string{"witness", "--key", filepath.Join(dir, "key"), "--log", log.key, "--listen", "127.0.0.1:0", "--state", filepath.Join(dir, "state")}}
	known, firstKey := int64(0), ""
	for round := range 8 {
		w.start()
		if firstKey == "" {
			firstKey = w.key
		}
		if w.key != firstKey {
			t.Fatal("it has another key after a restart")
		}
		killed := make(chan struct{})
		go func() {
			time.Sleep(time.Duration(10+7*round) * time.Millisecond)
			_ = w.end(syscall.SIGKILL)
			close(killed)
		}()
		for {
			checkpoint, p := log.next(t, known)
			_, err := w.ask(t.Context(), known, p, checkpoint)
			var conflict *witness.Conflict
			switch {
			case err == nil:
				known = log.size
				continue
			case errors.As(err, &conflict):
				if conflict.Size < known {
					t.Fatalf("it signed size %d and knows %d after it was killed", known, conflict.Size)
				}
				known = conflict.Size // it was killed between writing and answering
				continue
			}
			break
		}
		<-killed
	}
	if known == 0 {
		t.Error("nothing was ever signed")
	}
	w.start()
	if err := w.end(syscall.SIGTERM); err != nil {
		t.Errorf("it does not end cleanly: %v\n%s", err, w.out)
	}
}

func TestWitnessCommandRefuses(t *testing.T) {
	t.Parallel()
	log := newGrowingLog(t)
	dir := t.TempDir()
	key, state := filepath.Join(dir, "key"), filepath.Join(dir, "state")
	args := func(more ...string) []string {
		return append([]string{"witness", "--key", key, "--listen", "127.0.0.1:0", "--state", state}, more...)
	}
	w := &watcher{t: t, args: args("--log", log.key, "--name", "witness.test/mine")}
	w.start()
	if !strings.HasPrefix(w.key, "witness.test/mine+") {
		t.Errorf("its key is %s", w.key)
	}
	if _, code, errText := runOnce(t, alone(), args("--log", log.key)...); code != 1 || !strings.Contains(errText, "another witness uses the file") {
		t.Errorf("a second one on the same files: %d %s", code, errText)
	}
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file: %v, %v", info, err)
	}
	checkpoint, p := log.next(t, 0)
	if _, err := w.ask(t.Context(), 0, p, checkpoint); err != nil {
		t.Fatal(err)
	}
	if err := w.end(syscall.SIGTERM); err != nil {
		t.Error(err)
	}
	whole, err := os.ReadFile(state)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		before func() error
		args   []string
		code   int
		says   string
	}{
		"a damaged state":      {func() error { return os.WriteFile(state, whole[:len(whole)/2], 0o600) }, args("--log", log.key), 1, "is damaged"},
		"a state that is gone": {func() error { return os.Remove(state) }, args("--log", log.key), 1, "does not know what its key has signed"},
		"no log":               {nil, args(), 2, "--log is missing"},
		"a log that is none":   {nil, args("--log", "x"), 2, ""},
		"no listen":            {nil, []string{"witness", "--key", key, "--state", state, "--log", log.key}, 2, "--listen is missing"},
	} {
		if err := os.WriteFile(state, whole, 0o600); err != nil {
			t.Fatal(err)
		}
		if c.before != nil {
			if err := c.before(); err != nil {
				t.Fatal(err)
			}
		}
		if out, code, errText := runOnce(t, alone(), c.args...); code != c.code || !strings.Contains(errText, c.says) {
			t.Errorf("%s: status %d, want %d: %s%s", name, code, c.code, out, errText)
		}
	}
}
