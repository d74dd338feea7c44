package site

import (
	"fmt"
	"io"
	"strings"
)

// writeAnnexPDF writes the annex as PDF on A4. The same list in the same language always gives the same bytes.
func writeAnnexPDF(w io.Writer, v view) error {
	a := newAnnex(v)
	p := newPaper(v, a)
	p.AddPage()
	p.text("B", 17, 7.5, a.Title)
	p.Ln(1)
	p.text("", 9, lineHeight, a.Basis)
	if a.Of != "" {
		p.Ln(2)
		p.text("B", 11, 5.4, a.Of)
	}
	p.Ln(1)
	for _, line := range a.Stands {
		p.text("", 9, lineHeight, line)
	}
	if note := staleNote(v); note != "" {
		p.Ln(1)
		p.text("B", 9, lineHeight, note)
	}
	for _, part := range a.Parts {
		p.part(v.language, part)
	}
	if len(a.Parts) == 0 {
		p.Ln(6)
		p.text("", 10, lineHeight, v.language.Say("annex.none"))
	}
	if p.missing {
		p.Ln(4)
		p.text("", 8, 4, v.language.Say("annex.letters"))
	}
	if err := p.Error(); err != nil {
		return fmt.Errorf("drawing the annex: %w", err)
	}
	return p.Output(w)
}

func (p *paper) part(l *Language, part annexPart) {
	p.room(45)
	p.Ln(7)
	p.text("B", 13, 6.2, part.Title)
	if part.Note != "" {
		p.text("", 9, lineHeight, part.Note)
	}
	p.Ln(2)
	for _, v := range part.Vendors {
		p.vendor(l, v)
	}
}

// vendor draws one sub-processor, on a new page where it would be torn and is not longer than a page.
func (p *paper) vendor(l *Language, v annexVendor) {
	name := v.Name
	if v.Usual != "" {
		name += " (" + v.Usual + ")"
	}
	rows := []annexLine{
		{Label: l.Say("annex.name"), Text: name},
		{Label: l.Say("annex.address"), Text: v.Address},
		{Label: l.Say("annex.contact"), Text: strings.Join(v.Contacts, "\n")},
	}
	for i, s := range v.Services {
		var lines []string
		for _, line := range s.Lines {
			lines = append(lines, line.Label+": "+line.Text)
		}
		label := ""
		if i == 0 {
			label = l.Say("annex.processing")
		}
		rows = append(rows, annexLine{Label: label, Text: strings.Join(lines, "\n")})
	}
	height := 6.0
	for i := range rows {
		if rows[i].Text == "" {
			rows[i].Text = l.Say("unstated")
		}
		rows[i].Label, rows[i].Text = p.known(rows[i].Label), p.known(rows[i].Text)
		height += p.height(rows[i])
	}
	if height < paperHeight-3*paperMargin {
		p.room(height)
	}
	p.SetDrawColor(120, 120, 120)
	p.Line(paperMargin, p.GetY(), paperWidth-paperMargin, p.GetY())
	p.Ln(1.5)
	for i, row := range rows {
		if i == 0 {
			row.Label = fmt.Sprintf("%d  %s", v.Number, row.Label)
		}
		p.row(row, i == 0)
	}
	p.Ln(2)
}

// height is that of a row, in millimetres.
func (p *paper) height(row annexLine) float64 {
	p.SetFont("Go", "", 9)
	lines := 0
	for line := range strings.SplitSeq(row.Text, "\n") {
		lines += max(len(p.SplitText(line, paperWidth-2*paperMargin-labelWidth-2)), 1)
	}
	return float64(max(lines, len(p.SplitText(row.Label, labelWidth-4))))*lineHeight + 1.5
}

func (p *paper) row(row annexLine, bold bool) {
	if h := p.height(row); h < paperHeight-3*paperMargin {
		p.room(h)
	}
	top, pageNo := p.GetY(), p.PageNo()
	p.SetFont("Go", "", 8)
	p.SetTextColor(80, 80, 80)
	p.MultiCell(labelWidth-2, lineHeight, row.Label, "", "L", false)
	p.SetTextColor(0, 0, 0)
	labelEnd := p.GetY()
	p.SetXY(paperMargin+labelWidth, top)
	weight := ""
	if bold {
		weight = "B"
	}
	p.SetFont("Go", weight, 9)
	p.SetLeftMargin(paperMargin + labelWidth)
	p.MultiCell(0, lineHeight, row.Text, "", "L", false)
	p.SetLeftMargin(paperMargin)
	if p.PageNo() == pageNo && p.GetY() < labelEnd {
		p.SetY(labelEnd)
	}
	p.Ln(1.5)
	p.SetX(paperMargin)
}
