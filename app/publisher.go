package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"onward/audit"
)

// openPublisher makes the log's key where there is none, and a publisher.
func openPublisher(ctx context.Context, c config, log *audit.Log) (*audit.Publisher, error) {
	if err := makeLogKey(ctx, c, log); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.data, 0o700); err != nil { // with keys and database elsewhere there may be none yet
		return nil, fmt.Errorf("keep the copy of the checkpoints: %w", err)
	}
	o := publisherOptions(c, log)
	if _, err := o.Keys(); err != nil {
		return nil, err
	}
	return audit.NewPublisher(log, o), nil
}

func publisherOptions(c config, log *audit.Log) audit.PublisherOptions {
	return audit.PublisherOptions{
		Keys: func() (*audit.Keys, error) { return logKeys(c, log.Origin()) },
		Copy: cmp.Or(c.logCopy, filepath.Join(c.data, "checkpoints")), Now: clock, Logger: slog.Default(),
	}
}

// compare compares the database with the copy before anything is served from it. A log that is frozen is served all the same: it can be read.
func compare(ctx context.Context, publisher *audit.Publisher) error {
	if _, err := publisher.Publish(ctx); err != nil && !errors.Is(err, audit.ErrFrozen) {
		return fmt.Errorf("compare the log with its checkpoints: %w", err)
	}
	return nil
}
