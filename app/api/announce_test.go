package api_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry/publishing"
	"onward/registry/sharing"
)

// applyDue lets changes take effect whose day has come.
func (p *player) applyDue(t *testing.T) {
	t.Helper()
	if _, err := publishing.NewDesk(p.db, p.log).ApplyDue(t.Context(), p.clock.Now()); err != nil {
		t.Fatal(err)
	}
}

// openFallen lets the program look for transfers whose mechanism has fallen.
func (p *player) openFallen(t *testing.T) {
	t.Helper()
	if _, err := sharing.New(p.db, p.log, nil, sharing.Settings{SubjectKey: make([]byte, 32)}).OpenFallen(t.Context(), p.clock.Now()); err != nil {
		t.Fatal(err)
	}
}

// announce writes a change that is announced to a customer, as the notice of it would leave the tables: it takes effect in sixty days, and may be
// objected to for thirty. A customer with a - before its name had its last day to object yesterday.
func (p *player) announce(t *testing.T, words []string) {
	t.Helper()
	if len(words) != 4 {
		t.Fatalf("announced %v: it takes four words", words)
	}
	now := p.clock.Now()
	ends, err := publishing.Clock{Number: 30, Days: publishing.CalendarDays}.Ends(now, nil)
	if err != nil {
		t.Fatal(err)
	}
	customer := p.memory.fill(words[1])
	if customer[0] == '-' {
		customer, ends = customer[1:], now.AddDate(0, 0, -1)
	}
	link := publishing.Link{Change: uuid.Must(uuid.NewV7()), Customer: uuid.MustParse(customer), Delivery: uuid.Must(uuid.NewV7())}
	_, err = p.db.NewRaw(`INSERT INTO changes (id, version, created_at, updated_at, kind, state, vendor_id, steps, effective_on, zone, emergency, staged,
		reason, proposed_by, withdrawn_because) VALUES (?, 1, ?, ?, 'add', 'announced', ?, '[]', ?, 'UTC', false, false, '', ?, '')`,
		link.Change, now, now, p.memory.fill(words[0]), now.AddDate(0, 0, 60).Format(time.DateOnly), uuid.New()).Exec(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	reach := publishing.ChangeCustomer{ChangeID: link.Change, CustomerID: link.Customer, NoticeBegins: &now, NoticeEnds: &ends, ObjectionEnds: &ends}
	if _, err := p.db.NewInsert().Model(&reach).Exec(t.Context()); err != nil {
		t.Fatal(fmt.Errorf("let it reach the customer: %w", err))
	}
	p.memory[words[2]], p.memory[words[3]] = link.Change.String(), p.links.Token(link)
}
