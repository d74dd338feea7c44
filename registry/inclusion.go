package registry

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// infrastructure is the purpose of an engagement whose infrastructure delivers the service.
const infrastructure = "INFRA"

// Excluded are the parts of the inclusion test (P-14) that the engagement does not meet, as clauses of a sentence; kinds are its vendor's. The list
// is of external companies whose infrastructure delivers a part of a product.
func (f EngagementFields) Excluded(kinds []string) []string {
	var not []string
	if slices.Contains(kinds, "affiliate") {
		not = append(not, "the vendor is an affiliate, and no external company")
	}
	if !slices.Contains(f.Purposes, infrastructure) {
		not = append(not, "no purpose of it is "+infrastructure+", so its infrastructure delivers nothing")
	}
	if len(f.Products) == 0 {
		not = append(not, "it names no product of which it delivers a part")
	}
	return not
}

// explainListing makes of a refusal for want of a listed_reason one that explains the inclusion test, where the engagement does not meet it. Every
// other error it leaves as it is.
func explainListing(ctx context.Context, db bun.IDB, e *Engagement, err error) error {
	var refusal *Refusal
	if !errors.As(err, &refusal) || !e.Listed || e.ListedReason != "" {
		return err
	}
	i := slices.IndexFunc(refusal.Fields, func(f Field) bool { return f.Pointer == "/listed_reason" })
	if i < 0 {
		return err
	}
	v, failed := newest[Vendor](ctx, db, vendorKind, e.VendorID, false)
	var none *Refusal
	switch {
	case errors.As(failed, &none): // whoever adds to a vendor that is not learns of it when the rest is right
		return err
	case failed != nil:
		return failed
	}
	not := e.Excluded(v.Kinds)
	if len(not) == 0 {
		return err
	}
	explained := *refusal
	explained.Fields = slices.Clone(refusal.Fields)
	explained.Fields[i].Sentence = "is required: the list is of external companies whose infrastructure delivers a part of a product (P-14), and this engagement does not meet that, for " +
		strings.Join(not, ", and ") + "; leave it off the list, or say why it belongs there all the same"
	return &explained
}
