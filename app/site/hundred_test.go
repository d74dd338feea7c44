package site_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"

	"onward/registry/policy"
	"onward/registry/publishing"
)

// hundred is a list of a hundred organisations, made of the sample's; two of three have purposes and categories of the policy.
func hundred(tb testing.TB) publishing.List {
	tb.Helper()
	list := sample(tb)
	whole := list.Entries
	version := policy.Shipped()[0]
	vendors := map[string]bool{}
	for _, e := range whole {
		vendors[e.VendorID] = true
	}
	for i := len(vendors); i < 100; i++ {
		e := whole[i%len(whole)]
		e.Vendor = fmt.Sprintf("%s %d", e.Vendor, i)
		e.ID = uuid.NewSHA1(uuid.NameSpaceOID, []byte(e.Vendor)).String()
		e.VendorID = uuid.NewSHA1(uuid.NameSpaceURL, []byte(e.Vendor)).String()
		list.Entries = append(list.Entries, e)
	}
	for i := range list.Entries {
		e := &list.Entries[i]
		for n := range i % 3 {
			p, c := version.Purposes[(i*7+n*5)%len(version.Purposes)], version.Categories[(i*5+n*3)%len(version.Categories)]
			e.Purposes = append(e.Purposes, publishing.Term{Code: p.Code, Label: p.Label, DPV: p.DPV})
			e.Categories = append(e.Categories, publishing.Term{Code: c.Code, Label: c.Label, DPV: c.DPV})
		}
	}
	return list
}
