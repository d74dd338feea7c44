//go:build browser

package workspace_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"onward/app/browsertest"
	"onward/app/login"
)

// faulty are what an accessibility checker looks for first: names of what can be used, labels of fields, one main heading, ids that are unique,
// headings in order, texts that can be read on their ground.
const faulty = `(() => {
	const bad = [], name = e => (e.getAttribute("aria-label") || e.textContent || "").trim();
	const seen = new Set();
	for (const e of document.querySelectorAll("[id]")) { if (seen.has(e.id)) bad.push("twice #" + e.id); seen.add(e.id); }
	for (const e of document.querySelectorAll("a[href], button, summary")) if (!name(e)) bad.push("no name: " + e.outerHTML);
	for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea")) if (!e.labels.length) bad.push("no label: " + e.outerHTML);
	for (const e of document.querySelectorAll("[aria-describedby], [aria-labelledby]"))
		for (const id of (e.getAttribute("aria-describedby") || e.getAttribute("aria-labelledby")).split(" ")) if (!document.getElementById(id)) bad.push("nothing is #" + id);
	if (document.querySelectorAll("h1").length !== 1 || document.querySelectorAll("main").length !== 1) bad.push("not one h1 and one main");
	let level = 1;
	for (const e of document.querySelectorAll("main h1, main h2, main h3")) { const l = +e.tagName[1]; if (l > level + 1) bad.push("a level is left out before " + name(e)); level = l; }
	const colour = c => c.match(/[\d.]+/g).map(Number);
	const light = c => { const p = c.slice(0, 3).map(v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]; };
	const ground = e => { for (; e; e = e.parentElement) { const c = colour(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
	for (const e of document.querySelectorAll("body *")) {
		const own = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
		if (!own || e.closest(".hidden, .skip, style") || !e.getClientRects().length) continue;
		const a = light(colour(getComputedStyle(e).color)), b = light(ground(e));
		const k = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (k < 4.5) bad.push("contrast " + k.toFixed(1) + ": " + name(e).slice(0, 40));
	}
	for (const e of document.querySelectorAll("button, .button, nav a, summary")) { const r = e.getBoundingClientRect(); if (r.height && r.height < 24) bad.push("too small to hit: " + name(e)); }
	return bad;
})()`

// look is how a browser shows a page.
type look struct {
	name  string
	width int64
	dark  bool
}

var looks = []look{{"wide", 1300, false}, {"dark", 1300, true}, {"phone", 360, false}, {"dark phone", 360, true}}

// open opens a page for somebody who is not signed in, without scripts.
func (l look) open(ctx context.Context, t *testing.T, address string) *sight {
	t.Helper()
	seen := watch(ctx)
	scheme := "light"
	if l.dark {
		scheme = "dark"
	}
	browsertest.Run(ctx, t,
		network.Enable(), log.Enable(), runtime.Enable(), network.ClearBrowserCookies(), emulation.SetScriptExecutionDisabled(true),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}),
		emulation.SetDeviceMetricsOverride(l.width, 900, 1, l.width < 500),
		chromedp.Navigate(address),
	)
	return seen
}

// TestInBrowser signs in by a link, sees the alarm of a frozen log, ends it, and closes a task, without scripts; every page is held to what every
// look must have.
func TestInBrowser(t *testing.T) {
	t.Parallel()
	for _, look := range looks {
		t.Run(look.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			v := s.task(t)
			s.expiring(t, v.ID, 5)
			s.violation(t, v.ID)
			planned := s.proposed(t, proposer, v.ID)
			admin := s.as(t, login.Admin)
			s.publish(t)
			s.freeze(t)
			ctx := browsertest.Open(t)
			seen := look.open(ctx, t, s.server.URL+s.link(t, admin.user))
			holds(ctx, t, look.name+" sign-in")
			var alarm, place string
			browsertest.Run(ctx, t,
				chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitVisible(".numbers", chromedp.ByQuery),
				chromedp.Text(".alarm", &alarm, chromedp.ByQuery),
			)
			if !strings.Contains(alarm, "The log is frozen.") {
				t.Errorf("the alarm says %q", alarm)
			}
			holds(ctx, t, look.name+" frozen")
			browsertest.Run(ctx, t, chromedp.Click(".alarm button", chromedp.ByQuery), chromedp.WaitVisible(".alarm .bad", chromedp.ByQuery))
			holds(ctx, t, look.name+" no reason")
			browsertest.Run(ctx, t,
				chromedp.SendKeys(".alarm textarea", "Restored from the backup of last night.", chromedp.ByQuery),
				chromedp.Click(".alarm button", chromedp.ByQuery),
				chromedp.WaitNotPresent(".alarm", chromedp.ByQuery), chromedp.WaitVisible(".numbers", chromedp.ByQuery),
			)
			holds(ctx, t, look.name+" home")
			browsertest.Run(ctx, t,
				chromedp.Navigate(s.server.URL+"/app/tasks?kind=review_due"), chromedp.Click("summary", chromedp.ByQuery),
				chromedp.SendKeys("details textarea", "We looked.", chromedp.ByQuery),
			)
			holds(ctx, t, look.name+" tasks")
			browsertest.Run(ctx, t,
				chromedp.Click("details button", chromedp.ByQuery), chromedp.WaitVisible(".empty", chromedp.ByQuery), chromedp.Location(&place),
			)
			if !strings.HasSuffix(place, "/app/tasks?kind=review_due") {
				t.Errorf("after closing a task one is at %s", place)
			}
			for _, path := range []string{"/app/exceptions", "/app/changes", "/app/objections", "/app/vendors", "/app/vendors/" + v.ID.String(), "/app/history/change/" + planned.ID.String(), "/app/log", "/app/users", "/app/confidentiality", "/app/alarm", "/app/nothing"} {
				browsertest.Run(ctx, t, chromedp.Navigate(s.server.URL+path))
				holds(ctx, t, look.name+" "+strings.ReplaceAll(strings.NewReplacer(v.ID.String(), "one", planned.ID.String(), "one").Replace(path[1:]), "/", "-"))
			}
			browsertest.Run(ctx, t, chromedp.Click(".who button", chromedp.ByQuery), chromedp.WaitNotPresent(".who", chromedp.ByQuery), chromedp.WaitVisible("main code", chromedp.ByQuery), chromedp.Location(&place))
			if !strings.HasSuffix(place, "/app/sign-in") {
				t.Errorf("after signing out one is at %s", place)
			}
			seen.holds(t, s.server.URL)
		})
	}
}

// TestKeyboardInBrowser reaches what a page has with the Tab key alone, and sees where it is.
func TestKeyboardInBrowser(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	s.task(t)
	legal := s.as(t, login.Legal)
	ctx := browsertest.Open(t)
	browsertest.Run(ctx, t,
		network.ClearBrowserCookies(), chromedp.EmulateViewport(1300, 900), chromedp.Navigate(s.server.URL+s.link(t, legal.user)),
		chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitVisible(".numbers", chromedp.ByQuery), chromedp.Navigate(s.server.URL+"/app/tasks"),
	)
	var reached []string
	for range 20 {
		var now struct{ Name, Outline string }
		browsertest.Run(ctx, t, chromedp.KeyEvent("\t"), chromedp.Evaluate(`(() => {
			const e = document.activeElement, s = getComputedStyle(e);
			return {Name: (e.id || e.textContent).trim(), Outline: s.outlineStyle === "none" ? "" : s.outlineWidth};
		})()`, &now))
		reached = append(reached, now.Name)
		if now.Outline == "" && now.Name != "" && !strings.HasPrefix(now.Name, "Skip") {
			t.Errorf("nothing shows that the focus is on %q", now.Name)
		}
	}
	order := strings.Join(reached, " > ")
	if want := "Skip to the content > Sign out > Next > Tasks > Exceptions > Changes > Vendors > Log > state > kind > owner > due_before"; !strings.HasPrefix(order, want) {
		t.Errorf("the focus goes\n%s\nnot\n%s", order, want)
	}
	if !strings.Contains(order, "Acme <Analytics> > Close the task about") {
		t.Errorf("the focus goes\n%s\nand does not reach the task", order)
	}
}

// holds takes a picture of the page, and checks it.
func holds(ctx context.Context, t *testing.T, name string) {
	t.Helper()
	var overflow int64
	var bad []string
	var shot []byte
	browsertest.Run(ctx, t,
		chromedp.Evaluate(`document.documentElement.scrollWidth - document.documentElement.clientWidth`, &overflow),
		chromedp.Evaluate(faulty, &bad),
		chromedp.FullScreenshot(&shot, 100),
	)
	if err := os.WriteFile(filepath.Join(t.ArtifactDir(), strings.ReplaceAll(name, " ", "-")+".png"), shot, 0o600); err != nil {
		t.Fatal(err)
	}
	if overflow > 0 {
		t.Errorf("%s: the page is %d pixels wider than the window", name, overflow)
	}
	for _, fault := range bad {
		t.Errorf("%s: %s", name, fault)
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
			if e.Entry.Source != log.SourceNetwork { // a refused form's own status
				s.troubles = append(s.troubles, e.Entry.Text)
			}
		case *runtime.EventConsoleAPICalled:
			s.troubles = append(s.troubles, "console."+string(e.Type))
		case *runtime.EventExceptionThrown:
			s.troubles = append(s.troubles, e.ExceptionDetails.Text)
		}
	})
	return s
}

// holds checks that the pages asked for their own host alone and that the console is clean.
func (s *sight) holds(t *testing.T, origin string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, address := range s.asked {
		if path, own := strings.CutPrefix(address, origin); !strings.HasPrefix(address, "data:") && (!own || !strings.HasPrefix(path, "/app") && path != "/favicon.svg") {
			t.Errorf("a page asks for %s", address)
		}
	}
	if len(s.troubles) > 0 {
		t.Error(fmt.Sprint("the console says ", s.troubles))
	}
}
