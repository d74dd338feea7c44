// Package policy holds the versions of the privacy policy, the taxonomy and the rules: pure functions from facts to a verdict. It knows
// no database and no other room.
package policy

import "time"

// Version is one version of the privacy policy as data.
type Version struct {
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	PublishedOn string     `json:"published_on"` // YYYY-MM-DD
	EffectiveOn string     `json:"effective_on"` // YYYY-MM-DD, in Zone
	Zone        string     `json:"zone"`
	Categories  []Category `json:"categories"`
	Purposes    []Purpose  `json:"purposes"`
	Grounds     []Ground   `json:"grounds"`
	Kinds       []Kind     `json:"kinds"`
}

// Category is a kind of personal data.
type Category struct {
	Code   string   `json:"code"`
	Label  string   `json:"label"`
	Clause string   `json:"clause"`
	DPV    []string `json:"dpv,omitempty"`
	Fides  []string `json:"fides,omitempty"`
	// Purposes, where not empty, are the only purposes that this category may go for.
	Purposes []string `json:"purposes,omitempty"`
}

// Purpose is a reason to share.
type Purpose struct {
	Code   string   `json:"code"`
	Label  string   `json:"label"`
	Clause string   `json:"clause"`
	OptOut string   `json:"opt_out"` // yes, no, or by_law: the policy is silent and the law gives the objection
	DPV    []string `json:"dpv,omitempty"`
	Fides  []string `json:"fides,omitempty"`
}

// Ground is a clause of the policy that permits a share.
type Ground struct {
	Code   string   `json:"code"`
	Label  string   `json:"label"`
	Clause string   `json:"clause"`
	Kinds  []string `json:"kinds"` // of vendor
}

// Kind says what the policy requires of a kind of vendor.
type Kind struct {
	Code     string `json:"code"`
	Label    string `json:"label"`
	Clause   string `json:"clause"`
	Contract bool   `json:"contract"` // a signed contract in force
	// ContractKinds, where not empty, are the kinds of contract that satisfy it.
	ContractKinds []string `json:"contract_kinds,omitempty"`
	// Clauses must stand, located, in a contract in force.
	Clauses []string `json:"clauses,omitempty"`
	// Document requires the stored text of that contract.
	Document bool `json:"document"`
}

// Shipped are the versions that come with the program, oldest first.
func Shipped() []Version { panic("unbuilt") }

// At is the version that is effective at t: of versions, the last whose effective day has begun; false before the first.
func At(versions []Version, t time.Time) (*Version, bool) { panic("unbuilt") }

// Share is what somebody wants to give, in codes.
type Share struct {
	OccurredAt    time.Time
	Purpose       string
	Ground        string
	Categories    []string
	Countries     []string // where it goes
	Origin        string   // where it comes from; empty when not known: then every country is across a border
	Pseudonymised bool
}

// Facts is what was in force at the instant of the share.
type Facts struct {
	Policy     *Version // nil when none was effective
	Vendor     Vendor
	Engagement *Engagement // nil when there is none to judge by
	Contracts  []Contract  // those in force, amendments applied
	Signed     []Contract  // those that exist but are not in force at that instant
}

// Vendor is what the rules need of a vendor.
type Vendor struct {
	ID    string
	State string
	Kinds []string
}

// Engagement is what the rules need of an engagement.
type Engagement struct {
	ID         string
	InForce    bool
	Purposes   []string
	Categories []string
	Locations  []Location // in force
}

// Location is what the rules need of a location.
type Location struct {
	Place     string
	Mechanism string // empty when none is recorded, or it is not valid at that instant
}

// Contract is what the rules need of a contract's terms.
type Contract struct {
	ID          string
	Kind        string
	Clauses     []string
	HasDocument bool
	Purposes    []string // nil does not limit
	Categories  []string // nil does not limit
	Countries   []string // nil does not limit
}

// Reason is one cause of a refusal.
type Reason struct {
	Code     string `json:"code"`         // contract_not_in_force
	Clause   string `json:"clause"`       // P-13
	On       string `json:"on,omitempty"` // the code or id that it is about
	Sentence string `json:"sentence"`     // for people; follows from Code and On alone
}

// Rule is one condition of a share.
type Rule struct {
	Code   string
	Clause string
	// Judge returns what the rule objects to: nil when it holds, one value (may be empty) for each objection.
	Judge func(Share, Facts) []string
}

// Rules are all rules, in the order in which reasons are given.
func Rules() []Rule { panic("unbuilt") }

// Judge applies every rule and returns every reason against the share; none means allowed.
func Judge(s Share, f Facts) []Reason { panic("unbuilt") }

// Sentence is the sentence of a reason's code about on.
func Sentence(code, on string) string { panic("unbuilt") }

// Clauses of contracts that have codes: confidentiality, art28_3_a … art28_3_h and the others that Onward knows.
func ClauseCodes() []string { panic("unbuilt") }

// ContractKinds are the kinds of contract.
func ContractKinds() []string { panic("unbuilt") }

// VendorKinds are the kinds of vendor.
func VendorKinds() []string { panic("unbuilt") }
