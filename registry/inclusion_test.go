package registry_test

import (
	"strings"
	"testing"

	"onward/registry"
)

// P-14: the list is of external companies whose infrastructure delivers a part of a product.
func TestInclusion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	whole := registry.EngagementFields{Service: "Delivery", Products: []string{"CDN"}, Purposes: []string{"INFRA"}, Listed: true}
	for rule, c := range map[string]struct {
		kind   string
		change func(*registry.EngagementFields)
		misses []string
	}{
		"it meets the test": {"subprocessor", func(*registry.EngagementFields) {}, nil},
		"an affiliate":      {"affiliate", func(*registry.EngagementFields) {}, []string{"affiliate"}},
		"no infrastructure": {"agent", func(f *registry.EngagementFields) { f.Purposes = []string{"MARKETING"} }, []string{"INFRA"}},
		"no product":        {"agent", func(f *registry.EngagementFields) { f.Products = nil }, []string{"names no product"}},
		"nothing of it": {"affiliate", func(f *registry.EngagementFields) { f.Products, f.Purposes = nil, nil }, []string{
			"affiliate", "INFRA", "names no product",
		}},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			f := whole
			c.change(&f)
			if not := f.Excluded([]string{c.kind}); len(not) != len(c.misses) {
				t.Errorf("it misses %v", not)
			}
			v := w.vendor(t, registry.VendorFields{Name: rule, Kinds: []string{c.kind}})
			_, err := w.CreateEngagement(t.Context(), legal, w.tick(), v.ID, f)
			refused(t, err, registry.Invalid, "/listed_reason")
			said := refusal(t, err).Fields[0].Sentence
			if strings.Contains(said, "external companies") != (len(c.misses) > 0) {
				t.Errorf("it says %q", said)
			}
			for _, part := range c.misses {
				if !strings.Contains(said, part) {
					t.Errorf("%q does not say %s", said, part)
				}
			}
			f.ListedReason = "customers asked for it"
			e := w.engagement(t, v.ID, f)
			if e.ListedReason != f.ListedReason {
				t.Errorf("on record is %q", e.ListedReason)
			}
			_, err = w.ChangeEngagement(t.Context(), legal, w.tick(), e.ID, 1, []byte(`{"listed_reason":null}`))
			refused(t, err, registry.Invalid, "/listed_reason")
		})
	}
}
