package importing

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"onward/registry"
)

// readCSV reads a sheet: a line of headings, then a row for each engagement. Rows without any value are passed over.
func readCSV(text, name string) ([]Row, error) {
	s, err := newSheet(text, name)
	if err != nil {
		return nil, err
	}
	columns, err := s.headings()
	if err != nil {
		return nil, err
	}
	var rows []Row
	for {
		cells, err := s.next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(strings.Join(cells, "")) != "" {
			rows = append(rows, readRow(s.row, s.heads, columns, cells))
		}
	}
}

// sheet reads the rows of a CSV text and counts them as a spreadsheet does: a row with line breaks in a cell is one row.
type sheet struct {
	name  string
	r     *csv.Reader
	row   int // the number of the row that was read last; the first is 1
	line  int // the line of the text on which it ended
	heads []string
}

// newSheet finds the separator: the one by which the most headings are known. A first line "sep=;" says it.
func newSheet(text, name string) (*sheet, error) {
	s := &sheet{name: name}
	separator, most := ',', -1
	if rest, found := strings.CutPrefix(text, "sep="); found && len(rest) > 1 {
		end := strings.IndexByte(text, '\n') + 1
		separator, text, s.row = rune(rest[0]), text[end:], 1
		if !strings.ContainsRune(",;\t|", separator) || end == 0 {
			return nil, registry.Refuse(registry.Malformed, "%s: the first line names no separator that is known", name)
		}
	} else {
		for _, c := range []rune{',', ';', '\t'} {
			heads, err := reader(text, c).Read()
			if known := countKnown(heads); err == nil && known > most {
				separator, most = c, known
			}
		}
	}
	s.r = reader(text, separator)
	return s, nil
}

func reader(text string, separator rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma = separator
	r.FieldsPerRecord = -1
	return r
}

func countKnown(heads []string) int {
	n := 0
	for _, h := range heads {
		if _, ok := columnOf(h); ok {
			n++
		}
	}
	return n
}

// next is the next row's cells without spaces around them.
func (s *sheet) next() ([]string, error) {
	cells, err := s.r.Read()
	var wrong *csv.ParseError
	if errors.As(err, &wrong) {
		return nil, registry.Refuse(registry.Malformed, "%s cannot be read as CSV at line %d: %s", s.name, wrong.Line, wrong.Err)
	}
	if err != nil {
		return nil, err
	}
	first, _ := s.r.FieldPos(0)
	s.row += first - s.line
	last, _ := s.r.FieldPos(len(cells) - 1)
	s.line = last + strings.Count(cells[len(cells)-1], "\n")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, nil
}

// headings reads the first row and finds each one's column. It refuses, all at once, headings that are not known and columns that occur
// twice. The column of an empty heading is nil.
func (s *sheet) headings() ([]*column, error) {
	heads, err := s.next()
	if err != nil {
		return nil, err
	}
	s.heads = heads
	refusal := registry.Refuse(registry.Invalid, "%s has columns that cannot be imported", s.name)
	all := make([]*column, len(heads))
	taken := map[*column]string{}
	for i, h := range heads {
		c, ok := columnOf(h)
		switch {
		case h == "":
			continue
		case !ok:
			refusal.Fields = append(refusal.Fields, registry.Field{
				Pointer:  "/" + escape(h),
				Sentence: fmt.Sprintf("column %d, %q, is not known; the columns are: %s", i+1, h, columnNames()),
			})
		case taken[c] != "":
			refusal.Fields = append(refusal.Fields, registry.Field{
				Pointer:  "/" + escape(h),
				Sentence: fmt.Sprintf("column %d, %q, means the same as %q", i+1, h, taken[c]),
			})
		default:
			all[i], taken[c] = c, h
		}
	}
	if len(refusal.Fields) > 0 {
		return nil, refusal
	}
	return all, nil
}

// readRow gives each cell to its column, in the order of the table of columns, since some lean on others.
func readRow(number int, heads []string, of []*column, cells []string) Row {
	r := Row{Place: fmt.Sprintf("row %d", number)}
	values := map[*column]cell{}
	for i, text := range cells {
		switch {
		case text == "":
		case i >= len(of):
			r.bad("", "column %d: %q stands beyond the last heading", i+1, text)
		case of[i] == nil:
			r.bad("", "column %d: %q stands in a column without a heading", i+1, text)
		default:
			values[of[i]] = cell{heads[i], text}
		}
	}
	for i := range columns {
		if c, ok := values[&columns[i]]; ok {
			columns[i].set(&r, c)
		}
	}
	r.settle()
	if published := values[byHeading["name"]].text; r.Engagement != nil && published != r.Vendor.Name {
		r.source().PublishedName = published
	}
	return r
}

// settle makes a row that states nothing of an engagement but an id a row about the vendor, whose id it is then.
func (r *Row) settle() {
	if e := r.Engagement; e != nil && e.ExternalID != "" && e.Service == "" && len(r.Locations) == 0 && r.Listed == nil {
		if same(*e, registry.EngagementFields{ExternalID: e.ExternalID}) && r.Vendor.ExternalID == "" {
			r.Vendor.ExternalID, r.Engagement = e.ExternalID, nil
		}
	}
}
