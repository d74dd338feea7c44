package importing_test

import (
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/importing"
)

// sheet is one sheet as a spreadsheet saves it, with a comma as separator and \n as line end.
const sheet = `Vendor,Legal_Name,TYPE,Service,Processing locations,Data,Valid from,Notes
Müller & Söhne,Müller & Söhne GmbH,Sub-processor,Hosting,Germany (Falkenstein)|FI|Varies,"name;e-mail address",2024-02-29,"first line
second line, with ""quotes"""
`

func sheetRow() importing.Row {
	from := registry.Date{Year: 2024, Month: 2, Day: 29}
	return importing.Row{
		Place:  "row 2",
		Vendor: registry.VendorFields{Name: "Müller & Söhne", LegalName: "Müller & Söhne GmbH", Kinds: []string{"subprocessor"}},
		Engagement: &registry.EngagementFields{
			Service: "Hosting", DataStated: []registry.StatedData{{Items: []string{"name", "e-mail address"}}}, From: &from,
			Notes: "first line\nsecond line, with \"quotes\"",
		},
		Locations: []registry.LocationFields{{Place: "DE", Detail: "Falkenstein"}, {Place: "FI"}, {Place: "UNSPECIFIED", Stated: "Varies"}},
	}
}

func TestReadCSVAsSpreadsheetsWriteIt(t *testing.T) {
	t.Parallel()
	for rule, text := range map[string]string{
		"UTF-8 with comma":            sheet,
		"byte order mark":             "\ufeff" + sheet,
		"line ends of Windows":        strings.ReplaceAll(sheet, "\n", "\r\n"),
		"semicolon":                   strings.Replace(strings.ReplaceAll(strings.ReplaceAll(sheet, ",", ";"), "name;e-mail", "name|e-mail"), "line; with", "line, with", 1),
		"tab":                         strings.Replace(strings.ReplaceAll(sheet, ",", "\t"), "line\t with", "line, with", 1),
		"separator said on line one":  "sep=,\r\n" + sheet,
		"UTF-16 little-endian":        utf16LE(sheet),
		"empty columns and rows":      strings.ReplaceAll(sheet, "Notes\n", "Notes,,\n") + ",,,,,,,,,\n\n",
		"another order of the values": strings.Replace(sheet, `"name;e-mail address"`, "\"name\ne-mail address\"", 1),
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			want := sheetRow()
			if strings.HasPrefix(text, "sep=") {
				want.Place = "row 3"
			}
			if diff := cmp.Diff([]importing.Row{want}, readText(t, text)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func utf16LE(s string) string {
	raw := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		raw = append(raw, byte(u), byte(u>>8))
	}
	return string(raw)
}

func TestReadCSVRefusesTheCellAndKeepsTheOtherRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, head, cells, want string }{
		{"a day that can be two", "name,from", "A,03/04/2026", `/from column "from": must be a day between 1900-01-01 and 9999-12-31, written YYYY-MM-DD, not "03/04/2026"`},
		{"a day that does not exist", "name,End Date", "A,2026-02-30", `/until column "End Date": must be a day between 1900-01-01 and 9999-12-31, written YYYY-MM-DD, not "2026-02-30"`},
		{"a place that is none", "name,locations", "A,Germny", `/locations column "locations": "Germny" is no country, EEA, EU, GLOBAL or UNSPECIFIED; separate several with ; or |`},
		{"a country that is none", "name,country", "A,Europe", `/country column "country": "Europe" is no country; write its English name or two-letter code`},
		{"yes and no", "name,listed", "A,maybe", `/listed column "listed": "maybe" is neither yes nor no`},
		{"a mechanism that is none", "name,location,transfer", "A,US,handshake", `/transfer "handshake" is not a transfer mechanism that is known`},
		{"a mechanism for no place", "name,transfer", "A,SCC", `/transfer a transfer mechanism needs a location`},
		{"a value beyond the last heading", "name,kind", "A,partner,more", ` column 3: "more" stands beyond the last heading`},
		{"a value without a heading", "name,,kind", "A,more,partner", ` column 2: "more" stands in a column without a heading`},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			rows := readText(t, c.head+"\nbefore\n"+c.cells+"\nafter\n")
			if len(rows) != 3 || len(rows[0].Bad) > 0 || len(rows[2].Bad) > 0 {
				t.Fatalf("%+v", rows)
			}
			var got []string
			for _, f := range rows[1].Bad {
				got = append(got, f.Pointer+" "+f.Sentence)
			}
			if diff := cmp.Diff([]string{c.want}, got); diff != "" || rows[1].Place != "row 3" {
				t.Error(rows[1].Place, diff)
			}
		})
	}
}

func TestReadCSVCountsRowsAsASpreadsheetDoes(t *testing.T) {
	t.Parallel()
	rows := readText(t, "name,notes\nA,\"one\ntwo\nthree\"\n\n\nB,x\n,\nC,y\n")
	var got []string
	for _, r := range rows {
		got = append(got, r.Place+" "+r.Vendor.Name)
	}
	if diff := cmp.Diff([]string{"row 2 A", "row 5 B", "row 7 C"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadCSVUnderstandsTheWordsOfSheets(t *testing.T) {
	t.Parallel()
	rows := readText(t, "ref,Company,vendor type,Country,Company number,VAT,dba,purpose,location,location uses,applies to,Transfer,Listed,Privacy contact,Removed on\n"+
		"7,\"Tartan, Inc. (d/b/a Kilt)\",Reseller; partner,UK,SC 123456,GB 1,Plaid,Resale,US; Côte d'Ivoire,storage;support access,EU customers,SCCs,No,a@tartan.example,2026-01-01\n")
	no, until := false, registry.Date{Year: 2025, Month: 12, Day: 31}
	transfer := &registry.Transfer{Mechanism: "scc_2021_914", Reference: `stated as "SCCs"`}
	uses := []string{"storage", "support_access"}
	want := importing.Row{
		Place: "row 2",
		Vendor: registry.VendorFields{
			Name: "Tartan, Inc.", Kinds: []string{"reseller", "partner"}, Country: "GB",
			OtherNames:  []registry.OtherName{{Name: "Kilt", Kind: "doing_business_as"}, {Name: "Plaid", Kind: "doing_business_as"}},
			Identifiers: []registry.Identifier{{Scheme: "company_number", Value: "SC 123456"}, {Scheme: "vat", Value: "1", Country: "GB"}},
			Contacts:    []registry.Contact{{Role: "privacy", Email: "a@tartan.example"}},
		},
		Engagement: &registry.EngagementFields{
			Service: "Resale", ExternalID: "7", Until: &until,
			Source:         &registry.Source{PublishedName: "Tartan, Inc. (d/b/a Kilt)"},
			EarlierChanges: []registry.EarlierChange{{On: registry.Date{Year: 2026, Month: 1, Day: 1}, Event: "removed"}},
		},
		Listed: &no,
		Locations: []registry.LocationFields{
			{Place: "US", Uses: uses, AppliesTo: "EU customers", Transfer: transfer},
			{Place: "CI", Uses: uses, AppliesTo: "EU customers", Transfer: transfer},
		},
	}
	if diff := cmp.Diff([]importing.Row{want}, rows, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".Notes" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
}

func TestReadCSVOfVendorsAlone(t *testing.T) {
	t.Parallel()
	rows := readText(t, "id,name,kind\nV1,Example,authority\n")
	if rows[0].Engagement != nil || rows[0].Vendor.ExternalID != "V1" {
		t.Errorf("%+v", rows[0])
	}
}
