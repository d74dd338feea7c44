package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

func TestKeptKey(t *testing.T) {
	t.Parallel()
	c := config{data: filepath.Join(t.TempDir(), "new")}
	made, err := linkKey(c)
	if err != nil || len(made) != 32 {
		t.Fatal(made, err)
	}
	t.Run("a key is made once", func(t *testing.T) {
		t.Parallel()
		if again, err := linkKey(c); err != nil || !bytes.Equal(made, again) {
			t.Error(again, err)
		}
	})
	t.Run("only this account reads it", func(t *testing.T) {
		t.Parallel()
		info, err := os.Stat(filepath.Join(c.data, "link.key"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Error(info, err)
		}
	})
	t.Run("each use has its own", func(t *testing.T) {
		t.Parallel()
		if other, err := subjectKey(c); err != nil || bytes.Equal(made, other) {
			t.Error(other, err)
		}
	})
	t.Run("one that is set stands before it", func(t *testing.T) {
		t.Parallel()
		set := config{data: c.data, linkKey: bytes.Repeat([]byte{1}, 32)}
		if key, err := linkKey(set); err != nil || !bytes.Equal(key, set.linkKey) {
			t.Error(key, err)
		}
	})
	t.Run("a file that holds none is refused", func(t *testing.T) {
		t.Parallel()
		broken := config{data: t.TempDir()}
		if err := os.WriteFile(filepath.Join(broken.data, "link.key"), []byte("lost\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if key, err := linkKey(broken); err == nil {
			t.Error(key)
		}
	})
}
