package site

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"strings"
)

//go:embed templates/style.css
var style string

//go:embed templates/icon.svg
var icon string

// Brand is what a company sets of its own: all of it may be left out.
type Brand struct {
	// PublicURL is where readers find the site, such as https://privacy.example.com: for the addresses that search engines keep.
	PublicURL string
	Logo      *Logo
	Accent    Accent
	Links     []Link // at the foot of each page
}

// look is the brand, ready to be put into pages.
type look struct {
	style  template.CSS
	policy string // Content-Security-Policy
	icon   string
}

// newLook makes the pages' style: one text inside each page, allowed by its hash. Nothing else may be loaded but pictures from the site itself.
// There is no script that could connect to anything; tools that examine a page read robots.txt in its name, and must be let.
func newLook(b Brand) look {
	l := look{icon: icon}
	l.style, l.policy = Sheet(b, "", "'self'")
	if b.Accent != (Accent{}) {
		l.icon = strings.ReplaceAll(icon, defaultAccent, b.Accent.light.String())
	}
	return l
}

// Sheet is the pages' style in the brand's colours, with more of it at the end, and the Content-Security-Policy of a page that has it inside;
// ancestors are the pages that may show it in a frame.
func Sheet(b Brand, more, ancestors string) (sheet template.CSS, policy string) {
	text := style + more + b.Accent.css()
	sum := sha256.Sum256([]byte(text))
	policy = "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; img-src 'self'; connect-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors " + ancestors
	return template.CSS(text), policy //nolint:gosec // our own files, and colours that were read as such
}
