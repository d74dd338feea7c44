package audit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

func (d *doctor) checkpoint(ctx context.Context) error {
	now, err := d.log.readPublished(ctx)
	if err != nil {
		return err
	}
	if now.frozen != "" {
		d.find("frozen", false, "The log is frozen. %s", now.frozen)
	} else {
		d.find("frozen", true, "The log is not frozen.")
	}
	c, err := d.log.readSigned(ctx)
	if errors.Is(err, ErrNotFound) {
		d.find("checkpoint", now.size == 0, "No checkpoint was published, and the log has %d entries.", now.size)
		return nil
	}
	if err != nil {
		return err
	}
	age := d.publisher.options.Now().Sub(c.SignedAt).Round(time.Second)
	switch {
	case c.Size > now.size:
		d.find("checkpoint", false, "The newest checkpoint covers %d entries, and the log has %d.", c.Size, now.size)
	case c.Size == now.size:
		d.find("checkpoint", true, "The newest checkpoint is %s old and covers all %d entries.", age, now.size)
	default:
		d.find("checkpoint", age <= d.checkup.CheckpointAge,
			"The newest checkpoint is %s old and covers %d of %d entries.", age, c.Size, now.size)
	}
	return nil
}

// copied compares the copy with the database, as a publication does, and leaves both as they are.
func (d *doctor) copied(ctx context.Context) error {
	path := d.publisher.options.Copy
	published, err := d.log.readPublished(ctx)
	if err != nil {
		return err
	}
	if _, err := os.Stat(path); err != nil {
		d.find("copy", published.published == 0, "There is no copy of the checkpoints outside the database at %s.", path)
		return nil //nolint:nilerr // it is the finding
	}
	keys, err := d.publisher.options.Keys()
	if err != nil {
		d.find("copy", false, "The copy of the checkpoints cannot be read without the log's keys: %v.", err)
		return nil
	}
	file := &copyFile{path: path, origin: d.log.origin}
	o, err := file.open(keys)
	if err != nil {
		d.find("copy", false, "The copy of the checkpoints cannot be read: %v.", err)
		return nil
	}
	s := o.state
	o.close()
	what, err := d.disagrees(ctx, s, published.published)
	if err != nil {
		return err
	}
	if what != "" {
		d.find("copy", false, "The copy of the checkpoints and the database disagree: %s.", what)
	} else {
		d.find("copy", true, "The copy of the checkpoints outside the database, %s, agrees with it up to %d entries.", path, s.size)
	}
	return nil
}

// disagrees tells what is wrong with the newest record of a copy; published is the size of the newest checkpoint in the database.
func (d *doctor) disagrees(ctx context.Context, s *copyState, published int64) (string, error) {
	switch {
	case s.fault != "":
		return s.fault, nil
	case s.size < published && (s.base != s.end || s.end == 0): // after a break the next publication adds one
		return fmt.Sprintf("it ends with %d entries, and a checkpoint of %d was published", s.size, published), nil
	case s.size == 0:
		return "", nil
	}
	root, err := d.log.Root(ctx, s.size)
	var fault *Fault
	switch {
	case errors.Is(err, ErrNotFound):
		return fmt.Sprintf("it has a checkpoint of %d entries, which the database does not have", s.size), nil
	case errors.As(err, &fault):
		return fault.What, nil
	case err != nil:
		return "", err
	case root != s.root:
		return fmt.Sprintf("it has another root for %d entries", s.size), nil
	}
	return "", nil
}

func (d *doctor) witnesses(ctx context.Context) error {
	if len(d.publisher.options.Witnesses) == 0 {
		d.find("witnesses", true, "No witness is configured: that the log was not rewritten is proved by the copy alone.")
		return nil
	}
	now := d.publisher.options.Now()
	for _, w := range d.publisher.options.Witnesses {
		last, err := d.log.readCosigned(ctx, w.Key)
		if err != nil {
			return err
		}
		age := now.Sub(last.at).Round(time.Second)
		switch {
		case last.at.IsZero():
			d.find("witnesses", false, "The witness %s has never cosigned a checkpoint.", w.Key.Name())
		default:
			d.find("witnesses", age <= d.checkup.WitnessAge, "The witness %s cosigned %s ago; %s are allowed.", w.Key.Name(), age, d.checkup.WitnessAge)
		}
	}
	return nil
}

func (d *doctor) whole(ctx context.Context) error {
	if !d.checkup.Verify {
		return nil
	}
	err := d.log.Verify(ctx)
	var fault *Fault
	switch {
	case errors.As(err, &fault):
		d.find("verify", false, "The log is damaged; the first bad index is %d: %s.", fault.Index, fault.What)
	case err != nil:
		return err
	default:
		d.find("verify", true, "Every entry is as it was written.")
	}
	return nil
}
