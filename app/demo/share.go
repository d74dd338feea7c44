package demo

import (
	"context"
	"errors"

	"onward/registry"
	"onward/registry/sharing"
)

// example is a share that the demo records.
type example struct {
	about string // what it shows
	to    string // the row's id
	ask   sharing.Request
}

const (
	intended = "intended"
	occurred = "occurred"
	byOthers = "service_provider" // the ground of P-12
)

// shares are all shares that the demo records, in their order. Their people do not exist.
var shares = []example{
	{"hosting inside the EEA under a contract in force", "S34", sharing.Request{
		Purpose: infraPurpose, Ground: byOthers, Categories: []string{contactData, deviceData}, Countries: []string{"DE"}, State: intended,
		Subjects: []string{"demo-person-1@example.com", "demo-person-2@example.com"},
	}},
	{"hosting in the United States under standard contractual clauses", "S33", sharing.Request{
		Purpose: "SERVICE", Ground: byOthers, Categories: []string{contactData}, Countries: []string{"US"}, State: intended,
		Subjects: []string{"demo-person-1@example.com"},
	}},
	{"support from the United Kingdom, which has an adequacy decision", "S26", sharing.Request{
		Purpose: "RESPOND", Ground: byOthers, Categories: []string{contactData, "SUPPORT"}, Countries: []string{"GB"}, State: occurred,
		Subjects: []string{"demo-person-3@example.com"},
	}},
	{"storage by a company of the group", "S24", sharing.Request{
		Purpose: "GROUP_STORAGE", Ground: "affiliate", Categories: []string{productUse}, Countries: []string{"GB"}, State: intended,
		SubjectCount: ptr(int64(1200)),
	}},
	{"a reseller without a contract", "S40", sharing.Request{
		Purpose: "PARTNER_MARKETING", Ground: "partner", Categories: []string{contactData}, Countries: []string{"FI"}, State: intended,
		SubjectCount: ptr(int64(40)),
	}},
	{"a country that no location covers", "S34", sharing.Request{
		Purpose: infraPurpose, Ground: byOthers, Categories: []string{contactData}, Countries: []string{"US"}, State: intended,
		SubjectCount: ptr(int64(300)),
	}},
	{"a contract that has expired", "S17", sharing.Request{
		Purpose: "ORDERS", Ground: byOthers, Categories: []string{billingData}, Countries: []string{"US"}, State: intended,
		Subjects: []string{"demo-person-2@example.com"},
	}},
	{"a vendor that is winding down", "S08", sharing.Request{
		Purpose: infraPurpose, Ground: byOthers, Categories: []string{productUse}, Countries: []string{"US"}, State: intended,
		SubjectCount: ptr(int64(1)),
	}},
	{"data that had already gone to a vendor without a contract", "S15", sharing.Request{
		Purpose: "IMPROVE", Ground: byOthers, Categories: []string{productUse}, Countries: []string{"US"}, State: occurred,
		Subjects: []string{"demo-person-3@example.com"},
	}},
}

// share records an example under its key, once and for all.
func (l *loader) share(ctx context.Context, key string, s example) (Share, error) {
	to, err := l.of(s.to)
	if err != nil {
		return Share{}, err
	}
	ask := s.ask
	ask.VendorID, ask.EngagementID = to.vendor.ID, &to.engagement.ID
	ask.OccurredAt, ask.Origin, ask.Source = l.now, "DE", "demo"
	ask.Note = "Invented for a demo: " + s.about
	done := Share{About: s.about, Vendor: to.vendor.Name}
	d, err := l.gate.Share(ctx, l.by, l.now, key, ask)
	var refusal *registry.Refusal
	if errors.As(err, &refusal) && refusal.Kind == registry.Conflict {
		// The key was used: this share was recorded when the demo was loaded first, at another instant.
		done.Before = true
		return done, nil
	}
	if err != nil {
		return done, err
	}
	done.Verdict, done.Receipt = d.Verdict, d.Receipt
	for _, r := range d.Reasons {
		done.Reasons = append(done.Reasons, r.Code)
	}
	return done, nil
}
