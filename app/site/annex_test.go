package site_test

import (
	"encoding/json"
	"strings"
	"testing"

	"onward/registry/publishing"
)

func TestAnnex(t *testing.T) {
	t.Parallel()
	list := sample(t)
	list.Entries = []publishing.Entry{
		{
			ID: "1", VendorID: "a", Vendor: "Acme", LegalName: "Acme Cloud, Inc.", Kinds: []string{"subprocessor"}, Country: "US", Address: "1 Main Street, Springfield",
			Service: "Hosting", Products: []string{"Mail"}, Contacts: []publishing.Contact{{Role: "data_protection_officer", Name: "Ada Example", Email: "dpo@acme.example"}},
			Locations: []publishing.Location{{Place: "US", Name: "United States", Transfer: "dpf"}},
		},
		{ID: "2", VendorID: "a", Vendor: "Acme", LegalName: "Acme Cloud, Inc.", Kinds: []string{"subprocessor"}, Country: "US", Service: "Support", Locations: []publishing.Location{}},
		{ID: "3", VendorID: "b", Vendor: "東京クラウド", Kinds: []string{"partner"}, Service: "Resale", Locations: []publishing.Location{}},
	}
	_, h := start(t, &records{list: list})
	same(t, "the annex", words(t, get(t, h, "/subprocessors/annex-iii").Body, `<article`, "</article>"), `
Annex III: List of sub-processors
Standard contractual clauses, Commission Implementing Decision (EU) 2021/914 of 4 June 2021
Sub-processors of Meridian Software
As the list stands since 20 November 2026. “Not stated” means that there is no public statement; nothing is filled in by guess.
Annex III as PDF Subprocessors
Sub-processors
Name
Acme Cloud, Inc.
(Acme)
Address
1 Main Street, Springfield (United States)
Contact person’s name, position and contact details
Ada Example, data protection officer, dpo@acme.example
Description of processing, with the delimitation of responsibilities
Responsible for
Hosting
For the products
Mail
Purposes
Not stated
Personal data
Not stated
Data subjects
Not stated
Places
United States (EU–US Data Privacy Framework)
Duration
Not stated
Responsible for
Support
Purposes
Not stated
Personal data
Not stated
Data subjects
Not stated
Places
Not stated
Duration
Not stated
Affiliates and other recipients on the list
They are not listed as sub-processors, and stand here so that this document says all that the list says.
Name
東京クラウド
Address
Not stated
Contact person’s name, position and contact details
Not stated
Description of processing, with the delimitation of responsibilities
Responsible for
Resale
Purposes
Not stated
Personal data
Not stated
Data subjects
Not stated
Places
Not stated
Duration
Not stated`)

	pdf := pdfText(t, get(t, h, "/subprocessors/annex-iii.pdf").Body)
	for _, want := range []string{
		"Annex III: List of sub-processors", "1 Name", "Acme Cloud, Inc. (Acme)", "Ada Example, data protection officer, dpo@acme.example", "2 Name",
		"□□□□□□", "Some letters are not in this document’s typeface", "Page 1 of 1",
	} {
		if !strings.Contains(pdf, want) {
			t.Errorf("the PDF does not say %q: %s", want, pdf)
		}
	}
}

func TestAnnexPDF(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: hundred(t)})
	_, again := start(t, &records{list: hundred(t)})
	_, empty := start(t, &records{})
	if one, two := get(t, h, "/subprocessors/annex-iii.pdf"), get(t, again, "/subprocessors/annex-iii.pdf"); one.Body != two.Body || one.Header.Get("Etag") != two.Header.Get("Etag") {
		t.Error("the same list gives other bytes")
	}
	if strings.Contains(pdfText(t, get(t, h, "/subprocessors/annex-iii.pdf").Body), "□") {
		t.Error("letters of the list are missing")
	}
	first := get(t, empty, "/subprocessors/annex-iii.pdf")
	if !strings.Contains(pdfText(t, first.Body), "Nobody is listed.") {
		t.Errorf("the empty annex says %q", pdfText(t, first.Body))
	}
	if !strings.Contains(first.Body, "19700101000000") {
		t.Error("the empty annex is dated by the clock")
	}
	past := get(t, h, "/subprocessors/annex-iii.pdf?as_of=2026-03-01&kind=affiliate&lang=de")
	text := pdfText(t, past.Body)
	for _, want := range []string{"Wie die Liste am 1. März 2026 galt.", "Ein Teil der Liste, eingeschränkt auf: Verbundenes Unternehmen.", "Verbundene Unternehmen"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q", want)
		}
	}
	if name := past.Header.Get("Content-Disposition"); name != `inline; filename="annex-iii-2026-03-01.pdf"` {
		t.Error(name)
	}
}

// TestLinkedData: every word of the JSON-LD has a meaning, and every type a vocabulary.
func TestLinkedData(t *testing.T) {
	t.Parallel()
	list := hundred(t)
	list.Entries[0].Contacts = []publishing.Contact{{Role: "privacy", Name: "Ada", Position: "Officer", Email: "a@b.example", Phone: "1"}}
	list.Entries[0].Categories = []publishing.Term{{Code: "AGGREGATE", Label: "x", DPV: []string{"dpv:AnonymisedData", "dpv:NonPersonalData"}}}
	_, h := start(t, &records{list: list})
	var document map[string]any
	if err := json.Unmarshal([]byte(get(t, h, "/subprocessors.jsonld?place=AU").Body), &document); err != nil {
		t.Fatal(err)
	}
	context, ok := document["@context"].(map[string]any)
	if !ok {
		t.Fatal("it has no context of its own")
	}
	delete(document, "@context")
	delete(document, "filter") // a literal of its own
	for prefix, iri := range map[string]string{"schema": "https://schema.org/", "dpv": "https://w3id.org/dpv#", "pd": "https://w3id.org/dpv/pd#", "loc": "https://w3id.org/dpv/loc#"} {
		if context[prefix] != iri {
			t.Errorf("%s is %v", prefix, context[prefix])
		}
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, inner := range v {
				walk(inner)
			}
		case map[string]any:
			for key, inner := range v {
				if _, known := context[key]; !known && !strings.HasPrefix(key, "@") {
					t.Errorf("%q has no meaning", key)
				}
				walk(inner)
			}
			types, _ := v["@type"].([]any)
			if one, ok := v["@type"].(string); ok {
				types = []any{one}
			}
			for _, name := range types {
				prefix, _, _ := strings.Cut(name.(string), ":")
				if _, known := context[prefix]; !known {
					t.Errorf("the type %v has no vocabulary", name)
				}
			}
			if len(types) == 0 {
				t.Errorf("a node without a type: %v", v)
			}
		}
	}
	walk(document)
	process := document["processes"].([]any)[0].(map[string]any)
	if process["otherData"] == nil || process["recipient"].(map[string]any)["@type"].([]any)[1] != "dpv:DataSubProcessor" {
		t.Errorf("data that identifies nobody is called personal, or the role is missing: %v", process)
	}
}
