package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"

	"onward/audit"
)

// logKeyCommand prints the verifier keys of those that sign, alone, the current one first: there are two while a key is being replaced.
func logKeyCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("log key", flag.ContinueOnError)
	fresh := set.Bool("new", false, "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	if *fresh {
		private, _, err := audit.NewKey(s.log.Origin())
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(out, private)
		return err
	}
	if err := makeLogKey(ctx, c, s.log); err != nil {
		return err
	}
	keys, err := logKeys(c, s.log.Origin())
	if err != nil {
		return err
	}
	for _, key := range keys.Active() {
		if _, err := fmt.Fprintln(out, key); err != nil {
			return err
		}
	}
	return nil
}

// logRotateCommand makes a new key, which signs together with the old one until --end-overlap, and prints the new verifier key alone. It may be
// repeated after a failure.
func logRotateCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("log rotate", flag.ContinueOnError)
	end := set.Bool("end-overlap", false, "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	s, publisher, err := openPublished(ctx, c, false)
	if err != nil {
		return err
	}
	defer s.close()
	keys, err := logKeys(c, s.log.Origin())
	if err != nil {
		return err
	}
	if *end {
		return endOverlap(ctx, c, s, publisher, keys.Active())
	}
	return rotate(ctx, c, s, publisher, keys.Active(), out)
}

func rotate(ctx context.Context, c config, s *store, publisher *audit.Publisher, active []string, out io.Writer) error {
	switch {
	case len(active) > 2:
		return errors.New("there are more than two keys that sign")
	case len(active) == 1 && c.logKey != "":
		return errors.New("the key is in ONWARD_LOG_KEY: put a new one, which `log key --new` makes, before it, with a comma between them, on every instance; then run this again")
	case len(active) == 1: // the file first: a key that is announced must not be lost
		private, verifier, err := audit.NewKey(s.log.Origin())
		if err != nil {
			return err
		}
		if err := addKey(c, private); err != nil {
			return err
		}
		active = []string{verifier, active[0]}
	}
	if _, err := s.log.AnnounceKey(ctx, audit.Program, clock(), active[1], active[0]); err != nil {
		return err
	}
	if _, err := publisher.Publish(ctx); err != nil {
		return err
	}
	_, err := fmt.Fprintln(out, active[0])
	return err
}

// endOverlap retires the old key: its last checkpoint covers the entry that says so.
func endOverlap(ctx context.Context, c config, s *store, publisher *audit.Publisher, active []string) error {
	if len(active) != 2 {
		return errors.New("only one key signs: there is no overlap to end")
	}
	_, err := s.log.RetireKey(ctx, audit.Program, clock(), active[0], active[1])
	if errors.Is(err, audit.ErrNotFound) {
		return errors.New("the new key was not announced: run `log rotate` first")
	}
	if err != nil {
		return err
	}
	if _, err := publisher.Publish(ctx); err != nil {
		return err
	}
	if c.logKey != "" {
		return fmt.Errorf("the old key is retired in the log, and signs until ONWARD_LOG_KEY has %s in the place of its private key, on every instance", active[1])
	}
	return retireKey(c, s.log.Origin(), active[1])
}

// logAcknowledgeCommand opens a frozen log again.
func logAcknowledgeCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("log acknowledge", flag.ContinueOnError)
	reason := set.String("reason", "", "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	s, publisher, err := openPublished(ctx, c, true)
	if err != nil {
		return err
	}
	defer s.close()
	r, err := s.log.Acknowledge(ctx, audit.Program, clock(), *reason)
	if err != nil {
		return err
	}
	if _, err := publisher.Publish(ctx); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "The log is open again. Entry %s, number %d, tells why it was frozen.\n", r.EntryID, r.Index)
	return err
}
