package publishing

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
)

// The kinds of changes. Which one a change is follows from what it does to the list.
const (
	KindAdd        = "add"
	KindReplace    = "replace"
	KindRemove     = "remove"
	KindPlace      = "place"
	KindPurpose    = "purpose"
	KindCategories = "categories"
	KindName       = "name"
	KindOther      = "other"
)

// The states of a change: proposed → approved → announced → effective, and withdrawn from each but the last.
const (
	ChangeProposed  = "proposed"
	ChangeApproved  = "approved"  // a second person approved it; it waits for its notice
	ChangeAnnounced = "announced" // everybody whom it concerns is being told, or nobody had to be
	ChangeEffective = "effective" // the list shows it
	ChangeWithdrawn = "withdrawn"
)

// NoticeWindow is how long a notice waits for other changes that are approved, so that one message tells of all.
const NoticeWindow = time.Hour

// Change is a planned change of the public list. Until its day the list and the records that it changes stay as they are.
type Change struct {
	bun.BaseModel `bun:"table:changes" json:"-"`

	ID           uuid.UUID  `bun:"id,pk,type:uuid" json:"id"`
	Version      int64      `bun:"version" json:"version"`
	CreatedAt    time.Time  `bun:"created_at" json:"created_at"`
	UpdatedAt    time.Time  `bun:"updated_at" json:"updated_at"`
	Kind         string     `bun:"kind" json:"kind"`
	State        string     `bun:"state" json:"state"`
	VendorID     uuid.UUID  `bun:"vendor_id,type:uuid" json:"vendor_id"`
	EngagementID *uuid.UUID `bun:"engagement_id,type:uuid" json:"engagement_id,omitempty"` // absent where several lines change
	ReplacesID   *uuid.UUID `bun:"replaces_id,type:uuid" json:"replaces_id,omitempty"`     // of a replacement, the line that goes
	ChangeFields
	Differences     []LineDifference `bun:"differences,type:jsonb" json:"differences"`
	Products        []string         `bun:"products,array" json:"products"` // of the lines that it touches; none: all
	Regions         []string         `bun:"regions,array" json:"regions"`
	ProposedBy      uuid.UUID        `bun:"proposed_by,type:uuid" json:"proposed_by"`
	ApprovedBy      *uuid.UUID       `bun:"approved_by,type:uuid" json:"approved_by,omitempty"`
	ApprovedAt      *time.Time       `bun:"approved_at" json:"approved_at,omitempty"`
	ApprovedAgainBy *uuid.UUID       `bun:"approved_again_by,type:uuid" json:"approved_again_by,omitempty"`
	AnnouncedAt     *time.Time       `bun:"announced_at" json:"announced_at,omitempty"`
	NoticeID        *uuid.UUID       `bun:"notice_id,type:uuid" json:"notice_id,omitempty"`
	EffectiveAt     *time.Time       `bun:"effective_at" json:"effective_at,omitempty"`
	MovedAt         *time.Time       `bun:"moved_at" json:"moved_at,omitempty"`               // when its announced day moved last
	MovedFrom       *registry.Date   `bun:"moved_from,type:date" json:"moved_from,omitempty"` // the day for which it was announced before that
	MovedBecause    string           `bun:"moved_because" json:"moved_because,omitempty"`
	WithdrawnAt     *time.Time       `bun:"withdrawn_at" json:"withdrawn_at,omitempty"`
	Withdrawn       string           `bun:"withdrawn_because" json:"withdrawn_because,omitempty"`
	Problem         string           `bun:"problem" json:"problem,omitempty"`
}

// ChangeFields is what an editor says about a change.
type ChangeFields struct {
	Steps       []registry.Step `bun:"steps,type:jsonb" json:"steps" validate:"required,min=1,max=50,dive"`
	EffectiveOn *registry.Date  `bun:"effective_on,type:date" json:"effective_on,omitempty"` // absent: the first day on which nobody's period is hurt
	Zone        string          `bun:"zone" json:"zone,omitempty" validate:"omitempty,zone"` // in which that day begins; absent: that of the settings
	// Emergency changes take effect without waiting for anybody's period: two people approve them, for a reason.
	Emergency bool `bun:"emergency" json:"emergency,omitempty"`
	// Staged changes start later for customers whose period is longer.
	Staged bool   `bun:"staged" json:"staged,omitempty"`
	Reason string `bun:"reason" json:"reason,omitempty" validate:"required_if=Emergency true,text,max=2000"`
}

// Starts is the instant from which the change is to hold.
func (c *Change) Starts() (time.Time, error) {
	zone, err := registry.ZoneOf(c.Zone)
	if err != nil {
		return time.Time{}, err
	}
	return c.EffectiveOn.Start(zone), nil
}

// open refuses (Conflict) a change whose time to be changed is over.
func (c *Change) open() error {
	if c.State != ChangeProposed {
		return registry.Refuse(registry.Conflict, "A change that is %s stays as it is; withdraw it, and propose another.", c.State)
	}
	return nil
}

// approve takes an approval: one by somebody else than the proposer, and of an emergency a second one by a third person.
func (c *Change) approve(by audit.Actor, at time.Time) error {
	switch {
	case c.State != ChangeProposed:
		return registry.Refuse(registry.Conflict, "A change that is %s is not approved.", c.State)
	case by.ID == c.ProposedBy:
		return registry.Refuse(registry.Forbidden, "Whoever proposed a change does not approve it: somebody else must.")
	case c.ApprovedBy == nil:
		c.ApprovedBy, c.ApprovedAt = &by.ID, &at
	case *c.ApprovedBy == by.ID:
		return registry.Refuse(registry.Forbidden, "An emergency is approved by two people: somebody else must approve it now.")
	default:
		c.ApprovedAgainBy, c.ApprovedAt = &by.ID, &at
	}
	if !c.Emergency || c.ApprovedAgainBy != nil {
		c.State = ChangeApproved
	}
	return nil
}

// withdraw gives the change up.
func (c *Change) withdraw(at time.Time, reason string) error {
	if c.State == ChangeEffective || c.State == ChangeWithdrawn {
		return registry.Refuse(registry.Conflict, "A change that is %s cannot be withdrawn.", c.State)
	}
	c.State, c.WithdrawnAt, c.Withdrawn = ChangeWithdrawn, &at, reason
	return nil
}

// postpone moves the day of an announced change to a later one: nobody's period is cut short by that.
func (c *Change) postpone(at time.Time, to registry.Date, reason string) error {
	zone, err := registry.ZoneOf(c.Zone)
	if err != nil {
		return err
	}
	switch {
	case c.State != ChangeAnnounced:
		return registry.Refuse(registry.Conflict, "The day of a change that is %s does not move: only one that was announced does.", c.State)
	case !c.EffectiveOn.Before(to):
		return registry.InvalidField("/effective_on", "must be after %s, for which it was announced; to come earlier, it is withdrawn and proposed again", c.EffectiveOn)
	case to.Before(registry.DateOf(at.In(zone))):
		return registry.InvalidField("/effective_on", "must not be a day that has passed")
	}
	from := *c.EffectiveOn
	c.EffectiveOn, c.MovedFrom, c.MovedAt, c.MovedBecause, c.Problem = &to, &from, &at, reason, ""
	return nil
}

// Concerns says whether a customer must be told of the change.
func (c *Change) Concerns(customer Customer) bool {
	return customer.Uses(c.Products, c.Regions, *c.EffectiveOn)
}

// touch takes over what the change does to the list.
func (c *Change) touch(before, after []Entry) error {
	var err error
	if c.Differences, err = Differences(before, after); err != nil {
		return err
	}
	c.Kind = kindOf(c.Differences)
	c.Products, c.Regions = []string{}, []string{}
	c.EngagementID, c.ReplacesID = nil, nil
	everything, everywhere := false, false
	for _, d := range c.Differences {
		id, err := uuid.Parse(d.EngagementID)
		if err != nil {
			return err
		}
		switch {
		case len(c.Differences) == 1, c.Kind == KindReplace && d.What == LineAdded && c.EngagementID == nil:
			c.EngagementID = &id
		case c.Kind == KindReplace && d.What != LineAdded && c.ReplacesID == nil:
			c.ReplacesID = &id
		}
		for _, e := range slices.Concat(before, after) {
			if e.ID != d.EngagementID {
				continue
			}
			everything = everything || len(e.Products) == 0
			c.Products = append(c.Products, e.Products...)
			for _, l := range e.Locations {
				everywhere = everywhere || l.AppliesTo == ""
				c.Regions = append(c.Regions, l.AppliesTo)
			}
		}
	}
	c.Products, c.Regions = narrowed(everything, c.Products), narrowed(everywhere, c.Regions)
	return nil
}

// narrowed is a list without repetitions; none where it is all.
func narrowed(all bool, list []string) []string {
	if all {
		return []string{}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (c *Change) inUTC() {
	c.CreatedAt, c.UpdatedAt = c.CreatedAt.UTC(), c.UpdatedAt.UTC()
	for _, t := range []*time.Time{c.ApprovedAt, c.AnnouncedAt, c.EffectiveAt, c.MovedAt, c.WithdrawnAt} {
		if t != nil {
			*t = t.UTC()
		}
	}
}
