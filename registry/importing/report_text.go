package importing

import (
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"onward/registry"
)

// WriteText writes the report as a table for people: row, what, name, outcome and why, then the totals.
func (r Report) WriteText(w io.Writer) error {
	lines := [][]string{{"ROW", "WHAT", "NAME", "OUTCOME", "WHY"}}
	for _, l := range r.Lines {
		lines = append(lines, []string{l.Row, string(l.What), short(l.Name), spaced(l.Outcome), oneLine(l.why())})
	}
	totals := [][]string{{"", "created", "changed", "left alone", "refused", ""}}
	for _, n := range r.Totals {
		totals = append(totals, []string{string(n.What), strconv.Itoa(n.Created), strconv.Itoa(n.Changed), strconv.Itoa(n.Left), strconv.Itoa(n.Refused), ""})
	}
	sum := fmt.Sprintf("\n%d rows read, %d refused.", r.Rows, r.Refused)
	if r.DryRun {
		sum += " Nothing was written."
	}
	_, err := io.WriteString(w, table(lines, 0)+sum+"\n"+table(totals, tabwriter.AlignRight))
	return err
}

// table lays lines out in columns.
func table(lines [][]string, flags uint) string {
	var text strings.Builder
	t := tabwriter.NewWriter(&text, 0, 0, 2, ' ', flags)
	for _, cells := range lines {
		fmt.Fprintln(t, strings.Join(cells, "\t"))
	}
	t.Flush() //nolint:errcheck // as above
	var trimmed strings.Builder
	for line := range strings.Lines(text.String()) {
		trimmed.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return trimmed.String()
}

// WriteJSON writes the report as one JSON object.
func (r Report) WriteJSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// why says what changed, what was kept and what is wrong, in this order.
func (l Line) why() string {
	var all []string
	for _, d := range l.Changes {
		all = append(all, fmt.Sprintf("%s: %s → %s", strings.TrimPrefix(d.Pointer, "/"), value(d.Before), value(d.After)))
	}
	for _, d := range l.Kept {
		all = append(all, fmt.Sprintf("%s: kept %s, this row states %s", strings.TrimPrefix(d.Pointer, "/"), value(d.Before), value(d.After)))
	}
	for _, f := range l.Reasons {
		all = append(all, reason(f))
	}
	return strings.Join(append(all, l.Notes...), "; ")
}

func reason(f registry.Field) string {
	if f.Pointer == "" {
		return f.Sentence
	}
	return f.Pointer + " " + f.Sentence
}

// value is v as JSON; nothing is a dash.
func value(v any) string {
	text, err := json.Marshal(v)
	if err != nil || v == nil {
		return "–"
	}
	return string(text)
}

func spaced(o Outcome) string { return strings.ReplaceAll(string(o), "_", " ") }

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// short is s on one line, with at most 60 characters.
func short(s string) string {
	const most = 60
	if r := []rune(oneLine(s)); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return oneLine(s)
}
