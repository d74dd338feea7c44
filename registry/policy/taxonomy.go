package policy

// Category is a kind of personal data (P-02).
type Category struct {
	Code   string   `json:"code" validate:"required,code"`
	Label  string   `json:"label" validate:"required,text,max=300"`
	Clause string   `json:"clause" validate:"required,text,max=50"`
	DPV    []string `json:"dpv,omitempty" validate:"max=50,unique,dive,required,text,max=200"`
	Fides  []string `json:"fides,omitempty" validate:"max=50,unique,dive,required,text,max=200"`
	// Purposes, where not empty, are the only purposes that this category may go for.
	Purposes []string `json:"purposes,omitempty" validate:"max=200,unique,dive,code"`
	// NotBy are the channels that this category must not go by (P-20).
	NotBy []string `json:"not_by,omitempty" validate:"max=50,unique,dive,code"`
	// Anonymous data identifies nobody.
	Anonymous bool `json:"anonymous,omitempty"`
	// Indirect data is about people who did not give it themselves (P-03).
	Indirect bool `json:"indirect,omitempty"`
}

// The values of a purpose's opt-out.
const (
	OptOutYes   = "yes"    // the policy lets a person opt out
	OptOutNo    = "no"     // nobody can: Required says why
	OptOutByLaw = "by_law" // the policy is silent and the law gives the objection
)

// Purpose is a reason to share (P-05).
type Purpose struct {
	Code   string `json:"code" validate:"required,code"`
	Label  string `json:"label" validate:"required,text,max=300"`
	Clause string `json:"clause" validate:"required,text,max=50"`
	OptOut string `json:"opt_out" validate:"required,oneof=yes no by_law"`
	// Required is the sentence that says why nobody can opt out (P-29); empty where one can.
	Required string   `json:"required,omitempty" validate:"text,max=500"`
	DPV      []string `json:"dpv,omitempty" validate:"max=50,unique,dive,required,text,max=200"`
	Fides    []string `json:"fides,omitempty" validate:"max=50,unique,dive,required,text,max=200"`
	// Grounds, where not empty, are the only grounds on which data may go for this purpose.
	Grounds []string `json:"grounds,omitempty" validate:"max=100,unique,dive,code"`
}

// Ground is a clause of the policy that permits a share (P-07).
type Ground struct {
	Code   string   `json:"code" validate:"required,code"`
	Label  string   `json:"label" validate:"required,text,max=300"`
	Clause string   `json:"clause" validate:"required,text,max=50"`
	Kinds  []string `json:"kinds" validate:"required,min=1,max=50,unique,dive,vendor_kind"` // of vendor
	// Purposes and Categories, where not empty, are the only ones that this ground permits.
	Purposes   []string `json:"purposes,omitempty" validate:"max=200,unique,dive,code"`
	Categories []string `json:"categories,omitempty" validate:"max=200,unique,dive,code"`
	// Jurisdictions, where not empty, are the only places whose people's data may go on this ground (P-15).
	Jurisdictions []string `json:"jurisdictions,omitempty" validate:"max=300,unique,dive,place"`
	// Group means that it speaks of companies of our own group: for how long a vendor is one, its kinds say (P-08).
	Group bool `json:"group,omitempty"`
	// What follows is required on this ground of every kind of vendor, besides what its kind requires (P-13).

	Contract      bool     `json:"contract,omitempty"`
	Clauses       []string `json:"clauses,omitempty" validate:"max=100,unique,dive,clause_code"`
	Document      bool     `json:"document,omitempty"`
	Pseudonymised bool     `json:"pseudonymised,omitempty"`                     // pseudonymised data only (P-15)
	Instrument    bool     `json:"instrument,omitempty"`                        // the legal instrument that demands the share (P-17)
	Protection    bool     `json:"protection,omitempty"`                        // a contract in force that protects the data (P-19)
	Approvals     int      `json:"approvals,omitempty" validate:"min=0,max=10"` // how many people must have approved (P-18)
}

// Kind says what the policy requires of a kind of vendor. The text of the policy is uneven here (only P-13 and P-19 state a condition);
// the shipped version is strict where it is silent.
type Kind struct {
	Code       string `json:"code" validate:"required,vendor_kind"`
	Label      string `json:"label" validate:"required,text,max=300"`
	Clause     string `json:"clause" validate:"required,text,max=50"`
	Engagement bool   `json:"engagement"` // an engagement in force that names the purpose and the categories
	Contract   bool   `json:"contract"`   // a signed contract in force
	// ContractKinds, where not empty, are the kinds of contract that satisfy it.
	ContractKinds []string `json:"contract_kinds,omitempty" validate:"max=50,unique,dive,contract_kind"`
	// Clauses must stand, located, in a contract in force.
	Clauses []string `json:"clauses,omitempty" validate:"max=100,unique,dive,clause_code"`
	// Document requires the stored text of that contract.
	Document bool `json:"document"`
	// The others are as those of a ground.

	Pseudonymised bool `json:"pseudonymised,omitempty"`
	Instrument    bool `json:"instrument,omitempty"`
	Protection    bool `json:"protection,omitempty"`
	Approvals     int  `json:"approvals,omitempty" validate:"min=0,max=10"`
}
