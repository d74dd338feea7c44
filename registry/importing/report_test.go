package importing_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/importing"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestReportAsText imports a sheet, dry and then for good, changes a cell and imports it again.
func TestReportAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows, approved := readFile(t, "testdata/sheet.csv"), importing.Options{State: registry.Approved}
	var text bytes.Buffer
	write := func(r importing.Report) {
		if err := r.WriteText(&text); err != nil {
			t.Fatal(err)
		}
		text.WriteByte('\n')
	}
	write(w.plan(rows, approved))
	w.apply(rows, approved)
	rows[0].Vendor.Address = "3 New Street, Dublin"
	write(w.apply(rows, approved))
	const golden = "testdata/report.txt"
	if *update {
		if err := os.WriteFile(golden, text.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestReportAsJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var text bytes.Buffer
	if err := w.plan(readFile(t, "testdata/sheet.csv"), importing.Options{}).WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	var got struct {
		DryRun  bool `json:"dry_run"`
		Rows    int
		Refused int `json:"refused_rows"`
		Totals  []map[string]any
		Lines   []map[string]any
	}
	if err := json.Unmarshal(text.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if !got.DryRun || got.Rows != 6 || got.Refused != 2 || len(got.Totals) != 4 || got.Lines[0]["outcome"] != "created" {
		t.Error(text.String())
	}
}
