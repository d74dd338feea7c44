package proof_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"testing"
	"time"

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
	pruned   int64 // index of the entry that tells of a pruning; 0: none was
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
	if r.pruned > 0 {
		w.Pruned(r.pruned, r.log.leaves[r.pruned])
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
