package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

const (
	// withTables are the tables of the first argument and their partitions.
	withTables = `WITH tables AS (
		SELECT n.name, to_regclass(n.name)::oid AS oid FROM unnest($1::text[]) AS n (name)
		UNION SELECT c.relname::text, c.oid FROM unnest($1::text[]) AS n (name)
			JOIN pg_inherits i ON i.inhparent = to_regclass(n.name) JOIN pg_class c ON c.oid = i.inhrelid) `

	// selectBadTriggers: 27 is BEFORE UPDATE OR DELETE for each row, 34 BEFORE TRUNCATE for each statement.
	selectBadTriggers = withTables + `SELECT t.name, w.name, CASE
			WHEN g.oid IS NULL THEN 'is missing'
			WHEN g.tgenabled = 'D' THEN 'is switched off'
			WHEN g.tgenabled <> 'A' THEN 'rests in some sessions'
			ELSE 'is not what it was' END
		FROM tables t CROSS JOIN (VALUES ('refuse_row_change', 27), ('refuse_truncate', 34)) AS w (name, type)
		LEFT JOIN pg_trigger g ON g.tgrelid = t.oid AND g.tgname = w.name
		WHERE g.oid IS NULL OR g.tgenabled <> 'A' OR g.tgtype <> w.type OR g.tgqual IS NOT NULL OR cardinality(g.tgattr::int2[]) > 0
			OR g.tgfoid <> to_regproc('refuse_change')
		ORDER BY 1, 2`
	selectRefuses = `SELECT coalesce((SELECT btrim(prosrc, E' \n') FROM pg_proc WHERE oid = to_regproc('refuse_change')), '')`
	refusesBody   = "BEGIN\n    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';\nEND"

	selectBadRights = withTables + `SELECT t.name, lower(r.name), '' FROM tables t
		CROSS JOIN (VALUES ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('TRIGGER')) AS r (name)
		WHERE has_table_privilege(t.oid, r.name) OR r.name = 'UPDATE' AND has_any_column_privilege(t.oid, r.name)
		UNION ALL SELECT n.name, lower(r.name), '' FROM (VALUES ('log_head'), ('log_vendor_seq')) AS n (name)
		CROSS JOIN (VALUES ('DELETE'), ('TRUNCATE'), ('TRIGGER')) AS r (name) WHERE has_table_privilege(n.name, r.name)
		UNION ALL SELECT 'log_head.origin', 'update', '' WHERE has_column_privilege('log_head', 'origin', 'UPDATE')
		ORDER BY 1, 2`
	selectWho = `SELECT current_user, session_user,
			(SELECT rolsuper FROM pg_roles WHERE rolname = current_user), (SELECT rolsuper FROM pg_roles WHERE rolname = session_user),
			(SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('log_entry'))`
	selectOtherOwners = withTables + `SELECT t.name, pg_get_userbyid(c.relowner), '' FROM tables t JOIN pg_class c ON c.oid = t.oid
		WHERE pg_get_userbyid(c.relowner) <> 'onward_owner' ORDER BY 1`
	selectOwnerLogsIn = `SELECT coalesce((SELECT rolcanlogin FROM pg_roles WHERE rolname = 'onward_owner'), false)`

	selectSettings = `SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')`
	selectMissing  = `SELECT m FROM unnest($1::date[]) AS m WHERE NOT EXISTS (SELECT FROM pg_inherits
		WHERE inhparent = to_regclass('log_entry') AND inhrelid = to_regclass('log_entry_' || to_char(m, 'YYYY_MM'))) ORDER BY m`
	selectClock = `SELECT clock_timestamp(), (SELECT last_at FROM log_head WHERE id = 1)`
)

// amiss is a table with what is wrong about it.
type amiss struct{ table, what, why string }

func (l *Log) readAmiss(ctx context.Context, statement string, tables []string) ([]amiss, error) {
	var found []amiss
	err := l.query(ctx, statement, []any{tables}, func(rows pgx.Rows) error {
		var a amiss
		err := rows.Scan(&a.table, &a.what, &a.why)
		found = append(found, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the catalogue: %w", err)
	}
	return found, nil
}

func (l *Log) readBadTriggers(ctx context.Context, tables []string) ([]amiss, error) {
	return l.readAmiss(ctx, selectBadTriggers, tables)
}

func (l *Log) readBadRights(ctx context.Context, tables []string) ([]amiss, error) {
	return l.readAmiss(ctx, selectBadRights, tables)
}

func (l *Log) readOtherOwners(ctx context.Context, tables []string) ([]amiss, error) {
	return l.readAmiss(ctx, selectOtherOwners, tables)
}

// refuses tells whether the function of the triggers is the one of the schema.
func (l *Log) refuses(ctx context.Context) (bool, error) {
	var body string
	err := l.db.NewRaw(selectRefuses).Scan(ctx, &body)
	return body == refusesBody, err
}

// who is who works with the database.
type who struct {
	role, login           string
	superuser, loginSuper bool
	owns                  bool
}

func (l *Log) readWho(ctx context.Context) (w who, err error) {
	err = l.db.NewRaw(selectWho).Scan(ctx, &w.role, &w.login, &w.superuser, &w.loginSuper, &w.owns)
	return w, err
}

func (l *Log) ownerLogsIn(ctx context.Context) (can bool, err error) {
	err = l.db.NewRaw(selectOwnerLogsIn).Scan(ctx, &can)
	return can, err
}

func (l *Log) readSettings(ctx context.Context) (map[string]string, error) {
	settings := make(map[string]string)
	err := l.query(ctx, selectSettings, nil, func(rows pgx.Rows) error {
		var name, setting string
		err := rows.Scan(&name, &setting)
		settings[name] = setting
		return err
	})
	return settings, err
}

func (l *Log) readMissingMonths(ctx context.Context, months []time.Time) ([]time.Time, error) {
	var missing []time.Time
	err := l.query(ctx, selectMissing, []any{months}, func(rows pgx.Rows) error {
		var m time.Time
		err := rows.Scan(&m)
		missing = append(missing, m)
		return err
	})
	return missing, err
}

func (l *Log) readClock(ctx context.Context) (database, lastAt time.Time, err error) {
	err = l.db.NewRaw(selectClock).Scan(ctx, &database, &lastAt)
	return database, lastAt, err
}
