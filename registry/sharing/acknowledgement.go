package sharing

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed" // the text is part of the program
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

//go:embed confidentiality.txt
var confidentialityText string

// confidentialityVersion is raised whenever the text says something else: then everybody is asked again.
const confidentialityVersion = "2026-11-24"

// Confidentiality is the text that whoever sees rows about persons must have acknowledged (P-21).
type Confidentiality struct {
	Version string `json:"version"`
	Text    string `json:"text"`
	SHA256  string `json:"sha256"` // of the text's bytes, in hexadecimal
}

// CurrentConfidentiality is the text as it comes with the program.
func CurrentConfidentiality() Confidentiality {
	sum := sha256.Sum256([]byte(confidentialityText))
	return Confidentiality{Version: confidentialityVersion, Text: confidentialityText, SHA256: hex.EncodeToString(sum[:])}
}

// Admits refuses (Unacknowledged) an actor who is shown rows about persons and has not acknowledged this version; acknowledged are the versions
// that the actor has. A service is no reader: it gets no more than receipts of what it recorded itself. Nor is the program.
func (c Confidentiality) Admits(by audit.Actor, acknowledged []string) error {
	if by.Role == "service" || by.Kind == audit.Program.Kind {
		return nil
	}
	for _, v := range acknowledged {
		if v == c.Version {
			return nil
		}
	}
	return registry.Refuse(registry.Unacknowledged,
		"Whoever sees what is recorded about persons must have acknowledged confidentiality first. Read GET /v1/confidentiality, then send its version, %s, by POST /v1/acknowledgements; in the workspace, open /app/confidentiality.",
		c.Version)
}

// AcknowledgementFields say which version of the text was read.
type AcknowledgementFields struct {
	Version string `json:"version" validate:"required,text,max=100"`
}

// Acknowledgement is that an actor, a key or a user, acknowledged a version of the text.
type Acknowledgement struct {
	bun.BaseModel `bun:"table:acknowledgements" json:"-"`

	ID        uuid.UUID `bun:"id,pk,type:uuid" json:"id"` // and of the entry confidentiality.acknowledged
	ActorKind string    `bun:"actor_kind" json:"actor_kind"`
	ActorID   uuid.UUID `bun:"actor_id,type:uuid" json:"actor_id"`
	Version   string    `bun:"version" json:"version"`
	SHA256    string    `bun:"sha256" json:"sha256"`
	At        time.Time `bun:"acknowledged_at" json:"acknowledged_at"`
}

// Acknowledge records that by acknowledges the text, by an entry confidentiality.acknowledged with its version and SHA-256; fresh is false where
// by had acknowledged that version before, and then nothing is written. It refuses bad fields, and any version but the current one (Invalid):
// nobody acknowledges what is not what is asked.
func (g *Gate) Acknowledge(ctx context.Context, by audit.Actor, now time.Time, f AcknowledgementFields) (a Acknowledgement, fresh bool, err error) {
	if err := registry.Validate(&f); err != nil {
		return Acknowledgement{}, false, err
	}
	c := CurrentConfidentiality()
	if f.Version != c.Version {
		return Acknowledgement{}, false, invalidField("/version", "must be the current version of the text, "+c.Version)
	}
	id, err := uuid.NewV7()
	if err != nil {
		return Acknowledgement{}, false, fmt.Errorf("make an id: %w", err)
	}
	a = Acknowledgement{ID: id, ActorKind: by.Kind, ActorID: by.ID, Version: c.Version, SHA256: c.SHA256, At: registry.Instant(now)}
	receipts, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if fresh, err := insertAcknowledgement(ctx, tx, a); err != nil || !fresh {
			return nil, err
		}
		return []audit.Entry{{
			ID: a.ID, Type: "confidentiality.acknowledged", Actor: by, OccurredAt: a.At, Body: audit.Object{"version": a.Version, "sha256": a.SHA256},
		}}, nil
	})
	if err == nil && len(receipts) == 0 {
		a, err = readAcknowledgement(ctx, g.db, by.ID, c.Version)
	}
	if err != nil {
		return Acknowledgement{}, false, refusal(err)
	}
	return a, len(receipts) > 0, nil
}

// Acknowledgements lists who has acknowledged which version and when, newest first. It refuses (Invalid) a cursor of another list.
func (g *Gate) Acknowledgements(ctx context.Context, limit int, cursor string) (registry.Page[Acknowledgement], error) {
	w, err := registry.NewWindow(limit, cursor, "acknowledgements")
	if err != nil {
		return registry.Page[Acknowledgement]{}, err
	}
	before, err := w.Instant()
	if err != nil {
		return registry.Page[Acknowledgement]{}, err
	}
	found, err := selectAcknowledgements(ctx, g.db, w, before)
	if err != nil {
		return registry.Page[Acknowledgement]{}, refusal(err)
	}
	return registry.PageOf(w, found, func(a Acknowledgement) (string, uuid.UUID) { return a.At.Format(time.RFC3339Nano), a.ID }), nil
}

// Acknowledged is by's acknowledgement of the current version; found is false where there is none.
func (g *Gate) Acknowledged(ctx context.Context, by audit.Actor) (a Acknowledgement, found bool, err error) {
	a, err = readAcknowledgement(ctx, g.db, by.ID, CurrentConfidentiality().Version)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return Acknowledgement{}, false, nil
	case err != nil:
		return Acknowledgement{}, false, refusal(err)
	}
	return a, true, nil
}

// admit refuses (Unacknowledged) whoever must acknowledge confidentiality before seeing rows about persons. It is asked anew each time: an
// acknowledgement counts at once on every instance, and so does the end of it with a new version of the program.
func (g *Gate) admit(ctx context.Context, by audit.Actor) error {
	c := CurrentConfidentiality()
	if c.Admits(by, nil) == nil {
		return nil
	}
	acknowledged, err := acknowledgedVersions(ctx, g.db, by.ID)
	if err != nil {
		return refusal(err)
	}
	return c.Admits(by, acknowledged)
}
