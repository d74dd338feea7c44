package importing_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/importing"
)

// publishedList holds facts from published subprocessor lists.
const publishedList = "../../app/demo/published.json"

func readFile(t *testing.T, path string) []importing.Row {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := importing.Read(f, path)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func readText(t *testing.T, text string) []importing.Row {
	t.Helper()
	rows, err := importing.Read(strings.NewReader(text), "vendors.csv")
	if err != nil {
		t.Fatalf("%v: %v", err, fieldsOf(err))
	}
	return rows
}

func fieldsOf(err error) []registry.Field {
	var r *registry.Refusal
	if !errors.As(err, &r) {
		return nil
	}
	return r.Fields
}

func TestReadRefusesFilesThatItCannotKeepWhole(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, name, text, want string }{
		{"an empty file", "a.csv", "", "a.csv is empty"},
		{"a workbook", "a.csv", "PK\x03\x04…", "a.csv is a workbook: save the sheet as CSV UTF-8 and import that"},
		{"Windows-1252", "a.csv", "name;country\nM\xfcller;DE\n", "line 2 of a.csv is not UTF-8: save the file with the encoding UTF-8"},
		{"half a UTF-16 character", "a.csv", "\xff\xfen\x00a", "line 1 of a.csv is not UTF-8: save the file with the encoding UTF-8"},
		{"UTF-16 without a mark", "a.csv", "n\x00a\x00", "line 1 of a.csv holds a NUL character"},
		{"a quote that does not close", "a.csv", "name,kind\n\"A,partner\n", `a.csv cannot be read as CSV at line 2: extraneous or missing " in quoted-field`},
		{"another text called JSON", "a.json", "name,kind\n", "a.json is not JSON: it begins with neither { nor ["},
		{"JSON that breaks off", "a.json", `{"vendors": [`, "a.json: The text is not JSON at line 1, column 14: it ends too early."},
		{"another object", "a.json", `{"companies": []}`, "a.json: One field is not right."},
		{"a list that is not whole", "a.json", `{"row_count": 2, "rows": [{}]}`, "a.json says that it has 2 rows and has 1: it is not whole"},
		{"a file over the limit", "a.csv", strings.Repeat("x", importing.MaxSize+1), "a.csv is larger than 64 MiB; split it into smaller files"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			_, err := importing.Read(strings.NewReader(c.text), c.name)
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestReadNamesEveryUnknownColumn(t *testing.T) {
	t.Parallel()
	_, err := importing.Read(strings.NewReader("Vendor,Risk score,name,Kind,Tier\nA,1,A,partner,2\n"), "a.csv")
	var got []string
	for _, f := range fieldsOf(err) {
		sentence, _, _ := strings.Cut(f.Sentence, ";")
		got = append(got, f.Pointer+": "+sentence)
	}
	want := []string{`/Risk score: column 2, "Risk score", is not known`, `/name: column 3, "name", means the same as "Vendor"`, `/Tier: column 5, "Tier", is not known`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(err, diff)
	}
}

func TestReadJSONNamesEveryBadMemberAndLosesNoOtherRow(t *testing.T) {
	t.Parallel()
	rows := readText(t, `[
		{"name": "A", "kinds": ["partner"], "colour": "red", "engagements": [{"service": 1, "listed": "yes"}]},
		{"name": "B", "kinds": ["partner"], "engagements": [{"service": "one"}, {"service": "two", "locations": [{"place": "DE", "city": "Berlin"}]}]},
		"C"
	]`)
	got := map[string][]string{}
	for _, r := range rows {
		for _, f := range r.Bad {
			got[r.Place] = append(got[r.Place], f.Pointer)
		}
	}
	want := map[string][]string{
		"/0":               {"/colour", "/engagements/0/service", "/engagements/0/listed"},
		"/1/engagements/1": {"/locations/0/city"},
		"/2":               {""},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(rows) != 4 {
		t.Error(len(rows), diff)
	}
}

func TestReadOwnJSON(t *testing.T) {
	t.Parallel()
	rows := readFile(t, "testdata/vendors.json")
	if len(rows) != 3 || rows[2].Engagement != nil || rows[2].Vendor.Name != "Example Authority" {
		t.Fatalf("%+v", rows)
	}
	first := rows[0]
	if first.Place != "/vendors/0/engagements/0" || first.Listed == nil || !*first.Listed || len(first.Locations) != 2 ||
		first.Locations[1].Transfer.Modules[0] != 3 || first.Engagement.From.String() != "2024-05-01" || len(first.Bad) > 0 {
		t.Errorf("%+v", first)
	}
	if rows[1].Listed != nil {
		t.Error("a row that does not say whether it is listed says so")
	}
}

func TestReadPublishedList(t *testing.T) {
	t.Parallel()
	rows := readFile(t, publishedList)
	got := map[string][]registry.OtherName{}
	for _, r := range rows {
		if len(r.Bad) > 0 {
			t.Errorf("%s: %v", r.Place, r.Bad)
		}
		if r.Vendor.OtherNames != nil {
			got[r.Vendor.Name] = r.Vendor.OtherNames
		}
	}
	want := map[string][]registry.OtherName{
		"NexMo Inc":                 {{Name: "Vonage", Kind: "also_known_as"}},
		"AlphaAI Technologies Inc.": {{Name: "Tavily", Kind: "doing_business_as"}},
		"Functional Software, Inc.": {{Name: "Sentry", Kind: "doing_business_as"}},
		"Message Systems, Inc.":     {{Name: "Sparkpost", Kind: "doing_business_as"}},
	}
	if diff := cmp.Diff(want, got); diff != "" || len(rows) != 40 {
		t.Error(len(rows), diff)
	}
}
