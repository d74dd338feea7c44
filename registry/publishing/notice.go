package publishing

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// What notices are about.
const (
	NoticeAnnounced = "announced" // changes are to come
	NoticeMoved     = "moved"     // a change that was announced comes on a later day
	NoticeWithdrawn = "withdrawn" // it does not come
)

// Notice is what is told about changes: one for all that were approved while it waited. Nothing of it changes any more. What becomes of an announced
// change before its day is another notice, which follows it.
type Notice struct {
	bun.BaseModel `bun:"table:notices" json:"-"`

	ID       uuid.UUID      `bun:"id,pk,type:uuid" json:"id"`
	About    string         `bun:"about" json:"about"`
	Follows  *uuid.UUID     `bun:"follows_id,type:uuid" json:"follows_id,omitempty"` // the notice that announced its change
	OpenedAt time.Time      `bun:"opened_at" json:"opened_at"`                       // when the first of its changes was approved
	FrozenAt time.Time      `bun:"frozen_at" json:"frozen_at"`
	Changes  []NoticeChange `bun:"changes,type:jsonb" json:"changes"`
	// Deliveries are how many there are in each state.
	Deliveries map[string]int `bun:"-" json:"deliveries,omitempty"`
}

// NoticeChange is a change as a notice tells it: public facts only.
type NoticeChange struct {
	ChangeID    uuid.UUID      `json:"change_id"`
	Kind        string         `json:"kind"`
	EffectiveOn registry.Date  `json:"effective_on"`
	MovedFrom   *registry.Date `json:"moved_from,omitempty"` // the day for which it was announced before
	Zone        string         `json:"zone"`                 // in which that day begins
	Emergency   bool           `json:"emergency,omitempty"`
	Staged      bool           `json:"staged,omitempty"` // it starts later for those whose period is longer
	Lines       []NoticeLine   `json:"lines"`            // of the list, that it touches
	Products    []string       `json:"products"`         // of those lines; none: all
	Regions     []string       `json:"regions"`
}

// NoticeLine is a line of the list that a change touches: as it will be, or where it is removed, as it was.
type NoticeLine struct {
	What       string            `json:"what"` // added, removed or changed
	Vendor     string            `json:"vendor"`
	LegalName  string            `json:"legal_name,omitempty"`
	Country    string            `json:"country,omitempty"`
	Website    string            `json:"website,omitempty"`
	Service    string            `json:"service"`
	Products   []string          `json:"products,omitempty"`
	Purposes   []Term            `json:"purposes,omitempty"`
	Categories []Term            `json:"categories,omitempty"`
	Data       []Data            `json:"data,omitempty"`
	Condition  string            `json:"condition,omitempty"`
	Leaving    bool              `json:"leaving,omitempty"`
	Locations  []Location        `json:"locations"`        // with the mechanism of each transfer
	Fields     []FieldDifference `json:"fields,omitempty"` // what changed of it
}

// concerns says whether a change of lines for these products and regions is one that a subscriber wants to hear of.
func (c *NoticeChange) concerns(s *Subscriber) bool {
	return meet(s.Products, c.Products) && meet(s.Regions, c.Regions)
}

// newNoticeChange is a change as it is told, by the lines before and after it.
func newNoticeChange(c Change, before, after []Entry) NoticeChange {
	told := NoticeChange{
		ChangeID: c.ID, Kind: c.Kind, EffectiveOn: *c.EffectiveOn, Zone: c.Zone, Emergency: c.Emergency, Staged: c.Staged, Lines: []NoticeLine{},
		Products: c.Products, Regions: c.Regions,
	}
	registry.Absent(&told.Products)
	registry.Absent(&told.Regions)
	for _, d := range c.Differences {
		lines := after
		if d.What == LineRemoved {
			lines = before
		}
		at := slices.IndexFunc(lines, func(e Entry) bool { return e.ID == d.EngagementID })
		if at < 0 {
			continue
		}
		e := lines[at]
		told.Lines = append(told.Lines, NoticeLine{
			What: d.What, Vendor: e.Vendor, LegalName: e.LegalName, Country: e.Country, Website: e.Website, Service: e.Service, Products: e.Products,
			Purposes: e.Purposes, Categories: e.Categories, Data: e.Data, Condition: e.Condition, Leaving: e.Leaving, Locations: e.Locations, Fields: d.Fields,
		})
	}
	return told
}

func (n *Notice) inUTC() { n.OpenedAt, n.FrozenAt = n.OpenedAt.UTC(), n.FrozenAt.UTC() }
