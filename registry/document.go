package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// MaxDocument is the size in bytes of the largest document that is stored: 20 MiB.
const MaxDocument = 20 << 20

// Document is a stored file: its bytes are kept unchanged under its SHA-256.
type Document struct {
	Name      string `json:"name,omitempty"`
	MediaType string `json:"media_type"`
	Size      int64  `json:"size"`
	SHA256    string `json:"sha256"` // lower-case hex
}

// describe makes a document of bytes, and refuses (Invalid) none, too many, and a name or media type that is no text.
func describe(name, mediaType string, content []byte) (Document, error) {
	var bad []Field
	switch {
	case len(content) == 0:
		bad = append(bad, Field{"/content", "is empty"})
	case len(content) > MaxDocument:
		bad = append(bad, Field{"/content", fmt.Sprintf("must be at most %d bytes", MaxDocument)})
	}
	if !plainText(name) || len([]rune(name)) > 300 {
		bad = append(bad, Field{"/name", "must be readable text of at most 300 characters"})
	}
	if !plainText(mediaType) || len(mediaType) > 200 {
		bad = append(bad, Field{"/media_type", "must be readable text of at most 200 bytes"})
	}
	if len(bad) > 0 {
		return Document{}, invalid(bad)
	}
	sum := sha256.Sum256(content)
	return Document{Name: name, MediaType: mediaType, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// AttachDocument stores the bytes of content unchanged and makes them the document of the version that the caller saw. The name and media
// type are kept as given. It refuses an empty document and one over MaxDocument (Invalid). Bytes that are stored already are not
// stored again; attaching the same document twice writes nothing.
func (r *Registry) AttachDocument(ctx context.Context, by audit.Actor, at time.Time, contract uuid.UUID, version int64, name, mediaType string, content io.Reader) (Contract, error) {
	var held bytes.Buffer
	if _, err := held.ReadFrom(io.LimitReader(content, MaxDocument+1)); err != nil {
		return Contract{}, fmt.Errorf("receive a document: %w", err)
	}
	d, err := describe(name, mediaType, held.Bytes())
	if err != nil {
		return Contract{}, err
	}
	c, err := apply(ctx, r, by, at, change[Contract]{
		kind: contractKind, verb: "document_attached", id: contract, version: version,
		edit: func(_ context.Context, _ bun.Tx, c Contract) (Contract, error) {
			c.Document = &d
			return c, nil
		},
		save: func(ctx context.Context, tx bun.Tx, before, after Contract) error {
			if err := insertDocument(ctx, tx, d, held.Bytes(), after.UpdatedAt); err != nil {
				return err
			}
			return updateContract(ctx, tx, before, after)
		},
		more: audit.Object{"document": audit.Object{"sha256": d.SHA256}},
	})
	if err != nil {
		return Contract{}, err
	}
	c.Status = c.StatusAt(at)
	return c, nil
}

// DocumentContent reads the stored bytes of a contract's document, exactly as they were given; NotFound when it has none. Bytes that no
// longer have the document's SHA-256 are a fault.
func (r *Registry) DocumentContent(ctx context.Context, contract uuid.UUID) (Document, []byte, error) {
	c, err := newest[Contract](ctx, r.db, contractKind, contract, false)
	if err != nil {
		return Document{}, nil, err
	}
	if c.Document == nil {
		return Document{}, nil, Refuse(NotFound, "Contract %s has no document.", contract)
	}
	content, err := selectDocument(ctx, r.db, c.Document.SHA256)
	if err != nil {
		return Document{}, nil, err
	}
	if sum := sha256.Sum256(content); hex.EncodeToString(sum[:]) != c.Document.SHA256 {
		return Document{}, nil, fmt.Errorf("the stored bytes of document %s were changed", c.Document.SHA256)
	}
	return *c.Document, content, nil
}
