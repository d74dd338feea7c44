package sharing

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
)

type choiceRow struct {
	bun.BaseModel `bun:"table:choices"`

	EntryID    uuid.UUID `bun:"entry_id,pk,type:uuid"`
	Lookup     []byte    `bun:"lookup"`
	Salt       []byte    `bun:"salt"`
	Purpose    string    `bun:"purpose"`
	State      string    `bun:"state"`
	At         time.Time `bun:"at"`
	Channel    string    `bun:"channel"`
	RecordedAt time.Time `bun:"recorded_at"`
	Evidence   string    `bun:"evidence,scanonly"` // from the entry's detail
}

func (r *choiceRow) recorded() RecordedChoice {
	return RecordedChoice{
		EntryID: r.EntryID, Purpose: r.Purpose, State: r.State, At: r.At.UTC(), Channel: r.Channel, RecordedAt: r.RecordedAt.UTC(),
	}
}

// insertChoices leaves those alone that are there: the log finds out.
func insertChoices(ctx context.Context, tx bun.Tx, rows []choiceRow) error {
	if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (entry_id) DO NOTHING").Exec(ctx); err != nil {
		return fmt.Errorf("store choices: %w", err)
	}
	return nil
}

// readChoice is nil where the choice was erased.
func readChoice(ctx context.Context, db bun.IDB, entry uuid.UUID) (*choiceRow, error) {
	row := new(choiceRow)
	err := db.NewSelect().Model(row).Where("entry_id = ?", entry).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read choice %s: %w", entry, err)
	}
	return row, nil
}

// readChoices reads a person's choices, oldest first.
func readChoices(ctx context.Context, db bun.IDB, lookup [32]byte) (rows []choiceRow, err error) {
	err = db.NewSelect().Model(&rows).ColumnExpr("?TableColumns, coalesce(d.detail::json ->> 'evidence', '') AS evidence").
		Join("LEFT JOIN entry_detail d ON d.entry_id = choice_row.entry_id").
		Where("lookup = ?", lookup[:]).OrderExpr("at, recorded_at, choice_row.entry_id").Limit(10_000).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("read a person's choices: %w", err)
	}
	return rows, nil
}
