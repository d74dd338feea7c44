package site

// linkedContext says what each word of the JSON-LD means. The order of its members is that of the text.
type linkedContext struct {
	Version float64 `json:"@version"`

	Schema string `json:"schema"`
	DPV    string `json:"dpv"`
	PD     string `json:"pd"`
	Loc    string `json:"loc"`
	Onward string `json:"onward"`
	XSD    string `json:"xsd"`

	Name         string `json:"name"`
	Code         string `json:"code"`
	Creator      string `json:"creator"`
	Updated      typed  `json:"updated"`
	AsOf         typed  `json:"as_of"`
	Begins       typed  `json:"records_begin"`
	Stale        typed  `json:"stale_since"`
	Filter       typed  `json:"filter"`
	Processes    many   `json:"processes"`
	Recipient    string `json:"recipient"`
	Products     many   `json:"products"`
	Purposes     many   `json:"purposes"`
	PersonalData many   `json:"personalData"`
	OtherData    many   `json:"otherData"`
	DataSubjects many   `json:"dataSubjects"`
	Items        many   `json:"items"`
	Condition    string `json:"condition"`
	Duration     string `json:"duration"`
	From         typed  `json:"from"`
	Until        typed  `json:"until"`
	Leaving      string `json:"leaving"`
	Locations    many   `json:"locations"`
	Uses         many   `json:"uses"`
	AppliesTo    string `json:"appliesTo"`
	Detail       string `json:"detail"`
	Stated       string `json:"stated"`
	Transfer     string `json:"transfer"`

	LegalName        string `json:"legalName"`
	OtherNames       many   `json:"otherNames"`
	Kinds            many   `json:"kinds"`
	Address          string `json:"address"`
	StreetAddress    string `json:"streetAddress"`
	AddressCountry   string `json:"addressCountry"`
	Website          typed  `json:"website"`
	PrivacyNotice    typed  `json:"privacyNotice"`
	SubprocessorList typed  `json:"subprocessorList"`
	Certifications   many   `json:"certifications"`
	Contacts         many   `json:"contacts"`
	ContactType      string `json:"contactType"`
	Description      string `json:"description"`
	Email            string `json:"email"`
	Telephone        string `json:"telephone"`
}

type typed struct {
	ID   string `json:"@id"`
	Type string `json:"@type"`
}

// many is a word that always has a set of values.
type many struct {
	ID        string `json:"@id"`
	Container string `json:"@container"`
}

func set(id string) many { return many{id, "@set"} }

var theContext = linkedContext{
	Version: 1.1,
	Schema:  "https://schema.org/", DPV: "https://w3id.org/dpv#", PD: "https://w3id.org/dpv/pd#", Loc: "https://w3id.org/dpv/loc#",
	Onward: "urn:onward:list#", XSD: "http://www.w3.org/2001/XMLSchema#",

	Name: "schema:name", Code: "schema:identifier", Creator: "schema:creator",
	Updated: typed{"schema:dateModified", "xsd:dateTime"}, AsOf: typed{"onward:asOf", "xsd:dateTime"},
	Begins: typed{"onward:recordsBegin", "xsd:dateTime"}, Stale: typed{"onward:staleSince", "xsd:dateTime"}, Filter: typed{"onward:filter", "@json"},
	Processes: set("dpv:hasProcess"), Recipient: "dpv:hasRecipient", Products: set("onward:product"), Purposes: set("dpv:hasPurpose"),
	PersonalData: set("dpv:hasPersonalData"), OtherData: set("dpv:hasData"), DataSubjects: set("dpv:hasDataSubject"), Items: set("onward:item"),
	Condition: "onward:condition", Duration: "onward:duration", From: typed{"schema:startDate", "xsd:date"},
	Until: typed{"schema:endDate", "xsd:date"}, Leaving: "onward:leaving", Locations: set("dpv:hasLocation"), Uses: set("onward:use"),
	AppliesTo: "onward:appliesTo", Detail: "onward:detail", Stated: "onward:stated", Transfer: "onward:transferMechanism",

	LegalName: "schema:legalName", OtherNames: set("schema:alternateName"), Kinds: set("onward:kind"), Address: "schema:address",
	StreetAddress: "schema:streetAddress", AddressCountry: "schema:addressCountry", Website: typed{"schema:url", "@id"},
	PrivacyNotice: typed{"onward:privacyNotice", "@id"}, SubprocessorList: typed{"onward:subprocessorList", "@id"},
	Certifications: set("schema:hasCertification"), Contacts: set("schema:contactPoint"), ContactType: "schema:contactType",
	Description: "schema:description", Email: "schema:email", Telephone: "schema:telephone",
}
