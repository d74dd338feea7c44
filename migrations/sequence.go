// Package migrations holds the schema as a sequence of SQL files, and applies them.
//
// A file is named NNNN_verb_noun.sql, does one thing, runs in one transaction and is never changed once it was applied
// anywhere: the next file changes what it did. There is no way back but a backup.
package migrations

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
)

//go:embed *.sql
var shipped embed.FS

// Sequence is an ordered set of migrations.
type Sequence struct {
	files []file
}

type file struct {
	name   string
	sql    string
	sha256 string
}

// login marks a file that runs as the role that logged in, not as onward_owner: the one that creates roles.
var login = []byte("-- as: login\n")

func (f file) asLogin() bool { return bytes.HasPrefix([]byte(f.sql), login) }

var fileName = regexp.MustCompile(`^(\d{4})_[a-z0-9]+(_[a-z0-9]+)+\.sql$`)

// Shipped is the schema that this program was built with.
func Shipped() Sequence {
	s, err := Read(shipped)
	if err != nil {
		panic(err) // a test reads the same files
	}
	return s
}

// Read takes the *.sql files of a folder in the order of their numbers. It refuses a name that is not
// NNNN_verb_noun.sql and numbers that do not run from 0001 without a gap.
func Read(fsys fs.FS) (Sequence, error) {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		return Sequence{}, fmt.Errorf("list migrations: %w", err)
	}
	if len(names) == 0 {
		return Sequence{}, errors.New("there are no migrations")
	}
	var s Sequence
	for i, name := range names { // Glob sorts
		match := fileName.FindStringSubmatch(name)
		if match == nil {
			return Sequence{}, fmt.Errorf("migration %s: the name is not NNNN_verb_noun.sql", name)
		}
		if want := fmt.Sprintf("%04d", i+1); match[1] != want {
			return Sequence{}, fmt.Errorf("migration %s: number %s was expected", name, want)
		}
		content, err := fs.ReadFile(fsys, name)
		if err != nil {
			return Sequence{}, fmt.Errorf("read migration: %w", err)
		}
		sum := sha256.Sum256(content)
		s.files = append(s.files, file{name: name, sql: string(content), sha256: hex.EncodeToString(sum[:])})
	}
	return s, nil
}

// Sum identifies the whole sequence: names and contents. Two equal sums make the same schema.
func (s Sequence) Sum() string {
	h := sha256.New()
	for _, f := range s.files {
		_, _ = fmt.Fprintf(h, "%s %s\n", f.name, f.sha256) // a hash takes every write
	}
	return hex.EncodeToString(h.Sum(nil))
}
