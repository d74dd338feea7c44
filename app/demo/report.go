package demo

import (
	"fmt"
	"io"
	"strings"

	"onward/audit"
	"onward/registry/importing"
	"onward/registry/sharing"
)

// Report is what loading the demo did.
type Report struct {
	Import    importing.Report `json:"import"`
	Contracts []Contract       `json:"contracts"`
	Shares    []Share          `json:"shares"`
}

// Contract is an invented contract; Title is empty where only codes and transfers were invented.
type Contract struct {
	Vendor  string `json:"vendor"`
	Title   string `json:"title,omitempty"`
	Status  string `json:"status,omitempty"`
	Created bool   `json:"created"`
}

// Share is a share of the demo and how it was judged. Before means that an earlier load recorded it.
type Share struct {
	About   string          `json:"about"`
	Vendor  string          `json:"vendor"`
	Verdict sharing.Verdict `json:"verdict,omitempty"`
	Reasons []string        `json:"reasons,omitempty"`
	Receipt *audit.Receipt  `json:"receipt,omitempty"`
	Before  bool            `json:"before,omitempty"`
}

// WriteText says in a few lines what there is now to see.
func (r Report) WriteText(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "This is the demo of %s. Vendors and locations are facts from published lists; contracts and shares are invented.\n\n", Company)
	for _, t := range r.Import.Totals {
		fmt.Fprintf(&b, "%-12s %3d created, %d changed, %d left alone, %d refused\n", t.What, t.Created, t.Changed, t.Left, t.Refused)
	}
	b.WriteString("\nContracts\n")
	for _, c := range r.Contracts {
		if c.Title != "" {
			fmt.Fprintf(&b, "  %s: %s, %s%s\n", c.Vendor, c.Title, strings.ReplaceAll(c.Status, "_", " "), before(!c.Created))
		}
	}
	b.WriteString("\nShares\n")
	for _, s := range r.Shares {
		verdict := string(s.Verdict)
		if s.Before {
			verdict = "there before"
		}
		fmt.Fprintf(&b, "  %-12s %s: %s%s\n", verdict, s.Vendor, s.About, reasons(s.Reasons))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func reasons(codes []string) string {
	if len(codes) == 0 {
		return ""
	}
	return " (" + strings.Join(codes, ", ") + ")"
}

func before(there bool) string {
	if !there {
		return ""
	}
	return "; it was there before"
}
