package publishing_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/registry"
	"onward/registry/publishing"
)

// TestReleasesInACrowd lets some change lines while others look at the list, each as an instance of its own.
func TestReleasesInACrowd(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	var lines []registry.Engagement
	for i := range 3 {
		lines = append(lines, o.public(t, fmt.Sprintf("Vendor %d", i), registry.EngagementFields{}))
	}
	var writers, readers sync.WaitGroup
	over := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			desk := publishing.NewDesk(o.db, o.log)
			for {
				if list, err := desk.Current(t.Context(), o.tick()); err != nil || list.Release == nil {
					t.Errorf("%+v %v", list.Release, err)
					return
				}
				select {
				case <-over:
					return
				default:
				}
			}
		})
	}
	for _, e := range lines {
		writers.Go(func() {
			for i := range 8 {
				var err error
				if e, err = o.registry.ChangeEngagement(t.Context(), legal, o.tick(), e.ID, e.Version, fmt.Appendf(nil, `{"service":"Service %d"}`, i)); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	close(over)
	readers.Wait()

	last := o.current(t)
	if checked := must(o.CheckReleases(t.Context()))(t); len(checked.Wrong) > 0 || checked.Releases != last.Release.Number {
		t.Errorf("%+v", checked)
	}
	before := must(o.Release(t.Context(), 1))(t)
	for n := int64(2); n <= last.Release.Number; n++ {
		r := must(o.Release(t.Context(), n))(t)
		if r.ReleasedAt.Before(before.ReleasedAt) || r.SHA256 == before.SHA256 {
			t.Errorf("release %d is older than the one before, or the same list", n)
		}
		if diff := cmp.Diff(must(publishing.Compare(before.Entries, r.Entries))(t), r.Differences); diff != "" {
			t.Errorf("release %d does not say what it changed: %s", n, diff)
		}
		before = r
	}
	for _, e := range before.Entries {
		if e.Service != "Service 7" {
			t.Errorf("%s stays at %s", e.Vendor, e.Service)
		}
	}
}
