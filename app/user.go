package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"time"

	"onward/app/login"
	"onward/app/workspace"
	"onward/audit"
)

// userCreateCommand makes a user and prints a link by which the user signs in once, alone.
func userCreateCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("user create", flag.ContinueOnError)
	role := set.String("role", "", "")
	name := set.String("name", "", "")
	email := set.String("email", "", "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	return withUsers(ctx, c, func(users *login.Users) error {
		u, err := users.Create(ctx, audit.Program, clock(), login.UserFields{Name: *name, Email: *email, Role: *role})
		if err != nil {
			return err
		}
		return printLink(ctx, c, users, u, out)
	})
}

// userLinkCommand prints a link by which a user signs in once, alone. It works while the log is frozen.
func userLinkCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("user link", flag.ContinueOnError)
	email := set.String("email", "", "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	return withUsers(ctx, c, func(users *login.Users) error {
		u, err := users.ByEmail(ctx, *email)
		if err != nil {
			return err
		}
		return printLink(ctx, c, users, u, out)
	})
}

func withUsers(ctx context.Context, c config, do func(*login.Users) error) error {
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	return explain(do(login.NewUsers(s.db, s.log)))
}

func printLink(ctx context.Context, c config, users *login.Users, u login.User, out io.Writer) error {
	secret, _, err := users.MakeLink(ctx, audit.Program, clock(), u.ID)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, workspaceAddress(c, nil)+workspace.LinkPath(secret))
	return err
}

// workspaceAddress is where people reach the workspace: the address of the settings, or the one that is listened on, in a form that a browser takes.
func workspaceAddress(c config, listening net.Addr) string {
	if c.brand.PublicURL != "" {
		return c.brand.PublicURL
	}
	address := c.listen
	if listening != nil {
		address = listening.String()
	}
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return "http://" + address
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, port)
}

// firstLink is a link for the administrator, to be printed at the start; empty where none is to be. It is printed only where the program runs a
// PostgreSQL of its own, whose owner reads what it prints, and only until somebody else has signed in.
func firstLink(ctx context.Context, s *store) string {
	if s.cluster == nil {
		return ""
	}
	users := login.NewUsers(s.db, s.log)
	u, wanted, err := users.Administrator(ctx, clock())
	if err != nil || !wanted {
		if err != nil {
			slog.Warn("no sign-in link could be made", "error", err)
		}
		return ""
	}
	secret, _, err := users.MakeLink(ctx, audit.Program, clock(), u.ID)
	if err != nil {
		slog.Warn("no sign-in link could be made", "error", err)
		return ""
	}
	return secret
}

// keepVisits puts on record, as soon as the log is open, who came and went while it was frozen, and removes sessions that are over.
func keepVisits(ctx context.Context, users *login.Users, sessions *login.Sessions) {
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	told := ""
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := users.Tell(ctx, clock())
		if err == nil {
			err = sessions.Sweep(ctx)
		}
		switch {
		case err == nil:
			told = ""
		case ctx.Err() == nil && err.Error() != told: // once, not every time
			told = err.Error()
			slog.Error("keeping visits", "error", strings.TrimSpace(told))
		}
	}
}
