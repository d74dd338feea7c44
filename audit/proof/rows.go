package proof

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Selection is what a report's filter means.
type Selection struct {
	// Scope holds every entry that the filter can select. A bundle of a smaller scope is incomplete.
	Scope Scope
	// Header is the first line of shares.csv; nil when it has none. A file that is older than a column lacks it, which is as good as long as
	// no leaf has anything to say there.
	Header []string
	// See is told every leaf of the bundle before Row is asked for the first: for rows that say what came later. It may be nil.
	See func(index int64, leaf []byte) error
	// Row is the line of shares.csv for a leaf; ok is false when the filter does not select it. An error is a fault of the leaf. The row
	// may be overwritten by the next call.
	Row func(index int64, leaf []byte) (row []string, ok bool, err error)
}

// Selector makes a selection of the filter in report.json. It must refuse a filter that is not the one that the entry report.begun
// speaks of: that entry is proved to be in the log, report.json is not.
type Selector func(filter json.RawMessage, begun Leaf) (Selection, error)

// rows compares shares.csv with the rows that the leaves make.
type rows struct {
	csv       *csv.Reader
	selection Selection
	columns   []int // places in Selection.Header of the file's columns; nil where it has all, or there is no header
	n         int64 // rows that agreed
}

func newRows(r io.Reader, s Selection) (*rows, error) {
	buffered := bufio.NewReader(r)
	if mark, err := buffered.Peek(3); err == nil && string(mark) == "\uFEFF" {
		_, _ = buffered.Discard(3)
	}
	c := csv.NewReader(buffered)
	c.FieldsPerRecord = -1
	c.ReuseRecord = true
	t := &rows{csv: c, selection: s}
	if s.Header == nil {
		return t, nil
	}
	return t, t.header(s.Header)
}

// header reads which of the known columns the file has, in their order.
func (t *rows) header(known []string) error {
	const what = "the header of shares.csv"
	got, err := t.read(-1, what)
	if err != nil {
		return err
	}
	next := 0
	for _, name := range got {
		for next < len(known) && known[next] != name {
			next++
		}
		if next == len(known) {
			return &Fault{-1, RowsDiffer, fmt.Sprintf("%s has %q, which is not known or not in its place", what, name)}
		}
		t.columns = append(t.columns, next)
		next++
	}
	return nil
}

// leaf compares the row of a leaf, if it has one.
func (t *rows) leaf(index int64, leaf []byte) error {
	row, ok, err := t.selection.Row(index, leaf)
	if err != nil {
		return &Fault{index, RowsDiffer, fmt.Sprintf("the leaf cannot be made a row: %v", err)}
	}
	if !ok {
		return nil
	}
	t.n++
	return t.expect(index, fmt.Sprintf("row %d of shares.csv", t.n), row)
}

func (t *rows) expect(index int64, what string, want []string) error {
	got, err := t.read(index, what)
	if err != nil {
		return err
	}
	if t.columns != nil {
		if want, err = t.known(index, what, want); err != nil {
			return err
		}
	}
	if len(got) != len(want) {
		return &Fault{index, RowsDiffer, fmt.Sprintf("%s has %d columns and must have %d", what, len(got), len(want))}
	}
	for i, cell := range got {
		if cell != strings.ReplaceAll(want[i], "\r\n", "\n") { // the reader of CSV makes no difference between them
			return &Fault{index, RowsDiffer, fmt.Sprintf("%s says in column %d something else than the leaf", what, i+1)}
		}
	}
	return nil
}

// known are the cells of those columns that the file has. It refuses a row that says something in another.
func (t *rows) known(index int64, what string, want []string) ([]string, error) {
	cells := make([]string, 0, len(t.columns))
	for i, cell := range want {
		switch {
		case len(cells) < len(t.columns) && t.columns[len(cells)] == i:
			cells = append(cells, cell)
		case cell != "":
			return nil, &Fault{index, RowsDiffer, fmt.Sprintf("%s leaves out %s, of which the leaf speaks", what, t.selection.Header[i])}
		}
	}
	return cells, nil
}

func (t *rows) read(index int64, what string) ([]string, error) {
	got, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, &Fault{index, RowsDiffer, what + " is missing"}
	}
	if err != nil {
		return nil, &Fault{index, RowsDiffer, fmt.Sprintf("%s cannot be read: %v", what, err)}
	}
	return got, nil
}

// end checks that there are no rows of no leaf.
func (t *rows) end(index int64) error {
	if _, err := t.csv.Read(); !errors.Is(err, io.EOF) {
		return &Fault{index, RowsDiffer, fmt.Sprintf("shares.csv has more than the %d rows that the filter selects", t.n)}
	}
	return nil
}
