package postgres

import (
	"context"
	"io"
)

// fetchedMajor is the major version that Fetch fetches.
const fetchedMajor = 18

// Fetch is to come.
func Fetch(context.Context, string, io.Writer) (Binaries, error) { return Binaries{}, errMissing() }

// Locate returns the newest binaries of this machine or, if there are none and fetch allows it, fetches some into
// cacheDir. Where neither can be, the error is one sentence that says what to install.
func Locate(ctx context.Context, fetch bool, cacheDir string, progress io.Writer) (Binaries, error) {
	if found := Find(ctx); len(found) > 0 {
		return found[0], nil
	}
	if !fetch {
		return Binaries{}, errMissing()
	}
	return Fetch(ctx, cacheDir, progress)
}
