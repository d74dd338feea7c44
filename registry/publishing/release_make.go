package publishing

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// releasedType is the type of the entry of a release.
const releasedType = "list.released"

// ErrUnreleased tells that a list could not be made a release: it can be shown, and the next look tries again.
var ErrUnreleased = errors.New("the list could not be released")

// Current is the list as it stands at at, and the release that it is. Where it differs from the newest release, or is the first that has a line, it
// becomes a release with the entry list.released before Current returns; of any number of instances that see the same change one makes it. Where
// that fails the list is returned without a release, together with ErrUnreleased. While somebody is at work on what becomes one release (see
// AsOneRelease), the list is that of the newest release, with ErrHeld.
func (d *Desk) Current(ctx context.Context, at time.Time) (List, error) {
	head, err := d.log.Head(ctx)
	if err != nil {
		return List{}, fmt.Errorf("read the log's head: %w", err)
	}
	at = registry.Later(at, head.LastAt) // what another instance recorded by a clock that is ahead is there already
	list, err := Build(ctx, d.db, at)
	if err != nil {
		return List{}, err
	}
	newest, err := readNewestRelease(ctx, d.db)
	if err != nil {
		return List{}, err
	}
	text, err := list.Text()
	if err != nil {
		return List{}, err
	}
	said, err := newest.says(ctx, d.db, text, list)
	if err != nil {
		return List{}, err
	}
	if said {
		return list.released(newest), nil
	}
	made, err := d.release(ctx, at)
	switch {
	case errors.Is(err, ErrHeld):
		return d.held(ctx, newest)
	case err != nil:
		return list, errors.Join(ErrUnreleased, err)
	case made.Release == nil && len(made.Entries) > 0:
		return made, fmt.Errorf("%w: programs that word it differently take turns", ErrUnreleased)
	default:
		return made, nil
	}
}

// held is the list while releases are held: that of the newest one, or an empty one before the first.
func (d *Desk) held(ctx context.Context, newest Release) (List, error) {
	if newest.Number == 0 {
		return List{Entries: []Entry{}}, ErrHeld
	}
	r, err := d.Release(ctx, newest.Number)
	if err != nil {
		return List{}, err
	}
	return r.List(), ErrHeld
}

// released names the release that the list is.
func (l List) released(r Release) List {
	if r.Number > 0 {
		l.Release = r.Mark()
	}
	return l
}

// release makes a release of the list as it stands, unless it is one already.
func (d *Desk) release(ctx context.Context, at time.Time) (list List, err error) {
	_, err = d.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) (entries []audit.Entry, err error) {
		list, entries, err = releaseIn(ctx, tx, at)
		return entries, err
	})
	return list, err
}

// releaseIn is release within the transaction of a change: the list that the change leaves is a release when it commits, unless programs take turns
// (see alternate) or releases are held, which is ErrHeld and no fault: the change is a part of the next one. The entries are to be appended after
// those of the change itself.
func releaseIn(ctx context.Context, tx bun.Tx, at time.Time) (List, []audit.Entry, error) {
	if err := lockReleases(ctx, tx); err != nil {
		return List{}, nil, err
	}
	held, err := releasesHeld(ctx, tx) // before the list is made: whoever gives the hold back in between has done what the list has not
	if err != nil {
		return List{}, nil, err
	}
	newest, err := readNewestRelease(ctx, tx)
	if err != nil {
		return List{}, nil, err
	}
	last, err := lastRecorded(ctx, tx)
	if err != nil {
		return List{}, nil, err
	}
	// What was recorded while this waited is a part of it: else a list that nobody was to see would be a release.
	at = registry.Later(registry.Later(at, newest.ReleasedAt), last)
	list, err := Build(ctx, tx, at)
	if err != nil {
		return List{}, nil, err
	}
	text, err := list.Text()
	if err != nil {
		return List{}, nil, err
	}
	said, err := newest.says(ctx, tx, text, list)
	if err != nil {
		return List{}, nil, err
	}
	if said {
		return list.released(newest), nil, nil
	}
	if held {
		return list, nil, ErrHeld
	}
	sum := Digest(sha256.Sum256(text))
	if last, err := readMarks(ctx, tx, turnsTaken); err != nil || alternate(last, sum, at) {
		return list, nil, err
	}
	r := Release{Number: newest.Number + 1, ReleasedAt: at, SHA256: sum, Lines: len(list.Entries), Differences: []LineDifference{}}
	if r.EntryID, err = uuid.NewV7(); err != nil {
		return List{}, nil, err
	}
	if r.Changes, err = readUnreleased(ctx, tx); err != nil {
		return List{}, nil, err
	}
	if newest.Number > 0 {
		if r.Differences, err = differencesFrom(ctx, tx, newest.Number, list); err != nil {
			return List{}, nil, err
		}
	}
	if err := insertRelease(ctx, tx, r, text); err != nil {
		return List{}, nil, err
	}
	return list.released(r), []audit.Entry{r.entry(newest)}, nil
}

func differencesFrom(ctx context.Context, tx bun.Tx, number int64, list List) ([]LineDifference, error) {
	text, err := readReleaseText(ctx, tx, number)
	if err != nil {
		return nil, err
	}
	before, err := ListOf(text)
	if err != nil {
		return nil, err
	}
	return Compare(before.Entries, list.Entries)
}

// entry is what the log is told: which list followed which, and by which changes.
func (r Release) entry(before Release) audit.Entry {
	body := audit.Object{"number": strconv.FormatInt(r.Number, 10), "sha256": r.SHA256.String(), "lines": strconv.Itoa(r.Lines)}
	if before.Number > 0 {
		body["previous"] = before.SHA256.String()
	}
	if len(r.Changes) > 0 {
		var ids []string
		for _, id := range r.Changes {
			ids = append(ids, id.String())
		}
		body["changes"] = ids
	}
	return audit.Entry{ID: r.EntryID, Type: releasedType, Actor: audit.Program, OccurredAt: r.ReleasedAt, Body: body}
}
