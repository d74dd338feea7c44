package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"syscall"
	"time"

	"onward/app/site"
	"onward/app/workspace"
)

// drain is how long requests in flight may take after the signal to stop.
const drain = 20 * time.Second

// serveCommand serves until ctx ends, then finishes what is in flight, commits what is queued, and stops the cluster.
func serveCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	if err := flags(flag.NewFlagSet("serve", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	return serveWith(ctx, c, out, nil)
}

// collect lets garbage grow to twice what is in use before it is collected: most of what a share takes lives for a moment only, and
// what is in use is little. GOGC, where it is set, is obeyed.
func collect() {
	const percent = 200
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
}

// serveWith is serveCommand with something to do, where prepare is not nil, before the first request.
func serveWith(ctx context.Context, c config, out io.Writer, prepare func(*store, *server) error) error {
	collect()
	ln, err := listen(ctx, c.listen)
	if err != nil {
		return err
	}
	defer ln.Close()
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	srv, err := newServer(ctx, c, s)
	if err != nil {
		return err
	}
	if prepare != nil {
		if err := prepare(s, srv); err != nil {
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
			defer cancel()
			return errors.Join(err, srv.close(end))
		}
	}
	close(srv.prepared)
	announce(out, ln.Addr(), c, s, firstLink(ctx, s))
	return serve(ctx, ln, srv)
}

// listen takes the address before anything is started, so that a taken one costs nothing.
func listen(ctx context.Context, address string) (net.Listener, error) {
	var lc net.ListenConfig
	ln, err := lc.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s is taken by another program: stop that one, or set ONWARD_LISTEN to another address, such as 127.0.0.1:8081", address)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("this account may not listen on %s: set ONWARD_LISTEN to a port above 1023", address)
	case err != nil:
		return nil, fmt.Errorf("listen on %s (ONWARD_LISTEN): %w", address, err)
	}
	return ln, nil
}

// serve runs srv on ln until ctx ends or the listener fails.
func serve(ctx context.Context, ln net.Listener, srv *server) error {
	failed := make(chan error, 1)
	go func() { failed <- srv.http.Serve(site.Whole(ln)) }()
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		slog.Info("stopping: finishing what is in flight")
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
	defer cancel()
	if down := srv.http.Shutdown(end); down != nil {
		slog.Warn("some requests did not finish in time", "error", down)
	}
	if closed := srv.close(end); closed != nil {
		return closed
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// announce says where to look; link is the secret of a sign-in link to be shown, or empty.
func announce(out io.Writer, addr net.Addr, c config, s *store, link string) {
	base := "http://" + addr.String()
	work := workspaceAddress(c, addr)
	fmt.Fprintf(out, "Onward is running.\n  public list   %s/subprocessors\n  API           %s/docs  (description: %s/openapi.yaml)\n  workspace     %s/app\n", base, base, base, work)
	if s.cluster != nil {
		fmt.Fprintf(out, "  data          %s\n", c.data)
	}
	prefix := ""
	if s.cluster != nil && c.data != defaultData() {
		prefix = "ONWARD_DATA=" + c.data + " "
	}
	if link != "" {
		fmt.Fprintf(out, "Sign in to the workspace, once, within 15 minutes:\n  %s%s\n", work, workspace.LinkPath(link))
	}
	fmt.Fprintf(out, "A user for the workspace: %sgo run ./app user create --role legal --name YOU --email YOU@EXAMPLE.COM\n", prefix)
	fmt.Fprintf(out, "A key for the API: %sgo run ./app key create --role legal --name YOU\nCtrl-C stops it.\n", prefix)
}
