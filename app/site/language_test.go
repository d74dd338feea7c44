package site_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"onward/app/site"
	"onward/registry/policy"
	"onward/registry/publishing"
)

// keysIn are the paths of all texts of a language file.
func keysIn(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var tree map[string]any
	if err := json.Unmarshal(text, &tree); err != nil {
		t.Fatal(err)
	}
	var keys []string
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, inner := range v {
				walk(path+"/"+key, inner)
			}
		case string:
			keys = append(keys, path)
			if strings.TrimSpace(v) == "" {
				t.Errorf("%s: %s is empty", file, path)
			}
		}
	}
	walk("", tree)
	slices.Sort(keys)
	return keys
}

func TestEveryLanguageHasEveryKey(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("languages/*.json")
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	english := keysIn(t, "languages/en.json")
	for _, file := range files {
		if keys := keysIn(t, file); !slices.Equal(keys, english) {
			t.Errorf("%s has not the keys of English", file)
		}
	}
	if all, err := site.ReadLanguages(""); err != nil || len(all) != len(files) || all[0].Code != "en" {
		t.Errorf("%d languages: %v", len(all), err)
	}
}

// TestEveryCodeHasWords holds the shipped languages against the policy's codes and the countries.
func TestEveryCodeHasWords(t *testing.T) {
	t.Parallel()
	all, err := site.ReadLanguages("")
	if err != nil {
		t.Fatal(err)
	}
	version := policy.Shipped()[0]
	for _, l := range all {
		for _, p := range version.Purposes {
			if words := l.Purposes[p.Code]; words.Means == "" || l.Code == "en" && words.Label != p.Label {
				t.Errorf("%s: the purpose %s is %+v", l.Code, p.Code, words)
			}
		}
		for _, c := range version.Categories {
			if label := l.Categories[c.Code]; label == "" || l.Code == "en" && label != c.Label {
				t.Errorf("%s: the category %s is %q", l.Code, c.Code, label)
			}
		}
		for _, k := range policy.VendorKinds() {
			if l.Kinds[k].Note == "" {
				t.Errorf("%s: nothing is said of the kind %s", l.Code, k)
			}
		}
		for code, name := range l.Places {
			if l.Code == "en" && publishing.PlaceName(code) != name {
				t.Errorf("%s is %s here and %s on the list", code, name, publishing.PlaceName(code))
			}
		}
		if len(l.Places) != 253 {
			t.Errorf("%s: %d places", l.Code, len(l.Places))
		}
	}
}

var (
	sayings = regexp.MustCompile(`(?:Say|named|Count)\(?(?:l, |said\.L, )? ?"([a-z_.]+)"`)
	built   = regexp.MustCompile(`"(empty\.[a-z]+|annex\.[a-z]+|lede|empty\.new)"`)
)

// TestTextsAreUsed finds each text where it is used, and each use among the texts.
func TestTextsAreUsed(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, pattern := range []string{"*.go", "templates/*.html", "../notify/*.go", "../notify/templates/*"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, found := range append(sayings.FindAllStringSubmatch(string(text), -1), built.FindAllStringSubmatch(string(text), -1)...) {
				used[found[1]] = true
			}
		}
	}
	for _, name := range []string{"kind", "product", "place", "category"} {
		used["filter."+name], used["filter."+name+".any"] = true, true
	}
	for _, name := range []string{"annex", "pdf", "json", "csv", "jsonld", "fragment", "schema", "changes", "releases", "atom", "feed"} {
		used["file."+name], used["file."+name+".note"] = true, true
	}
	for _, kind := range []string{"add", "replace", "remove", "place", "purpose", "categories", "name", "other"} {
		used["objection.kind."+kind] = true
	}
	for _, key := range []string{"silence.general", "silence.specific", "status.rejected.before", "status.withdrawn.before", "ground.bad"} {
		used["objection."+key] = true
	}
	for _, key := range []string{
		"subscribe.lede.us", "subscribe.product", "subscribe.product.note", "subscribe.region", "subscribe.region.note",
		"mail.withdrawn.subject", "mail.withdrawn.subject.us", "mail.withdrawn.lede", "mail.withdrawn.lede.us", "mail.moved.subject", "mail.moved.subject.us",
		"mail.moved.lede", "mail.moved.lede.us", "mail.moved.to", "mail.announced.for", "mail.notice.subject", "mail.notice.lede",
		"mail.confirm.subject.us", "mail.confirm.asked.us", "mail.notice.subject.us", "mail.notice.lede.us", "mail.starts", "mail.period.calendar",
		"mail.period.business",
	} {
		used[key] = true
	}
	for _, step := range []string{"asked", "confirm", "confirm.done", "leave", "leave.done"} {
		used["subscribe."+step], used["subscribe."+step+".title"] = true, true
	}
	used["subscribe.confirm.button"], used["subscribe.leave.button"] = true, true
	delete(used, "subscribe.")
	delete(used, "mail.period.")
	used["lede.us"], used["empty.new.us"] = true, true
	delete(used, "filter.")
	delete(used, "file.")
	for _, begun := range []string{"kind.", "status.", "silence."} {
		delete(used, "objection."+begun)
	}
	all, err := site.ReadLanguages("")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for key := range all[0].Texts {
		known[key] = true
	}
	for key := range all[0].Counts {
		known[key] = true
	}
	for key := range known {
		if !used[key] {
			t.Errorf("%s is not used", key)
		}
	}
	for key := range used {
		if !known[key] {
			t.Errorf("%s is used, and there is no such text", key)
		}
	}
}

func TestPagesInEachLanguage(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: hundred(t)})
	_, empty := start(t, &records{})
	all, err := site.ReadLanguages("")
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range all {
		for _, path := range []string{"/subprocessors?lang=", "/subprocessors/annex-iii?lang=", "/subprocessors?place=DE&group=purpose&lang=", "/subprocessors/fragment?lang="} {
			r := get(t, h, path+l.Code)
			if r.StatusCode != 200 || r.Header.Get("Content-Language") != l.Code || !strings.Contains(r.Body, `lang="`+l.Code+`"`) ||
				!strings.Contains(r.Body, l.Places["US"]) || strings.Contains(r.Body, "{n}") || strings.Contains(r.Body, "{company}") {
				t.Errorf("%s%s: %d %v", path, l.Code, r.StatusCode, r.Header)
			}
			if l.Code != "en" && strings.Contains(r.Body, "Not stated") {
				t.Errorf("%s%s is partly in English", path, l.Code)
			}
		}
		if pdf := get(t, h, "/subprocessors/annex-iii.pdf?lang="+l.Code); !strings.Contains(pdfText(t, pdf.Body), strings.ReplaceAll(l.Texts["annex.title"], "\u00ad", "")) {
			t.Errorf("the PDF in %s has another title", l.Code)
		}
		if page := get(t, empty, "/subprocessors?lang="+l.Code).Body; !strings.Contains(page, l.Texts["empty.new.title"]) {
			t.Errorf("the empty page in %s: %s", l.Code, page)
		}
	}
}

func TestLanguageIsNegotiated(t *testing.T) {
	t.Parallel()
	_, h := start(t, &records{list: sample(t)})
	for _, c := range []struct{ rule, accept, query, want string }{
		{"nothing said: the first", "", "", "en"},
		{"what the reader prefers", "de-DE,de;q=0.9,en;q=0.8", "", "de"},
		{"a country's own form is found by the language", "de-CH-1996", "", "de"},
		{"weights", "en;q=0.3, de;q=0.5", "", "de"},
		{"what is refused is not given", "de;q=0, en;q=0.1", "", "en"},
		{"none of ours: the first", "fr, *;q=0.5", "", "en"},
		{"the address wins over the reader's settings", "en", "?lang=de", "de"},
		{"in capital letters too", "en", "?lang=DE", "de"},
		{"with a filter too", "en", "?lang=de&kind=affiliate", "de"},
		{"a filter alone", "de", "?kind=affiliate", "de"},
	} {
		for _, path := range []string{"/subprocessors", "/subprocessors/fragment", "/subprocessors/annex-iii", "/subprocessors/annex-iii.pdf"} {
			if r := get(t, h, path+c.query, "Accept-Language: "+c.accept); r.Header.Get("Content-Language") != c.want {
				t.Errorf("%s: %s is in %q", c.rule, path, r.Header.Get("Content-Language"))
			}
		}
	}
	if r := get(t, h, "/subprocessors?lang=fr"); r.StatusCode != 422 || !strings.Contains(r.Body, "There is no such language; there are en, de.") {
		t.Errorf("an unknown language: %d", r.StatusCode)
	}
	if r := get(t, h, "/subprocessors?colour=red&lang=de"); !strings.Contains(r.Body, "Zur aktuellen Liste") {
		t.Error("the problem page is not in German")
	}
	for _, path := range []string{"/subprocessors.json", "/subprocessors.csv", "/subprocessors.jsonld"} {
		if r := get(t, h, path+"?lang=de"); r.StatusCode != 422 {
			t.Errorf("%s has a language: %d", path, r.StatusCode)
		}
	}
	if one, two := get(t, h, "/subprocessors").Header.Get("Etag"), get(t, h, "/subprocessors?lang=de").Header.Get("Etag"); one == two {
		t.Error("two languages share an ETag")
	}
}

func TestReadLanguages(t *testing.T) {
	t.Parallel()
	german, err := os.ReadFile("languages/de.json")
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, with string) string { return strings.Replace(string(german), old, with, 1) }
	for _, c := range []struct{ rule, content, want string }{
		{"a language of one's own is added", swap(`"code": "de"`, `"code": "pl"`), ""},
		{"a file for a shipped language takes its place", swap(`"Suche"`, `"Finden"`), ""},
		{"more plural forms than English has", swap(`"other": "Stellen"`, `"few": "Stelle", "other": "Stellen"`), ""},
		{"a text that is missing is named", swap(`"filter.text": "Suche",`, ""), "it lacks texts.filter.text"},
		{"so is one that is not used", swap(`"filter.text"`, `"colour": "rot", "filter.text"`), "it has what is not used: texts.colour"},
		{"so are braces that are not those of English", swap("für {what}", "für {was}"), "other braces than in English: texts.place.for"},
		{"a member that is none", swap(`"code"`, `"colour": 1, "code"`), "unknown field"},
		{"a code that is none", swap(`"code": "de"`, `"code": "Deutsch"`), "BCP 47"},
		{"a direction that is none", swap(`"ltr"`, `"up"`), "its direction is neither ltr nor rtl"},
		{"a year of eleven months", swap(`  "Mai",`, ""), "it has 11 months"},
		{"no JSON", "{", "unexpected EOF"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			if err := os.WriteFile(filepath.Join(folder, "own.json"), []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			all, err := site.ReadLanguages(folder)
			if c.want == "" {
				if err != nil || len(all) < 2 || all[0].Code != "en" {
					t.Errorf("%d: %v", len(all), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("it says %v", err)
			}
		})
	}
	if _, err := site.ReadLanguages(t.TempDir()); err == nil {
		t.Error("an empty folder is taken")
	}
	if _, err := site.ReadLanguages(filepath.Join(t.TempDir(), "nowhere")); err == nil {
		t.Error("a folder that is not there is taken")
	}
}

// TestOwnWordsAreNotTranslated: a policy that words a code anew is shown in its own words.
func TestOwnWordsAreNotTranslated(t *testing.T) {
	t.Parallel()
	list := sample(t)
	list.Entries[0].Purposes = []publishing.Term{{Code: "INFRA", Label: "Our own words"}, {Code: "SECURITY", Label: "Secure systems and applications"}, {Code: "NEW", Label: "A new purpose"}}
	_, h := start(t, &records{list: list})
	page := get(t, h, "/subprocessors?lang=de").Body
	for _, want := range []string{"<li>Our own words</li>", "<li>Systeme und Anwendungen sichern</li>", "<li>A new purpose</li>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page has no %s", want)
		}
	}
}
