package postgres

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secret returns the password kept in a file. When the file is missing it makes one of 256 random bits, if it may: the
// file is readable by its owner alone and on disk, whole, before secret returns.
func secret(path string, mayMake bool) (string, error) {
	kept, err := os.ReadFile(path)
	if err == nil {
		if password := strings.TrimSpace(string(kept)); password != "" {
			return password, nil
		}
		return "", fmt.Errorf("%s is empty: restore it from a backup", path)
	}
	if !mayMake || !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read password: %w", err)
	}
	var random [32]byte
	_, _ = rand.Read(random[:]) // never fails, by its documentation
	password := hex.EncodeToString(random[:])
	if err := writeDurably(path, []byte(password+"\n")); err != nil {
		return "", fmt.Errorf("keep password: %w", err)
	}
	return password, nil
}

// writeDurably puts a file in place whole or not at all, and on disk before it returns.
func writeDurably(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
