//go:build browser

package site_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	pages "github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"onward/app/browsertest"
	"onward/app/site"
)

// look is one way to look at the page.
type look struct {
	name   string
	width  int64
	path   string
	dark   bool
	script bool
	empty  bool
	full   bool // a hundred organisations
	past   bool // three releases, and a change that is announced
	brand  bool // a logo, an accent and links of a company's own
	forms  bool // with a desk, so that one can subscribe and object
	stale  bool // its records cannot be read
}

// TestInBrowser opens the page in Chromium and holds it to what every look must have.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	for _, l := range []look{
		{name: "wide", width: 1400, path: "/subprocessors"},
		{name: "very wide", width: 2000, path: "/subprocessors"},
		{name: "phone", width: 390, path: "/subprocessors"},
		{name: "narrow phone", width: 360, path: "/subprocessors"},
		{name: "tablet", width: 820, path: "/subprocessors"},
		{name: "dark", width: 1400, path: "/subprocessors", dark: true},
		{name: "dark phone", width: 390, path: "/subprocessors", dark: true},
		{name: "with scripts", width: 1400, path: "/subprocessors", script: true},
		{name: "filtered", width: 1400, path: "/subprocessors?kind=affiliate"},
		{name: "past", width: 1400, path: "/subprocessors?as_of=2023-03-01"},
		{name: "no match", width: 1400, path: "/subprocessors?q=nowhere"},
		{name: "empty", width: 1400, path: "/subprocessors", empty: true},
		{name: "full", width: 1400, path: "/subprocessors", full: true},
		{name: "full phone", width: 360, path: "/subprocessors", full: true},
		{name: "german", width: 1400, path: "/subprocessors?lang=de"},
		{name: "german phone", width: 360, path: "/subprocessors?lang=de"},
		{name: "by purpose", width: 1400, path: "/subprocessors?group=purpose"},
		{name: "brand", width: 1400, path: "/subprocessors", brand: true},
		{name: "brand dark", width: 1400, path: "/subprocessors", brand: true, dark: true},
		{name: "annex", width: 1400, path: "/subprocessors/annex-iii"},
		{name: "annex phone", width: 360, path: "/subprocessors/annex-iii?lang=de"},
		{name: "announced", width: 1300, path: "/subprocessors", past: true},
		{name: "changes", width: 1300, path: "/subprocessors/changes", past: true},
		{name: "changes dark", width: 1300, path: "/subprocessors/changes?lang=de", past: true, dark: true},
		{name: "changes phone", width: 360, path: "/subprocessors/changes", past: true},
		{name: "changes dark phone", width: 360, path: "/subprocessors/changes?lang=de", past: true, dark: true},
		{name: "changes empty", width: 1300, path: "/subprocessors/changes", empty: true},
		{name: "release", width: 1300, path: "/subprocessors/releases/1", past: true},
		{name: "releases", width: 1300, path: "/subprocessors/releases", past: true},
		{name: "releases phone", width: 360, path: "/subprocessors/releases?lang=de", past: true},
		{name: "releases dark", width: 1300, path: "/subprocessors/releases", past: true, dark: true},
		{name: "difference", width: 1300, path: "/subprocessors/releases/1/difference/3", past: true},
		{name: "difference dark phone", width: 360, path: "/subprocessors/releases/1/difference/3?lang=de", past: true, dark: true},
		{name: "changes tablet", width: 768, path: "/subprocessors/changes", past: true},
		{name: "difference tablet", width: 768, path: "/subprocessors/releases/1/difference/3", past: true},
		{name: "subscribe", width: 1280, path: "/subscriptions", forms: true},
		{name: "subscribe tablet dark", width: 768, path: "/subscriptions?lang=de", forms: true, dark: true},
		{name: "subscribe phone", width: 360, path: "/subscriptions", forms: true},
		{name: "object", width: 1280, path: objectionLink, forms: true},
		{name: "object tablet dark", width: 768, path: objectionLink + "?lang=de", forms: true, dark: true},
		{name: "object phone", width: 360, path: objectionLink, forms: true},
		{name: "stale", width: 1280, path: "/subprocessors", stale: true},
		{name: "stale dark phone", width: 360, path: "/subprocessors?lang=de", stale: true, dark: true},
		{name: "problem", width: 1400, path: "/subprocessors?as_of=2999-01-01&colour=red"},
		{name: "problem on a phone", width: 360, path: "/subprocessors?as_of=2999-01-01&colour=red"},
	} {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			l.check(t)
		})
	}
}

func (l look) check(t *testing.T) {
	t.Helper()
	handler, link := l.site(t)
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	ctx := browsertest.Open(t)
	seen := watch(ctx)
	var overflow int64
	var ground string
	var shot []byte
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	browsertest.Run(ctx, t,
		network.Enable(), log.Enable(), runtime.Enable(),
		emulation.SetScriptExecutionDisabled(!l.script),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		emulation.SetDeviceMetricsOverride(l.width, 900, 1, l.width < 500),
		chromedp.Navigate(server.URL+strings.Replace(l.path, objectionLink, link, 1)),
		chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &overflow),
		chromedp.Evaluate(`getComputedStyle(document.body).backgroundColor`, &ground),
		chromedp.FullScreenshot(&shot, 100),
	)
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), strings.ReplaceAll(l.name, " ", "-")+".png"), shot, 0o600); err != nil {
		t.Fatal(err)
	}
	if overflow > 0 {
		t.Errorf("the page is %d pixels wider than the window", overflow)
	}
	if dark := brightness(t, ground) < 64; dark != l.dark {
		t.Errorf("the ground is %s", ground)
	}
	seen.holds(t, server.URL, strings.HasPrefix(l.name, "problem"))
	var cookies []*network.Cookie
	browsertest.Run(ctx, t, chromedp.ActionFunc(func(ctx context.Context) (err error) {
		cookies, err = network.GetCookies().Do(ctx)
		return err
	}))
	if len(cookies) > 0 {
		t.Errorf("there are %d cookies", len(cookies))
	}
}

// objectionLink stands for a customer's own.
const objectionLink = "{objection}"

func (l look) site(t *testing.T) (handler http.Handler, link string) {
	t.Helper()
	r := &records{list: sample(t)}
	switch {
	case l.past:
		_, handler := threeReleases(t).start(t, "")
		return handler, ""
	case l.brand:
		return branded(t, aBrand(t)), ""
	case l.forms:
		return forms(t)
	case l.stale:
		s, handler := start(t, r)
		s.Renew(t.Context())
		r.change(func() { r.away, r.now = io.ErrUnexpectedEOF, noon.Add(time.Minute) })
		s.Renew(t.Context())
		return handler, ""
	case l.empty:
		r = &records{}
	case l.full:
		r.list = hundred(t)
	}
	_, handler = start(t, r)
	return handler, ""
}

// aBrand has all that can be set.
func aBrand(t *testing.T) site.Brand {
	t.Helper()
	path := filepath.Join(t.TempDir(), "logo.svg")
	const drawing = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 160 32"><circle cx="16" cy="16" r="14" fill="#8a1c4a"/><path d="M40 8h110v16H40z" fill="#222"/></svg>`
	if err := os.WriteFile(path, []byte(drawing), 0o600); err != nil {
		t.Fatal(err)
	}
	logo, err := site.ReadLogo(path)
	if err != nil {
		t.Fatal(err)
	}
	accent, err := site.ParseAccent("#8a1c4a")
	if err != nil {
		t.Fatal(err)
	}
	return site.Brand{
		PublicURL: "https://privacy.meridian.example", Logo: logo, Accent: accent,
		Links: []site.Link{{Text: "Imprint", Address: "https://meridian.example/imprint"}, {Text: "Privacy policy", Address: "https://meridian.example/privacy"}},
	}
}

// TestPrint prints the page.
func TestPrint(t *testing.T) {
	t.Parallel()
	_, handler := start(t, &records{list: sample(t)})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	ctx := browsertest.Open(t)
	var paper, shot []byte
	var form string
	browsertest.Run(ctx, t,
		chromedp.EmulateViewport(720, 1000), // the paper's width between its margins
		chromedp.Navigate(server.URL+"/subprocessors"),
		emulation.SetEmulatedMedia().WithMedia("print"),
		chromedp.Evaluate(`getComputedStyle(document.querySelector("form")).display`, &form),
		chromedp.ActionFunc(func(ctx context.Context) (err error) {
			paper, _, err = pages.PrintToPDF().WithPreferCSSPageSize(true).WithPaperWidth(8.27).WithPaperHeight(11.69).Do(ctx)
			return err
		}),
		chromedp.FullScreenshot(&shot, 100),
	)
	if form != "none" {
		t.Error("the form is printed")
	}
	for name, content := range map[string][]byte{"print.pdf": paper, "print.png": shot} {
		if err := os.WriteFile(filepath.Join(t.ArtifactDir(), name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKeyboard reaches everything with the Tab key alone, in the order of the page, and sees where it is.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	_, handler := start(t, &records{list: sample(t)})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	ctx := browsertest.Open(t)
	browsertest.Run(ctx, t, chromedp.EmulateViewport(1400, 900), chromedp.Navigate(server.URL+"/subprocessors"))
	var reached []string
	for range 60 {
		var now struct{ Name, Outline string }
		browsertest.Run(ctx, t, chromedp.KeyEvent("\t"), chromedp.Evaluate(`(() => {
			const e = document.activeElement, s = getComputedStyle(e);
			return {Name: (e.id || e.textContent).trim(), Outline: s.outlineStyle === "none" ? "" : s.outlineWidth};
		})()`, &now))
		reached = append(reached, now.Name)
		if now.Outline == "" {
			t.Errorf("nothing shows that the focus is on %q", now.Name)
		}
	}
	order := strings.Join(reached, " > ")
	if want := "q > kind > product > place > category > group > as_of"; !strings.Contains(order, want) {
		t.Errorf("the focus goes\n%s\nwithout\n%s", order, want)
	}
	if want := "Skip to the list > English > Deutsch > What is a subprocessor? > Subprocessors 32 > Affiliates 4"; !strings.HasPrefix(order, want) {
		t.Errorf("the focus goes\n%s\nnot\n%s", order, want)
	}
}

// TestFilterInBrowser fills in the form and sends it, without scripts.
func TestFilterInBrowser(t *testing.T) {
	t.Parallel()
	_, handler := start(t, &records{list: sample(t)})
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	ctx := browsertest.Open(t)
	var count, address string
	browsertest.Run(ctx, t,
		chromedp.Navigate(server.URL+"/subprocessors"),
		chromedp.SendKeys("#q", "espana", chromedp.ByQuery),
		chromedp.Submit("#q", chromedp.ByQuery),
		chromedp.WaitVisible(".count", chromedp.ByQuery),
		chromedp.Text(".count", &count, chromedp.ByQuery),
		chromedp.Location(&address),
	)
	if !strings.HasPrefix(count, "1 of 40") || !strings.Contains(address, "q=espana") {
		t.Errorf("%s says %q", address, count)
	}
}

func TestMain(m *testing.M) { os.Exit(browsertest.Main(m)) }

// sight is what the browser asked for and complained about.
type sight struct {
	mu       sync.Mutex
	asked    []string
	troubles []string
}

func watch(ctx context.Context) *sight {
	s := &sight{}
	chromedp.ListenTarget(ctx, func(event any) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch e := event.(type) {
		case *network.EventRequestWillBeSent:
			s.asked = append(s.asked, e.Request.URL)
		case *log.EventEntryAdded:
			s.troubles = append(s.troubles, e.Entry.Text)
		case *runtime.EventConsoleAPICalled:
			s.troubles = append(s.troubles, "console."+string(e.Type))
		case *runtime.EventExceptionThrown:
			s.troubles = append(s.troubles, e.ExceptionDetails.Text)
		}
	})
	return s
}

// holds checks that the page asked for itself alone and that the console is clean; a refused page's own status may be there.
func (s *sight) holds(t *testing.T, origin string, refused bool) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range s.asked {
		if path, own := strings.CutPrefix(address, origin); !strings.HasPrefix(address, "data:") && (!own || !strings.HasPrefix(path, "/subprocessors") && !strings.HasPrefix(path, "/subscriptions") && !strings.HasPrefix(path, "/objections/") && path != "/favicon.svg" && path != "/logo") {
			t.Errorf("the page asks for %s", address)
		}
	}
	for _, trouble := range s.troubles {
		if !refused || !strings.Contains(trouble, http.StatusText(http.StatusUnprocessableEntity)) {
			t.Errorf("the console says %q", trouble)
		}
	}
}

// brightness is of a CSS colour, from 0 to 255.
func brightness(t *testing.T, colour string) int {
	t.Helper()
	var sum int
	digits := strings.FieldsFunc(colour, func(r rune) bool { return r < '0' || r > '9' })
	if len(digits) < 3 {
		t.Fatalf("no colour: %q", colour)
	}
	for _, d := range digits[:3] {
		n := 0
		for _, r := range d {
			n = n*10 + int(r-'0')
		}
		sum += n
	}
	return sum / 3
}
