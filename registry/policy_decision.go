package registry

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry/policy"
)

// DecisionFields is what a person decides of a change of the policy: whether those whose data was collected before must consent (P-32).
type DecisionFields struct {
	NeedsConsent *bool  `json:"needs_consent"`
	Because      string `json:"because"`
}

// Decision is a decision and whose it is.
type Decision struct {
	NeedsConsent bool      `json:"needs_consent"`
	Because      string    `json:"because"`
	DecidedBy    uuid.UUID `json:"decided_by"`
	DecidedAt    time.Time `json:"decided_at"`
}

// PolicyChange is a change and what was decided of it.
type PolicyChange struct {
	policy.Change
	Decision *Decision `json:"decision,omitempty"`
}

// policyPatch is what a merge patch of a draft changes.
type policyPatch struct {
	PolicyFields
	Decisions map[string]DecisionFields `json:"decisions,omitempty"`
}

// patched is the draft under a merge patch, by by at at, compared with the newest published version. A decision stays as long as the change
// that it is about stays as it was.
func (p Policy) patched(by audit.Actor, at time.Time, patch []byte, newest *policy.Version) (Policy, error) {
	given := policyPatch{PolicyFields: policyFields(&p.Version), Decisions: map[string]DecisionFields{}}
	for item, d := range p.Decisions {
		given.Decisions[item] = DecisionFields{&d.NeedsConsent, d.Because}
	}
	var after policyPatch
	if err := Merge(given, patch, &after); err != nil {
		return p, err
	}
	bad, err := badFields(after.check())
	if err != nil {
		return p, err
	}
	version := after.version(p.Name)
	was, is := byItem(newest, &p.Version), byItem(newest, &version)
	decisions := map[string]Decision{}
	for _, item := range slices.Sorted(maps.Keys(after.Decisions)) {
		d := after.Decisions[item]
		d.Because = strings.TrimSpace(d.Because)
		old, known := p.Decisions[item]
		change, exists := is[item]
		same := known && d.NeedsConsent != nil && old.NeedsConsent == *d.NeedsConsent && old.Because == d.Because
		switch faults := d.faults(item); {
		case same && exists && sameJSON(was[item], change):
			decisions[item] = old
		case same: // the change is gone, or another: whoever decided did not see this one
		case len(faults) > 0:
			bad = append(bad, faults...)
		case !exists && len(bad) == 0:
			bad = append(bad, Field{pointerTo(item), "is no change from version " + newest.Name})
		default:
			decisions[item] = Decision{*d.NeedsConsent, d.Because, by.ID, at}
		}
	}
	if len(bad) > 0 {
		return p, invalid(bad)
	}
	p.Version, p.Decisions = version, decisions
	return p, nil
}

func (d DecisionFields) faults(item string) []Field {
	var bad []Field
	if d.NeedsConsent == nil {
		bad = append(bad, Field{pointerTo(item) + "/needs_consent", "is required"})
	}
	if d.Because == "" || !plainText(d.Because) || len([]rune(d.Because)) > 1000 {
		bad = append(bad, Field{pointerTo(item) + "/because", "must be a readable sentence of at most 1000 characters"})
	}
	return bad
}

func pointerTo(item string) string { return "/decisions/" + escapePointer(item) }

func byItem(from, to *policy.Version) map[string]policy.Change {
	all := map[string]policy.Change{}
	for _, c := range policy.Compare(from, to) {
		all[c.Item] = c
	}
	// Where a change stands in its list is not what was decided of.
	for item, c := range all {
		c.Pointer = ""
		all[item] = c
	}
	return all
}

// decided refuses (Conflict) a version with changes of which a person must decide whether they need consent, and nobody did.
func (p *Policy) decided(newest *policy.Version) error {
	var open []string
	for _, c := range policy.Compare(newest, &p.Version) {
		if _, ok := p.Decisions[c.Item]; c.Open && !ok {
			open = append(open, c.Item)
		}
	}
	if len(open) == 0 {
		return nil
	}
	named := open[:min(len(open), 10)]
	return Refuse(Conflict, "Whether consent is needed is not decided of %s: %s.", counted(strconv.Itoa(len(open)), "change"), strings.Join(named, ", "))
}

// withDecisions pairs changes with what was decided of them.
func withDecisions(changes []policy.Change, decisions map[string]Decision) []PolicyChange {
	all := make([]PolicyChange, 0, len(changes))
	for _, c := range changes {
		change := PolicyChange{Change: c}
		if d, ok := decisions[c.Item]; ok {
			change.Decision = &d
		}
		all = append(all, change)
	}
	return all
}
