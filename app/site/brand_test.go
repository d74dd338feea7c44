package site_test

import (
	"bytes"
	"image"
	"image/png"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"onward/app/site"
)

func branded(t *testing.T, b site.Brand) http.Handler {
	t.Helper()
	r := &records{list: sample(t), now: noon}
	s := site.New(site.Options{
		Build: r.Build, Epoch: r.Epoch, Now: r.Now, Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Company: "Meridian Software", Brand: b,
	})
	engine := gin.New()
	s.Mount(engine)
	return engine
}

func TestLogo(t *testing.T) {
	t.Parallel()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 300, 100))); err != nil {
		t.Fatal(err)
	}
	svg := func(inside string) string {
		return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 200 50">` + inside + `</svg>`
	}
	for _, c := range []struct{ rule, content, want string }{
		{"a PNG", picture.String(), ""},
		{"an SVG", svg(`<defs><linearGradient id="a"><stop offset="0"/></linearGradient></defs><g style="fill:url(#a)"><path d="M0 0"/></g><style>path{fill:red}</style>`), ""},
		{"an SVG with width and height", `<svg xmlns="http://www.w3.org/2000/svg" width="200px" height="50"><path d="M0 0"/></svg>`, ""},
		{"a picture inside it", svg(`<image href="data:image/png;base64,AAAA"/>`), ""},
		{"a use of its own part", svg(`<use xlink:href="#a"/>`), ""},
		{"a script", svg(`<script>alert(1)</script>`), `an element "script"`},
		{"a script of another kind", svg(`<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>`), `an element "script"`},
		{"a page inside it", svg(`<foreignObject><p/></foreignObject>`), `an element "foreignObject"`},
		{"a handler", svg(`<path onload="alert(1)"/>`), `a handler "onload"`},
		{"an animation that sets an address", svg(`<a><set attributeName="href" to="javascript:alert(1)"/></a>`), "which a logo does not need"},
		{"a picture from elsewhere", svg(`<image xlink:href="https://evil.example/x.png"/>`), "not inside it"},
		{"a drawing from elsewhere", svg(`<use href="data:image/svg+xml;base64,AAAA"/>`), "not inside it"},
		{"a style from elsewhere", svg(`<style>@import "https://evil.example/x.css"</style>`), "loads something"},
		{"a fill from elsewhere", svg(`<path fill="url(https://evil.example/#a)"/>`), "loads something"},
		{"a fill that hides where it is from", svg(`<path style="fill:u\72l(//evil.example)"/>`), "loads something"},
		{"entities", `<!DOCTYPE svg [<!ENTITY a "b">]>` + svg(""), "declares entities"},
		{"a style sheet", `<?xml-stylesheet href="https://evil.example/x.css"?>` + svg(""), "an instruction"},
		{"no size", `<svg xmlns="http://www.w3.org/2000/svg"/>`, "no size"},
		{"a page", `<html><body/></html>`, "neither a PNG nor an SVG"},
		{"half an SVG", strings.TrimSuffix(svg(""), "</svg>"), "neither a PNG nor an SVG"},
		{"half a PNG", picture.String()[:20], "no PNG that can be read"},
		{"a JPEG", "\xff\xd8\xff", "neither a PNG nor an SVG"},
		{"nothing", "", "neither a PNG nor an SVG"},
		{"a file that is too large", svg(strings.Repeat(" ", 300<<10)), "has at most 256"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "logo")
			if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
				t.Fatal(err)
			}
			logo, err := site.ReadLogo(path)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("it says %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			h := branded(t, site.Brand{Logo: logo})
			if r := get(t, h, "/logo"); r.Body != c.content || !strings.Contains(r.Header.Get("Content-Security-Policy"), "sandbox") || r.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("it is served as %v", r.Header)
			}
			if page := get(t, h, "/subprocessors").Body; !strings.Contains(page, `<img src="/logo" alt="Meridian Software" width="`) {
				t.Error("it is not on the page")
			}
		})
	}
	if h := branded(t, site.Brand{}); get(t, h, "/logo").Body != get(t, h, "/favicon.svg").Body {
		t.Error("without a logo there is something else than the icon")
	}
}

func TestAccent(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ rule, text, want string }{
		{"none", "", ""},
		{"one", "#0b5c54", ""},
		{"one that is nearly black", "#101010", ""},
		{"two", "#8a1c4a #f0a0c0", ""},
		{"one that is too light for the light ground", "#ffcc00", "#ffcc00 cannot be read on the light ground #ffffff: their contrast is 1.5, and must be at least 4.5"},
		{"a second one that is too dark for the dark ground", "#8a1c4a #8a1c4a", "cannot be read on the dark ground"},
		{"three", "#000000 #ffffff #000000", "it is one colour, or two"},
		{"a name", "red", `"red" is no colour written as #0b5c54`},
		{"too few digits", "#abc", "no colour"},
		{"a style", "#000000;}", "no colour"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			accent, err := site.ParseAccent(c.text)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("it says %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			h := branded(t, site.Brand{Accent: accent})
			for _, colour := range strings.Fields(c.text) {
				if page := get(t, h, "/subprocessors").Body; !strings.Contains(page, "--accent: "+colour) {
					t.Errorf("%s is not in the style", colour)
				}
			}
			if c.text != "" && !strings.Contains(get(t, h, "/favicon.svg").Body, strings.Fields(c.text)[0]) {
				t.Error("the icon has another colour")
			}
		})
	}
}

// TestShippedColours: the grounds that a colour is held against are those of the style, and the shipped colours can be read on them.
func TestShippedColours(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("templates/style.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"--ground: #fbfaf8; --sheet: #fff;", "--accent: #0b5c54;", "--ground: #14181a; --sheet: #1a1f22;", "--accent: #7fd0c3;",
	} {
		if !strings.Contains(string(text), want) {
			t.Errorf("the style has no %s", want)
		}
	}
	if _, err := site.ParseAccent("#0b5c54 #7fd0c3"); err != nil {
		t.Error(err)
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	links, err := site.ParseLinks(" Imprint https://example.com/imprint; Privacy policy mailto:privacy@example.com ;")
	if err != nil || len(links) != 2 || links[1] != (site.Link{Text: "Privacy policy", Address: "mailto:privacy@example.com"}) {
		t.Errorf("%v %v", links, err)
	}
	if page := get(t, branded(t, site.Brand{Links: links}), "/subprocessors").Body; !strings.Contains(page, `<a href="https://example.com/imprint">Imprint</a>`) {
		t.Error("they are not on the page")
	}
	for _, bad := range []string{"Imprint", "Imprint example.com", "Imprint javascript:alert(1)", "Imprint https://", "https://example.com"} {
		if links, err := site.ParseLinks(bad); err == nil {
			t.Errorf("%q is taken as %v", bad, links)
		}
	}
}

func TestPublicURL(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"example.com", "ftp://example.com", "https://", "https://example.com/legal", "https://a@example.com", "https://example.com/?a"} {
		if u, err := site.ParsePublicURL(bad); err == nil {
			t.Errorf("%q is taken as %q", bad, u)
		}
	}
	public, err := site.ParsePublicURL("https://privacy.example.com/")
	if err != nil {
		t.Fatal(err)
	}
	h := branded(t, site.Brand{PublicURL: public})
	const hreflang = `<link rel="alternate" hreflang="en" href="https://privacy.example.com/subprocessors">
<link rel="alternate" hreflang="de" href="https://privacy.example.com/subprocessors?lang=de">
<link rel="alternate" hreflang="x-default" href="https://privacy.example.com/subprocessors">`
	for path, canonical := range map[string]string{
		"/subprocessors": "https://privacy.example.com/subprocessors", "/subprocessors?lang=en": "https://privacy.example.com/subprocessors",
		"/subprocessors?lang=de": "https://privacy.example.com/subprocessors?lang=de",
	} {
		page := get(t, h, path).Body
		if !strings.Contains(page, `<link rel="canonical" href="`+canonical+`">`) || !strings.Contains(page, hreflang) || strings.Contains(page, "noindex") {
			t.Errorf("%s has another canonical address", path)
		}
	}
	for _, path := range []string{"/subprocessors?kind=affiliate", "/subprocessors?as_of=2026-03-01", "/subprocessors/annex-iii"} {
		if page := get(t, h, path).Body; strings.Contains(page, "canonical") || strings.Contains(page, `hreflang="x-default"`) || !strings.Contains(page, "noindex") {
			t.Errorf("%s is for search engines", path)
		}
	}
	if page := get(t, branded(t, site.Brand{}), "/subprocessors").Body; strings.Contains(page, "canonical") {
		t.Error("an address is given that nobody set")
	}
	robots := get(t, h, "/robots.txt")
	if !strings.Contains(robots.Body, "Allow: /subprocessors") || !strings.HasPrefix(robots.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("%v %s", robots.Header, robots.Body)
	}
}
