//go:build browser

// Package browsertest lets tests look at pages in Chromium.
package browsertest

import (
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// chromium is one browser and one tab for all tests, one after the other: a tab behind another is not painted.
var (
	chromium context.Context
	front    sync.Mutex
)

// Main starts the browser, runs the tests of m, and returns their exit status. It panics where no Chromium can be started.
func Main(m *testing.M) int {
	folder, err := os.MkdirTemp("", "chromium")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(folder) }()
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath("/usr/bin/chromium"), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(folder),
		chromedp.Flag("disable-component-update", true))
	process, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	first, end := chromedp.NewContext(process)
	defer end()
	if err := chromedp.Run(first); err != nil {
		panic(err)
	}
	defer func() { _ = chromedp.Cancel(first) }()
	chromium = first //nolint:fatcontext // it is set once, before the tests
	return m.Run()
}

// Open is the tab, blank and with nothing emulated, for this test alone; it lasts two minutes at most.
func Open(t *testing.T) context.Context {
	t.Helper()
	front.Lock()
	t.Cleanup(front.Unlock)
	ctx, cancel := context.WithTimeout(chromium, 2*time.Minute)
	t.Cleanup(cancel)
	Run(ctx, t, chromedp.Navigate("about:blank"), emulation.SetScriptExecutionDisabled(false), emulation.SetEmulatedMedia(),
		emulation.ClearDeviceMetricsOverride())
	return ctx
}

// Run does actions in the tab, and ends the test where one fails.
func Run(ctx context.Context, t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatal(err)
	}
}
