package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"onward/app/login"
	"onward/audit"
)

// keyCreateCommand makes a key and prints it alone, so that a shell can take it: KEY=$(onward key create …).
func keyCreateCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("key create", flag.ContinueOnError)
	role := set.String("role", "", "")
	name := set.String("name", "", "")
	system := set.String("system", "", "")
	days := set.Int("days", 0, "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	fields := login.KeyFields{Role: *role, Name: *name, System: *system}
	now := clock()
	if *days != 0 {
		fields.ExpiresAt = now.AddDate(0, 0, *days)
	}
	_, secret, err := login.NewKeys(s.db, s.log).Create(ctx, audit.Program, now, fields)
	if err != nil {
		return explain(err)
	}
	_, err = fmt.Fprintln(out, secret)
	return err
}

// keyListCommand prints every key.
func keyListCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	if err := flags(flag.NewFlagSet("key list", flag.ContinueOnError), args, 0); err != nil {
		return err
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tROLE\tSYSTEM\tNAME\tEXPIRES\tREVOKED")
	keys, cursor := login.NewKeys(s.db, s.log), ""
	for {
		page, err := keys.List(ctx, 200, cursor)
		if err != nil {
			return err
		}
		for _, k := range page.Items {
			revoked := ""
			if k.RevokedAt != nil {
				revoked = k.RevokedAt.Format(time.RFC3339)
			}
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Role, k.System, k.Name, k.ExpiresAt.Format(time.RFC3339), revoked)
		}
		if cursor = page.Next; cursor == "" {
			return table.Flush()
		}
	}
}

// keyRevokeCommand ends a key.
func keyRevokeCommand(ctx context.Context, c config, args []string, _ io.Writer) error {
	set := flag.NewFlagSet("key revoke", flag.ContinueOnError)
	if err := flags(set, args, 1); err != nil {
		return err
	}
	id, err := uuid.Parse(set.Arg(0))
	if err != nil {
		return usageError{fmt.Errorf("%q is not the id of a key; key list shows them", set.Arg(0))}
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	_, err = login.NewKeys(s.db, s.log).Revoke(ctx, audit.Program, clock(), id)
	return explain(err)
}
