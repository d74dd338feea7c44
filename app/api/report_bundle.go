package api

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/sheet"
	"onward/audit"
	"onward/audit/proof"
	"onward/registry/sharing"
)

// covering is how long a bundle waits for the checkpoint that covers its beginning: it is published within a second.
const covering = 5 * time.Second

// bundleShares answers with the bundle of a report: a zip file that proves itself. When no checkpoint comes to cover its beginning, it is
// refused (503), and the log says that nothing left.
func (a *API) bundleShares(c *gin.Context, report *sharing.Report) error {
	ctx := c.Request.Context()
	policy, err := a.Policy()
	if err != nil {
		return errors.Join(err, a.endEmpty(ctx, report))
	}
	checkpoint, err := a.awaitCheckpoint(ctx, report.Begun.Index, policy)
	if err != nil {
		return errors.Join(err, a.endEmpty(ctx, report))
	}
	s := newStream(c, report.ID.String(), "application/zip")
	c.Header("Content-Disposition", `attachment; filename="shares-`+report.ID.String()+`.zip"`)
	return s.end(a.writeBundle(ctx, s, report, checkpoint.Note, policy), func(ctx context.Context, complete bool) error {
		return report.End(ctx, a.Now(), s.rows, [32]byte(s.sum.Sum(nil)), complete)
	})
}

// endEmpty records that nothing of a report left.
func (a *API) endEmpty(ctx context.Context, report *sharing.Report) error {
	return report.End(context.WithoutCancel(ctx), a.Now(), 0, [32]byte{}, false)
}

// awaitCheckpoint waits for a checkpoint that covers an entry and has the signatures that the policy wants. Where witnesses do not answer in
// time, it is the one that they have not cosigned: whoever checks the bundle is told.
func (a *API) awaitCheckpoint(ctx context.Context, index int64, policy []byte) (audit.Checkpoint, error) {
	wanted, err := proof.ParsePolicy(policy)
	if err != nil {
		return audit.Checkpoint{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, covering)
	defer cancel()
	var newest audit.Checkpoint
	for {
		checkpoint, err := a.Log.CheckpointCovering(ctx, index)
		if err == nil {
			newest = checkpoint
			if _, err := proof.OpenCheckpoint(checkpoint.Note, wanted); err == nil {
				return checkpoint, nil
			}
		} else if !errors.Is(err, audit.ErrNotFound) && ctx.Err() == nil {
			return audit.Checkpoint{}, err
		}
		select {
		case <-ctx.Done():
			if newest.Note == nil {
				return audit.Checkpoint{}, audit.ErrUncovered
			}
			return newest, nil
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (a *API) writeBundle(ctx context.Context, s *stream, report *sharing.Report, checkpoint, policy []byte) error {
	manifest, err := report.Manifest()
	if err != nil {
		return err
	}
	w, err := proof.NewBundleWriter(s, manifest)
	if err != nil {
		return err
	}
	return report.Evidence(ctx, func(ctx context.Context, evidence *sharing.Evidence) error {
		return a.fillBundle(ctx, s, w, evidence, report.BundleRows(), checkpoint, policy)
	})
}

func (a *API) fillBundle(ctx context.Context, s *stream, w *proof.BundleWriter, evidence *sharing.Evidence, rows *sharing.BundleRows,
	checkpoint, policy []byte,
) error {
	err := evidence.Leaves(ctx, func(index int64, leaf []byte) error {
		return errors.Join(rows.See(index, leaf), w.Leaf(index, leaf))
	})
	if err != nil {
		return err
	}
	pruned, leaf, err := evidence.Pruned(ctx)
	if err != nil {
		return err
	}
	if pruned >= 0 {
		w.Pruned(pruned, leaf)
	}
	return w.Finish(ctx, a.Log.Tile, checkpoint, policy, func(out io.Writer) error {
		table := sheet.NewWriter(out)
		if err := table.Write(sharing.Columns()); err != nil {
			return err
		}
		err := evidence.Leaves(ctx, func(index int64, leaf []byte) error {
			cells, ok, err := rows.Row(index, leaf)
			if err != nil || !ok {
				return err
			}
			s.rows++
			return table.Write(cells)
		})
		return errors.Join(err, table.Flush())
	})
}
