package login

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

// untold is a visit, or its end, that the log did not take yet.
type untold struct {
	bun.BaseModel `bun:"table:untold_visits"`

	ID         uuid.UUID  `bun:"id,pk,type:uuid"`
	Verb       string     `bun:"verb"`
	UserID     uuid.UUID  `bun:"user_id,type:uuid"`
	Role       string     `bun:"role"`
	VisitID    uuid.UUID  `bun:"visit_id,type:uuid"`
	LinkBy     *uuid.UUID `bun:"link_by,type:uuid"`
	OccurredAt time.Time  `bun:"occurred_at"`
}

// replaceLink writes a link in the place of the one that its user may have.
func replaceLink(ctx context.Context, db bun.IDB, hash []byte, user, by uuid.UUID, at, until time.Time) error {
	_, err := db.NewRaw(`
		INSERT INTO sign_in_links (secret_hash, user_id, created_at, created_by, expires_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT ON CONSTRAINT sign_in_links_user_key DO UPDATE
		SET secret_hash = excluded.secret_hash, created_at = excluded.created_at, created_by = excluded.created_by, expires_at = excluded.expires_at`,
		hash, user, at, by, until).Exec(ctx)
	if err != nil {
		return fmt.Errorf("make a sign-in link: %w", err)
	}
	return nil
}

// hasLink says whether there is a link of a user who is not disabled.
func hasLink(ctx context.Context, db bun.IDB, hash []byte, at time.Time) (has bool, err error) {
	err = db.NewRaw(`
		SELECT EXISTS (SELECT FROM sign_in_links l JOIN app_users u ON u.id = l.user_id
		               WHERE l.secret_hash = ? AND l.expires_at > ? AND NOT u.disabled)`, hash, at).Scan(ctx, &has)
	if err != nil {
		return false, fmt.Errorf("look for a sign-in link: %w", err)
	}
	return has, nil
}

// takeLink uses up a link and reads its user, locked, and who made it; Unauthorized where there is none, or the user is disabled.
func takeLink(ctx context.Context, tx bun.Tx, hash []byte, at time.Time) (user User, by uuid.UUID, err error) {
	var id uuid.UUID
	err = tx.NewRaw(`DELETE FROM sign_in_links WHERE secret_hash = ? AND expires_at > ? RETURNING user_id, created_by`, hash, at).Scan(ctx, &id, &by)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, uuid.Nil, errLink
	}
	if err != nil {
		return User{}, uuid.Nil, fmt.Errorf("use a sign-in link: %w", err)
	}
	if user, err = lockUser(ctx, tx, id); err == nil && user.Disabled {
		return User{}, uuid.Nil, errLink
	}
	return user, by, err
}

// takeLinkUntold uses up a link and keeps, in the same statement, what the log is to be told of it.
func takeLinkUntold(ctx context.Context, db bun.IDB, hash []byte, visit uuid.UUID, at time.Time) (user User, err error) {
	err = db.NewRaw(`
		WITH taken AS (
			DELETE FROM sign_in_links WHERE secret_hash = ? AND expires_at > ? RETURNING user_id, created_by
		), kept AS (
			INSERT INTO untold_visits (id, verb, user_id, role, visit_id, link_by, occurred_at)
			SELECT ?, 'signed_in', u.id, u.role, ?, taken.created_by, ? FROM taken JOIN app_users u ON u.id = taken.user_id AND NOT u.disabled
			RETURNING user_id
		), seen AS (
			UPDATE app_users SET signed_in_at = ? WHERE id IN (SELECT user_id FROM kept)
		)
		SELECT `+userColumns+` FROM app_users WHERE id IN (SELECT user_id FROM kept)`, hash, at, visit, visit, at, at).Scan(ctx, &user)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, errLink
	}
	if err != nil {
		return User{}, fmt.Errorf("use a sign-in link while the log is frozen: %w", err)
	}
	return user, nil
}

// insertUntold keeps what the log is to be told.
func insertUntold(ctx context.Context, db bun.IDB, u untold) error {
	if _, err := db.NewInsert().Model(&u).Exec(ctx); err != nil {
		return fmt.Errorf("keep a signing out: %w", err)
	}
	return nil
}

// hasUntold says whether the log is to be told something.
func hasUntold(ctx context.Context, db bun.IDB) (has bool, err error) {
	if err = db.NewRaw(`SELECT EXISTS (SELECT FROM untold_visits)`).Scan(ctx, &has); err != nil {
		return false, fmt.Errorf("look for what the log was not told: %w", err)
	}
	return has, nil
}

// takeUntold removes what the log is about to be told, in the order in which it occurred.
func takeUntold(ctx context.Context, tx bun.Tx) (rows []untold, err error) {
	err = tx.NewRaw(`
		WITH taken AS (DELETE FROM untold_visits RETURNING *)
		SELECT id, verb, user_id, role, visit_id, link_by, occurred_at FROM taken ORDER BY occurred_at, id`).Scan(ctx, &rows)
	if err != nil {
		return nil, fmt.Errorf("take what the log was not told: %w", err)
	}
	return rows, nil
}
