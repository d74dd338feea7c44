package audit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"onward/migrations"
)

// Finding is what was found out about one thing that the log stands on.
type Finding struct {
	Name     string `json:"name"`
	Holds    bool   `json:"holds"`
	Sentence string `json:"sentence"`
}

// Checkup is what Examine goes by.
type Checkup struct {
	// CheckpointAge is how old the newest checkpoint may be while it does not cover the log.
	CheckpointAge time.Duration
	// WitnessAge is how old the newest cosignature of each witness may be.
	WitnessAge time.Duration
	// Verify reads the whole log too.
	Verify bool
}

// farApart is how far two clocks may be apart.
const farApart = 5 * time.Second

// monthsAhead is how many months besides the running one must have their partition.
const monthsAhead = 2

// Examine looks at everything that the log's promises stand on, and changes nothing: what keeps the database append-only, what makes a
// commit durable, clocks, checkpoints, the copy, witnesses. What is asked with the rights of the program is what holds for the
// program. An error means that the database could not be asked.
func (p *Publisher) Examine(ctx context.Context, c Checkup) ([]Finding, error) {
	d := &doctor{publisher: p, log: p.log, checkup: c}
	for _, look := range []func(context.Context) error{
		d.triggers, d.grants, d.owners, d.settings, d.months, d.clocks, d.checkpoint, d.copied, d.witnesses, d.whole,
	} {
		if err := look(ctx); err != nil {
			return d.findings, fmt.Errorf("examine the log: %w", err)
		}
	}
	return d.findings, nil
}

type doctor struct {
	publisher *Publisher
	log       *Log
	checkup   Checkup
	findings  []Finding
}

func (d *doctor) find(name string, holds bool, sentence string, args ...any) {
	d.findings = append(d.findings, Finding{name, holds, fmt.Sprintf(sentence, args...)})
}

// findAll finds that something holds, or each thing that is wrong.
func (d *doctor) findAll(name, well string, wrong []string) {
	if len(wrong) == 0 {
		d.find(name, true, "%s", well)
	}
	for _, w := range wrong {
		d.find(name, false, "%s", w)
	}
}

func (d *doctor) triggers(ctx context.Context) error {
	tables := migrations.Shipped().AppendOnly()
	bad, err := d.log.readBadTriggers(ctx, tables)
	if err != nil {
		return err
	}
	var wrong []string
	for _, b := range bad {
		wrong = append(wrong, fmt.Sprintf("The table %s can be changed: its trigger %s %s.", b.table, b.what, b.why))
	}
	intact, err := d.log.refuses(ctx)
	if err != nil {
		return err
	}
	if !intact {
		wrong = append(wrong, "The function refuse_change was replaced: what was written can be changed.")
	}
	d.findAll("triggers", fmt.Sprintf("Triggers refuse every change and deletion in %s, in every partition.", strings.Join(tables, ", ")), wrong)
	return nil
}

func (d *doctor) grants(ctx context.Context) error {
	who, err := d.log.readWho(ctx)
	if err != nil {
		return err
	}
	switch {
	case who.superuser:
		d.find("grants", false, "The program works as %s, a superuser, whom no grant holds back: only triggers protect the log from the program, and a superuser can switch them off.", who.role)
		return nil
	case who.owns:
		d.find("grants", false, "The database has a single role: the program works as %s, which owns the log, so that grants do not protect it from the program, only triggers do, and their owner can switch them off.", who.role)
		return nil
	}
	rights, err := d.log.readBadRights(ctx, migrations.Shipped().AppendOnly())
	if err != nil {
		return err
	}
	var wrong []string
	for _, r := range rights {
		wrong = append(wrong, fmt.Sprintf("The program's role %s may %s %s, and should not.", who.role, r.what, r.table))
	}
	well := fmt.Sprintf("The program's role %s may not change or delete what was written.", who.role)
	if who.loginSuper {
		well += fmt.Sprintf(" Its login %s is a superuser, which it does not make use of.", who.login)
	}
	d.findAll("grants", well, wrong)
	return nil
}

func (d *doctor) owners(ctx context.Context) error {
	tables := append(migrations.Shipped().AppendOnly(), "log_head", "log_vendor_seq")
	owners, err := d.log.readOtherOwners(ctx, tables)
	if err != nil {
		return err
	}
	var wrong []string
	for _, o := range owners {
		wrong = append(wrong, fmt.Sprintf("The table %s belongs to %s and not to onward_owner, as whom nobody logs in.", o.table, o.what))
	}
	d.findAll("owners", "The log belongs to onward_owner, which cannot log in.", wrong)
	can, err := d.log.ownerLogsIn(ctx)
	if err != nil {
		return err
	}
	if can {
		d.find("owners", false, "The role onward_owner can log in, and should not.")
	}
	return nil
}

// wantedSettings are the settings that make a commit durable and damage seen, and what is lost otherwise.
var wantedSettings = []struct {
	name string
	good []string
	lost string
}{
	{"fsync", []string{"on"}, "a power failure can lose and damage what was acknowledged"},
	{"full_page_writes", []string{"on"}, "a power failure can damage what was written long ago"},
	{"synchronous_commit", []string{"on", "local", "remote_write", "remote_apply"}, "a crash can lose what was acknowledged"},
	{"data_checksums", []string{"on"}, "a disk that returns other bytes than were written is noticed only when the log is verified"},
}

func (d *doctor) settings(ctx context.Context) error {
	have, err := d.log.readSettings(ctx)
	if err != nil {
		return err
	}
	for _, w := range wantedSettings {
		if slices.Contains(w.good, have[w.name]) {
			d.find(w.name, true, "PostgreSQL's %s is %s.", w.name, have[w.name])
		} else {
			d.find(w.name, false, "PostgreSQL's %s is %s: %s.", w.name, have[w.name], w.lost)
		}
	}
	return nil
}

func (d *doctor) months(ctx context.Context) error {
	now := d.publisher.options.Now()
	var months []time.Time
	for i := range monthsAhead + 1 {
		months = append(months, monthOf(now).AddDate(0, i, 0))
	}
	missing, err := d.log.readMissingMonths(ctx, months)
	if err != nil {
		return err
	}
	var wrong []string
	for _, m := range missing {
		wrong = append(wrong, fmt.Sprintf("The log has no partition for %s: nothing can be recorded in that month.", m.Format("2006-01")))
	}
	d.findAll("months", fmt.Sprintf("The log's partitions are made until %s.", months[monthsAhead].Format("2006-01")), wrong)
	return nil
}

func (d *doctor) clocks(ctx context.Context) error {
	before := d.publisher.options.Now()
	database, lastAt, err := d.log.readClock(ctx)
	if err != nil {
		return err
	}
	after := d.publisher.options.Now()
	apart := max(before.Sub(database), database.Sub(after), 0)
	if apart > farApart {
		d.find("clock", false, "The clocks of the database and of this machine are %s apart.", apart.Round(time.Second))
	} else {
		d.find("clock", true, "The clocks of the database and of this machine agree.")
	}
	if ahead := lastAt.Sub(after); ahead > farApart {
		d.find("recorded", false, "The newest entry was recorded %s in the future: until then every entry gets its time.", ahead.Round(time.Second))
	} else {
		d.find("recorded", true, "No entry was recorded in the future.")
	}
	return nil
}
