// Command onward is a registry of subprocessors and vendors with an audit trail.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// command is a subcommand: its name, what --help says of it, and what it does. Results go to standard output, everything else to
// standard error.
type command struct {
	name, args, help string
	run              func(ctx context.Context, c config, args []string, out io.Writer) error
}

// commands are all of them, in the order of --help; the first is the default.
func commands() []command {
	return []command{
		{"serve", "", "start the database, migrate it and serve (the default)", serveCommand},
		{"demo", "", "serve realistic data, clearly marked as a demo, from a data folder of its own", demoCommand},
		{"import", "[--apply] [--state STATE] [--json] FILE", "report what a JSON or CSV file of vendors would change; with --apply, change it", importCommand},
		{"key create", "--role ROLE --name NAME [--system SYSTEM] [--days N]", "make an API key and print it, alone, on standard output: it is shown once", keyCreateCommand},
		{"key list", "", "list the API keys, without their secrets", keyListCommand},
		{"key revoke", "ID", "end an API key", keyRevokeCommand},
		{"user create", "--role ROLE --name NAME --email ADDRESS", "make a user of the workspace (admin, legal, approver or auditor) and print, alone, a link that signs the user in once, within 15 minutes", userCreateCommand},
		{"user link", "--email ADDRESS", "print, alone, a new link that signs the user in once, within 15 minutes; it works while the log is frozen", userLinkCommand},
		{"log key", "[--new]", "print the audit log's verifier key, alone, on standard output: an auditor needs it; with --new, print a new private key, which is not used yet", logKeyCommand},
		{"log rotate", "[--end-overlap]", "replace the key that signs the audit log's checkpoints: both sign until --end-overlap; print the new verifier key, alone", logRotateCommand},
		{"log acknowledge", "--reason TEXT", "open an audit log that was frozen because it disagrees with a checkpoint kept outside the database; why becomes an entry", logAcknowledgeCommand},
		{"verify", "[--key VKEY]… [--policy FILE] [--previous CHECKPOINT] [--api-key KEY] [--json] FILE|URL", "prove a report's bundle, a receipt (.tlog-proof) or a whole log (http://HOST/log) against the log's verifier key or a C2SP policy; files need no network", verifyCommand},
		{"witness", "--key FILE --log VKEY… --listen ADDRESS --state FILE [--name NAME]", "cosign the checkpoints of other people's logs (C2SP tlog-witness): it makes its key when it first starts", witnessCommand},
		{"prune", "", "prune the months of the audit log that are older than ONWARD_KEEP_MONTHS, now; a running server does it once a day", pruneCommand},
		{"doctor", "[--verify] [--json]", "say what the log's promises stand on and what of it does not hold, and fail if something does not; with --verify, read the whole log", doctorCommand},
		{"migrate", "", "bring the database up to this program's schema", migrateCommand},
	}
}

// alone tells whether the command goes by its arguments and by no setting: it is for people who run no registry.
func (c command) alone() bool { return c.name == "verify" || c.name == "witness" }

// usageError is a command line that cannot be understood.
type usageError struct{ error }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := withParent(ctx)
	defer cancel()
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr))
}

// run is main with everything it touches as an argument. It returns 0, 1 for a failure, or 2 for a command line or setting that
// cannot be understood.
func run(ctx context.Context, args, environ []string, out, errOut io.Writer) int {
	cmd, rest, err := choose(args)
	if errors.Is(err, flag.ErrHelp) {
		help(out)
		return 0
	}
	if err != nil {
		fmt.Fprintf(errOut, "onward: %v\n", err)
		return 2
	}
	c, err := readConfig(environ)
	if err != nil && !cmd.alone() {
		fmt.Fprintf(errOut, "onward: %v\n", err)
		return 2
	}
	slog.SetDefault(logger(c.level))
	err = cmd.run(ctx, c, rest, out)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(errOut, "onward %s: %v\nusage: onward %s %s\n", cmd.name, err, cmd.name, cmd.args)
		return 2
	default:
		fmt.Fprintf(errOut, "onward: %v\n", err)
		return 1
	}
}

// choose finds the command that args name, and the arguments that are left for it.
func choose(args []string) (command, []string, error) {
	if len(args) == 0 {
		return commands()[0], nil, nil
	}
	for _, a := range args {
		if a == "--help" || a == "-h" || a == "help" {
			return command{}, nil, flag.ErrHelp
		}
	}
	for words := 2; words >= 1; words-- {
		for _, cmd := range commands() {
			if len(args) >= words && cmd.name == join(args[:words]) {
				return cmd, args[words:], nil
			}
		}
	}
	return command{}, nil, fmt.Errorf("there is no command %q; --help lists them", args[0])
}

func join(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return words[0] + " " + words[1]
}

func help(out io.Writer) {
	fmt.Fprint(out, "Onward is a registry of subprocessors and vendors with an audit trail.\n\nusage: onward [COMMAND]\n\nCommands:\n")
	for _, c := range commands() {
		fmt.Fprintf(out, "  %s %s\n        %s\n", c.name, c.args, c.help)
	}
	fmt.Fprint(out, "\nSettings, from the environment:\n")
	for _, s := range settings() {
		fmt.Fprintf(out, "  %s\n        %s", s.name, s.help)
		if s.preset != "" {
			fmt.Fprintf(out, " (default %s)", s.preset)
		}
		fmt.Fprintln(out)
	}
}

// flags parses args by set and refuses what is left over unless the command takes want operands.
func flags(set *flag.FlagSet, args []string, want int) error {
	set.SetOutput(io.Discard)
	if err := set.Parse(args); err != nil {
		return usageError{err}
	}
	if set.NArg() != want {
		return usageError{fmt.Errorf("it takes %d argument(s) besides its flags, not %d", want, set.NArg())}
	}
	return nil
}

// clock is the one place where the program reads the time.
func clock() time.Time { return time.Now().UTC() }
