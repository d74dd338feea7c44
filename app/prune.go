package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"time"

	"onward/audit"
)

// keptSince is the first month that is kept at an instant: the running one, and the months before it that the settings say.
func keptSince(at time.Time, months int) time.Time {
	return time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, -months, 0)
}

// pruneCommand prunes the months that are older than the company keeps them, now. It publishes itself, and may run beside a server.
func pruneCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	if err := flags(flag.NewFlagSet("prune", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	if c.keepMonths == 0 {
		return errors.New("ONWARD_KEEP_MONTHS is not set: the log is kept for ever")
	}
	s, publisher, err := openPublished(ctx, c, false)
	if err != nil {
		return err
	}
	defer s.close()
	publishing, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		publisher.Run(publishing)
	}()
	now := clock()
	done, err := s.log.Prune(ctx, audit.Program, now, keptSince(now, c.keepMonths))
	end()
	<-ended
	for _, p := range done {
		fmt.Fprintf(out, "Pruned %s: the entries from %d to %d.\n", p.Month.Format("2006-01"), p.First, p.Next-1)
	}
	if err == nil && len(done) == 0 {
		fmt.Fprintln(out, "There is nothing to prune.")
	}
	return err
}

// pruneDaily prunes beside the server, at its start and once a day. A hold is no fault.
func pruneDaily(ctx context.Context, log *audit.Log, months int) {
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		now := clock()
		done, err := log.Prune(ctx, audit.Program, now, keptSince(now, months))
		for _, p := range done {
			slog.Info("pruned a month of the log", "month", p.Month.Format("2006-01"), "first", p.First, "next", p.Next)
		}
		switch {
		case errors.Is(err, audit.ErrHeld):
			slog.Info("nothing is pruned: the log is under a legal hold")
		case err != nil && ctx.Err() == nil:
			slog.Error("pruning the log", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
