package migrations

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"
)

// createRecord makes the table of what was applied. It does not call itself a migration, because it must be there first.
const createRecord = `
DO $record$
BEGIN
    IF to_regclass('public.schema_migrations') IS NULL THEN
        CREATE TABLE public.schema_migrations (
            name       text        CONSTRAINT schema_migrations_pkey PRIMARY KEY,
            sha256     text        NOT NULL CONSTRAINT schema_migrations_sha256_shape CHECK (sha256 ~ '^[0-9a-f]{64}$'),
            applied_at timestamptz NOT NULL
        );
        COMMENT ON TABLE  public.schema_migrations IS 'Which files of the schema were applied to this database.';
        COMMENT ON COLUMN public.schema_migrations.name IS 'Name of the file, NNNN_verb_noun.sql.';
        COMMENT ON COLUMN public.schema_migrations.sha256 IS 'SHA-256 of the file as it was applied, in hexadecimal.';
        COMMENT ON COLUMN public.schema_migrations.applied_at IS 'When the program that applied it began, by its clock.';
    END IF;
END
$record$;`

const selectRecord = `SELECT name, sha256 FROM public.schema_migrations ORDER BY name`

// record is one applied file.
type record struct {
	Name   string
	SHA256 string
}

func recorded(ctx context.Context, conn *pgx.Conn) ([]record, error) {
	rows, err := conn.Query(ctx, selectRecord)
	if err != nil {
		return nil, fmt.Errorf("read schema_migrations: %w", err)
	}
	records, err := pgx.CollectRows(rows, pgx.RowToStructByPos[record])
	if err != nil {
		return nil, fmt.Errorf("read schema_migrations: %w", err)
	}
	return records, nil
}

// compare returns the files that are not recorded. It refuses a record that differs from its file, one without a file,
// and a file that would be applied before one that was.
func (s Sequence) compare(records []record) ([]file, error) {
	var changed, unknown []string
	known := map[string]string{}
	for _, f := range s.files {
		known[f.name] = f.sha256
	}
	for _, r := range records {
		switch sum, ok := known[r.Name]; {
		case !ok:
			unknown = append(unknown, r.Name)
		case sum != r.SHA256:
			changed = append(changed, r.Name)
		}
	}
	if len(unknown) > 0 {
		return nil, fmt.Errorf("the database was migrated by a newer program (it has %s): run that one, or restore a backup from before",
			strings.Join(unknown, ", "))
	}
	if len(changed) > 0 {
		return nil, fmt.Errorf("migration %s was applied with other content than it has now: an applied file is never changed; "+
			"restore it and put the change into the next one", strings.Join(changed, ", "))
	}
	for i, r := range records { // both run in order, all records have files
		if s.files[i].name != r.Name {
			return nil, errors.New("migration " + s.files[i].name + " is missing from the database though later ones were applied")
		}
	}
	return s.files[len(records):], nil
}

// Pending names the files that [Sequence.Run] would apply, in order. It refuses what Run refuses, changes nothing, and needs only the
// rights of the program's role.
func (s Sequence) Pending(ctx context.Context, db bun.IDB) ([]string, error) {
	var exists bool
	if err := db.NewRaw("SELECT to_regclass('public.schema_migrations') IS NOT NULL").Scan(ctx, &exists); err != nil {
		return nil, fmt.Errorf("look for schema_migrations: %w", err)
	}
	var records []record
	if exists {
		if err := db.NewRaw(selectRecord).Scan(ctx, &records); err != nil {
			return nil, fmt.Errorf("read schema_migrations: %w", err)
		}
	}
	todo, err := s.compare(records)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(todo))
	for i, f := range todo {
		names[i] = f.name
	}
	return names, nil
}
