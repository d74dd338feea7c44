package policy

// Category is a kind of personal data (P-02).
type Category struct {
	Code   string   `json:"code"`
	Label  string   `json:"label"`
	Clause string   `json:"clause"`
	DPV    []string `json:"dpv,omitempty"`
	Fides  []string `json:"fides,omitempty"`
	// Purposes, where not empty, are the only purposes that this category may go for.
	Purposes []string `json:"purposes,omitempty"`
	// NotBy are the channels that this category must not go by (P-20).
	NotBy []string `json:"not_by,omitempty"`
}

// Purpose is a reason to share (P-05).
type Purpose struct {
	Code   string   `json:"code"`
	Label  string   `json:"label"`
	Clause string   `json:"clause"`
	OptOut string   `json:"opt_out"` // yes, no, or by_law: the policy is silent and the law gives the objection
	DPV    []string `json:"dpv,omitempty"`
	Fides  []string `json:"fides,omitempty"`
	// Grounds, where not empty, are the only grounds on which data may go for this purpose.
	Grounds []string `json:"grounds,omitempty"`
}

// Ground is a clause of the policy that permits a share (P-07).
type Ground struct {
	Code   string   `json:"code"`
	Label  string   `json:"label"`
	Clause string   `json:"clause"`
	Kinds  []string `json:"kinds"` // of vendor
	// Purposes and Categories, where not empty, are the only ones that this ground permits.
	Purposes   []string `json:"purposes,omitempty"`
	Categories []string `json:"categories,omitempty"`
	// Pseudonymised data only (P-15).
	Pseudonymised bool `json:"pseudonymised,omitempty"`
	// Contract, Clauses and Document are required on this ground of every kind of vendor, besides what its kind requires (P-13).
	Contract bool     `json:"contract,omitempty"`
	Clauses  []string `json:"clauses,omitempty"`
	Document bool     `json:"document,omitempty"`
}

// Kind says what the policy requires of a kind of vendor. The text of the policy is uneven here (only P-13 and P-19 state a condition);
// the shipped version is strict where it is silent.
type Kind struct {
	Code       string `json:"code"`
	Label      string `json:"label"`
	Clause     string `json:"clause"`
	Engagement bool   `json:"engagement"` // an engagement in force that names the purpose and the categories
	Contract   bool   `json:"contract"`   // a signed contract in force
	// ContractKinds, where not empty, are the kinds of contract that satisfy it.
	ContractKinds []string `json:"contract_kinds,omitempty"`
	// Clauses must stand, located, in a contract in force.
	Clauses []string `json:"clauses,omitempty"`
	// Document requires the stored text of that contract.
	Document bool `json:"document"`
}
