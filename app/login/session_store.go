package login

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// sessionStore keeps sessions for scs, under the hash of their token.
type sessionStore struct {
	db  *bun.DB
	now func() time.Time
}

// FindCtx reads a session; false where there is none, or its time is over.
func (s *sessionStore) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	err = s.db.NewRaw(`SELECT data FROM app_sessions WHERE token = ? AND expires_at > ? AND data <> ''`, token, s.now()).Scan(ctx, &data)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("read a session: %w", err)
	}
	return data, true, nil
}

// CommitCtx writes a session, unless it was ended: a request that was on its way when another one signed out must not bring it back.
func (s *sessionStore) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	_, err := s.db.NewRaw(`
		INSERT INTO app_sessions (token, data, expires_at) VALUES (?, ?, ?)
		ON CONFLICT ON CONSTRAINT app_sessions_pkey DO UPDATE SET data = excluded.data, expires_at = excluded.expires_at
		WHERE app_sessions.data <> ''`,
		token, data, expiry.UTC()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep a session: %w", err)
	}
	return nil
}

// DeleteCtx ends a session. The empty row goes when the session's time is over.
func (s *sessionStore) DeleteCtx(ctx context.Context, token string) error {
	if _, err := s.db.NewRaw(`UPDATE app_sessions SET data = '' WHERE token = ?`, token).Exec(ctx); err != nil {
		return fmt.Errorf("end a session: %w", err)
	}
	return nil
}

func (s *sessionStore) sweep(ctx context.Context) error {
	if _, err := s.db.NewRaw(`DELETE FROM app_sessions WHERE expires_at <= ?`, s.now()).Exec(ctx); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return nil
}

// Find, Commit and Delete are for callers without a context; there are none.
func (s *sessionStore) Find(token string) ([]byte, bool, error) {
	return s.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (s *sessionStore) Commit(token string, data []byte, expiry time.Time) error {
	return s.CommitCtx(context.Background(), token, data, expiry)
}

// Delete is DeleteCtx without a context.
func (s *sessionStore) Delete(token string) error { return s.DeleteCtx(context.Background(), token) }
