package proof

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"

	"golang.org/x/mod/sumdb/tlog"
)

// prunedName is the member with the entry that tells of what was pruned; most bundles have none.
const prunedName = "pruned.ndjson"

// Bundle is an opened bundle. What is in it is proved by Check alone.
type Bundle struct {
	Manifest Manifest
	// Checkpoint is the signed note.
	Checkpoint []byte
	// Policy is the text that came with the bundle: a statement of whoever made it.
	Policy []byte
	// HasRows tells whether there is a shares.csv.
	HasRows bool
	files   map[string]*zip.File
}

// OpenBundle reads the table of contents of a bundle and its small parts. It refuses (*Fault) a file that is no bundle: one with a
// member missing, unknown, or there twice, so that no two readers can see different ones.
func OpenBundle(r io.ReaderAt, size int64) (*Bundle, error) {
	z, err := zip.NewReader(r, size)
	if err != nil {
		return nil, malformed("this is not a zip file: %v", err)
	}
	b := &Bundle{files: make(map[string]*zip.File, len(z.File))}
	known := []string{"leaves.ndjson", prunedName, "checkpoint", "policy", "report.json", "README.txt", "shares.csv"}
	for _, f := range z.File {
		_, _, _, isTile := ParseTilePath(f.Name)
		if !isTile && !slices.Contains(known, f.Name) {
			return nil, malformed("the file has a member %q, which no bundle has", f.Name)
		}
		if b.files[f.Name] != nil {
			return nil, malformed("the file has two members %q", f.Name)
		}
		b.files[f.Name] = f
	}
	b.HasRows = b.files["shares.csv"] != nil
	for _, part := range []struct {
		name string
		into *[]byte
	}{{"checkpoint", &b.Checkpoint}, {"policy", &b.Policy}} {
		if *part.into, err = b.read(part.name, maxCheckpoint); err != nil {
			return nil, err
		}
	}
	report, err := b.read("report.json", 1<<20)
	if err != nil {
		return nil, err
	}
	if b.Manifest, err = parseManifest(report); err != nil {
		return nil, err
	}
	if b.files["leaves.ndjson"] == nil {
		return nil, malformed("the file has no leaves.ndjson")
	}
	return b, nil
}

// read reads a member of at most limit bytes.
func (b *Bundle) read(name string, limit int64) ([]byte, error) {
	r, err := b.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	text, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, unreadable(name, err)
	}
	if int64(len(text)) > limit {
		return nil, malformed("%s is too long", name)
	}
	return text, nil
}

func (b *Bundle) open(name string) (io.ReadCloser, error) {
	f := b.files[name]
	if f == nil {
		return nil, malformed("the file has no %s", name)
	}
	r, err := f.Open()
	if err != nil {
		return nil, unreadable(name, err)
	}
	return r, nil
}

// unreadable tells damage of the file, which is a fault, from a disk that fails.
func unreadable(name string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return malformed("%s is damaged: %v", name, err)
}

// tile is the Tiles of the bundle.
func (b *Bundle) tile(_ context.Context, level int, n int64, width int) ([]byte, error) {
	path := TilePath(level, n, width)
	if b.files[path] == nil {
		return nil, &Fault{firstOf(level, n), HashAltered, fmt.Sprintf("the bundle does not hold %s, which leads to the checkpoint", path)}
	}
	return b.read(path, tileWidth*tlog.HashSize)
}
