package witness

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/mod/sumdb/tlog"
)

// Seen is the newest checkpoint of a log that the witness signed.
type Seen struct {
	Size int64     `json:"size,string"`
	Root tlog.Hash `json:"root"`
}

// State is what a witness must never forget: by origin, what it signed last. It is kept in one file, which is replaced as a whole.
type State struct {
	path string
	lock *os.File
	seen map[string]Seen
}

// Errors of a state that the witness cannot go on from.
var (
	ErrNoState = errors.New("the file is not there")
	ErrDamaged = errors.New("the file is damaged")
	ErrInUse   = errors.New("another witness uses the file")
)

// CreateState makes an empty state; it is on disk when CreateState returns. A file that is there is an error.
func CreateState(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	return replace(path, nil)
}

// OpenState reads a state and holds it for this process alone. ErrNoState, ErrDamaged, ErrInUse.
func OpenState(path string) (*State, error) {
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	s := &State{path: path, lock: lock}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, ErrInUse), lock.Close())
	}
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = fmt.Errorf("%s: %w", path, ErrNoState)
	case err == nil:
		s.seen, err = parseState(text)
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

// Close lets others have the file.
func (s *State) Close() error { return s.lock.Close() }

// put is durable when it returns nil; after an error the file has the one or the other, and memory has the old.
func (s *State) put(origin string, seen Seen) error {
	next := maps.Clone(s.seen)
	if next == nil {
		next = make(map[string]Seen)
	}
	next[origin] = seen
	if err := replace(s.path, next); err != nil {
		return err
	}
	s.seen = next
	return nil
}

// formatState writes one line of JSON and one with its SHA-256.
func formatState(seen map[string]Seen) ([]byte, error) {
	text, err := json.Marshal(seen)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(text)
	return fmt.Appendf(nil, "%s\n%x\n", text, sum), nil
}

func parseState(text []byte) (map[string]Seen, error) {
	line, rest, _ := bytes.Cut(text, []byte("\n"))
	sum := sha256.Sum256(line)
	var seen map[string]Seen
	if string(rest) != hex.EncodeToString(sum[:])+"\n" || json.Unmarshal(line, &seen) != nil {
		return nil, ErrDamaged
	}
	for _, s := range seen {
		if s.Size < 0 {
			return nil, ErrDamaged
		}
	}
	return seen, nil
}

// replace writes a new file beside the old one, waits until it is on disk, and puts it in its place.
func replace(path string, seen map[string]Seen) error {
	text, err := formatState(seen)
	if err != nil {
		return err
	}
	return WriteFile(path, text)
}

// WriteFile puts a file that only its owner may read in place of the old one: after a crash there is the old one or the new one, whole.
func WriteFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".onward-witness-*") // 0600
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
