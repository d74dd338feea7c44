package site

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
)

// Measures of the paper, in millimetres; letters are in points.
const (
	paperMargin = 18.0
	paperWidth  = 210.0
	paperHeight = 297.0
	labelWidth  = 48.0
	lineHeight  = 4.6
)

// paper is a PDF in the making.
type paper struct {
	*fpdf.Fpdf
	missing bool // a letter was not in the typeface
}

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

func newPaper(v view, a annex) *paper {
	p := &paper{Fpdf: fpdf.New("P", "mm", "A4", "")}
	p.AddUTF8FontFromBytes("Go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("Go", "B", gobold.TTF)
	p.SetCatalogSort(true)
	date := v.list.Updated
	if !v.asked.asOf.IsZero() {
		date = v.asked.asOf
	}
	if date.IsZero() {
		date = time.Unix(0, 0)
	}
	p.SetCreationDate(date.UTC())
	p.SetModificationDate(date.UTC())
	p.SetTitle(p.known(a.Title), true)
	p.SetAuthor(p.known(v.list.Company), true)
	p.SetSubject(p.known(a.Basis), true)
	p.SetProducer("Onward", true)
	p.SetLang(v.language.Code)
	p.SetMargins(paperMargin, paperMargin, paperMargin)
	p.SetAutoPageBreak(true, paperMargin+4)
	p.AliasNbPages("{all}")
	p.SetFooterFunc(func() {
		p.SetY(-paperMargin + 4)
		p.SetFont("Go", "", 8)
		p.SetTextColor(90, 90, 90)
		p.CellFormat(0, 4, p.known(a.Title), "", 0, "L", false, 0, "")
		p.SetX(paperMargin)
		p.CellFormat(0, 4, v.language.Say("annex.page", "n", p.PageNo()), "", 0, "R", false, 0, "")
		p.SetTextColor(0, 0, 0)
	})
	return p
}

func (p *paper) text(weight string, size, height float64, text string) {
	p.SetFont("Go", weight, size)
	p.MultiCell(0, height, p.known(text), "", "L", false)
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

// room begins a new page where less than height is left on this one.
func (p *paper) room(height float64) {
	if p.GetY()+height > paperHeight-paperMargin-4 {
		p.AddPage()
	}
}

var typeface = sync.OnceValue(func() *sfnt.Font {
	f, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		panic(err) // the font is part of the program
	}
	return f
})

// known puts a box in the place of each letter that the typeface does not have.
func (p *paper) known(text string) string {
	var buffer sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if r == '\n' {
			return r
		}
		if i, err := typeface().GlyphIndex(&buffer, r); err == nil && i != 0 {
			return r
		}
		p.missing = true
		return '□'
	}, plain(text))
}
