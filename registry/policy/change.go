package policy

// Effect is what a change does to what may be shared.
type Effect string

// The effects. Adds and Loosens permit more than before, Removes and Tightens less; Rewords changes how something is said.
const (
	Adds     Effect = "adds"
	Removes  Effect = "removes"
	Loosens  Effect = "loosens"
	Tightens Effect = "tightens"
	Rewords  Effect = "rewords"
)

// Change is one difference between two versions of the policy (P-32).
type Change struct {
	// Item names it, the same for the same change however often two versions are compared: purpose:TRAIN_AI, cell:CHAT:MARKETING.
	Item   string `json:"item"`
	Effect Effect `json:"effect"`
	// Pointer says where it stands: in the later version, or in the earlier where it was removed.
	Pointer string `json:"pointer"`
	Before  any    `json:"before,omitempty"` // absent when it was added
	After   any    `json:"after,omitempty"`  // absent when it was removed
	// NeedsConsent tells whether people whose data was collected before must consent first, as the rules see it; Reason says why or why not.
	NeedsConsent bool   `json:"needs_consent"`
	Reason       string `json:"reason"`
	// Open means that a person decides whether consent is needed, whatever the rules see, before the version can be published: so it is
	// wherever more is permitted than before, or a purpose or category is worded anew.
	Open bool `json:"must_be_decided"`
}

// What the rules say of consent.
const (
	lessIsPermitted = "Less is permitted than before: nobody needs to consent to that."
	notOfConsent    = "It changes how data is protected, and neither what data is used nor what for."
	meansTheSame    = "Codes and clauses name the same thing; what may be done stays as it was."
	wordedAnew      = "It is worded anew: whether it still means the same, a person must say."
)

// less is a change that permits less.
func less(item string, e Effect, pointer string, before, after any) Change {
	return Change{Item: item, Effect: e, Pointer: pointer, Before: before, After: after, Reason: lessIsPermitted}
}

// more is a change that permits more; needs is the reason why consent is needed, empty where it is not.
func more(item string, e Effect, pointer string, before, after any, needs string) Change {
	c := Change{Item: item, Effect: e, Pointer: pointer, Before: before, After: after, Open: true, Reason: notOfConsent}
	if needs != "" {
		c.NeedsConsent, c.Reason = true, needs
	}
	return c
}

// comparison gathers changes.
type comparison struct{ changes []Change }

func (c *comparison) add(change Change) { c.changes = append(c.changes, change) }

// requires compares whether something is required.
func (c *comparison) requires(item, pointer string, before, after bool) {
	switch {
	case before && !after:
		c.add(more(item, Loosens, pointer, before, after, ""))
	case after && !before:
		c.add(less(item, Tightens, pointer, before, after))
	}
}

// words compares a text that people read; open where a change of it may change what is permitted.
func (c *comparison) words(item, pointer string, before, after any, open bool) {
	reason := meansTheSame
	if open {
		reason = wordedAnew
	}
	if !sameValue(before, after) {
		c.add(Change{Item: item, Effect: Rewords, Pointer: pointer, Before: before, After: after, Reason: reason, Open: open})
	}
}

// limits compares two lists of the only codes that are permitted, of which an empty one permits all. needs words why what is newly
// permitted needs consent; code is empty where the list no longer limits.
func (c *comparison) limits(item, pointer string, before, after []string, needs func(code string) string) {
	switch {
	case len(before) == 0 && len(after) == 0:
	case len(before) == 0:
		c.add(less(item+":*", Tightens, pointer, nil, after))
	case len(after) == 0:
		c.add(more(item+":*", Loosens, pointer, before, nil, needs("")))
	default:
		c.permits(item, pointer, before, after, needs)
	}
}

// permits compares two lists of what is permitted.
func (c *comparison) permits(item, pointer string, before, after []string, needs func(code string) string) {
	for i, code := range after {
		if !contains(before, code) {
			c.add(more(item+":"+code, Loosens, at(pointer, i), nil, code, needs(code)))
		}
	}
	for i, code := range before {
		if !contains(after, code) {
			c.add(less(item+":"+code, Tightens, at(pointer, i), code, nil))
		}
	}
}

// forbids compares two lists of what is forbidden or required: a longer one permits less.
func (c *comparison) forbids(item, pointer string, before, after []string) {
	for i, code := range after {
		if !contains(before, code) {
			c.add(less(item+":"+code, Tightens, at(pointer, i), nil, code))
		}
	}
	for i, code := range before {
		if !contains(after, code) {
			c.add(more(item+":"+code, Loosens, at(pointer, i), code, nil, ""))
		}
	}
}
