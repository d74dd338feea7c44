//go:build browser

package workspace_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"onward/app/browsertest"
	"onward/app/login"
)

// TestObjectionsInBrowser decides an objection, after a mistake.
func TestObjectionsInBrowser(t *testing.T) {
	t.Parallel()
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			s.objection(t, "Northwind Trading and its Affiliates")
			s.objection(t, "Contoso")
			ctx := browsertest.Open(t)
			seen := l.open(ctx, t, s.server.URL+s.link(t, s.as(t, login.Legal).user))
			browsertest.Run(ctx, t,
				chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitVisible(".numbers", chromedp.ByQuery),
				chromedp.Navigate(s.server.URL+"/app/objections"), chromedp.Click("main summary", chromedp.ByQuery),
				chromedp.Click("details[open] button", chromedp.ByQuery), chromedp.WaitVisible(".bad", chromedp.ByQuery),
			)
			holds(ctx, t, l.name+" objections bad")
			browsertest.Run(ctx, t,
				chromedp.SetValue("details[open] select", "upheld", chromedp.ByQuery), chromedp.SendKeys("details[open] textarea", "The ground holds.", chromedp.ByQuery),
				chromedp.Click("details[open] button", chromedp.ByQuery), chromedp.WaitNotPresent(".bad", chromedp.ByQuery),
				chromedp.Click("main summary", chromedp.ByQuery),
			)
			holds(ctx, t, l.name+" objections upheld")
			seen.holds(t, s.server.URL)
		})
	}
}
