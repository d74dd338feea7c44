package registry

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/registry/policy"
)

var policyName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$`)

// Policies lists the versions of the policy as they stand at now: those that come with the program, then the others in the order of their
// creation.
func (r *Registry) Policies(ctx context.Context, now time.Time, limit int, cursor string) (Page[Policy], error) {
	w, err := newWindow(limit, cursor, "policies")
	if err == nil && w.key != "" {
		err = w.keyIsInstant()
	}
	if err != nil {
		return Page[Policy]{}, err
	}
	var found []Policy
	for _, v := range policy.Shipped() {
		if p, ok := shippedPolicy(v.Name); ok && w.key == "" {
			found = append(found, p)
		}
	}
	published, err := ReadPolicies(ctx, r.db, nil)
	if err != nil {
		return Page[Policy]{}, err
	}
	stored, err := policiesAfter(ctx, r.db, w.key, w.id, w.limit+1)
	if err != nil {
		return Page[Policy]{}, err
	}
	found = append(found, stored...)
	for i, p := range found {
		found[i] = p.standing(published, now)
	}
	return pageOf(w, found, func(p Policy) (string, uuid.UUID) {
		if p.ID == uuid.Nil {
			return "1900-01-01T00:00:00Z", uuid.Nil // before all that are stored
		}
		return p.CreatedAt.Format(time.RFC3339Nano), p.ID
	}), nil
}

// Policy reads a version of the policy as it stands at now; NotFound where there is none of that name.
func (r *Registry) Policy(ctx context.Context, now time.Time, name string) (Policy, error) {
	p, err := readPolicy(ctx, r.db, name, false)
	if err != nil {
		return Policy{}, err
	}
	published, err := ReadPolicies(ctx, r.db, nil)
	if err != nil {
		return Policy{}, err
	}
	return p.standing(published, now), nil
}

// PolicyHistory lists the versions of the record of a version of the policy, as History does. What comes with the program has none.
func (r *Registry) PolicyHistory(ctx context.Context, name string, limit int, cursor string) (Page[Version], error) {
	p, err := readPolicy(ctx, r.db, name, false)
	if err != nil {
		return Page[Version]{}, err
	}
	if p.ID == uuid.Nil {
		_, err := newWindow(limit, cursor, "history", policyKind, p.ID.String())
		return Page[Version]{Items: []Version{}}, err
	}
	return r.History(ctx, policyKind, p.ID, limit, cursor)
}

// ComparePolicyHistory says how a later state of the record of a version of the policy differs from an earlier one; NotFound as by Compare.
func (r *Registry) ComparePolicyHistory(ctx context.Context, name string, earlier, later int64) ([]Difference, error) {
	p, err := readPolicy(ctx, r.db, name, false)
	if err != nil {
		return nil, err
	}
	return r.Compare(ctx, policyKind, p.ID, earlier, later)
}

// PolicyBefore is the version that another follows: the one that it was approved to follow, or of a draft, the newest published. It is nil
// for the first.
func (r *Registry) PolicyBefore(ctx context.Context, p Policy) (*policy.Version, error) {
	if p.ID == uuid.Nil {
		return nil, nil //nolint:nilnil // there is none
	}
	published, err := ReadPolicies(ctx, r.db, nil)
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(published, func(v policy.Version) bool { return v.Name == p.Previous }); i >= 0 {
		return &published[i], nil
	}
	return &published[len(published)-1], nil
}

// PolicyChanges are what a version of the policy changes compared with another.
type PolicyChanges struct {
	From  string         `json:"from"` // empty where it is compared with nothing
	To    string         `json:"to"`
	Items []PolicyChange `json:"items"`
}

// PolicyChanges compares a version with the one named from, or where that is empty, with the version before it: then what was decided of each
// change stands with it. NotFound where there is no version of that name; another from that is none is Invalid.
func (r *Registry) PolicyChanges(ctx context.Context, name, from string) (PolicyChanges, error) {
	p, err := readPolicy(ctx, r.db, name, false)
	if err != nil {
		return PolicyChanges{}, err
	}
	before, err := r.PolicyBefore(ctx, p)
	if err != nil {
		return PolicyChanges{}, err
	}
	if from != "" && (before == nil || from != before.Name) {
		other, err := readPolicy(ctx, r.db, from, false)
		if err != nil {
			return PolicyChanges{}, asField(err, "/from")
		}
		return PolicyChanges{other.Name, p.Name, withDecisions(policy.Compare(&other.Version, &p.Version), nil)}, nil
	}
	if before == nil {
		before = new(policy.Version)
	}
	return PolicyChanges{before.Name, p.Name, withDecisions(policy.Compare(before, &p.Version), p.Decisions)}, nil
}

// asField is the refusal of a field that names a version which does not exist.
func asField(err error, pointer string) error {
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Kind == NotFound {
		return InvalidField(pointer, "must be the name of a version of the policy")
	}
	return err
}

// badFields are the fields that err, a refusal as Invalid or nil, blames; every other error is returned.
func badFields(err error) ([]Field, error) {
	var refusal *Refusal
	if errors.As(err, &refusal) && refusal.Kind == Invalid {
		return refusal.Fields, nil
	}
	return nil, err
}
