package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"onward/app/witness"
	"onward/audit"
	"onward/audit/proof"
)

// openPublisher makes the log's key where there is none, and a publisher.
func openPublisher(ctx context.Context, c config, log *audit.Log) (*audit.Publisher, error) {
	if err := makeLogKey(ctx, c, log); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(c.data, 0o700); err != nil { // with keys and database elsewhere there may be none yet
		return nil, fmt.Errorf("keep the copy of the checkpoints: %w", err)
	}
	o, err := publisherOptions(c, log)
	if err != nil {
		return nil, err
	}
	return audit.NewPublisher(log, o), nil
}

// publisherOptions are what the settings say of publishing; the witnesses are asked by whoever publishes, and looked after by the doctor.
func publisherOptions(c config, log *audit.Log) (o audit.PublisherOptions, err error) {
	o = audit.PublisherOptions{
		Keys: func() (*audit.Keys, error) { return logKeys(c, log.Origin()) },
		Copy: cmp.Or(c.logCopy, filepath.Join(c.data, "checkpoints")), Now: clock, Logger: slog.Default(),
	}
	o.Witnesses, err = cosigners(c, log.Origin())
	return o, err
}

// logPolicy is what checkpoints of the log are checked against, as C2SP tlog-policy: the keys that sign now, and the witnesses and the quorum
// of the settings.
func logPolicy(c config, origin string) ([]byte, error) {
	keys, err := logKeys(c, origin)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	for _, key := range keys.Active() {
		fmt.Fprintf(&text, "log %s\n", key)
	}
	if c.witnesses == "" {
		text.WriteString("quorum none\n")
		return text.Bytes(), nil
	}
	witnesses, err := os.ReadFile(c.witnesses)
	if err != nil {
		return nil, fmt.Errorf("read the witnesses (ONWARD_WITNESSES): %w", err)
	}
	text.Write(witnesses)
	if _, err := proof.ParsePolicy(text.Bytes()); err != nil {
		return nil, fmt.Errorf("%s (ONWARD_WITNESSES): %w", c.witnesses, err)
	}
	return text.Bytes(), nil
}

// cosigners are the witnesses of the settings that have an address.
func cosigners(c config, origin string) ([]audit.Cosigner, error) {
	text, err := logPolicy(c, origin)
	if err != nil {
		return nil, err
	}
	policy, err := proof.ParsePolicy(text)
	if err != nil {
		return nil, err
	}
	var all []audit.Cosigner
	for _, w := range policy.Witnesses() {
		if w.URL == "" {
			continue
		}
		ask, err := witness.New(w.URL, w.Key)
		if err != nil {
			return nil, fmt.Errorf("witness %s (ONWARD_WITNESSES): %w", w.Name, err)
		}
		all = append(all, audit.Cosigner{Key: w.Verifier, Ask: func(ctx context.Context, oldSize int64, consistency []tlog.Hash, note []byte) ([]byte, error) {
			lines, err := ask(ctx, oldSize, consistency, note)
			var conflict *witness.Conflict
			if errors.As(err, &conflict) {
				return nil, &audit.WitnessConflict{Size: conflict.Size}
			}
			return lines, err
		}})
	}
	return all, nil
}

// openPublished opens the store and publishes once, so that what is written next is written to a log that was compared. Unless frozen is
// allowed, it refuses a log that is frozen: that one takes no entries.
func openPublished(ctx context.Context, c config, frozen bool) (*store, *audit.Publisher, error) {
	s, err := openStore(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	publisher, err := openPublisher(ctx, c, s.log)
	if err == nil {
		_, err = publisher.Publish(ctx)
	}
	if err != nil && (!frozen || !errors.Is(err, audit.ErrFrozen)) {
		s.close()
		return nil, nil, err
	}
	return s, publisher, nil
}

// compare compares the database with the copy before anything is served from it. A log that is frozen is served all the same: it can be read.
func compare(ctx context.Context, publisher *audit.Publisher) error {
	if _, err := publisher.Publish(ctx); err != nil && !errors.Is(err, audit.ErrFrozen) {
		return fmt.Errorf("compare the log with its checkpoints: %w", err)
	}
	return nil
}
