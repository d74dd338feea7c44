package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writeOnce makes a new file that only this account can read, whole and on disk or not at all: nobody ever reads half of it. os.ErrExist where
// there is one.
func writeOnce(path string, content []byte) error {
	return place(path, content, func(from string) error {
		return errors.Join(os.Link(from, path), os.Remove(from)) // a link, unlike a rename, replaces nothing
	})
}

// writeAnew replaces a file that only this account can read by another, whole and on disk, or leaves it as it was.
func writeAnew(path string, content []byte) error {
	return place(path, content, func(from string) error { return os.Rename(from, path) })
}

// place writes content to a file beside path, moves it there, and makes both durable.
func place(path string, content []byte, move func(from string) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*") // 0600
	if err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = move(f.Name())
	}
	if err != nil {
		_ = os.Remove(f.Name()) // it may be gone; it holds a secret
		return fmt.Errorf("keep %s: %w", path, err)
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("keep %s: %w", path, err)
	}
	return nil
}
