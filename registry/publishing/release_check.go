package publishing

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"onward/audit"
)

// Checked is what was found out about the releases: how many there are, and a sentence for each thing that is wrong.
type Checked struct {
	Releases int64
	Wrong    []string
}

// CheckReleases holds every release against its list and against the log: numbers without a gap, each list of its SHA-256, each entry of the number,
// the SHA-256 and the SHA-256 before, and no entry of a release that is not there. Of an entry that was pruned nothing can be said any more.
func (d *Desk) CheckReleases(ctx context.Context) (Checked, error) {
	var c Checked
	var before Release
	for {
		all, err := readReleasesAfter(ctx, d.db, before.Number, 50)
		if err != nil {
			return c, err
		}
		for _, row := range all {
			r := row.release()
			c.Releases++
			if r.Number != before.Number+1 {
				c.wrong("Release %d follows release %d.", r.Number, before.Number)
			}
			if r.SHA256 != sha256.Sum256([]byte(row.List)) {
				c.wrong("Release %d has another list than its SHA-256 says.", r.Number)
			}
			if err := d.checkEntry(ctx, &c, r, before); err != nil {
				return c, err
			}
			before = r
		}
		if len(all) == 0 {
			return c, d.checkNewest(ctx, &c, before)
		}
	}
}

func (c *Checked) wrong(sentence string, args ...any) {
	c.Wrong = append(c.Wrong, fmt.Sprintf(sentence, args...))
}

// releasedBody is the body of an entry list.released.
type releasedBody struct {
	Number   string `json:"number"`
	SHA256   string `json:"sha256"`
	Previous string `json:"previous"`
}

func (d *Desk) checkEntry(ctx context.Context, c *Checked, r, before Release) error {
	stored, err := d.log.Entry(ctx, r.EntryID)
	switch {
	case errors.Is(err, audit.ErrPruned):
		return nil
	case errors.Is(err, audit.ErrNotFound):
		c.wrong("Release %d has no entry in the log.", r.Number)
		return nil
	case err != nil:
		return fmt.Errorf("check release %d: %w", r.Number, err)
	}
	body, err := readReleasedBody(stored)
	if err != nil {
		return err
	}
	previous := ""
	if before.Number > 0 {
		previous = before.SHA256.String()
	}
	if stored.Type != releasedType || body != (releasedBody{strconv.FormatInt(r.Number, 10), r.SHA256.String(), previous}) {
		c.wrong("Release %d is not what its entry %s in the log says.", r.Number, r.EntryID)
	}
	return nil
}

// checkNewest finds an entry of a release that is gone from the end.
func (d *Desk) checkNewest(ctx context.Context, c *Checked, newest Release) error {
	found, err := d.log.Entries(ctx, audit.Query{After: -1, Newest: true, Limit: 1, Type: releasedType})
	if err != nil || len(found) == 0 {
		return err
	}
	body, err := readReleasedBody(found[0])
	if err != nil {
		return err
	}
	if body.Number != strconv.FormatInt(newest.Number, 10) {
		c.wrong("The log tells of release %s, and the newest is %d.", body.Number, newest.Number)
	}
	return nil
}

func readReleasedBody(e audit.Stored) (releasedBody, error) {
	var leaf struct {
		Body releasedBody `json:"body"`
	}
	if err := json.Unmarshal(e.Leaf, &leaf); err != nil {
		return releasedBody{}, fmt.Errorf("read entry %s: %w", e.EntryID, err)
	}
	return leaf.Body, nil
}
