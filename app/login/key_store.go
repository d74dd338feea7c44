package login

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

const keyColumns = `id, name, role, system, secret_hash, created_at, created_by, expires_at, revoked_at`

// insertKey writes a new key.
func insertKey(ctx context.Context, tx bun.Tx, k *Key) error {
	if _, err := tx.NewInsert().Model(k).Exec(ctx); err != nil {
		return fmt.Errorf("insert a key: %w", err)
	}
	return nil
}

// revokeKey marks a key as revoked at t and reads it; done is false where it was revoked before.
func revokeKey(ctx context.Context, tx bun.Tx, id uuid.UUID, t time.Time) (k Key, done bool, err error) {
	err = tx.NewRaw(`
		UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL
		RETURNING `+keyColumns, t, id).Scan(ctx, &k)
	if errors.Is(err, sql.ErrNoRows) {
		k, err = selectKey(ctx, tx, id)
		return k, false, err
	}
	if err != nil {
		return Key{}, false, fmt.Errorf("revoke a key: %w", err)
	}
	return k, true, nil
}

// selectKey reads a key; NotFound where there is none.
func selectKey(ctx context.Context, db bun.IDB, id uuid.UUID) (k Key, err error) {
	err = db.NewRaw(`SELECT `+keyColumns+` FROM api_keys WHERE id = ?`, id).Scan(ctx, &k)
	if errors.Is(err, sql.ErrNoRows) {
		return Key{}, registry.Refuse(registry.NotFound, "There is no such key.")
	}
	if err != nil {
		return Key{}, fmt.Errorf("read a key: %w", err)
	}
	return k, nil
}

// selectKeyByHash finds the key of a secret; false where there is none.
func selectKeyByHash(ctx context.Context, db bun.IDB, hash []byte) (k Key, found bool, err error) {
	err = db.NewRaw(`SELECT `+keyColumns+` FROM api_keys WHERE secret_hash = ?`, hash).Scan(ctx, &k)
	if errors.Is(err, sql.ErrNoRows) {
		return Key{}, false, nil
	}
	if err != nil {
		return Key{}, false, fmt.Errorf("find a key: %w", err)
	}
	return k, true, nil
}

// selectKeys reads keys with a smaller id than before, newest first: their ids grow with time.
func selectKeys(ctx context.Context, db bun.IDB, before uuid.UUID, limit int) (ks []Key, err error) {
	err = db.NewRaw(`SELECT `+keyColumns+` FROM api_keys WHERE id < ? ORDER BY id DESC LIMIT ?`, before, limit).Scan(ctx, &ks)
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	return ks, nil
}
