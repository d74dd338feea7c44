package site

import (
	"fmt"
	"strings"
	"time"
)

// decorate adds the headers that a format has beside its text.
func (s *Site) decorate(d *document, f format, v view) {
	if formats[f].worded {
		d.head("Content-Language", v.language.Code)
		if len(s.languages) > 1 {
			d.vary("Accept-Encoding, Accept-Language")
		}
	}
	d.only("Link", s.links(f, v))
	d.only("Referrer-Policy", "no-referrer")
	switch f {
	case page, annexPage:
		d.only("Content-Security-Policy", s.look.policy)
		d.only("X-Frame-Options", "SAMEORIGIN")
	case fragment: // anybody may show it in a frame
		d.only("Content-Security-Policy", "default-src 'none'; base-uri 'none'")
		d.only("X-Robots-Tag", "noindex")
	case csvText:
		d.only("Content-Disposition", `attachment; filename="`+fileName("subprocessors", v.asked.asOf)+`.csv"`)
	case annexPDF:
		d.only("Content-Disposition", `inline; filename="`+fileName("annex-iii", v.asked.asOf)+`.pdf"`)
		d.only("X-Robots-Tag", "noindex")
	case jsonText, jsonLD, formatCount:
	}
}

func fileName(name string, asOf time.Time) string {
	if asOf.IsZero() {
		return name
	}
	return name + "-" + asOf.Format(time.DateOnly)
}

// links is the Link header: the other formats of the same answer and, for JSON, its schema (RFC 8288).
func (s *Site) links(f format, v view) string {
	var all []string
	for other := range formats {
		if o := format(other); o != f && o != fragment {
			mediaType, _, _ := strings.Cut(formats[o].mediaType, ";")
			all = append(all, fmt.Sprintf(`<%s>; rel="alternate"; type="%s"`, s.address(o, v), mediaType))
		}
	}
	if f == jsonText {
		all = append(all, `<`+schemaPath+`>; rel="describedby"; type="application/schema+json"`)
	}
	return strings.Join(all, ", ")
}

// address is the path and query of the same answer in another format, and in the same language where both are worded.
func (s *Site) address(f format, v view) string { return s.addressOf(f, v.asked, v.language) }

// addressOf is the path and query of an answer. The language is named wherever there are several, so that a reader who chose one keeps it.
func (s *Site) addressOf(f format, asked question, l *Language) string {
	query := asked.values(f)
	if formats[f].worded && l != nil && len(s.languages) > 1 {
		query.Set("lang", l.Code)
	}
	if len(query) == 0 {
		return formats[f].path
	}
	return formats[f].path + "?" + query.Encode()
}
