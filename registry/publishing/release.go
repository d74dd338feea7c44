package publishing

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"

	"onward/audit"
)

// Release is a version of the public list: numbered from 1 without a gap, made whenever the list differs from the one before, and never changed.
type Release struct {
	Number      int64            `json:"number"`
	ReleasedAt  time.Time        `json:"released_at"`
	SHA256      Digest           `json:"sha256"`
	EntryID     uuid.UUID        `json:"entry_id"` // of the log's entry list.released
	Lines       int              `json:"lines"`    // how many the list has
	Changes     []uuid.UUID      `json:"changes"`  // that took effect since the release before
	Differences []LineDifference `json:"differences"`
}

// Mark is how a list names the release that it is.
type Mark struct {
	Number     int64     `json:"number"`
	ReleasedAt time.Time `json:"released_at"`
	SHA256     Digest    `json:"sha256"`
}

// Mark is the release's own.
func (r Release) Mark() *Mark { return &Mark{r.Number, r.ReleasedAt, r.SHA256} }

// Digest is the SHA-256 of a list's canonical JSON, written as 64 hexadecimal digits.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText writes the digits.
func (d Digest) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, d[:]), nil }

// UnmarshalText reads them.
func (d *Digest) UnmarshalText(text []byte) error {
	if len(text) != 2*len(d) {
		return fmt.Errorf("a digest of %d digits", len(text))
	}
	_, err := hex.Decode(d[:], text)
	return err
}

// Text is the list as a release keeps it: its lines and nothing that moves by itself, as canonical JSON (RFC 8785). The same lines are always the
// same bytes.
func (l List) Text() ([]byte, error) {
	lines := l.Entries
	if lines == nil {
		lines = []Entry{}
	}
	text, err := audit.Canonical(struct {
		Entries []Entry `json:"subprocessors"`
	}{lines})
	if err != nil {
		return nil, fmt.Errorf("write the list: %w", err)
	}
	return text, nil
}

// ListOf is the list that Text wrote.
func ListOf(text []byte) (List, error) {
	list := List{Entries: []Entry{}}
	if err := json.Unmarshal(text, &list); err != nil {
		return List{}, fmt.Errorf("read a list: %w", err)
	}
	return list, nil
}

// Compare are the Differences between two lists, those of lines that come or go with all that the line says.
func Compare(before, after []Entry) ([]LineDifference, error) {
	all, err := Differences(before, after)
	if err != nil {
		return nil, err
	}
	lines := make(map[string]Entry, len(before)+len(after))
	for _, e := range before {
		lines[LineRemoved+e.ID] = e
	}
	for _, e := range after {
		lines[LineAdded+e.ID] = e
	}
	for i := range all {
		d := &all[i]
		e, whole := lines[d.What+d.EngagementID]
		if !whole {
			continue
		}
		says, err := members(e)
		if err != nil {
			return nil, err
		}
		for _, name := range entryFields {
			switch {
			case len(says[name]) == 0:
			case d.What == LineAdded:
				d.Fields = append(d.Fields, FieldDifference{Field: name, After: says[name]})
			default:
				d.Fields = append(d.Fields, FieldDifference{Field: name, Before: says[name]})
			}
		}
	}
	return all, nil
}
