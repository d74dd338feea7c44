package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"onward/app/postgres"
	"onward/audit"
	"onward/migrations"
	"onward/registry/publishing"
)

// What the doctor is content with.
const (
	oldCheckpoint = time.Minute
	oldWitness    = 25 * time.Hour // a witness is asked again after a day
	leastRoom     = 1 << 30        // bytes
)

// errUnwell means that something does not hold; what it is was said.
var errUnwell = errors.New("not everything holds")

// doctorCommand says, a sentence a line, what the log's promises stand on and what of it does not hold. It changes nothing in the database, and
// fails when something does not hold.
func doctorCommand(ctx context.Context, c config, args []string, out io.Writer) error {
	set := flag.NewFlagSet("doctor", flag.ContinueOnError)
	verify, asJSON := set.Bool("verify", false, ""), set.Bool("json", false, "")
	if err := flags(set, args, 0); err != nil {
		return err
	}
	s := &store{}
	defer s.close()
	findings, err := examine(ctx, c, s, *verify)
	if err != nil {
		return err
	}
	if err := tellFindings(out, findings, *asJSON); err != nil {
		return err
	}
	for _, f := range findings {
		if !f.Holds {
			return errUnwell
		}
	}
	return nil
}

// examine looks without migrating or adding months: openStore would mend what is to be found.
func examine(ctx context.Context, c config, s *store, verify bool) ([]audit.Finding, error) {
	_, app, err := s.addresses(ctx, c)
	if err != nil {
		return nil, err
	}
	var pool postgres.Pool
	if c.databaseURL != "" {
		pool.Role = appRole(ctx, app)
	}
	if s.db, err = postgres.Open(ctx, app, pool); err != nil {
		return nil, err
	}
	pending, err := migrations.Pending(ctx, s.db)
	if err != nil {
		return nil, err
	}
	if len(pending) > 0 {
		return []audit.Finding{{Name: "schema", Sentence: fmt.Sprintf(
			"The database lacks %s: run `onward migrate`, or start the server, and ask again.", strings.Join(pending, ", "))}}, nil
	}
	if s.log, err = audit.Join(ctx, s.db); err != nil {
		return nil, err
	}
	o, err := publisherOptions(c, s.log)
	if err != nil {
		return nil, err
	}
	publisher := audit.NewPublisher(s.log, o)
	found, err := publisher.Examine(ctx, audit.Checkup{CheckpointAge: oldCheckpoint, WitnessAge: oldWitness, Verify: verify})
	if err != nil {
		return nil, err
	}
	releases, err := examineReleases(ctx, s)
	if err != nil {
		return nil, err
	}
	schema := audit.Finding{Name: "schema", Holds: true, Sentence: "The database has this program's schema."}
	mail, err := mailIn(ctx, c, s)
	if err != nil {
		return nil, err
	}
	return slices.Concat([]audit.Finding{schema}, found, releases, []audit.Finding{roomIn(c.data), mail}), nil
}

// mailIn finds whether the mail that waits can be sent.
func mailIn(ctx context.Context, c config, s *store) (audit.Finding, error) {
	n, err := publishing.NewDesk(s.db, s.log).WaitingMail(ctx)
	f := audit.Finding{Name: "mail", Holds: c.mail != nil || n == 0}
	waiting := strconv.Itoa(n)
	if n >= publishing.ManyMails {
		waiting += " or more"
	}
	switch {
	case n == 0 && c.mail == nil:
		f.Sentence = noMail + " No mail waits to be sent."
	case n == 0:
		f.Sentence = "No mail waits to be sent."
	case c.mail == nil:
		f.Sentence = fmt.Sprintf("%s Mails that wait to be sent: %s.", noMail, waiting)
	default:
		f.Sentence = fmt.Sprintf("Mails that wait to be sent by a running server: %s.", waiting)
	}
	return f, err
}

// examineReleases holds every release of the public list against its list and against the log.
func examineReleases(ctx context.Context, s *store) ([]audit.Finding, error) {
	checked, err := publishing.NewDesk(s.db, s.log).CheckReleases(ctx)
	if err != nil {
		return nil, err
	}
	if len(checked.Wrong) == 0 {
		return []audit.Finding{{Name: "releases", Holds: true, Sentence: fmt.Sprintf("Each of the %d releases of the public list is what the log says.", checked.Releases)}}, nil
	}
	var all []audit.Finding
	for _, sentence := range checked.Wrong {
		all = append(all, audit.Finding{Name: "releases", Sentence: sentence})
	}
	return all, nil
}

// roomIn finds how much room the disk of the data folder has.
func roomIn(folder string) audit.Finding {
	if _, err := os.Stat(folder); errors.Is(err, os.ErrNotExist) {
		return audit.Finding{Name: "disk", Sentence: fmt.Sprintf("There is no data folder %s.", folder)}
	}
	free, total, err := diskRoom(folder)
	if err != nil {
		return audit.Finding{Name: "disk", Sentence: fmt.Sprintf("How much room the disk of %s has cannot be found out: %v.", folder, err)}
	}
	return audit.Finding{
		Name: "disk", Holds: free >= leastRoom && free >= total/50,
		Sentence: fmt.Sprintf("The disk of %s has %d MB free of %d MB.", folder, free>>20, total>>20),
	}
}

func tellFindings(out io.Writer, findings []audit.Finding, asJSON bool) error {
	if asJSON {
		e := json.NewEncoder(out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(map[string]any{"findings": findings})
	}
	for _, f := range findings {
		mark := "holds   "
		if !f.Holds {
			mark = "DOES NOT"
		}
		if _, err := fmt.Fprintf(out, "%s  %s\n", mark, f.Sentence); err != nil {
			return err
		}
	}
	return nil
}
