package importing_test

import (
	"fmt"
	"strings"
	"testing"

	"onward/registry"
	"onward/registry/importing"
)

// bigSheet has rows of half as many vendors, each with two locations.
func bigSheet(rows int) string {
	var b strings.Builder
	b.WriteString("id;vendor;kind;service;location;data;address\n")
	for i := range rows {
		fmt.Fprintf(&b, "%d;Example %d;subprocessor;Service %d;\"DE;US\";name|e-mail address;%d Example Street\n", i, i/2, i%2, i/2)
	}
	return b.String()
}

// BenchmarkImport5000Rows reads, plans, applies and applies again a sheet of 5,000 rows: 2,500 vendors, 5,000 engagements, 10,000 locations.
func BenchmarkImport5000Rows(b *testing.B) {
	text := bigSheet(5000)
	active := importing.Options{State: registry.Active}
	for b.Loop() {
		b.StopTimer()
		w := newWorld(b)
		b.StartTimer()
		measure := func(unit string, do func()) {
			before := b.Elapsed()
			do()
			b.ReportMetric((b.Elapsed() - before).Seconds(), unit)
		}
		var rows []importing.Row
		measure("s-read", func() {
			var err error
			if rows, err = importing.Read(strings.NewReader(text), "big.csv"); err != nil || len(rows) != 5000 {
				b.Fatal(len(rows), err)
			}
		})
		measure("s-plan", func() { w.plan(rows, active) })
		var r importing.Report
		measure("s-apply", func() { r = w.apply(rows, active) })
		if r.Count(importing.Created) != 2500+5000+10000 || r.Refused > 0 {
			b.Fatal(r.Totals)
		}
		measure("s-again", func() { r = w.apply(rows, active) })
		if n := r.Count(importing.Created) + r.Count(importing.Changed); n > 0 {
			b.Fatal(r.Totals)
		}
	}
}

// TestImportOfManyRows is the benchmark in small.
func TestImportOfManyRows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows := readText(t, bigSheet(450)) // more vendors than fit on one page of a list
	if r := w.apply(rows, importing.Options{}); r.Count(importing.Created) != 225+450+900 {
		t.Error(r.Totals)
	}
	if r := w.apply(rows, importing.Options{}); r.Count(importing.LeftAlone) != 450+450+900 {
		t.Error(r.Totals)
	}
}
