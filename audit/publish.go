package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"
)

// Publish compares the database with itself and with the copy, and publishes a checkpoint when the log grew since the last one. It returns the
// newest checkpoint, without cosignatures; one of size 0 while the log is empty. When it returns without error, that checkpoint is
// durable in the database and in the copy. ErrFrozen means that the log is frozen, now or since before: then nothing was signed. It
// waits for another publisher that is at work.
func (p *Publisher) Publish(ctx context.Context) (Checkpoint, error) {
	c, err := p.publish(ctx, true)
	p.report(ctx, err)
	if err == nil {
		p.wake()
	}
	return c, err
}

func (p *Publisher) publish(ctx context.Context, wait bool) (Checkpoint, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	keys, err := p.options.Keys()
	if err != nil {
		return Checkpoint{}, err
	}
	if err := p.readCopy(keys); err != nil { // a long one is read before anything is locked in the database
		return Checkpoint{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	if err := p.step("lock"); err != nil {
		return Checkpoint{}, err
	}
	t, err := p.log.begin(ctx)
	if err != nil {
		return Checkpoint{}, refine(err)
	}
	defer t.rollback()
	n := &publication{Publisher: p, keys: keys}
	err = t.pgx(func(conn *pgx.Conn) error {
		mine, err := lockPublication(ctx, conn, wait)
		if err != nil || !mine {
			return err
		}
		n.conn = conn
		return n.run(ctx)
	})
	if n.copy != nil {
		defer n.copy.close()
	}
	if err != nil && !errors.Is(err, ErrFrozen) {
		return Checkpoint{}, refine(err)
	}
	if broken := p.step("commit"); broken != nil {
		return Checkpoint{}, broken
	}
	if failure := t.commit(); failure != nil {
		return Checkpoint{}, refine(fmt.Errorf("publish a checkpoint: %w", failure))
	}
	if err != nil {
		return Checkpoint{}, err
	}
	return n.newest, p.step("done")
}

// readCopy reads what was added to the copy.
func (p *Publisher) readCopy(known note.Verifiers) error {
	o, err := p.file.open(known)
	if err != nil {
		return err
	}
	o.close()
	return nil
}

// publication is one attempt to publish, under the publication's lock.
type publication struct {
	*Publisher
	conn *pgx.Conn
	keys *Keys
	copy *openCopy

	head   publishedHead
	tree   *storedTree
	newest Checkpoint // what is published
}

// run does everything but to commit. After ErrFrozen, what it wrote is to be committed too.
func (n *publication) run(ctx context.Context) (err error) {
	if n.copy, err = n.file.open(n.keys); err != nil {
		return err
	}
	if n.copy.lost {
		n.copy.lost = false
		n.options.Logger.ErrorContext(ctx, "the copy of the checkpoints lost what was in it, or was replaced", "file", n.file.path)
	}
	if n.head, err = readPublishedHead(ctx, n.conn); err != nil { // after the copy: what that holds was in the database before
		return err
	}
	n.newest = n.head.last
	if n.head.frozen != "" {
		return frozenBecause(n.head.frozen)
	}
	why, err := n.compare(ctx)
	if errors.Is(err, errContradiction) {
		why, err = contradiction("the hashes that it keeps do not make up the root of its head"), nil
	}
	if err != nil {
		return err
	}
	if why != (freeze{}) {
		return n.freeze(ctx, why)
	}
	return n.publish(ctx)
}

func (n *publication) freeze(ctx context.Context, why freeze) error {
	if err := n.step("freeze"); err != nil {
		return err
	}
	if err := writeFrozen(ctx, n.conn, why.String(), n.options.Now()); err != nil {
		return err
	}
	return frozenBecause(why.why)
}

func frozenBecause(why string) error { return fmt.Errorf("%w: %s", ErrFrozen, why) }

// publish signs and keeps what was compared.
func (n *publication) publish(ctx context.Context) error {
	size, root := n.head.size, n.tree.root
	if size == 0 {
		return nil
	}
	signed := n.newest.Note
	if n.newest.Size != size {
		if err := n.step("sign"); err != nil {
			return err
		}
		var err error
		if signed, err = n.keys.sign(checkpointText(n.log.origin, size, root)); err != nil {
			return err
		}
	}
	if s := n.copy.state; s.size != size || s.base == s.end { // a break is not a checkpoint
		if err := n.step("copy"); err != nil {
			return err
		}
		if err := n.copy.append(signed, n.keys); err != nil {
			return err
		}
	}
	n.file.compared = n.copy.state.end
	if n.newest.Size == size {
		return nil
	}
	if err := n.step("row"); err != nil {
		return err
	}
	n.newest = Checkpoint{Size: size, Root: root[:], Note: signed, SignedAt: n.options.Now().UTC().Truncate(time.Microsecond)}
	return insertCheckpoint(ctx, n.conn, n.newest)
}
