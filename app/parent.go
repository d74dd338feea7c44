package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// withParent ends the context when the program was started by "go run" and that has ended: "go run" does not pass on the signal that
// ends it, and a server that nobody can see must not stay behind. A program started in any other way outlives its parent.
func withParent(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	exe, err := os.Executable()
	if err != nil || !strings.Contains(exe, string(filepath.Separator)+"go-build") {
		return ctx, cancel
	}
	go func() {
		parent := os.Getppid()
		for ctx.Err() == nil {
			if os.Getppid() != parent {
				cancel()
				return
			}
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond):
			}
		}
	}()
	return ctx, cancel
}
