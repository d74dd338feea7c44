package importing_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/importing"
)

// TestNoFactOfAPublishedListIsLost rebuilds every member of every row from what the registry holds and compares it with the source. A member
// that the test does not know fails it.
func TestNoFactOfAPublishedListIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report := w.apply(readFile(t, publishedList), importing.Options{State: registry.Active})
	if n := report.Count(importing.Refused); n > 0 || report.Rows != 40 {
		t.Fatalf("%d rows, %d refused", report.Rows, n)
	}
	stored := map[string]fact{}
	for _, v := range w.held() {
		for _, e := range v.engagements {
			stored[e.ExternalID] = fact{v.Vendor, e}
		}
	}
	text, err := os.ReadFile(publishedList)
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Rows []map[string]any }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	for _, row := range file.Rows {
		f, ok := stored[row["id"].(string)]
		if !ok {
			t.Errorf("%s is not in the registry", row["id"])
			continue
		}
		for name, want := range row {
			rebuild, known := rebuilds[name]
			if !known {
				t.Errorf("%s: nothing keeps %s", row["id"], name)
				continue
			}
			if diff := cmp.Diff(want, plainJSON(t, rebuild(f))); diff != "" {
				t.Errorf("%s %s: %s", row["id"], name, diff)
			}
		}
	}
}

// fact is what the registry holds of one row.
type fact struct {
	v registry.Vendor
	e heldEngagement
}

// rebuilds say, for every member of a row, where the registry keeps it.
var rebuilds = map[string]func(fact) any{
	"id":                   func(f fact) any { return f.e.ExternalID },
	"entity_name":          func(f fact) any { return f.e.Source.PublishedName },
	"recipient_kind":       func(f fact) any { return strings.Join(f.v.Kinds, "_") }, // reseller_partner is both
	"purpose":              func(f fact) any { return f.e.Service },
	"entity_country":       func(f fact) any { return f.v.Country },
	"data_subjects":        func(f fact) any { return f.e.DataSubjects },
	"product_scope":        func(f fact) any { return strings.Join(f.e.Products, "; ") },
	"notes":                func(f fact) any { return f.e.Notes },
	"address":              func(f fact) any { return f.v.Address },
	"duration":             func(f fact) any { return f.e.Duration },
	"onward_list_url":      func(f fact) any { return f.e.OnwardList },
	"certifications":       func(f fact) any { return f.v.Certifications },
	"listed_by":            func(f fact) any { return f.e.Source.ListedBy },
	"source":               func(f fact) any { return f.e.Source.Source },
	"as_of":                func(f fact) any { return f.e.Source.AsOf },
	"data_categories":      rebuildData,
	"processing_locations": rebuildLocations,
	"transfer_mechanism":   rebuildTransfer,
	"registration_number":  rebuildNumber,
	"change_history":       rebuildHistory,
	"status":               func(f fact) any { return f.removal().Event },
	"removed_on": func(f fact) any {
		if last := f.e.Until; last != nil && last.End(time.UTC).Equal(f.removal().On.Start(time.UTC)) {
			return f.removal().On
		}
		return "the engagement does not end on the day before"
	},
}

func (f fact) removal() registry.EarlierChange {
	i := slices.IndexFunc(f.e.EarlierChanges, func(c registry.EarlierChange) bool { return c.Event == "removed" })
	if i < 0 {
		return registry.EarlierChange{}
	}
	return f.e.EarlierChanges[i]
}

func rebuildData(f fact) any {
	if len(f.e.DataStated) == 1 && f.e.DataStated[0].Class == "" {
		return f.e.DataStated[0].Items
	}
	classes := map[string][]string{}
	for _, d := range f.e.DataStated {
		classes[d.Class] = d.Items
	}
	return classes
}

func rebuildLocations(f fact) any {
	all := []map[string]string{}
	for _, l := range f.e.locations {
		m := map[string]string{"country": l.Place, "applies_to": l.AppliesTo, "detail": l.Detail, "note": l.Stated}
		switch l.Place {
		case registry.EEA, registry.EU:
			m["country"], m["region"] = "", l.Place
		case registry.Unspecified:
			m["country"], m["region"] = "", "not the source's word"
			if strings.Contains(strings.ToLower(l.Stated), "varies") {
				m["region"] = "varies"
			}
		}
		for name, v := range m {
			if v == "" {
				delete(m, name)
			}
		}
		all = append(all, m)
	}
	return all
}

func rebuildTransfer(f fact) any {
	words := map[string]string{"scc_2021_914": "SCC", "none_needed": "none_needed_eea"}
	word := ""
	for _, l := range f.e.locations {
		if word = words[l.Transfer.Mechanism]; l.Transfer.Reference != `stated as "`+word+`"` {
			return "the source's word is not kept"
		}
	}
	return word
}

func rebuildNumber(f fact) any {
	id := f.v.Identifiers[0]
	if id.Scheme != "company_number" || len(f.v.Identifiers) != 1 {
		return "no company number"
	}
	return strings.TrimSpace(id.Country + " " + id.Value)
}

func rebuildHistory(f fact) any {
	var all []map[string]any
	for _, c := range f.e.EarlierChanges {
		if c.Event == "removed" {
			continue
		}
		m := map[string]any{"date": c.On}
		for name, v := range map[string]string{"event": c.Event, "field": c.Field, "replaces": c.Replaces} {
			if v != "" {
				m[name] = v
			}
		}
		if c.From != nil || c.To != nil {
			m["from"], m["to"] = c.From, c.To
		}
		all = append(all, m)
	}
	return all
}

// plainJSON is v as JSON reads it back.
func plainJSON(t *testing.T, v any) any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(text, &plain); err != nil {
		t.Fatal(err)
	}
	return plain
}
