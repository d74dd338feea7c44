package site_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/pb33f/jsonschema/v6"

	"onward/registry/publishing"
)

func TestJSONFitsItsSchema(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	r := get(t, h, "/subprocessors/schema.json")
	if r.Header.Get("Content-Type") != "application/schema+json" {
		t.Error(r.Header)
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(r.Body))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	_, empty := start(t, &records{})
	full := sample(t)
	full.Entries = []publishing.Entry{{
		ID: "11111111-1111-4111-8111-111111111111", VendorID: "22222222-2222-5222-8222-222222222222", Vendor: "Acme", LegalName: "Acme, Inc.", OtherNames: []string{"Ajax"}, Kinds: []string{"partner"},
		Country: "US", Address: "1 Main Street", Website: "https://acme.example/", PrivacyNotice: "https://acme.example/p", SubprocessorList: "https://acme.example/s",
		Certifications: []string{"SOC 2"},
		Contacts:       []publishing.Contact{{Role: "privacy", Name: "Ada", Position: "Officer", Email: "ada@acme.example", Phone: "+1 555"}}, Service: "Hosting", Products: []string{"Mail"}, Purposes: []publishing.Term{{Code: "INFRA", Label: "Infrastructure", DPV: []string{"dpv:TechnicalServiceProvision"}}},
		Categories: []publishing.Term{{Code: "CONTACT", Label: "Contact"}}, Data: []publishing.Data{{Items: []string{"name"}}}, DataSubjects: []string{"users"},
		Condition: "if on", Duration: "a year", From: "2026-01-01", Until: "2026-12-31", Leaving: true,
		Locations: []publishing.Location{{Place: "EEA", Name: "European Economic Area", Uses: []string{"storage"}, AppliesTo: "EU", Detail: "x", Stated: "y", Transfer: "bcr"}},
	}}
	_, filled := start(t, &records{list: full})
	for path, answer := range map[string]string{
		"the list":       get(t, h, jsonPath).Body,
		"an empty list":  get(t, empty, jsonPath).Body,
		"a filtered one": get(t, h, jsonPath+"?q=nowhere&kind=partner").Body,
		"of the past":    get(t, h, jsonPath+"?as_of=2026-03-01&place=US").Body,
		"every member":   get(t, filled, jsonPath).Body,
	} {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(answer))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
	var broken any
	if err := json.Unmarshal([]byte(`{"subprocessors":[{"id":"x","vendor":"","secret":1}]}`), &broken); err != nil {
		t.Fatal(err)
	}
	if schema.Validate(broken) == nil {
		t.Error("the schema takes anything")
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	list := sample(t)
	list.Entries = append(list.Entries, publishing.Entry{
		ID: "1", Vendor: `=HYPERLINK("https://evil.example","x")`, LegalName: "+1", Address: "-1", Service: "@SUM(A1)", Condition: "\t=1",
		OtherNames: []string{"＝1", "b"}, Duration: "  =1", Kinds: []string{"partner"}, Products: []string{`a "b", c`, "line\nbreak"},
	})
	_, h := start(t, &records{list: list})
	body := get(t, h, "/subprocessors.csv").Body
	if !strings.HasPrefix(body, "id,vendor_id,vendor,legal_name,other_names,kinds,country,") || strings.Contains(strings.ReplaceAll(body, "\r\n", ""), "\n") {
		t.Errorf("not by RFC 4180: %.200q", body)
	}
	rows, err := csv.NewReader(bytes.NewBufferString(body)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != 42 {
		t.Errorf("%d rows", len(rows))
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r＝＋－＠", []rune(cell)[0]) {
				t.Errorf("a formula: %q", cell)
			}
		}
	}
	last := rows[len(rows)-1]
	for i, want := range map[int]string{2: `'=HYPERLINK("https://evil.example","x")`, 4: "'＝1; b", 14: "a \"b\", c; line\nbreak", 20: "'  =1", 23: "false"} {
		if last[i] != want {
			t.Errorf("%s is %q, not %q", rows[0][i], last[i], want)
		}
	}
}
