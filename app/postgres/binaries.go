package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Oldest is the first major version of PostgreSQL that Onward runs on.
const Oldest = 15

// Binaries are the programs of one installed PostgreSQL.
type Binaries struct {
	Dir     string // where initdb and postgres lie, links resolved
	Version string // as the server tells it, "15.18"
	Major   int
}

// Path names one program of the installation, which may not exist: only initdb and postgres were checked.
func (b Binaries) Path(program string) string { return filepath.Join(b.Dir, program) }

// places are where packages put PostgreSQL: Debian, Red Hat, Homebrew on both processors, Postgres.app, by hand.
var places = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/usr/lib64/pgsql/bin",
	"/usr/libexec/postgresql*",
	"/opt/homebrew/opt/postgresql@*/bin",
	"/usr/local/opt/postgresql@*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/usr/local/pgsql/bin",
	"/usr/bin",
}

// Find returns every working installation of PostgreSQL 15 or later on this machine, newest first. One that comes first
// in PATH wins among equals. An installation counts only if both initdb and postgres are there and tell the same version.
func Find(ctx context.Context) []Binaries {
	var dirs []string
	for _, program := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(program); err == nil {
			if path, err = filepath.EvalSymlinks(path); err == nil {
				dirs = append(dirs, filepath.Dir(path))
			}
		}
	}
	for _, place := range places {
		found, _ := filepath.Glob(place) // the patterns are constants and well formed
		for _, dir := range found {
			if resolved, err := filepath.EvalSymlinks(dir); err == nil {
				dirs = append(dirs, resolved)
			}
		}
	}
	var all []Binaries
	seen := map[string]bool{}
	for _, dir := range dirs {
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if b, err := Inspect(ctx, dir); err == nil {
			all = append(all, b)
		}
	}
	slices.SortStableFunc(all, func(a, b Binaries) int { return compareVersions(b.Version, a.Version) })
	return all
}

// Inspect tells which PostgreSQL lies in a directory. It refuses one that lacks initdb or postgres, whose programs do
// not run or disagree, or that is older than [Oldest].
func Inspect(ctx context.Context, dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, fmt.Errorf("find %s: %w", dir, err)
	}
	b := Binaries{Dir: dir}
	for _, program := range []string{"postgres", "initdb"} {
		version, err := versionOf(ctx, b.Path(program))
		if err != nil {
			return Binaries{}, err
		}
		if b.Version != "" && b.Version != version {
			return Binaries{}, fmt.Errorf("%s: postgres is %s but initdb is %s", dir, b.Version, version)
		}
		b.Version = version
	}
	number, _, _ := strings.Cut(b.Version, ".")
	if b.Major, err = strconv.Atoi(number); err != nil {
		return Binaries{}, fmt.Errorf("%s: version %q: %w", dir, b.Version, err)
	}
	if b.Major < Oldest {
		return Binaries{}, fmt.Errorf("%s holds PostgreSQL %s; %d or later is needed", dir, b.Version, Oldest)
	}
	return b, nil
}

// versionLine matches what `postgres --version` prints; a development version has no dot ("18beta1").
var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+(?:\.\d+)*)`)

func versionOf(ctx context.Context, program string) (string, error) {
	if _, err := os.Stat(program); err != nil {
		return "", fmt.Errorf("find %s: %w", filepath.Base(program), err)
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--version")
	cmd.Env = serverEnvironment()
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("ask %s for its version: %w", program, err)
	}
	match := versionLine.FindStringSubmatch(string(out))
	if match == nil {
		return "", fmt.Errorf("%s does not tell a PostgreSQL version: %q", program, strings.TrimSpace(string(out)))
	}
	return match[1], nil
}

func compareVersions(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i]) // digits by the pattern above
		y, _ := strconv.Atoi(bs[i])
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(as), len(bs))
}

// errMissing is the one sentence for a machine without PostgreSQL.
func errMissing() error {
	install := "apt-get install postgresql"
	switch {
	case runtime.GOOS == "darwin":
		install = "brew install postgresql@17"
	case exists("/usr/bin/dnf"):
		install = "dnf install postgresql-server"
	case exists("/sbin/apk"):
		install = "apk add postgresql17"
	}
	return errors.New("no PostgreSQL 15 or later was found on this machine: install one with `" + install +
		"`, or set ONWARD_DATABASE_URL to a server elsewhere")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
