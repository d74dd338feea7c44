package sharing_test

import (
	"testing"
	"time"

	"onward/registry"
	"onward/registry/sharing"
)

// TestGate is the matrix of what is allowed and denied, from the records to the entry.
func TestGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, c := range []struct {
		name    string
		plan    func(*plan)
		ask     func(*sharing.Request)
		verdict sharing.Verdict
		reasons []string
	}{
		{"what everything permits is allowed", nil, nil, sharing.Allowed, nil},
		{"P-07: a proposed vendor receives nothing", func(p *plan) { p.state = registry.Proposed }, nil, sharing.Denied, []string{"vendor_not_active:proposed"}},
		{"P-07: a vendor that is winding down receives nothing more", func(p *plan) { p.state = registry.WindingDown }, nil, sharing.Denied, []string{"vendor_not_active:winding_down"}},
		{"P-05: an unknown purpose is denied and logged", nil, func(r *sharing.Request) { r.Purpose = "TRAIN_AI" }, sharing.Denied, []string{"purpose_not_in_policy:TRAIN_AI"}},
		{"P-02: an unknown category is denied and logged", nil, func(r *sharing.Request) { r.Categories = []string{"BIOMETRIC"} }, sharing.Denied, []string{"category_not_in_policy:BIOMETRIC"}},
		{"P-07: an unknown ground is denied and logged", nil, func(r *sharing.Request) { r.Ground = "because" }, sharing.Denied, []string{"ground_not_in_policy:because"}},
		{"P-12: a purpose beyond the engagement is denied", nil, func(r *sharing.Request) { r.Purpose = "MARKETING" }, sharing.Denied, []string{"purpose_not_in_engagement:MARKETING"}},
		{"P-12: a vendor without an engagement receives nothing", func(p *plan) { p.none = []string{"engagement"} }, nil, sharing.Denied, []string{"engagement_missing"}},
		{"P-12: an engagement that ended yesterday permits nothing today", func(p *plan) {
			p.engagement = func(f *registry.EngagementFields) { f.From, f.Until = day(2020, 1, 1), day(2026, 11, 23) }
		}, nil, sharing.Denied, []string{"engagement_not_in_force", "country_not_covered:DE"}},
		{"P-12: an engagement permits until its last day is over", func(p *plan) {
			p.engagement = func(f *registry.EngagementFields) { f.From, f.Until = day(2020, 1, 1), day(2026, 11, 24) }
		}, nil, sharing.Allowed, nil},
		{"P-13: a subprocessor without a contract receives nothing", func(p *plan) { p.none = []string{"contract"} }, nil, sharing.Denied, []string{"no_contract:subprocessor"}},
		{"P-13: a contract that is not signed is none", func(p *plan) {
			p.contract = func(f *registry.ContractFields) { f.SignedOn = nil }
		}, nil, sharing.Denied, []string{"no_contract:subprocessor"}},
		{"P-13: a contract signed but starting tomorrow is not in force", func(p *plan) {
			p.contract = func(f *registry.ContractFields) { f.InForceFrom = day(2026, 11, 25) }
		}, nil, sharing.Denied, []string{"contract_not_in_force"}},
		{"P-13: a contract that expired yesterday is not in force", func(p *plan) {
			p.contract = func(f *registry.ContractFields) { f.InForceUntil = day(2026, 11, 23) }
		}, nil, sharing.Denied, []string{"contract_not_in_force"}},
		{"P-13: a contract without a located confidentiality clause does not do", func(p *plan) {
			p.contract = func(f *registry.ContractFields) { f.Clauses = nil }
		}, nil, sharing.Denied, []string{"confidentiality_missing"}},
		{"P-13: a contract without its stored text does not do", func(p *plan) { p.document = false }, nil, sharing.Denied, []string{"document_missing"}},
		{"P-12: an empty list of purposes in a contract permits none", func(p *plan) {
			p.contract = func(f *registry.ContractFields) { f.PermittedPurposes = []string{} }
		}, nil, sharing.Denied, []string{"purpose_not_in_contract:INFRA"}},
		{"P-09: a location without a mechanism across a border is refused", func(p *plan) {
			p.location = func(f *registry.LocationFields) { f.Place = "IN" }
		}, func(r *sharing.Request) { r.Countries = []string{"IN"} }, sharing.Denied, []string{"no_transfer_mechanism:IN"}},
		{"P-09: a mechanism that has run out carries nothing", func(p *plan) {
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "US", &registry.Transfer{Mechanism: "dpf", From: day(2023, 7, 10), Until: day(2026, 11, 1)}
			}
		}, func(r *sharing.Request) { r.Countries = []string{"US"} }, sharing.Denied, []string{"no_transfer_mechanism:US"}},
		{"P-09: then the one that was agreed to take its place does", func(p *plan) {
			p.location = func(f *registry.LocationFields) {
				f.Place, f.Transfer = "US", &registry.Transfer{Mechanism: "dpf", From: day(2023, 7, 10), Until: day(2026, 11, 1), Fallback: "scc_2021_914"}
			}
		}, func(r *sharing.Request) { r.Countries = []string{"US"} }, sharing.Allowed, nil},
		{"P-09: the origin that a request names counts", nil, func(r *sharing.Request) { r.Origin = "US" }, sharing.Denied, []string{"no_transfer_mechanism:DE"}},
		{"P-10: a reseller under contract gets a lead", func(p *plan) {
			p.kinds, p.document = []string{"reseller"}, false
			p.contract = func(f *registry.ContractFields) { f.Kind, f.Clauses = "reseller_agreement", nil }
		}, func(r *sharing.Request) { r.Ground = "partner" }, sharing.Allowed, nil},
		{"P-32: a share before the first policy is denied", nil, func(r *sharing.Request) {
			r.OccurredAt = time.Date(2018, time.October, 25, 12, 0, 0, 0, time.UTC)
		}, sharing.Denied, []string{"policy_not_in_force", "vendor_not_active:proposed"}},
		{"a share that occurred against a rule is a violation", func(p *plan) { p.document = false }, func(r *sharing.Request) {
			r.State = "occurred"
		}, sharing.Violation, []string{"document_missing"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p := usual()
			edit(c.plan, &p)
			with := w.party(t, p)
			r := ask(with)
			edit(c.ask, &r)
			for i, on := range c.reasons { // ids are not known before
				switch on {
				case "engagement_not_in_force":
					c.reasons[i] += ":" + with.engagement.ID.String()
				case "contract_not_in_force", "confidentiality_missing", "document_missing":
					c.reasons[i] += ":" + with.contract.ID.String()
				}
			}
			checked, err := w.gate.Check(t.Context(), billing, noon, r)
			must(t, err)
			judged(t, checked, c.verdict, c.reasons...)
			if checked.Receipt != nil {
				t.Error("a check has a receipt")
			}
			d := w.share(t, r)
			judged(t, d, c.verdict, c.reasons...)
			if d.Receipt == nil || d.Receipt.EntryID.Version() != 8 {
				t.Fatalf("receipt %+v", d.Receipt)
			}
			if got := w.body(t, d.Receipt.EntryID)["verdict"]; got != string(c.verdict) {
				t.Errorf("the leaf says %v", got)
			}
		})
	}
}

func TestTermsOverTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)

	t.Run("a contract that ends in the middle of a batch permits what occurred before", func(t *testing.T) {
		t.Parallel()
		p := usual()
		p.contract = func(f *registry.ContractFields) { f.InForceUntil = day(2026, 11, 20) }
		with := w.party(t, p)
		for i := range 8 {
			r := ask(with)
			r.OccurredAt = time.Date(2026, time.November, 17+i, 23, 0, 0, 0, time.UTC)
			if d := w.share(t, r); i <= 3 {
				judged(t, d, sharing.Allowed)
			} else {
				judged(t, d, sharing.Denied, "contract_not_in_force:"+with.contract.ID.String())
			}
		}
	})

	t.Run("an amendment that takes a purpose away binds from its first day", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		amendment, err := w.AmendContract(t.Context(), legal, w.tick(), with.contract.ID,
			[]byte(`{"signed_on":"2026-11-01","in_force_from":"2026-11-24","permitted_purposes":["SECURITY"]}`))
		must(t, err)
		_, err = w.AttachDocument(t.Context(), legal, w.tick(), amendment.ID, amendment.Version, "b.pdf", "application/pdf", document("amended"))
		must(t, err)
		r := ask(with)
		judged(t, w.share(t, r), sharing.Denied, "purpose_not_in_contract:INFRA")
		r.OccurredAt = noon.AddDate(0, 0, -1)
		judged(t, w.share(t, r), sharing.Allowed)
		r = ask(with)
		r.Purpose = "SECURITY"
		d := w.share(t, r)
		judged(t, d, sharing.Allowed)
		if len(d.ContractIDs) != 1 || d.ContractIDs[0] != with.contract.ID {
			t.Errorf("judged by contracts %v", d.ContractIDs)
		}
	})

	t.Run("a country that is added is covered from its first day", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		r := ask(with)
		r.Countries = []string{"DE", "FR"}
		judged(t, w.share(t, r), sharing.Denied, "country_not_covered:FR")
		_, err := w.CreateLocation(t.Context(), legal, w.tick(), with.engagement.ID, registry.LocationFields{Place: "FR", From: day(2026, 11, 24)})
		must(t, err)
		judged(t, w.share(t, r), sharing.Allowed)
		r.OccurredAt = noon.AddDate(0, 0, -1)
		judged(t, w.share(t, r), sharing.Denied, "country_not_covered:FR")
	})

	t.Run("a vendor is judged by its state when the share occurred", func(t *testing.T) {
		t.Parallel()
		with := w.party(t, usual())
		_, err := w.ChangeVendor(t.Context(), legal, noon, with.ID, with.Version, registry.VendorPatch{
			State: registry.WindingDown, EffectiveAt: noon.AddDate(0, 0, -7),
		})
		must(t, err)
		r := ask(with)
		judged(t, w.share(t, r), sharing.Denied, "vendor_not_active:winding_down")
		r.OccurredAt = noon.AddDate(0, 0, -8)
		judged(t, w.share(t, r), sharing.Allowed)
	})
}

func TestEngagementIsChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	with := w.party(t, usual())
	mail, err := w.CreateEngagement(t.Context(), legal, w.tick(), with.ID, registry.EngagementFields{
		Service: "Mail", Purposes: []string{"NEWSLETTER"}, Categories: []string{"CONTACT"},
	})
	must(t, err)
	_, err = w.CreateLocation(t.Context(), legal, w.tick(), mail.ID, registry.LocationFields{Place: "DE"})
	must(t, err)
	newsletter := ask(with)
	newsletter.Purpose = "NEWSLETTER"

	t.Run("the one that permits is chosen", func(t *testing.T) {
		t.Parallel()
		d := w.share(t, newsletter)
		judged(t, d, sharing.Allowed)
		if *d.EngagementID != mail.ID {
			t.Errorf("judged by %s, want %s", d.EngagementID, mail.ID)
		}
	})
	t.Run("of two against which as much stands, the first created is", func(t *testing.T) {
		t.Parallel()
		r := ask(with)
		r.Purpose = "MARKETING"
		if d := w.share(t, r); *d.EngagementID != with.engagement.ID {
			t.Errorf("judged by %s, want %s", d.EngagementID, with.engagement.ID)
		}
	})
	t.Run("the one that a request names is the one", func(t *testing.T) {
		t.Parallel()
		r := newsletter
		r.EngagementID = &with.engagement.ID
		judged(t, w.share(t, r), sharing.Denied, "purpose_not_in_engagement:NEWSLETTER")
	})
	t.Run("another vendor's is refused", func(t *testing.T) {
		t.Parallel()
		other := w.party(t, usual())
		r := newsletter
		r.EngagementID = &other.engagement.ID
		_, err := w.gate.Share(t.Context(), billing, noon, newKey(), r)
		refused(t, err, registry.Invalid, "/engagement_id")
	})
}
