package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/uptrace/bun"

	"onward/app/postgres"
	"onward/audit"
	"onward/migrations"
	"onward/registry"
	"onward/registry/publishing"
)

// store is an open, migrated database and what works on it.
type store struct {
	cluster  *postgres.Cluster // nil with ONWARD_DATABASE_URL
	db       *bun.DB
	log      *audit.Log
	desk     *publishing.Desk
	registry *registry.Registry // guarded: nothing changes the public list by the way
}

// openStore starts or joins the database, migrates it, and opens the log.
func openStore(ctx context.Context, c config) (*store, error) {
	s := &store{}
	admin, app, err := s.addresses(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := s.open(ctx, c, admin, app); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// addresses says where to migrate and where to work.
func (s *store) addresses(ctx context.Context, c config) (admin, app string, err error) {
	if c.databaseURL != "" {
		return c.databaseURL, c.databaseURL, nil
	}
	cache, err := postgres.DefaultCacheDir()
	if err != nil {
		return "", "", err
	}
	s.cluster, err = postgres.Start(ctx, postgres.Options{DataDir: c.data, Fetch: c.fetchPostgres, CacheDir: cache, Progress: os.Stderr})
	if err != nil {
		return "", "", err
	}
	return s.cluster.SuperuserDSN(postgres.Database), s.cluster.AppDSN(postgres.Database), nil
}

func (s *store) open(ctx context.Context, c config, admin, app string) error {
	if err := migrate(ctx, admin); err != nil {
		return err
	}
	var pool postgres.Pool
	if c.databaseURL != "" {
		pool.Role = appRole(ctx, app)
	}
	db, err := postgres.Open(ctx, app, pool)
	if err != nil {
		return err
	}
	s.db = db
	origin := c.origin
	if origin == "" {
		origin = newOrigin()
	}
	if s.log, err = audit.Open(ctx, db, origin, clock()); err != nil {
		return err
	}
	s.desk = publishing.NewDesk(db, s.log)
	s.registry = registry.New(db, s.log).Guarded(s.desk.Guard)
	return nil
}

// filled is the registry for whoever fills it from a file: as long as there are no customers, nobody has to be told of its lines.
func (s *store) filled() *registry.Registry {
	return registry.New(s.db, s.log).Guarded(s.desk.GuardImport)
}

// migrate brings the database at dsn up to this program's schema.
func migrate(ctx context.Context, dsn string) error {
	db, err := postgres.Open(ctx, dsn, postgres.Pool{MaxConns: 2, StatementTimeout: -1})
	if err != nil {
		return err
	}
	applied, err := migrations.Run(ctx, db, clock())
	if len(applied) > 0 {
		slog.Info("migrated the database", "files", len(applied), "newest", applied[len(applied)-1])
	}
	return errors.Join(err, db.Close())
}

// appRole is the role that the program works as: onward_app where the login may take it on, else the login itself, for which the
// triggers alone keep the log append-only.
func appRole(ctx context.Context, dsn string) string {
	db, err := postgres.Open(ctx, dsn, postgres.Pool{MaxConns: 1, Role: postgres.App})
	if err != nil {
		slog.Warn("the database login cannot work as the role onward_app: only triggers protect the log, not grants")
		return ""
	}
	_ = db.Close() // it was opened to see whether it can be
	return postgres.App
}

// newOrigin names a log that nobody named: unique, and plainly not an address.
func newOrigin() string {
	b := make([]byte, 6)
	_, _ = rand.Read(b) // crypto/rand never fails
	return "onward.invalid/" + hex.EncodeToString(b)
}

// subjectKey is the key of the pseudonyms.
func subjectKey(c config) ([]byte, error) { return keptKey(c, c.subjectKey, "subject") }

// linkKey is the key that signs the links of notices.
func linkKey(c config) ([]byte, error) { return keptKey(c, c.linkKey, "link") }

// keptKey is a key from the settings, or one that is made once and kept in the data folder, readable by this account only.
func keptKey(c config, given []byte, name string) ([]byte, error) {
	if given != nil {
		return given, nil
	}
	path := filepath.Join(c.data, name+".key")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		key := make([]byte, 32)
		_, _ = rand.Read(key) // crypto/rand never fails
		if err := os.MkdirAll(c.data, 0o700); err != nil {
			return nil, fmt.Errorf("keep the %s key: %w", name, err)
		}
		if err := writeOnce(path, []byte(hex.EncodeToString(key)+"\n")); !errors.Is(err, os.ErrExist) {
			return key, err
		}
		text, err = os.ReadFile(path) // another process made it at the same moment
	}
	if err != nil {
		return nil, fmt.Errorf("read the %s key: %w", name, err)
	}
	key, err := hex.DecodeString(string(text[:min(64, len(text))]))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s does not hold a key of 64 hex digits", path)
	}
	return key, nil
}

// close closes the connections and, where this program owns it, stops the cluster.
func (s *store) close() {
	if s.db != nil {
		if err := s.db.Close(); err != nil {
			slog.Warn("closing the database", "error", err)
		}
	}
	if s.cluster == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.cluster.Stop(ctx); err != nil {
		slog.Error("stopping PostgreSQL", "error", err)
	}
}
