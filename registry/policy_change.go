package registry

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry/policy"
)

// DraftPolicy records a draft of a version of the policy under a new name: a copy of the version that copyOf names, under the RFC 7396 merge
// patch fields, or where copyOf is empty, the fields alone. Its day and its text are not copied: they are its own. It refuses bad fields
// (Invalid) and a name that exists (Conflict).
func (r *Registry) DraftPolicy(ctx context.Context, by audit.Actor, at time.Time, name, copyOf string, fields []byte) (Policy, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return Policy{}, err
	}
	now, at := at, instant(at)
	var p Policy
	published, err := r.changePolicies(ctx, by, at, func(ctx context.Context, tx bun.Tx, published []policy.Version) (policyStep, error) {
		var bad []Field
		if !policyName.MatchString(name) {
			bad = append(bad, Field{"/name", "is required: a letter or digit, then at most 99 letters, digits, _, . or -"})
		}
		var base PolicyFields
		if copyOf != "" {
			from, err := readPolicy(ctx, tx, copyOf, false)
			if err != nil {
				return policyStep{}, asField(err, "/copy_of")
			}
			base = policyFields(&from.Version)
			base.EffectiveOn, base.TextURL, base.TextSHA256 = nil, "", ""
		}
		var f PolicyFields
		if err := Merge(base, fields, &f); err != nil {
			return policyStep{}, err
		}
		more, err := badFields(f.check())
		if err != nil {
			return policyStep{}, err
		}
		if bad = append(bad, more...); len(bad) > 0 {
			return policyStep{}, invalid(bad)
		}
		if name == published[0].Name { // those that are stored have a constraint
			return policyStep{}, policyExists
		}
		p = Policy{
			ID: id, Revision: 1, CreatedAt: at, UpdatedAt: at, CreatedBy: by.ID, ChangedBy: by.ID, State: PolicyDraft, Version: f.version(name),
		}
		return policyStep{verb: "drafted", after: p}, insertPolicy(ctx, tx, p)
	})
	if err != nil {
		return Policy{}, err
	}
	return p.standing(published, now), nil
}

// ChangePolicy applies an RFC 7396 merge patch to the version of a draft that the caller saw: of its fields, and of the decisions about its
// changes, which are kept by the item that they are about. It refuses another version (Stale), what is no draft (Conflict), and bad
// fields and decisions about changes that are none (Invalid).
func (r *Registry) ChangePolicy(ctx context.Context, by audit.Actor, at time.Time, name string, version int64, patch []byte) (Policy, error) {
	return r.editPolicy(ctx, by, at, "changed", name, version, func(p Policy, at time.Time, newest *policy.Version) (Policy, error) {
		if p.State != PolicyDraft {
			return p, Refuse(Conflict, "A version that is %s never changes.", p.State)
		}
		after, err := p.patched(by, at, patch, newest)
		if err == nil && !sameJSON(p, after) {
			after.ChangedBy = by.ID
		}
		return after, err
	})
}

// ApprovePolicy approves the draft that the caller saw, to follow the newest published version. What it says never changes after that. It refuses
// another version (Stale), whoever drafted it or changed it last (Forbidden), what is no draft, changes that nobody decided of, and a day
// that has begun or lies before that of a published version (Conflict), and missing texts and days (Invalid).
func (r *Registry) ApprovePolicy(ctx context.Context, by audit.Actor, at time.Time, name string, version int64) (Policy, error) {
	return r.editPolicy(ctx, by, at, "approved", name, version, func(p Policy, at time.Time, newest *policy.Version) (Policy, error) {
		return p, p.approve(by, at, newest)
	})
}

// PublishPolicy publishes the approved version that the caller saw: on the day of at, to be effective from the first instant of its effective
// day. From then on it never changes, and every share that occurs from that instant is judged by it. It refuses another version (Stale), and
// (Conflict) what is not approved, what another version was published before, and every day that would change a verdict of the past.
func (r *Registry) PublishPolicy(ctx context.Context, by audit.Actor, at time.Time, name string, version int64) (Policy, error) {
	// A clock that is behind the log does not publish into the past.
	head, err := r.log.Head(ctx)
	if err != nil {
		return Policy{}, err
	}
	if head.LastAt.After(at) {
		at = head.LastAt
	}
	return r.editPolicy(ctx, by, at, "published", name, version, func(p Policy, at time.Time, newest *policy.Version) (Policy, error) {
		err := p.publish(by, at, newest)
		return p, err
	})
}

// WithdrawPolicy takes back the version that the caller saw, which is not published yet; it stays on record. It refuses another version (Stale)
// and one that is published or withdrawn (Conflict).
func (r *Registry) WithdrawPolicy(ctx context.Context, by audit.Actor, at time.Time, name string, version int64) (Policy, error) {
	return r.editPolicy(ctx, by, at, "withdrawn", name, version, func(p Policy, _ time.Time, _ *policy.Version) (Policy, error) {
		return p, p.withdraw()
	})
}

// editPolicy loads and locks a version, edits and writes it; one that is not changed is not written.
func (r *Registry) editPolicy(ctx context.Context, by audit.Actor, at time.Time, verb, name string, version int64,
	edit func(p Policy, at time.Time, newest *policy.Version) (Policy, error),
) (Policy, error) {
	now := at
	var after Policy
	published, err := r.changePolicies(ctx, by, instant(at), func(ctx context.Context, tx bun.Tx, published []policy.Version) (policyStep, error) {
		before, err := readPolicy(ctx, tx, name, true)
		if err != nil {
			return policyStep{}, err
		}
		if before.ID == uuid.Nil {
			return policyStep{}, Refuse(Conflict, "Version %s comes with the program: it never changes.", name)
		}
		if before.Revision != version {
			return policyStep{}, stale(policyKind, version, before.Revision)
		}
		at := later(at, before.UpdatedAt)
		if after, err = edit(before, at, &published[len(published)-1]); err != nil || sameJSON(before, after) {
			return policyStep{}, err
		}
		after.Revision, after.UpdatedAt = version+1, at
		return policyStep{verb: verb, before: before, after: after}, updatePolicy(ctx, tx, after)
	})
	if err != nil {
		return Policy{}, err
	}
	return after.standing(published, now), nil
}

// policyStep is a step in the life of a version; without a verb nothing happened.
type policyStep struct {
	verb   string
	before any // nil for a draft that is new
	after  Policy
}

// changePolicies runs do with the published versions, of which none changes meanwhile, and keeps the step that do
// returns. It returns the published versions as they are after that.
func (r *Registry) changePolicies(ctx context.Context, by audit.Actor, at time.Time,
	do func(ctx context.Context, tx bun.Tx, published []policy.Version) (policyStep, error),
) ([]policy.Version, error) {
	var published []policy.Version
	_, err := r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		if err := lockPolicies(ctx, tx); err != nil {
			return nil, err
		}
		var err error
		if published, err = ReadPolicies(ctx, tx, nil); err != nil {
			return nil, err
		}
		step, err := do(ctx, tx, published)
		if err != nil || step.verb == "" {
			return nil, err
		}
		if step.after.State == PolicyPublished {
			published = append(published, step.after.Version)
		}
		return revision{
			kind: policyKind, id: step.after.ID, version: step.after.Revision, verb: step.verb, before: step.before, after: step.after,
			effectiveAt: step.after.UpdatedAt, recordedAt: step.after.UpdatedAt, more: step.after.entry(),
		}.write(ctx, tx, by)
	})
	return published, err
}

// entry is what the log says of a version besides what it says of every record: a policy is public, and so are its name, days and text.
func (p Policy) entry() audit.Object {
	o := audit.Object{"name": p.Name, "state": string(p.State)}
	for key, text := range map[string]string{
		"published_on": p.PublishedOn, "effective_on": p.EffectiveOn, "zone": p.Zone, "text_sha256": p.TextSHA256, "follows": p.Previous,
	} {
		if text != "" {
			o[key] = text
		}
	}
	return audit.Object{"policy": o}
}
