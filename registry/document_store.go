package registry

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/uptrace/bun"
)

// insertDocument keeps the bytes under their SHA-256; bytes that are there stay as they are. They go beside the statement, not in it.
func insertDocument(ctx context.Context, tx bun.Tx, d Document, content []byte, at time.Time) error {
	sum, err := hex.DecodeString(d.SHA256)
	if err != nil {
		return fmt.Errorf("read the SHA-256 of a document: %w", err)
	}
	_, err = tx.Tx.ExecContext(ctx, `
		INSERT INTO documents (sha256, size, content, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (sha256) DO NOTHING`, sum, d.Size, content, at)
	if err != nil {
		return fmt.Errorf("keep document %s: %w", d.SHA256, err)
	}
	return nil
}

func selectDocument(ctx context.Context, db bun.IDB, sha256 string) ([]byte, error) {
	sum, err := hex.DecodeString(sha256)
	if err != nil {
		return nil, fmt.Errorf("read the SHA-256 of a document: %w", err)
	}
	var content []byte
	if err := db.NewRaw(`SELECT content FROM documents WHERE sha256 = ?`, sum).Scan(ctx, &content); err != nil {
		return nil, fmt.Errorf("read document %s: %w", sha256, err)
	}
	return content, nil
}
