//go:build browser

package workspace_test

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"onward/app/browsertest"
	"onward/app/login"
)

// TestUsersInBrowser adds a user, after a mistake, and makes a link for it.
func TestUsersInBrowser(t *testing.T) {
	t.Parallel()
	for _, l := range looks {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t)
			ctx := browsertest.Open(t)
			seen := l.open(ctx, t, s.server.URL+s.link(t, s.as(t, login.Admin).user))
			browsertest.Run(ctx, t,
				chromedp.Click("main button", chromedp.ByQuery), chromedp.WaitVisible(".numbers", chromedp.ByQuery), chromedp.Navigate(s.server.URL+usersPath),
			)
			holds(ctx, t, l.name+" users alone")
			browsertest.Run(ctx, t,
				chromedp.Click("main summary", chromedp.ByQuery), chromedp.SendKeys("#users-email", "Jane <jane@example.com>", chromedp.ByQuery),
				chromedp.Click(".say button", chromedp.ByQuery), chromedp.WaitVisible("#users-email-bad", chromedp.ByQuery),
			)
			holds(ctx, t, l.name+" users bad")
			var link string
			browsertest.Run(ctx, t,
				chromedp.SendKeys("#users-name", strings.Repeat("Jane", 30), chromedp.ByQuery),
				chromedp.Clear("#users-email", chromedp.ByQuery), chromedp.SendKeys("#users-email", strings.Repeat("jane", 15)+"@example.com", chromedp.ByQuery),
				chromedp.Click(".say button", chromedp.ByQuery), chromedp.WaitNotPresent(".lede", chromedp.ByQuery), chromedp.WaitVisible(".cards", chromedp.ByQuery),
			)
			for i := range 3 {
				u := s.colleague(t, "John Doe", login.UserRoles()[i])
				yes := i == 1
				must(s.users.Change(t.Context(), proposer, s.clock.Now(), u.ID, 1, login.UserPatch{Disabled: &yes}))(t)
			}
			browsertest.Run(ctx, t, chromedp.Navigate(s.server.URL+usersPath), chromedp.Click(".cards details:nth-of-type(2) summary", chromedp.ByQuery))
			holds(ctx, t, l.name+" users full")
			browsertest.Run(ctx, t,
				chromedp.Click(".cards li:last-child details:nth-of-type(1) summary", chromedp.ByQuery),
				chromedp.Clear(".cards li:last-child input:not([type=hidden])", chromedp.ByQuery),
				chromedp.Click(".cards li:last-child details:nth-of-type(1) button", chromedp.ByQuery), chromedp.WaitVisible(".bad", chromedp.ByQuery),
			)
			holds(ctx, t, l.name+" users no name")
			browsertest.Run(ctx, t,
				chromedp.Click(".cards form button.quiet", chromedp.ByQuery), chromedp.WaitVisible("#link", chromedp.ByQuery), chromedp.Value("#link", &link, chromedp.ByQuery),
			)
			if !strings.HasPrefix(link, s.server.URL+"/app/sign-in/onward_") {
				t.Errorf("the link is %q", link)
			}
			holds(ctx, t, l.name+" users link")
			seen.holds(t, s.server.URL)
		})
	}
}
