package api

import (
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
)

// place is where a record stands in a list that is ordered by time: the list's mark tells its cursors from those of others.
type place struct {
	at time.Time
	id uuid.UUID
}

const (
	exceptionMark = "exception-"
	holdMark      = "hold-"
)

var errForeign = errors.New("the cursor belongs to another list")

// in is the cursor of a place in a list.
func (p place) in(mark string) string {
	return mark + p.at.UTC().Format(time.RFC3339Nano) + "-" + p.id.String()
}

// placeIn reads what in writes.
func placeIn(mark, cursor string) (p place, err error) {
	text, ours := strings.CutPrefix(cursor, mark)
	at, id, _ := strings.Cut(text, "Z-")
	if !ours {
		return p, errForeign
	}
	if p.at, err = time.Parse(time.RFC3339Nano, at+"Z"); err != nil {
		return p, errForeign
	}
	if p.id, err = uuid.Parse(id); err != nil {
		return p, errForeign
	}
	return p, nil
}
