package sharing_test

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/gowebpki/jcs"

	"onward/audit"
	"onward/registry/policy"
	"onward/registry/sharing"
)

// aLeaf is a leaf as the gate writes them, with every member.
const aLeaf = `{"actor":{"id":"33333333-3333-4333-8333-333333333333","kind":"key","role":"service"},"body":{"categories":["CONTACT","PAYMENT"],` +
	`"channel":"API","contract_ids":["0197aaaa-0000-7000-8000-000000000001"],"corrected":["countries"],"corrects":"0197aaaa-0000-7000-8000-000000000002",` +
	`"countries":["DE","US"],"data_origin":"combined","engagement_id":"0197aaaa-0000-7000-8000-000000000003","ground":"service_provider",` +
	`"judged_by":[{"id":"0197aaaa-0000-7000-8000-000000000004","kind":"vendor","version":"3"}],"origin":"DE","origin_assumed":true,"policy":"2018-10-26","pseudonymised":true,` +
	`"purpose":"INFRA","reasons":[{"clause":"P-09","code":"country_not_covered","on":["US"]}],"rules":"1","sealed_until":"2026-12-31",` +
	`"source_vendor_id":"0197aaaa-0000-7000-8000-000000000005","source_vendor_name":"Data Broker AG","state":"occurred",` +
	`"subject_count":"12","system":"billing","vendor_kinds":["subprocessor"],"vendor_name":"Ac\"me\\ \n\u001f é 😀","verdict":"violation"},` +
	`"commitment":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=","entry_id":"52a1db87-e767-8b83-b485-89aaedcbf2db","log":"sharing.test/log",` +
	`"occurred_at":"2026-11-24T12:00:00.000000Z","recorded_at":"2026-11-24T12:00:01.000000Z","type":"share.corrected","v":"1",` +
	`"vendor_id":"01a20c50-32e0-7a1b-b1d3-1183c34d4aed","vendor_seq":"000000000007"}`

// slowRow is what encoding/json reads from a leaf; ok is false where a member is not of its type.
func slowRow(leaf []byte) (r sharing.Row, ok bool) {
	var l struct {
		Actor struct{ ID, Kind, Role string }
		Body  struct {
			Verdict, Purpose, Ground, Origin, State, Channel, System, Policy string
			VendorName                                                       string `json:"vendor_name"`
			SubjectCount                                                     string `json:"subject_count"`
			EngagementID                                                     string `json:"engagement_id"`
			SealedUntil                                                      string `json:"sealed_until"`
			DataOrigin                                                       string `json:"data_origin"`
			SourceVendorID                                                   string `json:"source_vendor_id"`
			SourceVendorName                                                 string `json:"source_vendor_name"`
			Corrects                                                         string
			Pseudonymised                                                    bool
			OriginAssumed                                                    bool     `json:"origin_assumed"`
			VendorKinds                                                      []string `json:"vendor_kinds"`
			Categories, Countries, Corrected                                 []string
			ContractIDs                                                      []string `json:"contract_ids"`
			Reasons                                                          []struct{ Code *string }
		}
		EntryID    string `json:"entry_id"`
		OccurredAt string `json:"occurred_at"`
		RecordedAt string `json:"recorded_at"`
		Type       string
		VendorID   string `json:"vendor_id"`
		VendorSeq  string `json:"vendor_seq"`
	}
	if err := json.Unmarshal(leaf, &l); err != nil {
		return r, false
	}
	list := func(s []string) []string { return append([]string{}, s...) }
	b := l.Body
	r = sharing.Row{
		EntryID: l.EntryID, Type: l.Type, OccurredAt: l.OccurredAt, RecordedAt: l.RecordedAt, VendorID: l.VendorID, VendorSeq: l.VendorSeq,
		VendorName: b.VendorName, VendorKinds: list(b.VendorKinds), Verdict: b.Verdict, Reasons: []string{}, Purpose: b.Purpose, Ground: b.Ground,
		Categories: list(b.Categories), Countries: list(b.Countries), Origin: b.Origin, OriginAssumed: b.OriginAssumed, State: b.State, Pseudonymised: b.Pseudonymised,
		Channel: b.Channel, System: b.System, SubjectCount: b.SubjectCount, EngagementID: b.EngagementID, ContractIDs: list(b.ContractIDs),
		Policy: b.Policy, SealedUntil: b.SealedUntil, Corrects: b.Corrects, Corrected: list(b.Corrected),
		DataOrigin: b.DataOrigin, SourceVendorID: b.SourceVendorID, SourceVendorName: b.SourceVendorName,
		ActorID: l.Actor.ID, ActorKind: l.Actor.Kind, ActorRole: l.Actor.Role,
	}
	if b.Verdict != "denied" {
		r.CCPA = policy.DisclosureClass(b.Ground, b.Purpose, b.VendorKinds)
	}
	for _, reason := range b.Reasons {
		if reason.Code != nil {
			r.Reasons = append(r.Reasons, *reason.Code)
		}
	}
	return r, true
}

func TestRow(t *testing.T) {
	t.Parallel()
	t.Run("a row says what the leaf says", func(t *testing.T) {
		t.Parallel()
		got, ok, err := sharing.RowOf([]byte(aLeaf))
		want, _ := slowRow([]byte(aLeaf))
		if d := cmp.Diff(want, got); err != nil || !ok || d != "" {
			t.Errorf("%v\n%s", err, d)
		}
		if got.VendorName != "Ac\"me\\ \n\x1f é 😀" || got.Corrects == "" || got.SealedUntil != "2026-12-31" || !got.Pseudonymised {
			t.Errorf("got %+v", got)
		}
		if cells := got.Cells(nil); len(cells) != len(sharing.Columns()) || cells[13] != "CONTACT; PAYMENT" {
			t.Errorf("got %q", cells)
		}
	})
	t.Run("a leaf of another type is no row, whatever its body says", func(t *testing.T) {
		t.Parallel()
		for _, body := range []string{`{}`, `{"purpose":["a"],"reasons":"x"}`} {
			leaf := `{"body":` + body + `,"type":"vendor.created","v":"1"}`
			if _, ok, err := sharing.RowOf([]byte(leaf)); ok || err != nil {
				t.Errorf("%s: %v %v", leaf, ok, err)
			}
		}
	})
	for rule, leaf := range map[string]string{
		"no leaf":                                "",
		"something after the end":                aLeaf + " ",
		"a blank":                                strings.Replace(aLeaf, ":", ": ", 1),
		"members out of order":                   `{"type":"share.recorded","body":{}}`,
		"a member twice":                         strings.Replace(aLeaf, `"rules":"1",`, `"rules":"1","rules":"2",`, 1),
		"a number":                               strings.Replace(aLeaf, `"rules":"1"`, `"rules":1`, 1),
		"null":                                   strings.Replace(aLeaf, `"rules":"1"`, `"rules":null`, 1),
		"another type of a member":               strings.Replace(aLeaf, `"purpose":"INFRA"`, `"purpose":["INFRA"]`, 1),
		"an escape that is not needed":           strings.Replace(aLeaf, "INFRA", `\u0049NFRA`, 1),
		"a long escape for one that has a short": strings.Replace(aLeaf, `\n`, `\u000a`, 1),
		"upper case in an escape":                strings.Replace(aLeaf, `\u001f`, `\u001F`, 1),
		"U+0000":                                 strings.Replace(aLeaf, `\u001f`, `\u0000`, 1),
		"a control character":                    strings.Replace(aLeaf, `\n`, "\n", 1),
		"what is not UTF-8":                      strings.Replace(aLeaf, "INFRA", "\xff", 1),
		"a comma at the end":                     strings.Replace(aLeaf, `"CONTACT","PAYMENT"]`, `"CONTACT",]`, 1),
		"another version":                        strings.Replace(aLeaf, `"v":"1"`, `"v":"2"`, 1),
		"no verdict":                             strings.Replace(aLeaf, `"verdict":"violation"`, `"verdict":""`, 1),
		"nesting without end":                    `{"body":` + strings.Repeat("[", 100_000),
	} {
		t.Run("refuses "+rule, func(t *testing.T) {
			t.Parallel()
			if leaf == aLeaf {
				t.Fatal("the leaf is good")
			}
			if r, ok, err := sharing.RowOf([]byte(leaf)); err == nil {
				t.Errorf("read %v %+v", ok, r)
			}
		})
	}
}

// FuzzRow: what is read as a row is canonical JSON, and encoding/json reads the same; what is canonical and of the right types is read.
func FuzzRow(f *testing.F) {
	f.Add([]byte(aLeaf))
	f.Add([]byte(`{"actor":{},"body":{"verdict":"a"},"entry_id":"a","type":"share.recorded","v":"1","vendor_id":"a"}`))
	f.Add([]byte(`{"body":[],"type":"vendor.created"}`))
	f.Add([]byte(`{"a":true,"b":false,"body":{"reasons":[{},{"code":"x"}],"verdict":"a"},"entry_id":"a","type":"share.recorded","v":"1","vendor_id":"\u0001"}`))
	f.Fuzz(func(t *testing.T, leaf []byte) {
		got, ok, err := sharing.RowOf(leaf)
		canonical, notJSON := jcs.Transform(leaf)
		if err == nil {
			if notJSON != nil || !bytes.Equal(canonical, leaf) {
				t.Fatalf("%q was read and is not canonical: %v\n%q", leaf, notJSON, canonical)
			}
			if !ok {
				return
			}
			want, typed := slowRow(leaf)
			if d := cmp.Diff(want, got); !typed || d != "" {
				t.Fatalf("%q: %v\n%s", leaf, typed, d)
			}
			return
		}
		if notJSON == nil && bytes.Equal(canonical, leaf) && like(leaf) {
			t.Fatalf("%q is a leaf and was refused: %v", leaf, err)
		}
	})
}

// like tells whether canonical JSON is what audit writes as the leaf of a share: what it holds is of the types of an Object, with the members
// of a row where they belong.
func like(leaf []byte) bool {
	d := json.NewDecoder(bytes.NewReader(leaf))
	d.UseNumber()
	var v map[string]any
	if d.Decode(&v) != nil || !plain(v, 0) {
		return false
	}
	r, typed := slowRow(leaf)
	_, hasBody := v["body"].(map[string]any)
	_, hasActor := v["actor"].(map[string]any)
	return typed && hasBody && hasActor && v["v"] == "1" && strings.HasPrefix(r.Type, "share.") && r.Verdict != "" && r.EntryID != "" && r.VendorID != "" &&
		(r.Type == "share.recorded" || r.Type == "share.corrected")
}

func plain(v any, depth int) bool {
	switch v := v.(type) {
	case string:
		return !strings.Contains(v, "\x00")
	case bool:
		return true
	case []any:
		for _, e := range v {
			if !plain(e, depth+1) {
				return false
			}
		}
		return depth < 30
	case map[string]any:
		folded := map[string]bool{}
		for k, e := range v {
			for i := range len(k) {
				if k[i] < ' ' || k[i] > '~' {
					return false
				}
			}
			if k == "" || folded[strings.ToLower(k)] || !plain(e, depth+1) {
				return false // encoding/json takes Body for body
			}
			folded[strings.ToLower(k)] = true
		}
		return depth < 30
	default:
		return false
	}
}

// What the gate writes is read back whole, whatever a vendor is called.
func FuzzRowOfWritten(f *testing.F) {
	f.Add("Acme", "CONTACT", true, int64(3))
	f.Add("\"\\\b\f\t\u2028é\x7f", "", false, int64(-1))
	f.Fuzz(func(t *testing.T, name, code string, flag bool, n int64) {
		body := audit.Object{
			"vendor_name": name, "verdict": "allowed", "categories": []string{code, name}, "pseudonymised": flag, "subject_count": strconv.FormatInt(n, 10),
			"reasons": []audit.Object{{"code": code, "on": []string{name}}}, "judged_by": []audit.Object{},
		}
		leaf, err := audit.Canonical(audit.Object{
			"actor": audit.Object{"id": "a", "kind": "key", "role": "legal"}, "body": body, "entry_id": uuid.Nil.String(), "type": "share.recorded", "v": "1",
			"vendor_id": uuid.Nil.String(), "occurred_at": time.Unix(n%1e9, 0).UTC().Format(time.RFC3339),
		})
		if err != nil {
			return
		}
		got, ok, err := sharing.RowOf(leaf)
		want, _ := slowRow(leaf)
		if d := cmp.Diff(want, got); err != nil || !ok || d != "" || got.VendorName != name {
			t.Fatalf("%v %v\n%s", ok, err, d)
		}
	})
}
