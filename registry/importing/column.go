package importing

import (
	"slices"
	"strings"

	"onward/registry"
)

// column is a column of a sheet.
type column struct {
	name string
	// also are other headings that mean the same, in plain words.
	also []string
	set  func(*Row, cell)
}

// cell is a value that is not empty, and the heading that it stands under.
type cell struct{ head, text string }

// columns are all columns, in the order in which a row's cells are read.
var columns = []column{
	{
		"name", words("vendor, vendor name, entity, entity name, company, company name, subprocessor, sub processor, provider, supplier, organisation, organization"),
		func(r *Row, c cell) { r.setName(c.text) },
	},
	{"legal name", words("legal entity, legal entity name, registered name"), func(r *Row, c cell) { r.Vendor.LegalName = c.text }},
	{"also known as", words("aka, other names, other name"), otherNames("also_known_as")},
	{"doing business as", words("dba, trading as, trade name, trading name"), otherNames("doing_business_as")},
	{"formerly", words("former name, former names, formerly known as, previous name"), otherNames("formerly")},
	{"brand", words("brands, brand name"), otherNames("brand")},
	{"kind", words("kinds, type, vendor type, vendor kind, recipient kind"), func(r *Row, c cell) { r.Vendor.Kinds = kinds(c.text) }},
	{"country", words("entity country, country of establishment, country of incorporation, country of registration"), setCountry},
	{"address", words("registered address, entity address"), func(r *Row, c cell) { r.Vendor.Address = c.text }},
	{"website", words("url, web site, homepage"), func(r *Row, c cell) { r.Vendor.Website = c.text }},
	{"privacy notice", words("privacy policy, privacy notice url, privacy policy url"), func(r *Row, c cell) { r.Vendor.PrivacyNotice = c.text }},
	{"subprocessor list", words("subprocessor list url, subprocessors list"), func(r *Row, c cell) { r.Vendor.SubprocessorList = c.text }},
	{"lei", words("legal entity identifier"), func(r *Row, c cell) { r.Vendor.LEI = c.text }},
	{"registration number", words("company number, registration no, company no, commercial register"), number("company_number")},
	{"vat", words("vat number, vat id, vat no"), number("vat")},
	{"certifications", words("certification, certificates"), func(r *Row, c cell) { r.Vendor.Certifications = values(c.text) }},
	{"owner", words("business owner, internal owner"), func(r *Row, c cell) { r.Vendor.Owner = c.text }},
	{"privacy contact", words("privacy email, privacy contact email"), contact("privacy")},
	{"security contact", words("security email, security contact email"), contact("security")},
	{"vendor id", words("vendor ref, vendor reference, vendor external id"), func(r *Row, c cell) { r.Vendor.ExternalID = c.text }},
	{"vendor notes", words("vendor note"), func(r *Row, c cell) { r.Vendor.Notes = c.text }},

	{"id", words("ref, reference, external id"), func(r *Row, c cell) { r.engagement().ExternalID = c.text }},
	{
		"service", words("purpose, services, purpose of processing, processing purpose, nature of processing, what for"),
		func(r *Row, c cell) { r.engagement().Service = c.text },
	},
	{"product", words("products, product scope"), func(r *Row, c cell) { r.engagement().Products = values(c.text) }},
	{"role", words("legal role"), func(r *Row, c cell) { r.engagement().Role = code(c.text) }},
	{"purpose codes", words("purpose code"), func(r *Row, c cell) { r.engagement().Purposes = values(c.text) }},
	{"category codes", words("category code"), func(r *Row, c cell) { r.engagement().Categories = values(c.text) }},
	{
		"data", words("categories, data categories, data category, personal data, categories of data, categories of personal data, data processed"),
		func(r *Row, c cell) { r.engagement().DataStated = []registry.StatedData{{Items: values(c.text)}} },
	},
	{"data subjects", words("data subject, subjects, categories of data subjects"), func(r *Row, c cell) { r.engagement().DataSubjects = values(c.text) }},
	{"collection mode", nil, func(r *Row, c cell) { r.engagement().CollectionMode = code(c.text) }},
	{"condition", words("conditions, only if"), func(r *Row, c cell) { r.engagement().Condition = c.text }},
	{"duration", words("duration of processing"), func(r *Row, c cell) { r.engagement().Duration = c.text }},
	{"from", words("start, start date, since, valid from"), func(r *Row, c cell) { r.engagement().From = r.date(c, "/from") }},
	{"until", words("end, end date, valid until, valid to"), func(r *Row, c cell) { r.engagement().Until = r.date(c, "/until") }},
	{"removed on", words("removed, removal date"), setRemovedOn},
	{"onward list", words("onward list url"), func(r *Row, c cell) { r.engagement().OnwardList = c.text }},
	{"listed", words("public, on public list, publicly listed"), setListed},
	{"listed reason", words("why listed, reason listed"), func(r *Row, c cell) { r.engagement().ListedReason = c.text }},
	{"listed by", words("published by"), func(r *Row, c cell) { r.source().ListedBy = c.text }},
	{"source", words("source url"), func(r *Row, c cell) { r.source().Source = c.text }},
	{"as of", words("source date"), func(r *Row, c cell) { r.source().AsOf = r.date(c, "/source/as_of") }},
	{"notes", words("note, comment, comments, remarks"), func(r *Row, c cell) { r.engagement().Notes = c.text }},

	{
		"location", words("locations, processing location, processing locations, place, places, data location, data locations, processing country, processing countries, location of processing"),
		setLocations,
	},
	{"location applies to", words("applies to, customer region"), eachLocation(func(l *registry.LocationFields, c cell) { l.AppliesTo = c.text })},
	{"location detail", words("location details, data centre, data center"), setDetail},
	{"location uses", words("location use"), eachLocation(func(l *registry.LocationFields, c cell) { l.Uses = codes(c.text) })},
	{"transfer mechanism", words("transfer, transfer basis, transfer safeguard"), func(r *Row, c cell) { r.setTransfer(c.text, "/transfer") }},
}

// byHeading finds a column by its heading in plain words without spaces.
var byHeading = func() map[string]*column {
	all := map[string]*column{}
	for i := range columns {
		for _, h := range append(columns[i].also, columns[i].name) {
			all[strings.ReplaceAll(h, " ", "")] = &columns[i]
		}
	}
	return all
}()

// columnOf is the column of a heading, whatever its case, spaces, underscores and hyphens.
func columnOf(heading string) (*column, bool) {
	c, ok := byHeading[strings.ReplaceAll(plain(heading), " ", "")]
	return c, ok
}

func columnNames() string {
	var names []string
	for _, c := range columns {
		names = append(names, c.name)
	}
	return strings.Join(slices.Sorted(slices.Values(names)), ", ")
}

func words(list string) []string { return strings.Split(list, ", ") }

func codes(s string) []string {
	var all []string
	for _, v := range values(s) {
		all = append(all, code(v))
	}
	return all
}
