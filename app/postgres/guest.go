package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"
)

// join waits for the cluster that another program runs, and reports false if that program ended meanwhile.
func (c *Cluster) join(ctx context.Context) (bool, error) {
	var s status
	var free bool
	err := until(ctx, func() bool {
		s = c.runningStatus()
		if s.state == "ready" {
			return true
		}
		lock, err := tryLock(c.lockFile())
		if err == nil && lock != nil {
			free = true
			_ = lock.Close() // taken again by the caller
		}
		return free
	})
	if err != nil {
		return false, fmt.Errorf("the data folder %s is in use by the program with process id %s, whose PostgreSQL does not become ready: %w",
			c.dir, c.ownerPID(), err)
	}
	if free {
		return false, nil
	}
	if s.socketDir != "" {
		c.socketDir = s.socketDir
	}
	if err := c.readSecrets(false); err != nil {
		return false, c.explain("join", err)
	}
	if err := c.await(ctx); err != nil {
		return false, err
	}
	watch, leave := context.WithCancel(context.WithoutCancel(ctx))
	c.leave, c.left = leave, make(chan struct{})
	go c.watch(watch)
	return true, nil
}

func (c *Cluster) ownerPID() string {
	content, err := os.ReadFile(c.lockFile())
	if pid := strings.TrimSpace(string(content)); err == nil && pid != "" {
		return pid
	}
	return "unknown"
}

// await makes sure, as a guest, that the owner has made the role and the database.
func (c *Cluster) await(ctx context.Context) error {
	var last error
	err := until(ctx, func() bool {
		last = c.ping(ctx)
		return last == nil
	})
	if err != nil {
		return fmt.Errorf("join the PostgreSQL that process %s runs in %s: %w", c.ownerPID(), c.dir, errors.Join(err, last))
	}
	return nil
}

// watch takes the cluster over when its owner has gone, under the same address: what was under way fails, and the pool
// connects anew. Until then it only looks.
func (c *Cluster) watch(ctx context.Context) {
	defer close(c.left)
	tick := time.NewTicker(takeoverEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lock, err := tryLock(c.lockFile())
		if err != nil || lock == nil {
			continue // still owned
		}
		heir := &Cluster{
			dir: c.dir, socketDir: c.socketDir, account: c.account, superuser: c.superuser, app: c.app,
			unsafe: c.unsafe, throwaway: c.throwaway,
		}
		if _, err := heir.lead(ctx, lock, c.options); err != nil {
			slog.ErrorContext(ctx, "the program that ran PostgreSQL has ended and its cluster cannot be started here",
				slog.String("folder", c.dir), slog.Any("error", err))
			continue
		}
		c.mu.Lock()
		c.lock, c.server, c.binaries = heir.lock, heir.server, heir.binaries
		c.mu.Unlock()
		slog.InfoContext(ctx, "the program that ran PostgreSQL has ended; its cluster runs on here", slog.String("folder", c.dir))
		return
	}
}
