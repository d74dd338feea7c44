package site

import (
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
