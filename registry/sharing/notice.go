package sharing

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// Notice is what a change about a person leads to: whom to tell, as tasks.
type Notice struct {
	// Tasks are those that were opened, one for each recipient that has not been told of the same.
	Tasks   []Task         `json:"tasks"`
	Receipt *audit.Receipt `json:"receipt,omitempty"` // of the entry; absent when nothing was to be recorded
}

// cause is why recipients are told.
type cause struct {
	kind     string
	record   uuid.UUID // the entry
	lookup   [32]byte
	purpose  string
	once     bool // a vendor that has ever had such a task gets no other; else, one that has it open does not
	each     bool // every cause is told, whatever was told before
	category []string
	// concerns tells whether a share leaves its recipient with something to do.
	concerns func(*Row) bool
}

// recipientsOf are the vendors that hold what the cause concerns, in a fixed order. What is sealed at now leads to no task: its recipient is not
// to be told by the book.
func (g *Gate) recipientsOf(ctx context.Context, tx bun.Tx, now time.Time, c cause) ([]*taskRow, error) {
	var told map[uuid.UUID]bool
	if !c.each {
		var err error
		if told, err = notified(ctx, tx, c.kind, c.purpose, c.lookup, !c.once); err != nil {
			return nil, err
		}
	}
	found := map[uuid.UUID]*taskRow{}
	err := g.ofPerson(ctx, tx, c.lookup, func(part []personal) error {
		names, err := vendorNames(ctx, tx, part)
		if err != nil {
			return err
		}
		for i := range part {
			p := &part[i]
			v := p.vendor()
			if !p.happened() || p.sealed(now) || told[v] || (c.concerns != nil && !c.concerns(&p.now)) {
				continue
			}
			row, ok := found[v]
			if !ok {
				row = &taskRow{
					ID: taskID(c.kind, c.record, v.String()), Kind: c.kind, VendorID: v, RecordKind: "entry", RecordID: c.record, Lookup: c.lookup[:],
					Purpose: c.purpose, DueAt: now.Add(noticeTime), VendorName: names[v],
				}
				found[v] = row
			}
			for _, code := range p.now.Categories {
				if (c.category == nil || slices.Contains(c.category, code)) && !slices.Contains(row.Categories, code) {
					row.Categories = append(row.Categories, code)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	rows := make([]*taskRow, 0, len(found))
	for _, row := range found {
		slices.Sort(row.Categories)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b *taskRow) int { return place{a.DueAt, a.VendorID}.compare(place{b.DueAt, b.VendorID}) })
	return rows, nil
}

// notify opens the tasks of a cause, in a Change that begins with the log's lock, so that no share slips by; the entry stands before those of
// the tasks. When write is set it writes more. It refuses who has not acknowledged confidentiality (Unacknowledged), for it answers with the
// person's recipients.
func (g *Gate) notify(ctx context.Context, by audit.Actor, now time.Time, c cause, entry audit.Entry, always bool,
	write func(context.Context, bun.Tx) error,
) (Notice, error) {
	if err := g.admit(ctx, by); err != nil {
		return Notice{}, err
	}
	done := Notice{Tasks: []Task{}}
	receipts, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := g.log.LockHead(ctx, tx); err != nil {
			return nil, fmt.Errorf("look for recipients: %w", err)
		}
		rows, err := g.recipientsOf(ctx, tx, now, c)
		if err != nil {
			return nil, err
		}
		tasks, entries, err := openTasks(ctx, tx, by, now, rows)
		if err != nil {
			return nil, err
		}
		done.Tasks = append([]Task{}, tasks...)
		if len(entries) == 0 && !always {
			return nil, nil
		}
		if write != nil {
			if err := write(ctx, tx); err != nil {
				return nil, err
			}
		}
		return append([]audit.Entry{entry}, entries...), nil
	})
	if err != nil {
		return Notice{}, refusal(err)
	}
	if len(receipts) > 0 {
		done.Receipt = &receipts[0]
	}
	return done, nil
}

// SubjectCorrection says that data of a person was wrong, and of which categories.
type SubjectCorrection struct {
	Subject    string   `json:"subject" validate:"required,text,max=500"`
	Categories []string `json:"categories" validate:"required,min=1,max=100,unique,dive,code"`
}

// CorrectSubject opens a task to tell each recipient of data of those categories that it was corrected (P-31; Article 19 GDPR), and only those.
// Entry subject.corrected says the categories and not who. Where there is no recipient nothing is written. It refuses bad fields (Invalid).
func (g *Gate) CorrectSubject(ctx context.Context, by audit.Actor, now time.Time, c SubjectCorrection) (Notice, error) {
	if err := registry.Validate(&c); err != nil {
		return Notice{}, err
	}
	e := audit.Entry{ID: uuid.New(), Type: "subject.corrected", Actor: by, OccurredAt: now, Body: audit.Object{"categories": sorted(c.Categories)}}
	return g.notify(ctx, by, now, cause{
		kind: "correction_notice", record: e.ID, lookup: g.pseudonym(c.Subject), category: c.Categories, each: true, concerns: func(r *Row) bool {
			return slices.ContainsFunc(r.Categories, func(code string) bool { return slices.Contains(c.Categories, code) })
		},
	}, e, false, nil)
}

// Restriction says that a person's data must rest (Article 18 GDPR).
type Restriction struct {
	Subject string    `json:"subject" validate:"required,text,max=500"`
	At      time.Time `json:"at" validate:"required"`
	// Until is the first instant at which the data may be shared again; absent where that is not known.
	Until *time.Time `json:"until,omitempty"`
}

// RestrictSubject denies, from its instant on, every share of a person's data but for legal process (processing_restricted), and opens a task
// to tell each recipient. Entry subject.restricted does not say who. It refuses bad fields (Invalid).
func (g *Gate) RestrictSubject(ctx context.Context, by audit.Actor, now time.Time, r Restriction) (Notice, error) {
	if err := registry.Validate(&r); err != nil {
		return Notice{}, err
	}
	if r.At.After(now.Add(skew)) {
		return Notice{}, invalidField("/at", "is in the future")
	}
	if r.Until != nil && !r.Until.After(r.At) {
		return Notice{}, invalidField("/until", "must be after at")
	}
	e := audit.Entry{ID: uuid.New(), Type: "subject.restricted", Actor: by, OccurredAt: r.At, Body: audit.Object{}}
	lookup := g.pseudonym(r.Subject)
	return g.notify(ctx, by, now, cause{kind: "restriction_notice", record: e.ID, lookup: lookup}, e, true, func(ctx context.Context, tx bun.Tx) error {
		return insertFlag(ctx, tx, flagRow{EntryID: e.ID, Lookup: lookup[:], Kind: "restricted", At: r.At, Until: r.Until})
	})
}

// ChildFlag says that a person was found to be under 13.
type ChildFlag struct {
	Subject string    `json:"subject" validate:"required,text,max=500"`
	Source  string    `json:"source" validate:"required,text,max=500"` // how it was learned; kept beside the log
	At      time.Time `json:"at" validate:"required"`
}

// FlagChild denies, from its instant on, every share of a child's data but for legal process (child_under_13), and opens a task for each past
// recipient to delete what it has (P-26). Who was told before is not told twice. Entry subject.child_found does not say who. It refuses bad
// fields (Invalid).
func (g *Gate) FlagChild(ctx context.Context, by audit.Actor, now time.Time, c ChildFlag) (Notice, error) {
	if err := registry.Validate(&c); err != nil {
		return Notice{}, err
	}
	if c.At.After(now.Add(skew)) {
		return Notice{}, invalidField("/at", "is in the future")
	}
	e, err := closingEntry(by, now, "subject.child_found", uuid.Nil, audit.Object{}, c.Source)
	if err != nil {
		return Notice{}, err
	}
	e.OccurredAt = c.At
	lookup := g.pseudonym(c.Subject)
	return g.notify(ctx, by, now, cause{kind: "child_deletion", record: e.ID, lookup: lookup, once: true}, e, true, func(ctx context.Context, tx bun.Tx) error {
		return insertFlag(ctx, tx, flagRow{EntryID: e.ID, Lookup: lookup[:], Kind: "child", At: c.At})
	})
}
