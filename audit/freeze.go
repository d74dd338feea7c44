package audit

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/tlog"
)

// Why a log does not take what it is given, besides what Log refuses.
var (
	// ErrFrozen means that the log takes no entries until somebody has acknowledged why: nothing was written.
	ErrFrozen = errors.New("the log is frozen")
	// ErrNotFrozen means that there is nothing to acknowledge.
	ErrNotFrozen = errors.New("the log is not frozen")
	// ErrContradicted means that the database contradicts itself, which nobody can acknowledge: it must be restored from a backup.
	ErrContradicted = errors.New("the database contradicts its own checkpoints: it must be restored from a backup")
	// ErrReason means that the reason of an acknowledgement cannot stand in an entry.
	ErrReason = errors.New("the reason must have 1 to 2,000 printable characters")
)

// freeze is why a log is frozen, as log_head.frozen keeps it: a sentence on the first line and, when it is the copy that disagrees, size and
// root of its newest checkpoint and the SHA-256 of the copy on the next three.
type freeze struct {
	why     string
	outside bool // it is the copy that disagrees
	size    int64
	root    tlog.Hash
	sum     [sha256.Size]byte
}

func (f freeze) String() string {
	if !f.outside {
		return f.why
	}
	return fmt.Sprintf("%s\n%d\n%s\n%s", f.why, f.size, f.root, base64.StdEncoding.EncodeToString(f.sum[:]))
}

// parseFreeze reads what String writes. What somebody else wrote is a sentence.
func parseFreeze(text string) freeze {
	lines := strings.Split(text, "\n")
	f := freeze{why: lines[0]}
	if len(lines) != 4 {
		return f
	}
	size, root, err := parseSizeAndRoot(lines[1], lines[2])
	sum, badSum := base64.StdEncoding.DecodeString(lines[3])
	if err != nil || badSum != nil || len(sum) != len(f.sum) {
		return f
	}
	return freeze{f.why, true, size, root, [sha256.Size]byte(sum)}
}

// acknowledgedType is the type of the one entry that a frozen log takes.
const acknowledgedType = "log.acknowledged"

// Acknowledge ends what the log was frozen for: it appends the one entry that a frozen log takes, log.acknowledged, and opens the log in
// the same transaction. The entry tells why the log was frozen, size and root of what is proved outside and of the log itself, and
// the reason given, which holds no personal data. The copy gets its mark with the next publication. Nothing heals a witness: it has seen
// the other history and cosigns this one never more.
//
// ErrNotFrozen when there is nothing to acknowledge, ErrContradicted when nobody can, ErrReason for a bad reason; else as Change.
func (l *Log) Acknowledge(ctx context.Context, by Actor, at time.Time, reason string) (Receipt, error) {
	if !isReason(reason) {
		return Receipt{}, ErrReason
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	t, err := l.begin(ctx)
	if err != nil {
		return Receipt{}, refine(err)
	}
	defer t.rollback()
	var d *draft
	var receipt Receipt
	err = t.pgx(func(conn *pgx.Conn) (err error) {
		d, receipt, err = l.acknowledge(ctx, conn, by, at, reason)
		return err
	})
	if err != nil {
		return Receipt{}, refine(err)
	}
	if err := t.commit(); err != nil {
		receipts, err := l.settle(ctx, err, []*draft{d}, []Receipt{receipt})
		if err != nil {
			return Receipt{}, err
		}
		receipt = receipts[0]
	}
	l.tell()
	return receipt, nil
}

func (l *Log) acknowledge(ctx context.Context, conn *pgx.Conn, by Actor, at time.Time, reason string) (*draft, Receipt, error) {
	g, err := lock(ctx, conn, l.origin, at, nil)
	if err != nil {
		return nil, Receipt{}, err
	}
	f := parseFreeze(g.head.frozen)
	switch {
	case g.head.frozen == "":
		return nil, Receipt{}, ErrNotFrozen
	case !f.outside:
		return nil, Receipt{}, ErrContradicted
	}
	d, err := newDraft(l.origin, Entry{
		ID: f.entryID(l.origin), Type: acknowledgedType, Actor: by, OccurredAt: at,
		Body: Object{
			"why": f.why, "reason": reason, "size": strconv.FormatInt(g.head.size, 10), "root": g.edge.root().String(),
			"outside_size": strconv.FormatInt(f.size, 10), "outside_root": f.root.String(),
			"outside_sha256": base64.StdEncoding.EncodeToString(f.sum[:]),
		},
	})
	if err != nil {
		return nil, Receipt{}, err
	}
	a, err := g.place(d)
	if err != nil {
		return nil, Receipt{}, err
	}
	r := g.add(a)
	if err := writeFrozen(ctx, conn, "", at); err != nil {
		return nil, Receipt{}, err
	}
	return d, r, g.write(ctx, conn, g.head.epoch+1)
}

// entryID is the id of the entry that acknowledges f: by it, whoever keeps a copy finds that its disagreement is acknowledged.
func (f freeze) entryID(origin string) [16]byte { return idOf(acknowledgedType, origin, f.sum[:]) }

func isReason(s string) bool {
	n := utf8.RuneCountInString(s)
	return n >= 1 && n <= 2000 && utf8.ValidString(s) && strings.TrimSpace(s) != "" &&
		!strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' })
}
