package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"onward/audit"
	"onward/registry"
	"onward/registry/importing"
)

// importCommand reports what a file would change and, with --apply, changes it: all of it becomes one release of the public list. It fails when a row
// was refused.
func importCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("import", flag.ContinueOnError)
	apply := set.Bool("apply", false, "")
	state := set.String("state", string(registry.Proposed), "")
	asJSON := set.Bool("json", false, "")
	if err := flags(set, args, 1); err != nil {
		return err
	}
	rows, err := readRows(set.Arg(0))
	if err != nil {
		return explain(err)
	}
	s, err := openStore(ctx, c)
	if err != nil {
		return err
	}
	defer s.close()
	report, err := bring(ctx, s, rows, importing.Options{State: registry.VendorState(*state)}, *apply)
	write := report.WriteText
	if *asJSON {
		write = report.WriteJSON
	}
	if err := errors.Join(explain(err), write(out)); err != nil { // a fault in the middle leaves a report of how far it came
		return err
	}
	if n := report.Count(importing.Refused); n > 0 {
		return fmt.Errorf("%d of the records were refused; the report says why", n)
	}
	return nil
}

// bring brings rows into the registry, as one release of the list, or says what that would do.
func bring(ctx context.Context, s *store, rows []importing.Row, o importing.Options, apply bool) (report importing.Report, err error) {
	if !apply {
		return importing.Plan(ctx, s.filled(), audit.Program, clock(), rows, o)
	}
	err = s.desk.AsOneRelease(ctx, clock, func() (failed error) {
		report, failed = importing.Apply(ctx, s.filled(), audit.Program, clock(), rows, o)
		return failed
	})
	return report, err
}

// readRows reads a file, or standard input for "-".
func readRows(path string) ([]importing.Row, error) {
	if path == "-" {
		return importing.Read(os.Stdin, "standard input")
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return importing.Read(f, filepath.Base(path))
}

// explain writes a refusal out for the command line: its sentence and every bad field.
func explain(err error) error {
	var r *registry.Refusal
	if !errors.As(err, &r) || len(r.Fields) == 0 {
		return err
	}
	var b strings.Builder
	b.WriteString(r.Sentence)
	for _, f := range r.Fields {
		fmt.Fprintf(&b, "\n  %s: %s", f.Pointer, f.Sentence)
	}
	return errors.New(b.String())
}
