package proof_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"onward/audit/proof"
)

func TestBundleIsProved(t *testing.T) {
	t.Parallel()
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	for _, c := range []struct {
		name          string
		before, after int
		vendor        int
		from, until   time.Time
		leaves        int64
	}{
		{name: "the whole log", before: 700, leaves: 701},
		{name: "the whole log, grown since", before: 700, after: 900, leaves: 701},
		{name: "a log of one entry", leaves: 1},
		{name: "a vendor", before: 2000, after: 300, vendor: 3, leaves: 501},
		{name: "a vendor without entries", before: 300, vendor: 9, leaves: 1},
		{name: "a period", before: 2000, after: 30, from: second(600), until: second(700), leaves: 103},
		{name: "a period without entries", before: 2000, from: second(600), until: second(600), leaves: 3},
		{name: "a period that reaches the end", before: 2000, from: second(600), leaves: 1402},
		{name: "a period from the beginning", before: 2000, until: second(600), leaves: 602},
		{name: "a vendor's period", before: 2000, after: 10, vendor: 2, from: second(600), until: second(1000), leaves: 103},
		{name: "a vendor's period after all entries", before: 2000, vendor: 2, from: second(5000), leaves: 1},
		{name: "a vendor's period before all entries", before: 2000, vendor: 2, until: start, leaves: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := makeReport(t, c.before, c.after, c.vendor, c.from, c.until)
			bundle := r.bundle(t)
			got, err := check(t, bundle, r.policy(t), toy)
			if err != nil {
				t.Fatal(err)
			}
			if got.Leaves != c.leaves || got.Last != r.manifest.Begun || got.Rows < 0 || got.Unknown != 0 {
				t.Errorf("%+v, want %d leaves", got, c.leaves)
			}
			if again := r.bundle(t); !bytes.Equal(again, bundle) {
				t.Error("the same report makes other bytes")
			}
		})
	}
}

func TestBundleRefuses(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 600, 20, 2, time.Time{}, time.Time{})
	bundle := r.bundle(t)
	replace := func(name, from, to string) func(string, []byte) []byte {
		return member(name, func(text []byte) []byte {
			if !bytes.Contains(text, []byte(from)) {
				panic("nothing to replace in " + name)
			}
			return bytes.Replace(text, []byte(from), []byte(to), 1)
		})
	}
	drop := func(name string) func(string, []byte) []byte { return member(name, func([]byte) []byte { return nil }) }
	for _, c := range []struct {
		name   string
		change func(string, []byte) []byte
		kind   proof.Kind
	}{
		{"another size in report.json", replace("report.json", `"checkpoint_size":"621"`, `"checkpoint_size":"622"`), proof.Malformed},
		{"another report", replace("report.json", "the report", "a report"), proof.OutOfScope},
		{"another end", replace("report.json", `"begun_index":"600"`, `"begun_index":"598"`), proof.OutOfScope},
		{"another vendor", replace("report.json", vendorID(2), vendorID(3)), proof.OutOfScope},
		{"the whole log", replace("report.json", `"vendor_id":"`+vendorID(2)+`"`, ""), proof.LeafMissing},
		{"another log", replace("report.json", origin, "other.test/log"), proof.ForeignOrigin},
		{"another filter", replace("report.json", `{"purpose":"p1"}`, `{"purpose":"p2"}`), proof.RowsDiffer},
		{"another number of leaves", replace("report.json", `"leaves":"151"`, `"leaves":"150"`), proof.Malformed},
		{"an unknown member of report.json", replace("report.json", `{"format"`, `{"x":1,"format"`), proof.Malformed},
		{"another format", replace("report.json", "bundle/1", "bundle/2"), proof.Malformed},
		{"a byte of the checkpoint", replace("checkpoint", "\n621\n", "\n622\n"), proof.SignatureBad},
		{"a byte of a leaf tile", member("tile/0/001", func(b []byte) []byte { b[7] ^= 1; return b }), proof.HashAltered},
		{"a byte of an edge", member("tile/1/000.p/2", func(b []byte) []byte { b[7] ^= 1; return b }), proof.CheckpointInconsistent},
		{"a tile missing", drop("tile/0/001"), proof.HashAltered},
		{"an edge missing", drop("tile/1/000.p/2"), proof.HashAltered},
		{"a tile cut", member("tile/0/001", func(b []byte) []byte { return b[:32] }), proof.Malformed},
		{"no leaves", drop("leaves.ndjson"), proof.Malformed},
		{"no checkpoint", drop("checkpoint"), proof.Malformed},
		{"no report.json", drop("report.json"), proof.Malformed},
		{"a cell of a row", replace("shares.csv", "p1", "p9"), proof.RowsDiffer},
		{"a row missing", replace("shares.csv", "598,", "1,"), proof.RowsDiffer},
		{"a row more", member("shares.csv", func(b []byte) []byte { return append(b, "1,2,3,4\n"...) }), proof.RowsDiffer},
		{"no rows", member("shares.csv", func([]byte) []byte { return []byte{} }), proof.RowsDiffer},
		{"rows that are no CSV", member("shares.csv", func(b []byte) []byte { return append([]byte{'"'}, b...) }), proof.RowsDiffer},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := check(t, remake(bundle, c.change), r.policy(t), toy)
			wantFault(t, err, c.kind)
		})
	}
	t.Run("a member twice", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"checkpoint", "notes.txt"} {
			var out bytes.Buffer
			w := zip.NewWriter(&out)
			for range 2 {
				if _, err := w.Create(name); err != nil {
					t.Fatal(err)
				}
			}
			_ = w.Close()
			_, err := check(t, out.Bytes(), r.policy(t), toy)
			wantFault(t, err, proof.Malformed)
		}
	})
	t.Run("a file older than a column, which a leaf has something to say in", func(t *testing.T) {
		t.Parallel()
		_, err := check(t, bundle, r.policy(t), newer("x"))
		wantFault(t, err, proof.RowsDiffer)
		if !strings.Contains(err.Error(), "leaves out color, of which the leaf speaks") {
			t.Error(err)
		}
		if _, err := check(t, bundle, r.policy(t), newer("")); err != nil {
			t.Error("and in which no leaf has:", err)
		}
	})
	t.Run("a column in another's place", func(t *testing.T) {
		t.Parallel()
		_, err := check(t, remake(bundle, replace("shares.csv", "index,vendor,purpose", "vendor,index,purpose")), r.policy(t), toy)
		wantFault(t, err, proof.RowsDiffer)
	})
	t.Run("another key", func(t *testing.T) {
		t.Parallel()
		_, err := check(t, bundle, keyPolicy(t, logKey(t, origin, 8).vkey), toy)
		wantFault(t, err, proof.SignatureBad)
	})
	t.Run("a filter that selects more than the scope", func(t *testing.T) {
		t.Parallel()
		_, err := check(t, bundle, r.policy(t), proof.BundleOptions{Selector: func(f json.RawMessage, l proof.Leaf) (proof.Selection, error) {
			s, err := toySelector(f, l)
			s.Scope = proof.Scope{}
			return s, err
		}})
		wantFault(t, err, proof.ScopeIncomplete)
	})
}

// newer selects as a program does that knows a column more.
func newer(cell string) proof.BundleOptions {
	return proof.BundleOptions{Selector: func(f json.RawMessage, l proof.Leaf) (proof.Selection, error) {
		s, err := toySelector(f, l)
		if err != nil {
			return s, err
		}
		s.Header = slices.Insert(slices.Clone(s.Header), 2, "color")
		row := s.Row
		s.Row = func(index int64, leaf []byte) ([]string, bool, error) {
			cells, ok, err := row(index, leaf)
			return slices.Insert(slices.Clone(cells), min(2, len(cells)), cell), ok, err
		}
		return s, nil
	}}
}
