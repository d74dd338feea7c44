package sharing

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// choiceType is the type of the entry of a choice.
const choiceType = "choice.recorded"

// Choice is what a person chose about a purpose (P-06, P-11, P-15, P-28).
type Choice struct {
	Subject string `json:"subject" validate:"required,text,max=500"`
	Purpose string `json:"purpose" validate:"required,code"` // or all
	State   string `json:"state" validate:"required,oneof=opted_out consented withdrawn implied"`
	// At is when the person chose: it binds every share that occurs at that instant or later, until the next choice.
	At       time.Time `json:"at" validate:"required"`
	Channel  string    `json:"channel" validate:"required,code"`
	Evidence string    `json:"evidence,omitempty" validate:"text,max=2000"` // kept beside the log, erasable
}

// KeyedChoice is a choice under an idempotency key.
type KeyedChoice struct {
	IdempotencyKey string `json:"idempotency_key"`
	Choice
}

// RecordedChoice is a choice on record, without the person.
type RecordedChoice struct {
	EntryID    uuid.UUID `json:"entry_id"`
	Purpose    string    `json:"purpose"`
	State      string    `json:"state"`
	At         time.Time `json:"at"`
	Channel    string    `json:"channel"`
	RecordedAt time.Time `json:"recorded_at"`
	Evidence   string    `json:"evidence,omitempty"` // only where one person's choices are read
	// Tasks are those to stop the use that it opened. Like the receipt they are there only in the answer to who recorded it first.
	Tasks []Task `json:"tasks,omitempty"`
	// Receipt is there only in the answer to who recorded it.
	Receipt *audit.Receipt `json:"receipt,omitempty"`
}

// ChoiceOutcome is what became of one of several choices.
type ChoiceOutcome struct {
	Choice RecordedChoice
	Err    error
}

// check refuses (Invalid) a choice that cannot be.
func (g *Gate) checkChoice(c *Choice, now time.Time) error {
	var fields []registry.Field
	if err := registry.Validate(c); err != nil {
		var refusal *registry.Refusal
		if !errors.As(err, &refusal) {
			return err
		}
		fields = refusal.Fields
	}
	if c.At.After(now.Add(skew)) {
		fields = append(fields, registry.Field{Pointer: "/at", Sentence: "is in the future: nobody has chosen yet"})
	} else if y := c.At.UTC().Year(); !c.At.IsZero() && (y < 1900 || y > 9999) {
		fields = append(fields, registry.Field{Pointer: "/at", Sentence: "must be between the years 1900 and 9999"})
	}
	if bad := slices.ContainsFunc(fields, func(f registry.Field) bool { return f.Pointer == "/purpose" }); !bad && c.Purpose != AllPurposes && !g.isPurpose(c.Purpose) {
		fields = append(fields, registry.Field{Pointer: "/purpose", Sentence: "is neither a purpose of any version of the policy nor all"})
	}
	return invalid(fields)
}

// isPurpose tells whether any version of the policy has the purpose.
func (g *Gate) isPurpose(code string) bool {
	return slices.ContainsFunc(g.learned(), func(v policy.Version) bool { return v.Purpose(code) != nil })
}

// RecordChoice records one choice; see RecordChoices.
func (g *Gate) RecordChoice(ctx context.Context, by audit.Actor, now time.Time, key string, c Choice) (RecordedChoice, error) {
	one := g.RecordChoices(ctx, by, now, []KeyedChoice{{key, c}})[0]
	return one.Choice, one.Err
}

// RecordChoices records what people chose, together as far as they can be, and answers each in its place: one that is refused loses no other.
// Each is an entry choice.recorded that says purpose, state and instant, and commits to the person and the evidence; nothing in the log
// leads to the person. When an outcome has no error, the choice is durable and binds every share that is recorded after it.
//
// A key works as with Share: the same key and choice get the same receipt, another under it is refused (Conflict). It refuses bad fields, a
// purpose that no policy has and an instant that has not come (Invalid), who has not acknowledged confidentiality (Unacknowledged), for it answers
// with the person's recipients, and Busy as Share does.
func (g *Gate) RecordChoices(ctx context.Context, by audit.Actor, now time.Time, asked []KeyedChoice) []ChoiceOutcome {
	outcomes := make([]ChoiceOutcome, len(asked))
	var sheets []*choiceSheet
	err := g.admit(ctx, by)
	if err == nil {
		err = g.learn(ctx)
	}
	if err != nil {
		for i := range outcomes {
			outcomes[i].Err = refusal(err)
		}
		return outcomes
	}
	for i := range asked {
		s, err := g.choiceSheet(by, now, &asked[i])
		if err != nil {
			outcomes[i].Err = err
			continue
		}
		s.outcome = &outcomes[i]
		sheets = append(sheets, s)
	}
	for len(sheets) > 0 { // lines under one key go one after the other
		var round, later []*choiceSheet
		for _, s := range sheets {
			if slices.ContainsFunc(round, func(o *choiceSheet) bool { return o.row.EntryID == s.row.EntryID }) {
				later = append(later, s)
			} else {
				round = append(round, s)
			}
		}
		g.recordRound(ctx, by, now, round)
		sheets = later
	}
	return outcomes
}

// choiceSheet is what is needed to record a choice.
type choiceSheet struct {
	row      choiceRow
	evidence string
	entry    audit.Entry
	outcome  *ChoiceOutcome
	tasks    []Task // that it opened
	repeated bool   // whether the person had opted out before
}

func (g *Gate) choiceSheet(by audit.Actor, now time.Time, c *KeyedChoice) (*choiceSheet, error) {
	if err := checkKey(c.IdempotencyKey); err != nil {
		return nil, err
	}
	if err := g.checkChoice(&c.Choice, now); err != nil {
		return nil, err
	}
	at := c.At.UTC().Truncate(time.Microsecond)
	link := audit.Link{Lookup: g.pseudonym(c.Subject)}
	_, _ = rand.Read(link.Salt[:]) // crypto/rand never fails
	s := &choiceSheet{evidence: c.Evidence, row: choiceRow{
		EntryID: entryID(by.ID, c.IdempotencyKey), Lookup: link.Lookup[:], Salt: link.Salt[:], Purpose: c.Purpose, State: c.State, At: at,
		Channel: c.Channel, RecordedAt: now,
	}}
	written := audit.Object{}
	putText(written, "evidence", c.Evidence)
	detail, err := newDetail(written, []audit.Link{link})
	if err != nil {
		return nil, err
	}
	body := audit.Object{"purpose": c.Purpose, "state": c.State, "channel": c.Channel}
	text, err := audit.Canonical(audit.Object{"purpose": c.Purpose, "state": c.State, "channel": c.Channel, "at": at.Format(instant)})
	if err != nil {
		return nil, fmt.Errorf("write a choice: %w", err)
	}
	s.entry = audit.Entry{
		ID: s.row.EntryID, Type: choiceType, Actor: by, OccurredAt: at, Body: body, Detail: detail,
		Commitment:  audit.Commit(label, detail.Salt, detail.JSON),
		RequestHash: g.keyed("onward/choice/v1/request\x00"+c.IdempotencyKey+"\x00", string(text)),
	}
	return s, nil
}

// recordRound records choices under different keys. What was recorded before undoes the Change: then the others are tried again.
func (g *Gate) recordRound(ctx context.Context, by audit.Actor, now time.Time, round []*choiceSheet) {
	for len(round) > 0 {
		receipts, err := g.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
			return g.insertChoices(ctx, tx, by, now, round)
		})
		if errors.Is(err, audit.ErrReused) && len(round) > 1 {
			g.recordRound(ctx, by, now, round[:len(round)/2])
			round = round[len(round)/2:]
			continue
		}
		var left []*choiceSheet
		for _, s := range round {
			i := slices.IndexFunc(receipts, func(r audit.Receipt) bool { return r.EntryID == s.row.EntryID })
			switch {
			case err != nil:
				s.outcome.Err = refusal(err)
			case i < 0:
				left = append(left, s)
			case receipts[i].Replayed:
				s.outcome.Choice, s.outcome.Err = g.replayChoice(ctx, s, receipts[i])
			default:
				s.outcome.Choice = s.row.recorded()
				s.outcome.Choice.Tasks = s.tasks
				s.outcome.Choice.Receipt = &receipts[i]
			}
		}
		round = left
	}
}

func (g *Gate) insertChoices(ctx context.Context, tx bun.Tx, by audit.Actor, now time.Time, round []*choiceSheet) ([]audit.Entry, error) {
	rows := make([]choiceRow, 0, len(round))
	entries := make([]audit.Entry, 0, len(round))
	for _, s := range round {
		rows = append(rows, s.row)
		entries = append(entries, s.entry)
	}
	if err := markRepeated(ctx, tx, now, round); err != nil {
		return nil, err
	}
	if err := insertChoices(ctx, tx, rows); err != nil {
		return nil, err
	}
	opened, err := g.stopUse(ctx, tx, by, now, round)
	return append(entries, opened...), err
}

// markRepeated finds out who had opted out of the same before.
func markRepeated(ctx context.Context, tx bun.Tx, now time.Time, round []*choiceSheet) error {
	var lookups [][32]byte
	purposes := []string{AllPurposes}
	for _, s := range round {
		lookups = append(lookups, [32]byte(s.row.Lookup))
		if !slices.Contains(purposes, s.row.Purpose) {
			purposes = append(purposes, s.row.Purpose)
		}
	}
	words, err := readPersons(ctx, tx, lookups, purposes, now.Add(skew))
	if err != nil {
		return err
	}
	for _, s := range round {
		own := slices.DeleteFunc(slices.Clone(words), func(w personWord) bool { return !bytes.Equal(w.Lookup, s.row.Lookup) })
		s.repeated = refuses(own, s.row.Purpose)
	}
	return nil
}

// stopUse opens a task for each vendor that holds data of a person who now opts out, for that purpose. It takes the log's lock first: no share
// slips by. Who is in no share costs one query for all.
func (g *Gate) stopUse(ctx context.Context, tx bun.Tx, by audit.Actor, now time.Time, round []*choiceSheet) ([]audit.Entry, error) {
	var lookups [][32]byte
	for _, s := range round {
		if s.tasks = nil; against(s.row.State) {
			lookups = append(lookups, [32]byte(s.row.Lookup))
		}
	}
	if len(lookups) == 0 {
		return nil, nil
	}
	if err := g.log.LockHead(ctx, tx); err != nil {
		return nil, fmt.Errorf("look for recipients: %w", err)
	}
	known, err := knownPersons(ctx, tx, lookups)
	if err != nil {
		return nil, err
	}
	var entries []audit.Entry
	for _, s := range round {
		lookup := [32]byte(s.row.Lookup)
		if !against(s.row.State) || !known[lookup] {
			continue
		}
		rows, err := g.recipientsOf(ctx, tx, now, cause{
			kind: "stop_use", record: s.row.EntryID, lookup: lookup, purpose: s.row.Purpose, once: s.repeated, concerns: func(r *Row) bool { return g.stops(s.row.Purpose, r) },
		})
		if err != nil {
			return nil, err
		}
		tasks, opened, err := openTasks(ctx, tx, by, now, rows)
		if err != nil {
			return nil, err
		}
		s.tasks = tasks
		entries = append(entries, opened...)
	}
	return entries, nil
}

// stops tells whether an opt-out of purpose reaches a share: for that purpose, where people can opt out of it, and not by legal process.
func (g *Gate) stops(purpose string, r *Row) bool {
	if r.Ground == legalProcess || (purpose != AllPurposes && purpose != r.Purpose) {
		return false
	}
	return slices.ContainsFunc(g.learned(), func(v policy.Version) bool {
		p := v.Purpose(r.Purpose)
		return p != nil && p.CanOptOut()
	})
}

// replayChoice is what a key got before. It refuses (Conflict) another person or other evidence, as far as they were not erased.
func (g *Gate) replayChoice(ctx context.Context, s *choiceSheet, receipt audit.Receipt) (RecordedChoice, error) {
	was, err := readChoice(ctx, g.db, s.row.EntryID)
	if err != nil {
		return RecordedChoice{}, err
	}
	opening, err := g.log.Opening(ctx, g.db, s.row.EntryID)
	if err != nil {
		return RecordedChoice{}, refusal(fmt.Errorf("read what choice %s committed to: %w", s.row.EntryID, err))
	}
	if was == nil { // erased: only what the log compared can be told
		r := s.row.recorded()
		r.Receipt, r.RecordedAt = &receipt, receipt.RecordedAt
		return r, nil
	}
	evidence, err := evidenceOf(opening)
	if err != nil {
		return RecordedChoice{}, err
	}
	if !bytes.Equal(was.Lookup, s.row.Lookup) || (opening.Detail != nil && evidence != s.evidence) {
		return RecordedChoice{}, refusal(audit.ErrReused)
	}
	r := was.recorded()
	r.Receipt = &receipt
	return r, nil
}

func evidenceOf(opening audit.Opening) (string, error) {
	if opening.Detail == nil {
		return "", nil
	}
	var detail struct {
		Evidence string `json:"evidence"`
	}
	if err := json.Unmarshal(opening.Detail.JSON, &detail); err != nil {
		return "", fmt.Errorf("read the detail of a choice: %w", err)
	}
	return detail.Evidence, nil
}

// PersonChoices is what is on record of one person's choices.
type PersonChoices struct {
	ReportID uuid.UUID `json:"report_id"`
	// InForce are the last choices about each purpose and about all, as of now.
	InForce []RecordedChoice `json:"in_force"`
	// History are all, oldest first, at most 10,000.
	History []RecordedChoice `json:"history"`
}

// Choices reads a person's choices. Before it returns, an entry report.begun says that somebody's choices were read, and not whose. It refuses
// a bad reference (Invalid), and who has not acknowledged confidentiality (Unacknowledged); somebody unknown has no choices.
func (g *Gate) Choices(ctx context.Context, by audit.Actor, now time.Time, q SubjectQuestion) (PersonChoices, error) {
	if err := registry.Validate(&q); err != nil {
		return PersonChoices{}, err
	}
	if err := g.admit(ctx, by); err != nil {
		return PersonChoices{}, err
	}
	p := PersonChoices{ReportID: uuid.New(), InForce: []RecordedChoice{}, History: []RecordedChoice{}}
	_, err := g.append(ctx, now, audit.Entry{
		ID: p.ReportID, Type: "report.begun", Actor: by, OccurredAt: now,
		Body: audit.Object{"report": "choices", "report_id": p.ReportID.String(), "format": "json"},
	})
	if err != nil {
		return PersonChoices{}, err
	}
	rows, err := readChoices(ctx, g.db, g.pseudonym(q.Subject))
	if err != nil {
		return PersonChoices{}, refusal(err)
	}
	last := map[string]RecordedChoice{}
	for i := range rows {
		r := rows[i].recorded()
		r.Evidence = rows[i].Evidence
		p.History = append(p.History, r)
		if r.State == Implied { // it says nothing of what the person wants
			continue
		}
		if before, ok := last[r.Purpose]; !ok || r.At.After(before.At) || !against(before.State) {
			last[r.Purpose] = r
		}
	}
	for _, r := range last {
		p.InForce = append(p.InForce, r)
	}
	slices.SortFunc(p.InForce, func(a, b RecordedChoice) int { return cmp.Compare(a.Purpose, b.Purpose) })
	return p, nil
}
