package sharing

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"onward/audit"
	"onward/audit/proof"
)

// bundleFilter is a filter as a bundle holds it: with the key that opens the text's hash in report.begun.
type bundleFilter struct {
	Filter
	TextKey string `json:"text_key,omitempty"`
}

// Manifest is what a bundle of the report says of itself.
func (r *Report) Manifest() (proof.Manifest, error) {
	f := bundleFilter{Filter: r.Filter}
	if r.Filter.Text != "" {
		f.TextKey = hex.EncodeToString(r.TextKey[:])
	}
	text, err := json.Marshal(f)
	if err != nil {
		return proof.Manifest{}, fmt.Errorf("write a report's filter: %w", err)
	}
	return proof.Manifest{Origin: r.Begun.Log, ReportID: r.ID.String(), Begun: r.Begun.Index, Scope: r.Filter.scope(), Filter: text}, nil
}

// scope is what somebody must have whole to see that a report leaves nothing out.
func (f *Filter) scope() proof.Scope {
	s := proof.Scope{RecordedFrom: f.RecordedFrom, RecordedUntil: f.RecordedUntil}
	if alone := f.alone(); alone != uuid.Nil {
		s.VendorID = alone.String()
	}
	return s
}

// Evidence is what a bundle of the report is made of, as the database was at one moment.
type Evidence struct {
	report  *Report
	reading *audit.Reading
}

// Evidence runs f on what the log has at this moment.
func (r *Report) Evidence(ctx context.Context, f func(ctx context.Context, e *Evidence) error) error {
	return r.gate.log.Read(ctx, func(ctx context.Context, reading *audit.Reading) error { return f(ctx, &Evidence{r, reading}) })
}

// Pruned is the leaf that tells of what was pruned of the report's scope; the index is -1 where nothing was.
func (e *Evidence) Pruned(ctx context.Context) (index int64, leaf []byte, err error) {
	return e.reading.Pruned(ctx, e.report.Filter.alone())
}

// Leaves calls each with every leaf of the report's scope, of whatever type, in the order of the index; the last is that of report.begun.
// Of a period of recording, the neighbours on both sides are there too: they show that it is whole. A leaf is lent until each returns. It
// reads in pages, and stops when each returns an error, which it returns.
func (e *Evidence) Leaves(ctx context.Context, each func(index int64, leaf []byte) error) error {
	r := e.report
	before, after, err := e.reading.Around(ctx, r.Filter.alone(), r.Begun.Index, r.Filter.RecordedFrom, r.Filter.RecordedUntil)
	if err != nil {
		return err
	}
	begun := audit.Range{From: r.Begun.Index, Until: r.Begun.Index + 1}
	scope := audit.Range{From: max(before, 0), Until: r.Begun.Index, VendorID: r.Filter.alone()}
	if after >= 0 {
		scope.Until = after + 1
	}
	err = errors.Join(leavesOf(ctx, e.reading, scope, each), leavesOf(ctx, e.reading, begun, each))
	if err != nil {
		return fmt.Errorf("read the leaves of a report: %w", err)
	}
	return nil
}

func leavesOf(ctx context.Context, reading *audit.Reading, q audit.Range, each func(index int64, leaf []byte) error) error {
	var p page
	for {
		p.clear()
		n, err := reading.Leaves(ctx, q, pageRows, p.add)
		if err != nil {
			return err
		}
		for i, index := range p.index {
			if err := each(index, p.leaf(i)); err != nil {
				return err
			}
		}
		if n < pageRows {
			return nil
		}
		q.From = p.index[n-1] + 1
	}
}

// BundleRows makes the rows of a bundle from its leaves and nothing else, so that whoever has the leaves makes the same ones. See must be
// told every leaf before Row is asked for the first. It remembers the corrections among them.
type BundleRows struct {
	selector  *selector
	row       Row
	cells     []string
	corrected map[string]string // by the share's entry id, the id of its newest correction
}

// BundleRows makes the rows of the report's bundle.
func (r *Report) BundleRows() *BundleRows { return r.Filter.bundleRows() }

func (f *Filter) bundleRows() *BundleRows {
	return &BundleRows{selector: f.selector(), corrected: make(map[string]string)}
}

// See learns what a leaf says of another.
func (b *BundleRows) See(_ int64, leaf []byte) error {
	if !bytes.Contains(leaf, []byte(correctionType)) {
		return nil
	}
	ok, err := b.row.read(leaf)
	if err == nil && ok && b.row.Corrects != "" {
		b.corrected[b.row.Corrects] = b.row.EntryID
	}
	return err
}

// Row is the row of a leaf, in the order of Columns; ok is false where the filter does not select it. The row is lent until the next call.
func (b *BundleRows) Row(index int64, leaf []byte) (cells []string, ok bool, err error) {
	ok, err = b.row.read(leaf)
	if err != nil || !ok || !b.selector.selects(&b.row) {
		return nil, false, err
	}
	b.row.Index, b.row.CorrectedBy = index, b.corrected[b.row.EntryID]
	b.cells = b.row.Cells(b.cells[:0])
	return b.cells, true, nil
}

// SelectBundle is the selection of a bundle's filter, for whoever verifies it. It refuses a filter that is not the one in the entry
// report.begun.
func SelectBundle(filter json.RawMessage, begun proof.Leaf) (proof.Selection, error) {
	var f bundleFilter
	d := json.NewDecoder(bytes.NewReader(filter))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return proof.Selection{}, fmt.Errorf("the filter cannot be read: %w", err)
	}
	key, err := hex.DecodeString(f.TextKey)
	if err != nil || len(key) != 32 && f.Text != "" {
		return proof.Selection{}, errors.New("the filter's text comes without its key")
	}
	var hash [32]byte
	if f.Text != "" {
		hash = mac([32]byte(key), f.Text)
	}
	said, err := audit.Canonical(f.object(hash))
	if err != nil {
		return proof.Selection{}, fmt.Errorf("the filter cannot be compared: %w", err)
	}
	var body struct {
		Filter json.RawMessage `json:"filter"`
	}
	if err := json.Unmarshal(begun.Body, &body); err != nil {
		return proof.Selection{}, fmt.Errorf("report.begun cannot be read: %w", err)
	}
	if !bytes.Equal(said, body.Filter) {
		return proof.Selection{}, errors.New("the filter is not the one that report.begun speaks of")
	}
	rows := f.bundleRows()
	return proof.Selection{Scope: f.scope(), Header: Columns(), See: rows.See, Row: rows.Row}, nil
}
