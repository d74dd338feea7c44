package login

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Keys are the API keys of one database, whose changes are entries of its log.
type Keys struct {
	db    *bun.DB
	log   *audit.Log
	cache *cache
}

// NewKeys returns the keys kept in db.
func NewKeys(db *bun.DB, log *audit.Log) *Keys {
	find := func(ctx context.Context, h [32]byte) (Key, bool, error) { return selectKeyByHash(ctx, db, h[:]) }
	return &Keys{db: db, log: log, cache: newCache(find)}
}

// Create makes a key and its secret, which is not kept: who loses it needs another key. It refuses bad fields (Invalid). When it
// returns without error, the key and its entry key.created are durable.
func (k *Keys) Create(ctx context.Context, by audit.Actor, at time.Time, f KeyFields) (Key, string, error) {
	if err := f.check(at); err != nil {
		return Key{}, "", err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Key{}, "", fmt.Errorf("make a key's id: %w", err)
	}
	secret := newSecret()
	h, _ := hash(secret)
	key := Key{
		ID: id, Name: f.Name, Role: f.Role, System: f.System, Hash: h[:],
		CreatedAt: at.UTC().Truncate(time.Microsecond), CreatedBy: by.ID, ExpiresAt: f.ExpiresAt,
	}
	_, err = k.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := insertKey(ctx, tx, &key); err != nil {
			return nil, err
		}
		return []audit.Entry{key.entry("key.created", by, at)}, nil
	})
	if err != nil {
		return Key{}, "", err
	}
	return key, secret, nil
}

// Revoke ends a key: it works no more here when this returns, and on no other instance a second later. It refuses an unknown key
// (NotFound); one that was revoked before stays as it is, and nothing is written.
func (k *Keys) Revoke(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID) (Key, error) {
	var key Key
	_, err := k.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		var done bool
		var err error
		key, done, err = revokeKey(ctx, tx, id, at.UTC().Truncate(time.Microsecond))
		if err != nil || !done {
			return nil, err
		}
		return []audit.Entry{key.entry("key.revoked", by, at)}, nil
	})
	if err != nil {
		return Key{}, err
	}
	k.cache.forget([32]byte(key.Hash))
	return key, nil
}

// Read reads a key; NotFound where there is none.
func (k *Keys) Read(ctx context.Context, id uuid.UUID) (Key, error) { return selectKey(ctx, k.db, id) }

// List lists keys, newest first, revoked and expired ones too; limit is 1..200. It refuses a cursor that is not its own (Invalid).
func (k *Keys) List(ctx context.Context, limit int, cursor string) (registry.Page[Key], error) {
	read := func(before uuid.UUID, n int) ([]Key, error) { return selectKeys(ctx, k.db, before, n) }
	return pageOf(limit, cursor, "key-", read, func(x Key) uuid.UUID { return x.ID })
}
