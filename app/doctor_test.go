package main_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	t.Run("in a program as it is started everything holds, and what was broken is said, with status 1", func(t *testing.T) {
		t.Parallel()
		server := newOwnServer(t)
		dsn := server.cluster.SuperuserDSN("postgres")
		data := dataDir(t)
		p := start(t, data, "ONWARD_DATABASE_URL="+dsn)
		p.grown(data, p.key("admin"))
		out := p.command("doctor", "--verify")
		if strings.Contains(out, "DOES NOT") || !strings.Contains(out, "holds     Every entry is as it was written.\n") {
			t.Fatal(out)
		}
		conn, err := pgx.Connect(t.Context(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close(context.Background()) })
		if _, err := conn.Exec(t.Context(), `DROP TRIGGER refuse_truncate ON log_tile`); err != nil {
			t.Fatal(err)
		}
		out, code, errText := runOnce(t, p.env, "doctor")
		if code != 1 || !strings.Contains(out, "DOES NOT  The table log_tile can be changed: its trigger refuse_truncate is missing.\n") ||
			errText != "onward: not everything holds\n" {
			t.Errorf("status %d:\n%s%s", code, out, errText)
		}
		out, code, _ = runOnce(t, p.env, "doctor", "--json")
		var said struct {
			Findings []struct {
				Name, Sentence string
				Holds          bool
			}
		}
		if err := json.Unmarshal([]byte(out), &said); err != nil || code != 1 {
			t.Fatal(code, err, out)
		}
		wrong := 0
		for _, f := range said.Findings {
			if !f.Holds {
				wrong++
			}
		}
		if wrong != 1 || len(said.Findings) < 12 {
			t.Error(out)
		}
		if err := os.Remove(filepath.Join(data, "checkpoints")); err != nil {
			t.Fatal(err)
		}
		if out, code, _ := runOnce(t, p.env, "doctor"); code != 1 || !strings.Contains(out, "DOES NOT  There is no copy of the checkpoints outside the database at ") {
			t.Errorf("status %d:\n%s", code, out)
		}
	})
	t.Run("it finds a schema that is not there, and makes none", func(t *testing.T) {
		t.Parallel()
		server := newOwnServer(t)
		env := environment("ONWARD_DATA="+dataDir(t), "ONWARD_DATABASE_URL="+server.cluster.SuperuserDSN("postgres"))
		for range 2 {
			out, code, errText := runOnce(t, env, "doctor")
			if code != 1 || !strings.HasPrefix(out, "DOES NOT  The database lacks 0001_create_roles.sql, ") {
				t.Errorf("status %d: %s%s", code, out, errText)
			}
		}
	})
}
