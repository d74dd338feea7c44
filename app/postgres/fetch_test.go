package postgres_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onward/app/postgres"
)

func archive(t *testing.T, headers ...tar.Header) io.Reader {
	t.Helper()
	var buf bytes.Buffer
	zip := gzip.NewWriter(&buf)
	w := tar.NewWriter(zip)
	for _, h := range headers {
		content := []byte(h.Uname) // carried here by these tests
		h.Uname, h.Size = "", int64(len(content))
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return &buf
}

func TestOpenArchiveRefusesAnotherSum(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "package.tgz")
	write(t, path, "what was published")
	sum := sha256.Sum256([]byte("what was published"))
	good := hex.EncodeToString(sum[:])
	f, err := postgres.OpenArchive(path, good)
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(f); err != nil || string(content) != "what was published" {
		t.Errorf("read %q, %v", content, err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	write(t, path, "what was put in its place")
	for _, sum := range []string{good, ""} {
		if _, err := postgres.OpenArchive(path, sum); err == nil || !strings.Contains(err.Error(), "not used") {
			t.Errorf("sum %q: %v", sum, err)
		}
	}
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	into := filepath.Join(t.TempDir(), "new")
	err := postgres.Unpack(archive(t,
		tar.Header{Name: "package/native/bin/postgres", Mode: 0o755, Uname: "program"},
		tar.Header{Name: "package/native/lib/libpq.so.5.18", Mode: 0o600, Uname: "library"},
		tar.Header{Name: "package/native/pg-symlinks.json", Mode: 0o644, Uname: `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`},
	), into)
	if err == nil {
		err = postgres.Relink(into)
	}
	if err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(into, "native/lib/libpq.so.5")); got != "library" {
		t.Errorf("through the link: %q", got)
	}
	info, err := os.Stat(filepath.Join(into, "native/bin/postgres"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("program: %v %v", info, err)
	}
}

func TestUnpackRefuses(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]tar.Header{
		"a name that climbs out":     {Name: "package/../../escaped", Uname: "x"},
		"a name that climbs at once": {Name: "../escaped", Uname: "x"},
		"an absolute name":           {Name: "package//etc/escaped", Uname: "x"},
		"a symbolic link":            {Name: "package/link", Typeflag: tar.TypeSymlink, Linkname: "/etc/passwd"},
		"a hard link":                {Name: "package/link", Typeflag: tar.TypeLink, Linkname: "/etc/passwd"},
		"a device":                   {Name: "package/device", Typeflag: tar.TypeChar},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			if err := postgres.Unpack(archive(t, header), filepath.Join(dir, "a", "..", "new")); err == nil {
				t.Error("it was unpacked")
			}
			if _, err := os.Stat(filepath.Join(dir, "escaped")); err == nil {
				t.Error("it escaped")
			}
		})
	}
}

func TestRelinkRefusesLinksThatLeadOut(t *testing.T) {
	t.Parallel()
	for _, list := range []string{
		`[{"source":"../../etc/passwd","target":"native/x"}]`, `[{"source":"/etc/passwd","target":"native/x"}]`,
		`[{"source":"native/x","target":"../x"}]`, `not a list`,
	} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "native", "pg-symlinks.json"), list)
		if err := postgres.Relink(dir); err == nil {
			t.Errorf("%s: it was linked", list)
		}
	}
}
