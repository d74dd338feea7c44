package site

import (
	"net/http"
	"strings"
)

// known says whether the client has the text already (RFC 9110, 13.1.2 and 13.1.3): its If-None-Match names etag, or, where it sends
// none, its If-Modified-Since is not before the document's date.
func (d *document) known(r *http.Request, etag string) bool {
	if tags, ok := r.Header["If-None-Match"]; ok {
		return names(tags, etag)
	}
	since := r.Header["If-Modified-Since"]
	if len(since) != 1 || d.date.IsZero() {
		return false
	}
	t, err := http.ParseTime(since[0])
	if err != nil {
		return false
	}
	return t.After(d.date) || !d.ambiguous && t.Equal(d.date)
}

// names says whether one of lists of entity tags holds etag, by weak comparison, or is an asterisk.
func names(lists []string, etag string) bool {
	for _, list := range lists {
		if list == etag {
			return true
		}
		rest := strings.Trim(list, " \t")
		if rest == "*" {
			return true
		}
		for rest != "" {
			tag, after, ok := nextTag(rest)
			if !ok {
				break
			}
			if tag == etag {
				return true
			}
			rest = strings.TrimLeft(after, " \t,")
		}
	}
	return false
}

// nextTag cuts the first entity tag, without its weakness, off a list.
func nextTag(s string) (tag, rest string, ok bool) {
	s = strings.TrimPrefix(strings.TrimLeft(s, " \t,"), "W/")
	if !strings.HasPrefix(s, `"`) {
		return "", "", false
	}
	end := strings.IndexByte(s[1:], '"')
	if end < 0 {
		return "", "", false
	}
	return s[:end+2], s[end+2:], true
}
