package registry

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry/policy"
)

// PolicyState is where a version of the policy is in its life.
type PolicyState string

// The states. Which of the published versions is effective is a matter of the clock.
const (
	PolicyDraft      PolicyState = "draft"
	PolicyApproved   PolicyState = "approved"
	PolicyPublished  PolicyState = "published"  // its day has not begun
	PolicyEffective  PolicyState = "effective"  // shares are judged by it
	PolicySuperseded PolicyState = "superseded" // the day of a later version has begun
	PolicyWithdrawn  PolicyState = "withdrawn"
)

// PolicyFields is what legal says of a version of the policy.
type PolicyFields struct {
	Title       string            `json:"title" validate:"required,text,max=300"`
	EffectiveOn *Date             `json:"effective_on,omitempty"`
	Zone        string            `json:"zone,omitempty" validate:"required,zone"` // UTC where it is not given
	TextURL     string            `json:"text_url,omitempty" validate:"omitempty,web_url"`
	TextSHA256  string            `json:"text_sha256,omitempty" validate:"omitempty,sha256"`
	Categories  []policy.Category `json:"categories" validate:"min=1,max=200,dive"`
	Purposes    []policy.Purpose  `json:"purposes" validate:"min=1,max=200,dive"`
	Grounds     []policy.Ground   `json:"grounds" validate:"min=1,max=100,dive"`
	Kinds       []policy.Kind     `json:"kinds" validate:"min=1,max=50,dive"`
}

// Policy is a version of the policy, as it now stands. The version that comes with the program has no id and nobody who made it.
type Policy struct {
	ID          uuid.UUID           `json:"id,omitzero"`
	Revision    int64               `json:"version"`
	CreatedAt   time.Time           `json:"created_at,omitzero"`
	UpdatedAt   time.Time           `json:"updated_at,omitzero"`
	CreatedBy   uuid.UUID           `json:"created_by,omitzero"`
	ChangedBy   uuid.UUID           `json:"changed_by,omitzero"` // who wrote it last
	State       PolicyState         `json:"state"`
	Previous    string              `json:"previous,omitempty"` // the version that it was approved to follow
	ApprovedBy  *uuid.UUID          `json:"approved_by,omitempty"`
	ApprovedAt  *time.Time          `json:"approved_at,omitempty"`
	PublishedBy *uuid.UUID          `json:"published_by,omitempty"`
	PublishedAt *time.Time          `json:"published_at,omitempty"`
	Decisions   map[string]Decision `json:"decisions,omitempty"` // by changed item
	policy.Version
}

// margin is how long before its first instant a version must be published at least. Callers' clocks, and those of two instances, may differ
// by as much: so no share can have been judged by the version before that occurred under this one.
const margin = 5 * time.Minute

// version is what the fields say under a name.
func (f PolicyFields) version(name string) policy.Version {
	v := policy.Version{
		Name: name, Title: f.Title, Zone: f.Zone, TextURL: f.TextURL, TextSHA256: f.TextSHA256,
		Categories: f.Categories, Purposes: f.Purposes, Grounds: f.Grounds, Kinds: f.Kinds,
	}
	if f.EffectiveOn != nil {
		v.EffectiveOn = f.EffectiveOn.String()
	}
	return v
}

// policyFields is what can be edited of a version. Its lists are the version's own.
func policyFields(v *policy.Version) PolicyFields {
	f := PolicyFields{
		Title: v.Title, Zone: v.Zone, TextURL: v.TextURL, TextSHA256: v.TextSHA256,
		Categories: v.Categories, Purposes: v.Purposes, Grounds: v.Grounds, Kinds: v.Kinds,
	}
	if day, err := ParseDate(v.EffectiveOn); err == nil {
		f.EffectiveOn = &day
	}
	return f
}

// check tidies and validates the fields, and what they say of each other; every bad field is named.
func (f *PolicyFields) check() error {
	tidy(f)
	if f.Zone == "" {
		f.Zone = "UTC"
	}
	bad, err := badFields(Validate(*f))
	if err != nil {
		return err
	}
	v := f.version("")
	for _, fault := range v.Faults() {
		if !slices.ContainsFunc(bad, func(f Field) bool { return f.Pointer == fault.Pointer }) {
			bad = append(bad, Field{Pointer: fault.Pointer, Sentence: fault.Sentence})
		}
	}
	if len(bad) > 0 {
		return invalid(bad)
	}
	return nil
}

// effectiveAt is the first instant of the version's effective day; false where it names none.
func effectiveAt(v *policy.Version) (time.Time, bool) {
	day, err := ParseDate(v.EffectiveOn)
	if err != nil {
		return time.Time{}, false
	}
	zone, err := zoneOf(v.Zone)
	if err != nil {
		return time.Time{}, false
	}
	return day.Start(zone), true
}

// Begins is the first instant of the version's effective day in its zone; false where it names none.
func (p *Policy) Begins() (time.Time, bool) {
	if !p.EffectiveAt.IsZero() {
		return p.EffectiveAt, true
	}
	return effectiveAt(&p.Version)
}

// approve has the draft approved to follow the newest published version. It refuses (Conflict) what is no draft and one with changes of which
// nobody decided whether they need consent, (Forbidden) who may not approve, and (Invalid) one without a text or a day still to come.
func (p *Policy) approve(by audit.Actor, at time.Time, newest *policy.Version) error {
	if p.State != PolicyDraft {
		return Refuse(Conflict, "A version that is %s cannot be approved; only a draft can.", p.State)
	}
	switch {
	case by.Kind != audit.Program.Kind && by.Role != "approver" && by.Role != "admin":
		return Refuse(Forbidden, "Only an approver or an admin approves a version of the policy.")
	case by.ID == p.CreatedBy || by.ID == p.ChangedBy:
		return Refuse(Forbidden, "Whoever drafted a version of the policy, or changed it last, does not approve it: somebody else must.")
	}
	var bad []Field
	if p.TextURL == "" {
		bad = append(bad, Field{"/text_url", "is required before approval: where the text will stand"})
	}
	if p.TextSHA256 == "" {
		bad = append(bad, Field{"/text_sha256", "is required before approval: of the text that is approved"})
	}
	if p.EffectiveOn == "" {
		bad = append(bad, Field{"/effective_on", "is required before approval"})
	}
	if len(bad) > 0 {
		return invalid(bad)
	}
	if err := p.follows(newest, at); err != nil {
		return err
	}
	if err := p.decided(newest); err != nil {
		return err
	}
	p.State, p.Previous, p.ApprovedBy, p.ApprovedAt = PolicyApproved, newest.Name, &by.ID, &at
	return nil
}

// publish has the approved version published at at, to become effective on its day. It refuses (Conflict) every order in which a share that
// was judged already would have to be judged otherwise, or in which it would follow another version than the one it was compared with.
func (p *Policy) publish(by audit.Actor, at time.Time, newest *policy.Version) error {
	if p.State != PolicyApproved {
		return Refuse(Conflict, "A version that is %s cannot be published; only an approved one can.", p.State)
	}
	if p.Previous != newest.Name {
		return Refuse(Conflict, "The version was approved to follow %s, but %s was published since: withdraw it and draft it anew.", p.Previous, newest.Name)
	}
	if err := p.follows(newest, at); err != nil {
		return err
	}
	if err := p.decided(newest); err != nil {
		return err
	}
	zone, err := zoneOf(p.Zone)
	if err != nil {
		return err
	}
	p.State, p.PublishedBy, p.PublishedAt = PolicyPublished, &by.ID, &at
	p.PublishedOn = DateOf(at.In(zone)).String()
	p.EffectiveAt, _ = effectiveAt(&p.Version)
	return nil
}

// follows refuses (Conflict) a version that would bind what occurred already, or begin before one that was published before it.
func (p *Policy) follows(newest *policy.Version, at time.Time) error {
	begins, ok := effectiveAt(&p.Version)
	switch {
	case !ok:
		return InvalidField("/effective_on", "is required")
	case !begins.After(at.Add(margin)):
		return Refuse(Conflict, "The version would be effective from %s: new terms bind from a day that has not begun, and what occurred under the old ones stays judged by them.",
			begins.Format(time.RFC3339))
	case !begins.After(newest.Effective()):
		return Refuse(Conflict, "Version %s is published already and effective from %s: a later version begins after it.",
			newest.Name, newest.Effective().Format(time.RFC3339))
	default:
		return nil
	}
}

// withdraw takes back what was not published. It refuses (Conflict) everything else.
func (p *Policy) withdraw() error {
	if p.State != PolicyDraft && p.State != PolicyApproved {
		return Refuse(Conflict, "A version that is %s cannot be withdrawn.", p.State)
	}
	p.State = PolicyWithdrawn
	return nil
}

// standing is a version as it stands at t among those that are published, oldest first.
func (p Policy) standing(published []policy.Version, t time.Time) Policy {
	if p.State != PolicyPublished {
		return p
	}
	if in, ok := policy.At(published, t); ok && in.Name == p.Name {
		p.State = PolicyEffective
	} else if !t.Before(p.Effective()) {
		p.State = PolicySuperseded
	}
	return p
}
