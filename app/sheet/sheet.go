// Package sheet writes tables as CSV that a spreadsheet can be given: RFC 4180 in UTF-8, and no cell is taken for a formula.
package sheet

import (
	"encoding/csv"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Writer writes rows. Its errors stay: Flush tells of the first.
type Writer struct{ csv *csv.Writer }

// NewWriter returns a writer to w.
func NewWriter(w io.Writer) *Writer {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	return &Writer{out}
}

// Write writes a row; it makes the cells harmless where they stand.
func (w *Writer) Write(cells []string) error {
	for i := range cells {
		cells[i] = harmless(cells[i])
	}
	return w.csv.Write(cells)
}

// Flush sends on what is buffered.
func (w *Writer) Flush() error {
	w.csv.Flush()
	return w.csv.Error()
}

// harmless puts an apostrophe before what a spreadsheet would take for a formula, also behind blanks and in full width.
func harmless(cell string) string {
	if cell == "" || cell[0] >= '0' && cell[0] <= '9' || cell[0] >= 'A' && cell[0] <= 'Z' || cell[0] >= 'a' && cell[0] <= 'z' {
		return cell
	}
	rest := strings.TrimLeftFunc(cell, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' })
	if first, _ := utf8.DecodeRuneInString(rest); rest != "" && strings.ContainsRune("=+-@＝＋－＠", first) || cell[0] == '\t' || cell[0] == '\r' {
		return "'" + cell
	}
	return cell
}
