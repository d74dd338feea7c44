package policy

// Facts is what was in force at the instant of the share.
type Facts struct {
	Policy     *Version // nil when none was effective
	Vendor     Vendor
	Engagement *Engagement // nil when there is none to judge by
	Contracts  []*Contract // those in force, amendments applied; shared, as those below: for reading only
	Signed     []*Contract // those that exist but are not in force at that instant
	// Collected is the policy that was effective when the data was collected; nil when none was, or the share does not say when.
	Collected *Version
	// Consented means that everybody concerned consented explicitly to the purpose. What is implied by use is no such consent (P-01).
	Consented bool
	People    People
	Confirmed bool // whether two people stand behind the disclosure that the share names
	// Deciders are those two.
	Deciders []string
	// Exclusives are the agreements in force by which others alone get leads.
	Exclusives []Exclusive

	Deal Deal

	Source *Source // the vendor that gave us the data; nil when none is named

	// What follows from the above for one share, once it was worked out: see Weigh.
	weighed *Share
	ground  *Ground
	purpose *Purpose
	demands []demand
}

// Deal is what the rules need of the deal that a share names, at the share's instant.
type Deal struct {
	Party bool // the vendor may buy
	Over  bool // it was closed, or nobody bought
	Buyer bool // the vendor bought
}

// Source is what the rules need of the vendor that gave us data.
type Source struct {
	ID    string
	State string
	// Agreements are its data sharing agreements in force, amendments applied: what we may do with its data.
	Agreements []*Contract
}

// Vendor is what the rules need of a vendor.
type Vendor struct {
	ID    string
	State string
	Kinds []string
	// MergedInto is the id of the vendor that it had become a part of; empty while it stood for itself.
	MergedInto string
	// Affiliated means that evidence says that it was owned within our group (P-08).
	Affiliated bool
	// Approvers are who approved it; somebody else proposed it.
	Approvers []string
	// Frameworks are those under which it was certified to receive data in the United States.
	Frameworks []string
	// Uncovered are the sorts of data that such a certification is not about, by framework.
	Uncovered map[string][]string
}

// Engagement is what the rules need of an engagement. One that lists no purpose or no category permits none.
type Engagement struct {
	ID         string
	InForce    bool
	Purposes   []string
	Categories []string
	Locations  []Location // in force
	// Data are the sorts of data, hr or non_hr, that its data subjects make of it; empty where they are not stated.
	Data []string
	// Approvers are who had approved it as it stands.
	Approvers []string
}

// Location is what the rules need of a location.
type Location struct {
	Place     string
	Mechanism string // empty when none is recorded, or it is not valid at that instant
	Lapsed    bool   // whether one is recorded that is not valid at that instant
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
	Onward      string   // prohibited, with_consent, with_notice or permitted: whether what was given may be given on; empty when not said
	Territory   []string // whose leads the vendor gets; empty does not limit
	Leads       []string // of which kinds; empty does not limit
}
