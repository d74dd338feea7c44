package site_test

import (
	"fmt"
	"strings"
	"testing"

	"onward/registry/publishing"
)

// crowd is a list of n lines, each of which says much.
func crowd(n int, service string) publishing.List {
	list := publishing.List{Entries: []publishing.Entry{}}
	for i := range n {
		list.Entries = append(list.Entries, publishing.Entry{
			ID: fmt.Sprintf("11111111-1111-4111-8111-%012d", i), VendorID: fmt.Sprintf("22222222-2222-5222-8222-%012d", i), Vendor: fmt.Sprintf("Vendor %04d", i),
			Kinds: []string{"subprocessor"}, Service: service, Categories: []publishing.Term{{Code: "CONTACT", Label: "Contact data"}},
			Purposes:  []publishing.Term{{Code: "SECURITY", Label: "Secure systems and applications"}},
			Locations: []publishing.Location{{Place: "DE", Name: "Germany", Uses: []string{"storage"}}, {Place: "JP", Name: "Japan"}},
		})
	}
	return list
}

func TestHugeReleases(t *testing.T) {
	t.Parallel()
	const many = 3000
	c := newChronicle(t, crowd(1, "Hosting"), crowd(many, "Hosting"), crowd(many, "Mail"))
	_, h := c.start(t, "")
	for _, path := range []string{"/subprocessors/changes", "/subprocessors.atom", "/subprocessors/changes.json"} {
		r := get(t, h, path)
		if r.StatusCode != 200 || len(r.Body) > 200_000 || !strings.Contains(r.Body, fmt.Sprintf("and %d more lines", many-1-20)) {
			t.Errorf("%s: %d, %d bytes", path, r.StatusCode, len(r.Body))
		}
	}
	if body := get(t, h, "/subprocessors/changes").Body; !strings.Contains(body, `<a href="/subprocessors/releases/1/difference/2?lang=en">and 2979 more lines</a>`) {
		t.Error("the page does not lead to all lines")
	}
	if whole := get(t, h, "/subprocessors/releases/1/difference/2").Body; strings.Count(whole, `class="line"`) != many-1 {
		t.Error("the difference itself does not name every line")
	}
}

func TestHistoryBeforeWhatIsYetToCome(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	all := c.releases
	c.releases = all[:2]
	s, h := c.start(t, "")
	for _, path := range []string{"/subprocessors/changes", "/subprocessors/releases"} {
		if strings.Contains(get(t, h, path+"?before=9").Body, "Release 3") {
			t.Fatal("it tells of what is not there")
		}
	}
	c.change(func() { c.releases = all })
	s.Renew(t.Context())
	for _, path := range []string{"/subprocessors/changes", "/subprocessors/releases"} {
		if !strings.Contains(get(t, h, path+"?before=9").Body, "Release 3") {
			t.Errorf("%s: once asked too early, it never tells of release 3", path)
		}
	}
}
