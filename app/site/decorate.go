package site

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"onward/registry/publishing"
)

// decorate adds the headers that a format has beside its text.
func (s *Site) decorate(d *document, f format, v view) {
	if formats[f].worded {
		s.word(d, v.language)
	}
	d.only("Link", s.links(f, v))
	d.only("Referrer-Policy", "no-referrer")
	switch f {
	case page, annexPage, changesPage, releasesPage:
		s.guard(d)
	case fragment: // anybody may show it in a frame
		d.only("Content-Security-Policy", "default-src 'none'; base-uri 'none'")
		d.only("X-Robots-Tag", "noindex")
	case csvText:
		d.only("Content-Disposition", `attachment; filename="`+fileName("subprocessors", v.asked)+`.csv"`)
	case annexPDF:
		d.only("Content-Disposition", `inline; filename="`+fileName("annex-iii", v.asked)+`.pdf"`)
		d.only("X-Robots-Tag", "noindex")
	case jsonText, jsonLD, atomFeed, jsonFeed, formatCount:
	}
	d.names(v.list.Release)
}

// word says in which language an answer is.
func (s *Site) word(d *document, l *Language) {
	d.head("Content-Language", l.Code)
	if len(s.languages) > 1 {
		d.vary("Accept-Encoding, Accept-Language")
	}
}

// guard keeps a page from loading or being shown elsewhere than it should.
func (s *Site) guard(d *document) {
	d.only("Content-Security-Policy", s.look.policy)
	d.only("X-Frame-Options", "SAMEORIGIN")
}

// names says which release an answer is, or is a part of.
func (d *document) names(r *publishing.Mark) {
	if r != nil {
		d.head("Onward-Release", strconv.FormatInt(r.Number, 10))
		d.head("Onward-Release-Sha256", r.SHA256.String())
	}
}

func fileName(name string, asked question) string {
	switch {
	case asked.release > 0:
		return name + "-release-" + strconv.FormatInt(asked.release, 10)
	case asked.asOf.IsZero():
		return name
	default:
		return name + "-" + asked.asOf.Format(time.DateOnly)
	}
}

// links is the Link header: the other formats of the same answer and, for JSON, its schema (RFC 8288). The list has its feeds there too.
func (s *Site) links(f format, v view) string {
	var all []string
	for other := range formats {
		o := format(other)
		feed := o == atomFeed || o == jsonFeed
		if o != f && o != fragment && o != releasesPage && f != releasesPage && (formats[o].history == formats[f].history || feed && v.asked.whole()) {
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
	path := formats[f].path
	query := asked.values(f)
	if f == page && asked.release > 0 && len(query) == 1 {
		path = releasePath(asked.release)
		query.Del(releaseParameter)
	}
	if formats[f].worded && l != nil && len(s.languages) > 1 {
		query.Set("lang", l.Code)
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
