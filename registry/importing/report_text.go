package importing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"onward/registry"
)

// WriteText writes the report as a table for people: row, what, name, outcome and why, then the totals.
func (r Report) WriteText(w io.Writer) error {
	var table bytes.Buffer
	t := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprint(t, "ROW\tWHAT\tNAME\tOUTCOME\tWHY\n")
	for _, l := range r.Lines {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", l.Row, l.What, short(l.Name), spaced(l.Outcome), oneLine(l.why()))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(table.String()) {
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " \n")); err != nil {
			return err
		}
	}
	return r.writeTotals(w)
}

func (r Report) writeTotals(w io.Writer) error {
	fmt.Fprintf(w, "\n%d rows read, %d refused.", r.Rows, r.Refused)
	if r.DryRun {
		fmt.Fprint(w, " Nothing was written.")
	}
	fmt.Fprint(w, "\n")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(t, "\tcreated\tchanged\tleft alone\trefused\t\n")
	for _, n := range r.Totals {
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%d\t\n", n.What, n.Created, n.Changed, n.Left, n.Refused)
	}
	return t.Flush()
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
