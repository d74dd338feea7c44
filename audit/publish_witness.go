package audit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// How witnesses are asked.
const (
	witnessPatience  = 20 * time.Second // for one answer
	witnessRest      = time.Second      // after an answer
	witnessPause     = 2 * time.Second  // after a failure; doubled with each
	witnessLongPause = 5 * time.Minute
	// cosignedAnew is how old a cosignature of the newest checkpoint becomes before its witness is asked again, so that a log which does not grow
	// is still known to be the same day by day.
	cosignedAnew = 12 * time.Hour
)

// Witness asks a witness to cosign a checkpoint (C2SP tlog-witness, add-checkpoint). consistency proves it from oldSize, which is what the
// witness is thought to know: 0 when it knows none. It returns signature lines, each with its line break; *WitnessConflict when the
// witness knows another size.
type Witness func(ctx context.Context, oldSize int64, consistency []tlog.Hash, note []byte) (lines []byte, err error)

// WitnessConflict tells which size a witness knows.
type WitnessConflict struct{ Size int64 }

func (c *WitnessConflict) Error() string { return fmt.Sprintf("the witness knows %d entries", c.Size) }

// Cosigner is a witness and the key by which its cosignatures are checked.
type Cosigner struct {
	Key note.Verifier // of a C2SP cosignature/v1 key
	Ask Witness
}

// follow asks one witness, whenever there is a new checkpoint, or its cosignature has become old, until ctx ends.
func (p *Publisher) follow(ctx context.Context, w *Cosigner, woken <-chan struct{}) {
	pause, failing := witnessPause, false
	for ctx.Err() == nil {
		err := p.cosign(ctx, w)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			p.options.Logger.WarnContext(ctx, "a witness did not cosign", "witness", w.Key.Name(), "error", err)
			failing = true
			if !rest(ctx, pause) {
				return
			}
			pause = min(2*pause, witnessLongPause)
			continue
		case failing:
			p.options.Logger.InfoContext(ctx, "a witness cosigns again", "witness", w.Key.Name())
			pause, failing = witnessPause, false
		}
		if !rest(ctx, witnessRest) {
			return
		}
		old := time.NewTimer(time.Hour) // whether it is old is for cosign to see
		select {
		case <-ctx.Done():
		case <-woken:
		case <-old.C:
		}
		old.Stop()
	}
}

// cosign gets and stores a cosignature of the newest checkpoint, unless there is one that is not old. It holds no lock while it asks.
func (p *Publisher) cosign(ctx context.Context, w *Cosigner) error {
	const tries = 3
	last, err := p.log.readCosigned(ctx, w.Key)
	if err != nil {
		return err
	}
	known := last.size
	for try := 1; ; try++ {
		c, err := p.log.readSigned(ctx)
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		if last.size == c.Size && p.options.Now().Sub(last.at) < cosignedAnew {
			return nil
		}
		var conflict *WitnessConflict
		err = p.ask(ctx, w, known, c)
		if !errors.As(err, &conflict) || try == tries {
			return err
		}
		if conflict.Size > c.Size {
			return fmt.Errorf("the witness knows %d entries, and the log's newest checkpoint has %d: either it was asked for another log, or this one was set back",
				conflict.Size, c.Size)
		}
		known = conflict.Size
	}
}

// ask asks once and stores what is right of the answer.
func (p *Publisher) ask(ctx context.Context, w *Cosigner, known int64, c Checkpoint) error {
	proof, err := p.log.provePublished(ctx, known, c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, witnessPatience)
	defer cancel()
	answer, err := w.Ask(ctx, known, proof, bytes.Clone(c.Note))
	if err != nil {
		return err
	}
	stored := 0
	for line := range bytes.Lines(answer) {
		at, ok := cosigned(c.Note, line, w.Key)
		if !ok {
			continue // another key's, or grease
		}
		if err := p.log.insertCosignature(ctx, c.Size, w.Key, at, string(bytes.TrimSuffix(line, []byte("\n")))); err != nil {
			return err
		}
		stored++
	}
	if stored == 0 {
		return errors.New("there is no cosignature by the witness's key in its answer")
	}
	return nil
}

// cosigned tells whether line is key's valid cosignature of a note, and when the witness made it.
func cosigned(signed, line []byte, key note.Verifier) (at time.Time, ok bool) {
	opened, err := note.Open(append(bytes.Clone(signed), line...), note.VerifierList(key))
	if err != nil || len(opened.Sigs) != 1 {
		return time.Time{}, false
	}
	at, err = cosignature.CoSigV1Timestamp(opened.Sigs[0])
	return at.UTC(), err == nil
}

// provePublished proves a checkpoint from an earlier size.
func (l *Log) provePublished(ctx context.Context, from int64, c Checkpoint) (proof tlog.TreeProof, err error) {
	err = l.onConnection(ctx, func(conn *pgx.Conn) error {
		proof, err = newStoredTree(ctx, conn, c.Size, tlog.Hash(c.Root)).proof(from)
		return err
	})
	return proof, err
}
