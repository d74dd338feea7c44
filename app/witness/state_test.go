package witness_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onward/app/witness"
)

func TestWhatIsSignedOutlivesTheProcess(t *testing.T) { //nolint:tparallel // its subtest takes the folder away
	t.Parallel()
	key := makeKey(t, origin)
	honest, fork := makeHistory(t, words(40, 99)...), makeHistory(t, words(40, 10)...)
	h := startHost(t, key.verifier)
	if _, err := h.Add(honest.request(t, 0, 20, key).Marshal()); err != nil { // the answer is lost: the process ends here
		t.Fatal(err)
	}
	h.stop()
	h.start()
	status, kind, body := post(t, h.http.URL, honest.request(t, 0, 20, key).Marshal())
	if status != 409 || kind != "text/x.tlog.size" || body != "20\n" {
		t.Errorf("asked again from the old size: %d %s %q", status, kind, body)
	}
	if _, err := h.Add(fork.request(t, 20, 30, key).Marshal()); err == nil {
		t.Error("a fork was signed after a restart")
	}
	if _, err := h.Add(honest.request(t, 20, 20, key).Marshal()); err != nil {
		t.Errorf("what was signed is not signed again: %v", err)
	}
	t.Run("and a state that cannot be written is not signed", func(t *testing.T) {
		if err := os.RemoveAll(filepath.Dir(h.file)); err != nil {
			t.Fatal(err)
		}
		if status, _, body := post(t, h.http.URL, honest.request(t, 20, 30, key).Marshal()); status != 500 || strings.Contains(body, h.file) {
			t.Errorf("%d %q", status, body)
		}
		if status, _, body := post(t, h.http.URL, honest.request(t, 30, 40, key).Marshal()); status != 409 || body != "20\n" {
			t.Errorf("%d %q", status, body)
		}
	})
}

func TestStateRefuses(t *testing.T) {
	t.Parallel()
	open := func(text string) error {
		file := filepath.Join(t.TempDir(), "state")
		if text != "" {
			if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		s, err := witness.OpenState(file)
		if err == nil {
			_ = s.Close()
		}
		return err
	}
	if err := open(""); !errors.Is(err, witness.ErrNoState) {
		t.Errorf("no file: %v", err)
	}
	key := makeKey(t, origin)
	h := startHost(t, key.verifier)
	if _, err := h.Add(makeHistory(t, words(20, 99)...).request(t, 0, 17, key).Marshal()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(h.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(string(text)); err != nil {
		t.Error(err)
	}
	for i := range text {
		bad := bytes.Clone(text)
		bad[i] ^= 1
		if err := open(string(bad)); !errors.Is(err, witness.ErrDamaged) {
			t.Fatalf("byte %d changed: %v", i, err)
		}
		if i > 0 {
			if err := open(string(text[:i])); !errors.Is(err, witness.ErrDamaged) {
				t.Fatalf("cut at %d: %v", i, err)
			}
		}
	}
	if _, err := witness.OpenState(h.file); !errors.Is(err, witness.ErrInUse) {
		t.Errorf("opened twice: %v", err)
	}
	if err := witness.CreateState(h.file); err == nil {
		t.Error("made anew over what was signed")
	}
	if info, err := os.Stat(h.file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}
