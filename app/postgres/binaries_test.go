package postgres_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onward/app/postgres"
)

func TestFind(t *testing.T) {
	t.Parallel()
	found := postgres.Find(t.Context())
	if len(found) == 0 {
		t.Fatal("no PostgreSQL 15 or later is installed here")
	}
	for i, b := range found {
		if b.Major < postgres.Oldest {
			t.Errorf("%s is %s", b.Dir, b.Version)
		}
		if i > 0 && found[i-1].Major < b.Major {
			t.Errorf("%s comes before %s", found[i-1].Version, b.Version)
		}
		if again, err := postgres.Inspect(t.Context(), b.Dir); err != nil || again != b {
			t.Errorf("inspect: %v %v", again, err)
		}
	}
}

func TestInspectRefuses(t *testing.T) {
	t.Parallel()
	says := func(line string) string { return "#!/bin/sh\necho '" + line + "'\n" }
	for name, test := range map[string]struct {
		postgres, initdb, want string
	}{
		"initdb alone":           {"", says("initdb (PostgreSQL) 16.1"), "find postgres"},
		"postgres alone":         {says("postgres (PostgreSQL) 16.1"), "", "find initdb"},
		"an old version":         {says("postgres (PostgreSQL) 14.9"), says("initdb (PostgreSQL) 14.9"), "15 or later"},
		"two versions":           {says("postgres (PostgreSQL) 16.1"), says("initdb (PostgreSQL) 17.1"), "but initdb is 17.1"},
		"something else":         {says("hello"), says("hello"), "does not tell"},
		"programs that fail":     {"#!/bin/sh\nexit 3\n", says("initdb (PostgreSQL) 16.1"), "exit status 3"},
		"programs of elsewhere":  {"\x7fELF nonsense", "\x7fELF nonsense", "ask"},
		"the version of another": {says("postgres (Other) 16.1"), says("initdb (Other) 16.1"), "does not tell"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for program, script := range map[string]string{"postgres": test.postgres, "initdb": test.initdb} {
				if script == "" {
					continue
				}
				write(t, filepath.Join(dir, program), script)
				if err := os.Chmod(filepath.Join(dir, program), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := postgres.Inspect(t.Context(), dir); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want %q: %v", test.want, err)
			}
		})
	}
}
