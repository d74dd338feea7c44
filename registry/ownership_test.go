package registry_test

import (
	"testing"
	"time"

	"onward/registry"
)

func TestAffiliated(t *testing.T) {
	t.Parallel()
	june := func(d int) *registry.Date { return &registry.Date{Year: 2026, Month: time.June, Day: d} }
	at := func(d, h int) time.Time { return time.Date(2026, time.June, d, h, 0, 0, 0, time.UTC) }
	ours := func(percent string, from, until *registry.Date) registry.Ownership {
		return registry.Ownership{Owner: "We", InGroup: true, Percent: percent, From: from, Until: until, Evidence: "Register"}
	}
	for _, c := range []struct {
		rule  string
		owned []registry.Ownership
		at    time.Time
		want  bool
	}{
		{"without evidence nobody is an affiliate", nil, at(1, 12), false},
		{"the last day belongs to it whole", []registry.Ownership{ours("100", nil, june(1))}, at(1, 23), true},
		{"sold on 1 June, it is none on 2 June", []registry.Ownership{ours("100", nil, june(1))}, at(2, 0), false},
		{"bought on 2 June, it is none on 1 June", []registry.Ownership{ours("100", june(2), nil)}, at(1, 23), false},
		{"half of it is not enough", []registry.Ownership{ours("50", nil, nil)}, at(1, 0), false},
		{"a millionth more than half is", []registry.Ownership{ours("50.000001", nil, nil)}, at(1, 0), true},
		{"two of the group own it together", []registry.Ownership{ours("30", nil, nil), ours("20.5", nil, june(1))}, at(1, 0), true},
		{"until one of them sold", []registry.Ownership{ours("30", nil, nil), ours("20.5", nil, june(1))}, at(2, 0), false},
		{"others do not count", []registry.Ownership{{Owner: "Buyer", Percent: "100", Evidence: "Register"}}, at(1, 0), false},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			if got := (registry.VendorFields{Ownership: c.owned}).AffiliatedAt(c.at); got != c.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestOwnership(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := fields("Owned")
	f.Ownership = []registry.Ownership{
		{Owner: "We", InGroup: true, Percent: "60", Until: &registry.Date{Year: 2026, Month: time.June, Day: 1}, Evidence: "Register"},
		{Owner: "Buyer", Percent: "60", From: &registry.Date{Year: 2026, Month: time.June, Day: 2}, Evidence: "Purchase agreement"},
	}
	v := w.vendor(t, f)
	read, err := w.Vendor(t.Context(), v.ID, nil)
	if err != nil || len(read.Ownership) != 2 || *read.Ownership[1].From != *f.Ownership[1].From {
		t.Fatalf("%+v, %v", read.Ownership, err)
	}
	for rule, c := range map[string]struct{ patch, pointer string }{
		"more than the whole on one day": {`{"ownership":[{"owner":"We","percent":"60","evidence":"x"},{"owner":"You","percent":"41","from":"2026-06-01","evidence":"x"}]}`, "/ownership"},
		"no evidence":                    {`{"ownership":[{"owner":"We","percent":"60"}]}`, "/ownership/0/evidence"},
		"no number":                      {`{"ownership":[{"owner":"We","percent":"most","evidence":"x"}]}`, "/ownership/0/percent"},
		"an end before the beginning":    {`{"ownership":[{"owner":"We","percent":"1","from":"2026-06-02","until":"2026-06-01","evidence":"x"}]}`, "/ownership/0/until"},
	} {
		t.Run(rule+" is refused", func(t *testing.T) {
			t.Parallel()
			_, err := w.ChangeVendor(t.Context(), legal, w.tick(), v.ID, v.Version, registry.VendorPatch{Fields: []byte(c.patch)})
			refused(t, err, registry.Invalid, c.pointer)
		})
	}
}
