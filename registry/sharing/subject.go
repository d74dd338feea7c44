package sharing

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// linkedPage is how many entries of a person are read at a time.
const linkedPage = 500

// SubjectQuestion names a person by the reference under which a system shared.
type SubjectQuestion struct {
	Subject string `json:"subject" validate:"required,text,max=500"`
}

// SubjectShare is a share of a person's data as it is on record now, corrections counted in.
type SubjectShare struct {
	EntryID       string   `json:"entry_id"`
	OccurredAt    string   `json:"occurred_at"`
	VendorID      string   `json:"vendor_id"`
	VendorName    string   `json:"vendor_name"`     // as it was then
	VendorNameNow string   `json:"vendor_name_now"` // as it is now
	Purpose       string   `json:"purpose"`
	Ground        string   `json:"ground"`
	Categories    []string `json:"categories"`
	Countries     []string `json:"countries"`
	State         string   `json:"state"`
	// DataOrigin, SourceVendorID and SourceVendorName say where the data came from, as far as the share does (Article 15(1)(g) GDPR).
	DataOrigin       string `json:"data_origin,omitempty"`
	SourceVendorID   string `json:"source_vendor_id,omitempty"`
	SourceVendorName string `json:"source_vendor_name,omitempty"` // as it was then
	CorrectedBy      string `json:"corrected_by,omitempty"`
}

// Recipient is a vendor that received a person's data (Article 15(1)(c) GDPR; CJEU C-154/21: by name).
type Recipient struct {
	VendorID string `json:"vendor_id"`
	Name     string `json:"name"` // now
	Shares   int64  `json:"shares,string"`
	First    string `json:"first"` // occurred_at
	Last     string `json:"last"`
}

// SubjectReport is a report to a person whose beginning is in the log, without the person.
type SubjectReport struct {
	ID      uuid.UUID
	Begun   audit.Receipt
	gate    *Gate
	by      audit.Actor
	now     time.Time
	lookup  [32]byte
	vendors recipients
}

// BeginSubjectReport records that a person's report is taken out: an entry report.begun that says nothing of who it is. It refuses a bad
// reference (Invalid), and who has not acknowledged confidentiality (Unacknowledged). Whether the person is known makes no difference.
func (g *Gate) BeginSubjectReport(ctx context.Context, by audit.Actor, now time.Time, q SubjectQuestion) (*SubjectReport, error) {
	if err := registry.Validate(&q); err != nil {
		return nil, err
	}
	if err := g.admit(ctx, by); err != nil {
		return nil, err
	}
	r := &SubjectReport{ID: uuid.New(), gate: g, by: by, now: now, lookup: g.pseudonym(q.Subject), vendors: recipients{}}
	var err error
	r.Begun, err = g.append(ctx, now, audit.Entry{
		ID: r.ID, Type: "report.begun", Actor: by, OccurredAt: now,
		Body: audit.Object{"report": "subject", "report_id": r.ID.String(), "format": "json"},
	})
	return r, err
}

// End records that the report ended and whether it was whole. How many rows it had, and the hash of its bytes, are left out: with them it
// could be tried for ever which shares were one person's.
func (r *SubjectReport) End(ctx context.Context, now time.Time, complete bool) error {
	_, err := r.gate.append(ctx, now, audit.Entry{
		ID: uuid.New(), Type: "report.ended", Actor: r.by, OccurredAt: now,
		Body: audit.Object{"report": "subject", "report_id": r.ID.String(), "complete": complete},
	})
	return err
}

// Shares calls each with every share of the person's data that happened or was to happen, in the order of the log. What was denied never
// happened. What is sealed at the report's instant is left out, and leaves no gap.
func (r *SubjectReport) Shares(ctx context.Context, each func(*SubjectShare) error) error {
	err := r.gate.log.Read(ctx, func(ctx context.Context, reading *audit.Reading) error {
		return r.gate.ofPerson(ctx, reading.Tx(), r.lookup, func(part []personal) error {
			names, err := vendorNames(ctx, reading.Tx(), part)
			if err != nil {
				return err
			}
			for i := range part {
				if p := &part[i]; p.happened() && !p.sealed(r.now) && p.first.Index < r.Begun.Index {
					r.vendors.add(p, names)
					if err := each(p.share(names)); err != nil {
						return err
					}
				}
			}
			return nil
		})
	})
	if err != nil {
		return fmt.Errorf("report a person's shares: %w", err)
	}
	return nil
}

// Recipients are the vendors of the shares that were reported, by name.
func (r *SubjectReport) Recipients() []Recipient { return r.vendors.list() }

// personal is a share of one person: as it was recorded first, and as it is on record now.
type personal struct {
	first, now Row
	id         uuid.UUID
}

func (p *personal) happened() bool { return p.first.Verdict != string(Denied) }

// sealed tells whether silence is ordered at t; sealed_until is the last day, in UTC.
func (p *personal) sealed(t time.Time) bool {
	until, sealed := p.seal()
	return sealed && t.Before(until.End(time.UTC))
}

func (p *personal) seal() (registry.Date, bool) {
	if p.now.SealedUntil == "" {
		return registry.Date{}, false
	}
	until, err := registry.ParseDate(p.now.SealedUntil)
	if err != nil { // what cannot be read is not told
		return registry.Date{Year: 9999, Month: time.December, Day: 31}, true
	}
	return until, true
}

func (p *personal) share(names map[uuid.UUID]string) *SubjectShare {
	s := &SubjectShare{
		EntryID: p.first.EntryID, OccurredAt: p.now.OccurredAt, VendorID: p.first.VendorID, VendorName: p.first.VendorName,
		VendorNameNow: names[p.vendor()], Purpose: p.now.Purpose, Ground: p.now.Ground, Categories: p.now.Categories,
		Countries: p.now.Countries, State: p.now.State,
		DataOrigin: p.now.DataOrigin, SourceVendorID: p.now.SourceVendorID, SourceVendorName: p.now.SourceVendorName,
	}
	if p.now.EntryID != p.first.EntryID {
		s.CorrectedBy = p.now.EntryID
	}
	return s
}

// vendor is the vendor's id; the gate wrote it into the leaf.
func (p *personal) vendor() uuid.UUID {
	id, _ := uuid.Parse(p.first.VendorID)
	return id
}

// recipients are gathered by vendor.
type recipients map[string]*Recipient

func (all recipients) add(p *personal, names map[uuid.UUID]string) {
	v, known := all[p.first.VendorID]
	if !known {
		v = &Recipient{VendorID: p.first.VendorID, Name: names[p.vendor()], First: p.now.OccurredAt, Last: p.now.OccurredAt}
		all[v.VendorID] = v
	}
	v.Shares++
	v.First, v.Last = min(v.First, p.now.OccurredAt), max(v.Last, p.now.OccurredAt)
}

func (all recipients) list() []Recipient {
	list := make([]Recipient, 0, len(all))
	for _, v := range all {
		list = append(list, *v)
	}
	slices.SortFunc(list, func(a, b Recipient) int {
		return cmp.Or(cmp.Compare(registry.Fold(a.Name), registry.Fold(b.Name)), cmp.Compare(a.VendorID, b.VendorID))
	})
	return list
}

// ofPerson calls each with the shares under a lookup, part after part, in the order of the log.
func (g *Gate) ofPerson(ctx context.Context, tx bun.Tx, lookup [32]byte, each func([]personal) error) error {
	for after := int64(-1); ; {
		stored, err := g.log.Linked(ctx, tx, lookup, after, linkedPage)
		if err != nil {
			return fmt.Errorf("find a person's shares: %w", err)
		}
		part := make([]personal, 0, len(stored))
		for i := range stored {
			after = stored[i].Index
			row, ok, err := RowOf(stored[i].Leaf)
			if err != nil {
				return fmt.Errorf("entry %d: %w", stored[i].Index, err)
			}
			if ok {
				row.Index = stored[i].Index
				part = append(part, personal{first: row, now: row, id: stored[i].EntryID})
			}
		}
		if err := g.correct(ctx, tx, part); err != nil {
			return err
		}
		if err := each(part); err != nil || len(stored) < linkedPage {
			return err
		}
	}
}

// correct makes shares what they are on record now.
func (g *Gate) correct(ctx context.Context, tx bun.Tx, part []personal) error {
	ids := make([]uuid.UUID, 0, len(part))
	for i := range part {
		ids = append(ids, part[i].id)
	}
	newest, err := newestCorrections(ctx, tx, ids)
	if err != nil || len(newest) == 0 {
		return err
	}
	entries := make([]uuid.UUID, 0, len(newest))
	for _, c := range newest {
		entries = append(entries, c.EntryID)
	}
	stored, err := g.log.EntriesOf(ctx, tx, entries)
	if err != nil {
		return fmt.Errorf("read corrections: %w", err)
	}
	corrected := make(map[string]Row, len(stored))
	for i := range stored {
		row, ok, err := RowOf(stored[i].Leaf)
		if err != nil || !ok {
			return fmt.Errorf("entry %d: %w", stored[i].Index, errLeaf)
		}
		corrected[row.Corrects] = row
	}
	for i := range part {
		if now, ok := corrected[part[i].first.EntryID]; ok {
			part[i].now = now
		}
	}
	return nil
}

// Erasure names a person who is to be forgotten, and why.
type Erasure struct {
	Subject string `json:"subject" validate:"required,text,max=500"`
	// Ground is the letter of Article 17(1) GDPR in words.
	Ground string `json:"ground" validate:"required,oneof=no_longer_needed consent_withdrawn objection unlawful legal_obligation child_service"`
	// KeepOptOuts, true where absent, keeps the person's opt-outs, restriction and the flag of a child, without evidence: the keyed lookup, a
	// code and an instant. It is the least by which an objection can be respected after the rest is gone (Article 21(3) GDPR: the
	// data shall no longer be processed). False erases those too: then a later share is held to nothing.
	KeepOptOuts *bool `json:"keep_opt_outs,omitempty"`
}

// Erased is what an erasure did.
type Erased struct {
	Entries int64 `json:"entries,string"` // in which the person cannot be found any more
	// Kept are entries about sealed disclosures: what the law orders to keep silent must be kept (Article 17(3)(b) and (e) GDPR).
	Kept      int64          `json:"kept,string"`
	KeptUntil *registry.Date `json:"kept_until,omitempty"` // the last day of the last seal; ask again after it
	// Choices and flags that keep data from being shared again; see Erasure.
	KeptOptOuts int64 `json:"kept_opt_outs,string"`
	// Recipients are those who must be told of the erasure (Article 19 GDPR). They cannot be found out a second time.
	Recipients []Recipient `json:"recipients"`
	// Tasks are to tell them, one each; they name the vendor and nobody else.
	Tasks   []Task         `json:"tasks"`
	Receipt *audit.Receipt `json:"receipt,omitempty"` // of the entry subject.erased; absent when there was nothing to erase
}

// Erase makes a person unfindable: it deletes, in one Change, the lookup, the links and their salts, and the details of shares that were
// about nobody else who is still known, those of their corrections too. The entries stay and every proof holds; nothing in the database
// leads from the reference to an entry, not even for who has the subject key. A later share of the same reference starts anew. Entry
// subject.erased says how many entries and on which ground, never who. What the person asked stays, of nobody and without what was written freely.
//
// Where nothing is found nothing is written: to ask again is harmless, and an entry would say of somebody unknown that he asked. Entries
// of disclosures that are sealed at the instant keep their links until the seal ends; Kept says how many.
//
// It refuses bad fields (Invalid), and who has not acknowledged confidentiality (Unacknowledged), for it answers with the person's recipients.
// When it returns without error the erasure is durable; backups of the database are not reached by it.
func (g *Gate) Erase(ctx context.Context, by audit.Actor, now time.Time, e Erasure) (Erased, error) {
	if err := registry.Validate(&e); err != nil {
		return Erased{}, err
	}
	if err := g.admit(ctx, by); err != nil {
		return Erased{}, err
	}
	var done Erased
	receipts, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := g.log.LockHead(ctx, tx); err != nil {
			return nil, fmt.Errorf("erase a person: %w", err)
		}
		var err error
		lookup := g.pseudonym(e.Subject)
		if done, err = g.erase(ctx, tx, now, lookup); err != nil {
			return nil, err
		}
		forgotten, deleted, left, err := forgetChoices(ctx, tx, lookup, e.KeepOptOuts == nil || *e.KeepOptOuts)
		if err != nil {
			return nil, err
		}
		done.KeptOptOuts = left
		asked, answers, err := forgetRequests(ctx, tx, lookup)
		if err != nil {
			return nil, err
		}
		forgotten = append(forgotten, answers...)
		if done.Entries == 0 && deleted == 0 && len(forgotten) == 0 && asked == 0 {
			return nil, nil
		}
		if err := g.log.EraseDetails(ctx, tx, forgotten); err != nil {
			return nil, fmt.Errorf("erase a person: %w", err)
		}
		if err := forgetTasks(ctx, tx, lookup); err != nil {
			return nil, err
		}
		erased := audit.Entry{
			ID: uuid.New(), Type: "subject.erased", Actor: by, OccurredAt: now,
			Body: audit.Object{"ground": e.Ground, "entries": strconv.FormatInt(done.Entries, 10), "kept": strconv.FormatInt(done.Kept, 10)},
		}
		tasks, entries, err := openTasks(ctx, tx, by, now, erasureTasks(erased.ID, now, done.Recipients))
		done.Tasks = append(done.Tasks, tasks...)
		return append([]audit.Entry{erased}, entries...), err
	})
	if err != nil {
		return Erased{}, refusal(err)
	}
	if len(receipts) > 0 {
		done.Receipt = &receipts[0]
	}
	return done, nil
}

func (g *Gate) erase(ctx context.Context, tx bun.Tx, now time.Time, lookup [32]byte) (Erased, error) {
	var done Erased
	var entries []uuid.UUID
	vendors := recipients{}
	err := g.ofPerson(ctx, tx, lookup, func(part []personal) error {
		names, err := vendorNames(ctx, tx, part)
		if err != nil {
			return err
		}
		for i := range part {
			p := &part[i]
			if p.sealed(now) {
				done.Kept++
				if until, _ := p.seal(); done.KeptUntil == nil || done.KeptUntil.Before(until) {
					done.KeptUntil = &until
				}
				continue
			}
			entries = append(entries, p.id)
			if p.happened() {
				vendors.add(p, names)
			}
		}
		return nil
	})
	if err != nil {
		return done, err
	}
	done.Entries, done.Recipients, done.Tasks = int64(len(entries)), vendors.list(), []Task{}
	if len(entries) == 0 {
		return done, nil
	}
	alone, err := g.log.Unlink(ctx, tx, lookup, entries)
	if err != nil {
		return done, fmt.Errorf("erase a person: %w", err)
	}
	corrections, err := correctionsOf(ctx, tx, alone)
	if err != nil {
		return done, err
	}
	if err := g.log.EraseDetails(ctx, tx, append(alone, corrections...)); err != nil {
		return done, fmt.Errorf("erase a person: %w", err)
	}
	return done, nil
}

// erasureTasks are to tell each recipient; nothing in them leads to the person.
func erasureTasks(entry uuid.UUID, now time.Time, recipients []Recipient) []*taskRow {
	rows := make([]*taskRow, 0, len(recipients))
	for _, r := range recipients {
		v, _ := uuid.Parse(r.VendorID) // the gate wrote it into the leaf
		rows = append(rows, &taskRow{
			ID: taskID("erasure_notice", entry, r.VendorID), Kind: "erasure_notice", VendorID: v, RecordKind: "entry", RecordID: entry,
			DueAt: now.Add(noticeTime), VendorName: r.Name,
		})
	}
	return rows
}
