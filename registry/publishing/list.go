package publishing

import "time"

// List is the public list at an instant: the one value that every format renders.
type List struct {
	Company string    `json:"company,omitempty"`
	AsOf    time.Time `json:"as_of,omitzero"`         // the instant that was asked for, or of the newest change for the current list
	Updated time.Time `json:"updated,omitzero"`       // when what it shows last changed; zero when nothing was ever shown
	Begins  time.Time `json:"records_begin,omitzero"` // when the first of its records was written down; before, nothing is known
	Stale   time.Time `json:"stale_since,omitzero"`   // when it was last known to be current, where its records cannot be read; zero while they can
	Release *Mark     `json:"release,omitempty"`      // the release that it is, or is a part of; nil where it is none
	Filter  *Filter   `json:"filter,omitempty"`       // what the entries were narrowed by; nil for the whole list
	Entries []Entry   `json:"subprocessors"`

	// Next is the first instant after AsOf at which the list changes by itself, without a new record; zero when there is none.
	Next time.Time `json:"-"`
}

// Entry is one engagement of one vendor on the public list.
type Entry struct {
	ID               string     `json:"id"`        // of the engagement
	VendorID         string     `json:"vendor_id"` // of the vendor on this list, whatever it is called; not the registry's own
	Vendor           string     `json:"vendor"`
	LegalName        string     `json:"legal_name,omitempty"`
	OtherNames       []string   `json:"other_names,omitempty"`
	Kinds            []string   `json:"kinds"`
	Country          string     `json:"country,omitempty"` // of the organisation, ISO 3166-1 alpha-2
	Address          string     `json:"address,omitempty"`
	Website          string     `json:"website,omitempty"`
	PrivacyNotice    string     `json:"privacy_notice,omitempty"`
	SubprocessorList string     `json:"subprocessor_list,omitempty"`
	Certifications   []string   `json:"certifications,omitempty"`
	Contacts         []Contact  `json:"contacts,omitempty"` // only those that the registry marks as public
	Service          string     `json:"service"`
	Products         []string   `json:"products,omitempty"`
	Purposes         []Term     `json:"purposes,omitempty"`
	Categories       []Term     `json:"categories,omitempty"`
	Data             []Data     `json:"data,omitempty"` // in the source's own words
	DataSubjects     []string   `json:"data_subjects,omitempty"`
	Condition        string     `json:"condition,omitempty"`
	Duration         string     `json:"duration,omitempty"`
	From             string     `json:"from,omitempty"`    // YYYY-MM-DD
	Until            string     `json:"until,omitempty"`   // YYYY-MM-DD, last day
	Leaving          bool       `json:"leaving,omitempty"` // receives nothing more, still holds data
	Locations        []Location `json:"locations"`
}

// Term is a code of the policy, its label, and the terms of the Data Privacy Vocabulary (W3C DPV 2.3) that it maps to.
type Term struct {
	Code  string   `json:"code"`
	Label string   `json:"label"`
	DPV   []string `json:"dpv,omitempty"` // such as dpv:IdentityVerification or pd:Contact
}

// Contact is a person or desk at the vendor whom the public may write to.
type Contact struct {
	Role     string `json:"role"`
	Name     string `json:"name,omitempty"`
	Position string `json:"position,omitempty"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"phone,omitempty"`
}

// Data is personal data as stated.
type Data struct {
	Class string   `json:"class,omitempty"`
	Items []string `json:"items"`
}

// Location is a place where personal data is handled.
type Location struct {
	Place     string   `json:"place"` // ISO 3166-1 alpha-2, EEA, EU, GLOBAL or UNSPECIFIED
	Name      string   `json:"name"`  // in English
	Uses      []string `json:"uses,omitempty"`
	AppliesTo string   `json:"applies_to,omitempty"`
	Detail    string   `json:"detail,omitempty"`
	Stated    string   `json:"stated,omitempty"`
	Transfer  string   `json:"transfer,omitempty"` // mechanism
}

// Filter narrows a list; zero fields keep all.
type Filter struct {
	Text     string `json:"q,omitempty"`        // every word is within one of the entry's texts, in any case and with or without accents
	Product  string `json:"product,omitempty"`  // an entry that names no product is not kept
	Place    string `json:"place,omitempty"`    // code or English name of one of its locations
	Category string `json:"category,omitempty"` // code or label of a category, or a class of data as stated
	Kind     string `json:"kind,omitempty"`     // of the vendor
}
