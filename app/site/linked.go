package site

import (
	"slices"
	"time"

	"onward/registry"
	"onward/registry/publishing"
)

// linked is the list as JSON-LD 1.1: organisations in the terms of schema.org; roles, purposes, personal data and places in those of the
// W3C Data Privacy Vocabulary 2.3. Its context is inside: nobody has to ask anybody for it. What neither vocabulary has a term for is under
// urn:onward:list#, with the meaning that /subprocessors/schema.json gives it.
type linked struct {
	Context   linkedContext      `json:"@context"`
	Type      []string           `json:"@type"`
	Name      string             `json:"name"`
	Creator   *linkedCompany     `json:"creator,omitempty"`
	AsOf      string             `json:"as_of,omitempty"`
	Updated   string             `json:"updated,omitempty"`
	Begins    string             `json:"records_begin,omitempty"`
	Stale     string             `json:"stale_since,omitempty"`
	Filter    *publishing.Filter `json:"filter,omitempty"`
	Processes []linkedProcess    `json:"processes"`
}

type linkedCompany struct {
	Type []string `json:"@type"`
	Name string   `json:"name"`
}

type linkedProcess struct {
	ID           string           `json:"@id"`
	Type         string           `json:"@type"`
	Name         string           `json:"name"`
	Recipient    linkedVendor     `json:"recipient"`
	Products     []string         `json:"products,omitempty"`
	Purposes     []linkedTerm     `json:"purposes,omitempty"`
	PersonalData []linkedTerm     `json:"personalData,omitempty"`
	OtherData    []linkedTerm     `json:"otherData,omitempty"`
	Subjects     []linkedTerm     `json:"dataSubjects,omitempty"`
	Condition    string           `json:"condition,omitempty"`
	Duration     string           `json:"duration,omitempty"`
	From         string           `json:"from,omitempty"`
	Until        string           `json:"until,omitempty"`
	Leaving      bool             `json:"leaving,omitempty"`
	Locations    []linkedLocation `json:"locations"`
}

type linkedVendor struct {
	ID               string          `json:"@id"`
	Type             []string        `json:"@type"`
	Name             string          `json:"name"`
	LegalName        string          `json:"legalName,omitempty"`
	OtherNames       []string        `json:"otherNames,omitempty"`
	Kinds            []string        `json:"kinds"`
	Address          *linkedAddress  `json:"address,omitempty"`
	Website          string          `json:"website,omitempty"`
	PrivacyNotice    string          `json:"privacyNotice,omitempty"`
	SubprocessorList string          `json:"subprocessorList,omitempty"`
	Certifications   []linkedTerm    `json:"certifications,omitempty"`
	Contacts         []linkedContact `json:"contacts,omitempty"`
}

type linkedAddress struct {
	Type    string `json:"@type"`
	Text    string `json:"streetAddress,omitempty"`
	Country string `json:"addressCountry,omitempty"`
}

type linkedContact struct {
	Type     string `json:"@type"`
	Role     string `json:"contactType"`
	Name     string `json:"name,omitempty"`
	Position string `json:"description,omitempty"`
	Email    string `json:"email,omitempty"`
	Phone    string `json:"telephone,omitempty"`
}

// linkedTerm is something that has a code, a name or both, and a type that says more than they do.
type linkedTerm struct {
	Type  []string `json:"@type"`
	Code  string   `json:"code,omitempty"`
	Name  string   `json:"name,omitempty"`
	Items []string `json:"items,omitempty"`
}

type linkedLocation struct {
	Type      []string `json:"@type"`
	Code      string   `json:"code"`
	Name      string   `json:"name"`
	Uses      []string `json:"uses,omitempty"`
	AppliesTo string   `json:"appliesTo,omitempty"`
	Detail    string   `json:"detail,omitempty"`
	Stated    string   `json:"stated,omitempty"`
	Transfer  string   `json:"transfer,omitempty"`
}

func newLinked(list publishing.List) linked {
	l := linked{
		Context: theContext, Type: []string{"schema:Dataset"}, Name: "Subprocessors", AsOf: stamp(list.AsOf), Updated: stamp(list.Updated),
		Begins: stamp(list.Begins), Stale: stamp(list.Stale), Filter: list.Filter, Processes: []linkedProcess{},
	}
	if list.Company != "" {
		l.Name += " of " + list.Company
		l.Creator = &linkedCompany{[]string{"schema:Organization", "dpv:LegalEntity"}, list.Company}
	}
	for _, e := range list.Entries {
		l.Processes = append(l.Processes, newLinkedProcess(e))
	}
	return l
}

func newLinkedProcess(e publishing.Entry) linkedProcess {
	p := linkedProcess{
		ID: "urn:uuid:" + e.ID, Type: "dpv:Process", Name: e.Service, Recipient: newLinkedVendor(e), Products: e.Products,
		Purposes: linkTerms(e.Purposes, "dpv:Purpose"), Condition: e.Condition, Duration: e.Duration, From: e.From, Until: e.Until,
		Leaving: e.Leaving, Locations: []linkedLocation{},
	}
	for _, t := range linkTerms(e.Categories, "dpv:PersonalData") {
		if slices.Contains(t.Type, "dpv:NonPersonalData") {
			p.OtherData = append(p.OtherData, t)
		} else {
			p.PersonalData = append(p.PersonalData, t)
		}
	}
	for _, d := range e.Data {
		p.PersonalData = append(p.PersonalData, linkedTerm{Type: []string{"dpv:PersonalData"}, Name: d.Class, Items: d.Items})
	}
	for _, name := range e.DataSubjects {
		p.Subjects = append(p.Subjects, linkedTerm{Type: []string{"dpv:DataSubject"}, Name: name})
	}
	for _, at := range e.Locations {
		p.Locations = append(p.Locations, linkedLocation{
			Type: placeTypes(at.Place), Code: at.Place, Name: at.Name, Uses: at.Uses, AppliesTo: at.AppliesTo, Detail: at.Detail,
			Stated: at.Stated, Transfer: at.Transfer,
		})
	}
	return p
}

func newLinkedVendor(e publishing.Entry) linkedVendor {
	v := linkedVendor{
		ID: "urn:uuid:" + e.VendorID, Type: append([]string{"schema:Organization"}, roles(e.Kinds)...), Name: e.Vendor, LegalName: e.LegalName,
		OtherNames: e.OtherNames, Kinds: e.Kinds, Website: e.Website, PrivacyNotice: e.PrivacyNotice, SubprocessorList: e.SubprocessorList,
	}
	if e.Address != "" || e.Country != "" {
		v.Address = &linkedAddress{"schema:PostalAddress", e.Address, e.Country}
	}
	for _, name := range e.Certifications {
		v.Certifications = append(v.Certifications, linkedTerm{Type: []string{"schema:Certification"}, Name: name})
	}
	for _, c := range e.Contacts {
		v.Contacts = append(v.Contacts, linkedContact{"schema:ContactPoint", c.Role, c.Name, c.Position, c.Email, c.Phone})
	}
	return v
}

// roles are what the vocabulary calls a vendor of these kinds. Those who work on our behalf are processors; of all others it is only said
// that they receive data.
func roles(kinds []string) []string {
	switch {
	case slices.Contains(kinds, "subprocessor"):
		return []string{"dpv:DataSubProcessor"}
	case slices.Contains(kinds, "service_provider"):
		return []string{"dpv:DataProcessor"}
	default:
		return []string{"dpv:Recipient"}
	}
}

// linkTerms types terms as the policy maps them; one without a mapping is only of the general type.
func linkTerms(terms []publishing.Term, general string) []linkedTerm {
	var all []linkedTerm
	for _, t := range terms {
		types := t.DPV
		if len(types) == 0 {
			types = []string{general}
		}
		all = append(all, linkedTerm{Type: types, Code: t.Code, Name: t.Label})
	}
	return all
}

// placeTypes are what the vocabulary calls a place. GLOBAL and UNSPECIFIED are no place that it knows.
func placeTypes(place string) []string {
	if place == registry.Global || place == registry.Unspecified {
		return []string{"dpv:Location"}
	}
	return []string{"dpv:Location", "loc:" + place}
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
