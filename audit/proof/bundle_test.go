package proof_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onward/audit/proof"
)

// report is a report of a log in memory: what a bundle is made from.
type report struct {
	log      *ledger
	manifest proof.Manifest
	indices  []int64 // of the leaves of the scope
	size     int64
	key      signer
	filter   toyFilter
}

// toyFilter is a filter as only this test knows it.
type toyFilter struct {
	From    time.Time `json:"from,omitzero"`
	Purpose string    `json:"purpose"`
	Until   time.Time `json:"until,omitzero"`
}

// toySelector selects by purpose. Rows are index, vendor, purpose, and how many leaves there are after it.
func toySelector(filter json.RawMessage, begun proof.Leaf) (proof.Selection, error) {
	var f toyFilter
	var body struct {
		Filter json.RawMessage `json:"filter"`
	}
	if err := errors.Join(json.Unmarshal(filter, &f), json.Unmarshal(begun.Body, &body)); err != nil {
		return proof.Selection{}, err
	}
	if !bytes.Equal(body.Filter, filter) {
		return proof.Selection{}, errors.New("it says something else")
	}
	seen := int64(0)
	return proof.Selection{
		Scope:  proof.Scope{VendorID: begun.VendorID, RecordedFrom: f.From, RecordedUntil: f.Until},
		Header: []string{"index", "vendor", "purpose", "later"},
		See:    func(int64, []byte) error { seen++; return nil },
		Row: func(index int64, leaf []byte) ([]string, bool, error) {
			seen--
			return toyRow(f, index, leaf, seen)
		},
	}, nil
}

func (f toyFilter) within(recordedAt string) bool {
	at, _ := time.Parse(time.RFC3339, recordedAt)
	return !at.Before(f.From) && (f.Until.IsZero() || at.Before(f.Until))
}

func toyRow(f toyFilter, index int64, leaf []byte, later int64) ([]string, bool, error) {
	l, err := proof.ReadLeaf(leaf)
	if err != nil {
		return nil, false, err
	}
	var body struct{ Purpose, Text string }
	_ = json.Unmarshal(l.Body, &body)
	return []string{strconv.FormatInt(index, 10), l.VendorID, body.Purpose + body.Text + "\r\n", strconv.FormatInt(later, 10)},
		l.Type == "share.recorded" && body.Purpose == f.Purpose && f.within(l.RecordedAt), nil
}

// makeReport makes a log of before entries, a report of vendor v (0: of the whole log), and after entries more.
func makeReport(tb testing.TB, before, after, v int, from, until time.Time) *report {
	tb.Helper()
	r := &report{log: &ledger{}, key: logKey(tb, origin, 1), filter: toyFilter{from, "p1", until}}
	for i := range before {
		r.log.share(tb, i%4)
	}
	filter, _ := json.Marshal(r.filter)
	begun := r.log.entry(tb, "report.begun", v, fmt.Sprintf(`{"filter":%s,"report_id":"the report"}`, filter))
	for i := range after {
		r.log.share(tb, i%4)
	}
	r.size = int64(len(r.log.leaves))
	r.manifest = proof.Manifest{Origin: origin, ReportID: "the report", Begun: begun, Filter: filter, Scope: proof.Scope{RecordedFrom: from, RecordedUntil: until}}
	if v > 0 {
		r.manifest.Scope.VendorID = vendorID(v)
	}
	r.narrow(tb)
	return r
}

// narrow finds the leaves of the scope as whoever writes a bundle does.
func (r *report) narrow(tb testing.TB) {
	tb.Helper()
	var scope []int64
	for i := range r.manifest.Begun + 1 {
		if l, err := proof.ReadLeaf(r.log.leaves[i]); err != nil {
			tb.Fatal(err)
		} else if r.manifest.Scope.VendorID == "" || l.VendorID == r.manifest.Scope.VendorID {
			scope = append(scope, i)
		}
	}
	at := func(i int64) time.Time { return start.Add(time.Duration(i) * time.Second) }
	lo, hi := 0, len(scope)-1
	for from := r.manifest.Scope.RecordedFrom; !from.IsZero() && lo < hi && at(scope[lo+1]).Before(from); {
		lo++
	}
	for until := r.manifest.Scope.RecordedUntil; !until.IsZero() && hi > lo && !at(scope[hi-1]).Before(until); {
		hi--
	}
	r.indices = slices.Clone(scope[lo : hi+1])
	if last := scope[len(scope)-1]; r.indices[len(r.indices)-1] != last {
		r.indices = append(r.indices, last)
	}
}

func (r *report) policy(tb testing.TB) proof.Policy {
	tb.Helper()
	return keyPolicy(tb, r.key.vkey)
}

func (r *report) policyText() []byte { return []byte("log " + r.key.vkey + "\nquorum none\n") }

func (r *report) shares(w io.Writer) error {
	c := csv.NewWriter(w)
	_ = c.Write([]string{"index", "vendor", "purpose", "later"})
	for i, index := range r.indices {
		row, ok, err := toyRow(r.filter, index, r.log.leaves[index], int64(len(r.indices)-1-i))
		if err != nil {
			return err
		}
		if ok {
			_ = c.Write(row)
		}
	}
	c.Flush()
	return c.Error()
}

func (r *report) bundle(tb testing.TB) []byte {
	tb.Helper()
	var out bytes.Buffer
	w, err := proof.NewBundleWriter(&out, r.manifest)
	if err != nil {
		tb.Fatal(err)
	}
	for _, index := range r.indices {
		if err := w.Leaf(index, r.log.leaves[index]); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Finish(tb.Context(), r.log.tiles(r.size), r.log.checkpoint(tb, r.size, r.key), r.policyText(), r.shares); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

func check(tb testing.TB, bundle []byte, p proof.Policy, o proof.BundleOptions) (proof.Proved, error) {
	tb.Helper()
	b, err := proof.OpenBundle(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		return proof.Proved{}, err
	}
	return b.Check(tb.Context(), p, o)
}

var toy = proof.BundleOptions{Selector: toySelector}

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

// remake opens a bundle, changes its members (nil: drops them) and closes it again.
func remake(bundle []byte, change func(name string, text []byte) []byte) []byte {
	z, err := zip.NewReader(bytes.NewReader(bundle), int64(len(bundle)))
	if err != nil {
		panic(err)
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range z.File {
		r, _ := f.Open()
		text, err := io.ReadAll(r)
		if err != nil {
			panic(err)
		}
		if text = change(f.Name, text); text == nil {
			continue
		}
		m, _ := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: f.Method})
		_, _ = m.Write(text)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return out.Bytes()
}

// member changes one member of a bundle.
func member(name string, change func([]byte) []byte) func(string, []byte) []byte {
	return func(n string, text []byte) []byte {
		if n == name {
			return change(text)
		}
		return text
	}
}

func TestEveryChangeOfTheLeavesIsFoundAndTheFirstBadIndexNamed(t *testing.T) {
	t.Parallel()
	for _, vendor := range []int{0, 2} {
		r := makeReport(t, 800, 40, vendor, time.Time{}, time.Time{})
		bundle, policy := r.bundle(t), r.policy(t)
		var leaves []byte
		remake(bundle, member("leaves.ndjson", func(text []byte) []byte { leaves = text; return text }))
		t.Run(fmt.Sprintf("vendor %d", vendor), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				bad := damage(t, bytes.Clone(leaves))
				if bytes.Equal(bad, leaves) {
					t.Skip("nothing changed")
				}
				changed := remake(bundle, member("leaves.ndjson", func([]byte) []byte { return bad }))
				b, err := proof.OpenBundle(bytes.NewReader(changed), int64(len(changed)))
				if err != nil {
					t.Fatal(err)
				}
				_, err = b.Check(context.Background(), policy, proof.BundleOptions{})
				var fault *proof.Fault
				if !errors.As(err, &fault) {
					t.Fatalf("got %v, want a fault", err)
				}
				if want := r.firstBad(leaves, bad); fault.Index != want {
					t.Fatalf("got %v, want the index %d", fault, want)
				}
			})
		})
	}
}

// damage changes, swaps, deletes, repeats or cuts.
func damage(t *rapid.T, text []byte) []byte {
	at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1]
	i, j := rapid.IntRange(0, len(lines)-1).Draw(t, "line"), rapid.IntRange(0, len(lines)-1).Draw(t, "other line")
	switch rapid.SampledFrom([]string{"byte", "newline", "insert", "drop", "cut", "swap", "delete", "repeat"}).Draw(t, "damage") {
	case "byte":
		text[at] = rapid.Byte().Draw(t, "byte")
	case "newline":
		text[at] = '\n'
	case "insert":
		return slices.Insert(text, at, rapid.Byte().Draw(t, "byte"))
	case "drop":
		return slices.Delete(text, at, at+1)
	case "cut":
		return text[:at]
	case "swap":
		lines[i], lines[j] = lines[j], lines[i]
	case "delete":
		lines = slices.Delete(lines, i, i+1)
	case "repeat":
		lines = slices.Insert(lines, i, lines[j])
	}
	return bytes.Join(lines, nil)
}

// firstBad is the index that must be named: of a whole log the first at which the text is not as it was; of a vendor, where the indices
// between are those of others, what the first changed line says, if it can be there.
func (r *report) firstBad(good, bad []byte) int64 {
	same := 0
	for same < len(bad) && same < len(good) && bad[same] == good[same] {
		same++
	}
	line := bytes.Count(good[:same], []byte("\n"))
	last := int64(-1)
	if line > 0 {
		last = r.indices[line-1]
	}
	if line == len(r.indices) || r.manifest.Scope.VendorID == "" {
		return last + 1
	}
	rest := bad[bytes.LastIndexByte(bad[:same], '\n')+1:]
	if len(rest) == 0 {
		return r.manifest.Begun
	}
	text, _, whole := bytes.Cut(rest, []byte("\n"))
	digits, _, ok := strings.Cut(string(text), " ")
	stated, err := strconv.ParseInt(digits, 10, 64)
	if !whole || !ok || err != nil || strconv.FormatInt(stated, 10) != digits || stated <= last || stated > r.manifest.Begun {
		return last + 1
	}
	return stated
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

func TestAPeriodWithoutItsNeighboursIsNotWhole(t *testing.T) {
	t.Parallel()
	second := func(n int) time.Time { return start.Add(time.Duration(n) * time.Second) }
	for _, vendor := range []int{0, 2} {
		for _, c := range []struct {
			name string
			cut  func([]int64) []int64
			kind proof.Kind
		}{
			{"whole", func(i []int64) []int64 { return i }, ""},
			{"without the one before", func(i []int64) []int64 { return i[1:] }, proof.ScopeIncomplete},
			{"without the one after", func(i []int64) []int64 { return slices.Delete(i, len(i)-2, len(i)-1) }, "gap"},
			{"without one in between", func(i []int64) []int64 { return slices.Delete(i, 5, 6) }, "gap"},
			{"without all in between", func(i []int64) []int64 { return slices.Delete(i, 1, len(i)-2) }, "gap"},
		} {
			t.Run(fmt.Sprintf("vendor %d %s", vendor, c.name), func(t *testing.T) {
				t.Parallel()
				r := makeReport(t, 800, 10, vendor, second(100), second(300))
				r.indices = c.cut(r.indices)
				_, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{})
				switch {
				case c.kind == "" && err != nil:
					t.Error(err)
				case c.kind == "gap" && vendor == 0:
					wantFault(t, err, proof.LeafMissing)
				case c.kind == "gap":
					wantFault(t, err, proof.SequenceGap)
				case c.kind != "":
					wantFault(t, err, c.kind)
				}
			})
		}
	}
}

func TestBundleIsConsistentWithAnEarlierCheckpoint(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 70_000, 500, 9, time.Time{}, time.Time{}) // the vendor has no other entry: hardly any tiles
	for _, size := range []int64{1, 255, 256, 257, 65_536, 66_000, 70_501} {
		r.manifest.Connects = size
		o := proof.BundleOptions{Previous: r.log.checkpoint(t, size, r.key)}
		got, err := check(t, r.bundle(t), r.policy(t), o)
		if err != nil || got.Previous.Size != size {
			t.Errorf("%d: %v", size, err)
		}
	}
	r.manifest.Connects = 0
	_, err := check(t, r.bundle(t), r.policy(t), proof.BundleOptions{Previous: r.log.checkpoint(t, 300, r.key)})
	wantFault(t, err, proof.HashAltered)
	_, err = check(t, r.bundle(t), r.policy(t), proof.BundleOptions{
		Previous: sign(t, fmt.Sprintf("%s\n%d\n%s\n", origin, 70_501, r.log.root(t, 70_500)), r.key),
	})
	wantFault(t, err, proof.CheckpointInconsistent)
}

func TestLeavesOfOtherVersionsAreProvedAndReportedAsUnknown(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 10, 0, 0, time.Time{}, time.Time{})
	r.log, r.size = &ledger{}, 0
	for i := range 10 {
		r.log.share(t, 1)
		if i == 4 {
			r.log.replaceLast(t, `"v":"1"`, `"new":{"n":17},"v":"2"`)
		}
	}
	r.log.entry(t, "report.begun", 0, `{"report_id":"the report"}`)
	r.size = int64(len(r.log.leaves))
	o := proof.BundleOptions{}
	got, err := check(t, r.bundle(t), r.policy(t), o)
	if err != nil || got.Unknown != 1 || got.Leaves != 11 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBundleWriterRefuses(t *testing.T) {
	t.Parallel()
	r := makeReport(t, 10, 0, 0, time.Time{}, time.Time{})
	for name, do := range map[string]func(w *proof.BundleWriter) error{
		"a leaf twice": func(w *proof.BundleWriter) error {
			return errors.Join(w.Leaf(3, []byte("{}")), w.Leaf(3, []byte("{}")))
		},
		"a leaf after report.begun": func(w *proof.BundleWriter) error { return w.Leaf(11, []byte("{}")) },
		"a leaf with a newline":     func(w *proof.BundleWriter) error { return w.Leaf(1, []byte("{\n}")) },
		"a leaf that is too long":   func(w *proof.BundleWriter) error { return w.Leaf(1, make([]byte, 65536)) },
		"an end without report.begun": func(w *proof.BundleWriter) error {
			return w.Finish(t.Context(), r.log.tiles(11), r.log.checkpoint(t, 11, r.key), nil, nil)
		},
		"a checkpoint that does not cover": func(w *proof.BundleWriter) error {
			return errors.Join(w.Leaf(10, []byte("{}")), w.Finish(t.Context(), r.log.tiles(10), r.log.checkpoint(t, 10, r.key), nil, nil))
		},
		"a tile that is not there": func(w *proof.BundleWriter) error {
			return errors.Join(w.Leaf(10, []byte("{}")), w.Finish(t.Context(), r.log.tiles(5), r.log.checkpoint(t, 11, r.key), nil, nil))
		},
	} {
		w, err := proof.NewBundleWriter(io.Discard, r.manifest)
		if err != nil {
			t.Fatal(err)
		}
		if do(w) == nil {
			t.Errorf("%s was written", name)
		}
	}
	if _, err := proof.NewBundleWriter(io.Discard, proof.Manifest{}); err == nil {
		t.Error("a bundle of no log was begun")
	}
}

func TestBundleKeepsMemoryFlat(t *testing.T) { //nolint:paralleltest // it measures the heap
	r := makeReport(t, 60_000, 0, 0, time.Time{}, time.Time{})
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := heap()
	w, err := proof.NewBundleWriter(io.Discard, r.manifest)
	if err != nil {
		t.Fatal(err)
	}
	most := uint64(0)
	for _, index := range r.indices {
		if err := w.Leaf(index, r.log.leaves[index]); err != nil {
			t.Fatal(err)
		}
		if index%10_000 == 0 {
			most = max(most, heap())
		}
	}
	if err := w.Finish(t.Context(), r.log.tiles(r.size), r.log.checkpoint(t, r.size, r.key), r.policyText(), nil); err != nil {
		t.Fatal(err)
	}
	if most = max(most, heap()); most > before+4<<20 {
		t.Errorf("the heap grew by %d KiB", (most-before)>>10)
	}
}
