package site

import (
	"fmt"
	"net/url"
	"strings"
)

// Link is somewhere to go.
type Link struct{ Text, Address string }

// ParseLinks reads links as "Imprint https://example.com/imprint; Privacy policy https://example.com/privacy".
func ParseLinks(text string) ([]Link, error) {
	var all []Link
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if part == "" {
			continue
		}
		at := strings.LastIndexAny(part, " \t")
		if at < 0 {
			return nil, fmt.Errorf("%q is no text with an address after it", part)
		}
		name, address := strings.TrimSpace(part[:at]), part[at+1:]
		u, err := url.Parse(address)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" && u.Scheme != "mailto" || u.Scheme != "mailto" && u.Host == "" {
			return nil, fmt.Errorf("%q does not begin with https://, http:// or mailto: and go on", address)
		}
		all = append(all, Link{name, address})
	}
	return all, nil
}

// ParsePublicURL reads where readers find the site: a scheme and a host, nothing more.
func ParsePublicURL(text string) (string, error) {
	if text == "" {
		return "", nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return "", fmt.Errorf("%q does not begin with https:// or http:// and a host", text)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", fmt.Errorf("%q has more than a scheme and a host: the list is always at /subprocessors there", text)
	}
	return u.Scheme + "://" + u.Host, nil
}

func contact(address string) *Link {
	switch {
	case address == "":
		return nil
	case strings.Contains(address, "://"):
		return &Link{address, address}
	default:
		return &Link{address, "mailto:" + address}
	}
}
