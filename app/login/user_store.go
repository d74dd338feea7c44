package login

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/uptrace/bun"

	"onward/registry"
)

const userColumns = `id, version, name, email, role, disabled, created_at, created_by, updated_at, signed_in_at, sessions_from`

// insertUser writes a new user; Conflict where the address is another's.
func insertUser(ctx context.Context, tx bun.Tx, u *User) error {
	_, err := tx.NewInsert().Model(u).Exec(ctx)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.ConstraintName == "app_users_email_key" {
		return registry.Refuse(registry.Conflict, "There is a user with this e-mail address.")
	}
	if err != nil {
		return fmt.Errorf("insert a user: %w", err)
	}
	return nil
}

// updateUser writes what can change of a user.
func updateUser(ctx context.Context, tx bun.Tx, u *User) error {
	_, err := tx.NewUpdate().Model(u).Column("version", "name", "role", "disabled", "updated_at", "sessions_from").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("update a user: %w", err)
	}
	return nil
}

// markSignedIn writes when a user signed in last.
func markSignedIn(ctx context.Context, tx bun.Tx, id uuid.UUID, at time.Time) error {
	if _, err := tx.NewRaw(`UPDATE app_users SET signed_in_at = ? WHERE id = ?`, at, id).Exec(ctx); err != nil {
		return fmt.Errorf("mark a user as signed in: %w", err)
	}
	return nil
}

// selectUser reads a user; NotFound where there is none.
func selectUser(ctx context.Context, db bun.IDB, id uuid.UUID) (User, error) {
	return oneUser(ctx, db, `SELECT `+userColumns+` FROM app_users WHERE id = ?`, id)
}

// lockUser reads a user whom nobody else changes meanwhile.
func lockUser(ctx context.Context, tx bun.Tx, id uuid.UUID) (User, error) {
	return oneUser(ctx, tx, `SELECT `+userColumns+` FROM app_users WHERE id = ? FOR UPDATE`, id)
}

// lockAdministrators locks a user and all who administer, and reads who of them do so or are the user: nobody else changes them meanwhile. They are
// locked in one order, so that no two wait for each other.
func lockAdministrators(ctx context.Context, tx bun.Tx, id uuid.UUID) (ids []uuid.UUID, err error) {
	err = tx.NewRaw(`SELECT id FROM app_users WHERE id = ? OR role = 'admin' AND NOT disabled ORDER BY id FOR UPDATE`, id).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("lock the administrators: %w", err)
	}
	return ids, nil
}

// selectUserByEmail reads the user with an address; NotFound where there is none.
func selectUserByEmail(ctx context.Context, db bun.IDB, email string) (User, error) {
	return oneUser(ctx, db, `SELECT `+userColumns+` FROM app_users WHERE lower(email) = lower(?)`, email)
}

func oneUser(ctx context.Context, db bun.IDB, query string, args ...any) (u User, err error) {
	err = db.NewRaw(query, args...).Scan(ctx, &u)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, registry.Refuse(registry.NotFound, "There is no such user.")
	}
	if err != nil {
		return User{}, fmt.Errorf("read a user: %w", err)
	}
	return u, nil
}

// selectUsers reads users with a smaller id than before, newest first: their ids grow with time.
func selectUsers(ctx context.Context, db bun.IDB, before uuid.UUID, limit int) (us []User, err error) {
	err = db.NewRaw(`SELECT `+userColumns+` FROM app_users WHERE id < ? ORDER BY id DESC LIMIT ?`, before, limit).Scan(ctx, &us)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return us, nil
}

// crowd counts the users, and those other than one who ever signed in.
func crowd(ctx context.Context, db bun.IDB, besides string) (users, visitors int, err error) {
	err = db.NewRaw(`
		SELECT count(*), count(*) FILTER (WHERE signed_in_at IS NOT NULL AND lower(email) <> lower(?)) FROM app_users`, besides).Scan(ctx, &users, &visitors)
	if err != nil {
		return 0, 0, fmt.Errorf("count the users: %w", err)
	}
	return users, visitors, nil
}
