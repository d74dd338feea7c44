package sharing

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// What a reconciliation finds.
const (
	RecipientNotActive = "recipient_not_active"     // data went to a vendor that is not active now
	RecipientNotListed = "recipient_not_listed"     // data goes to a subprocessor that is not on the public list
	ListedUnused       = "listed_unused"            // a line of the public list under which nothing went
	WithoutEngagement  = "share_without_engagement" // data went under no engagement
	PurposeUndeclared  = "purpose_not_declared"     // data went for a purpose that the engagement never named
	CategoryUndeclared = "category_not_declared"    // likewise a category
	CountryUndeclared  = "country_not_declared"     // data went to a country that no location of the engagement ever covered
	PurposeUnused      = "purpose_unused"           // the engagement names a purpose for which nothing went
	CategoryUnused     = "category_unused"
	LocationUnused     = "location_unused"
	SourceNotActive    = sourceKind // data that a vendor gave us was passed on, and whoever answers for it is not active now
)

// findingSentences say what is found, about what On names.
var findingSentences = map[string]string{
	RecipientNotActive: "Data went to the vendor, which is %s now.",
	RecipientNotListed: "Data goes to a subprocessor that is not on the public list.",
	ListedUnused:       "The line is on the public list, and nothing was shared under it in %s months.",
	WithoutEngagement:  "Data went to the vendor under no engagement.",
	PurposeUndeclared:  "Data went for the purpose %s, which the engagement never named.",
	CategoryUndeclared: "Data of the category %s went, which the engagement never named.",
	CountryUndeclared:  "Data went to %s, which no location of the engagement ever covered.",
	PurposeUnused:      "The engagement names the purpose %s, for which nothing was shared.",
	CategoryUnused:     "The engagement names the category %s, of which nothing was shared.",
	SourceNotActive:    "Data that the vendor gave us was passed on, and whoever answers for it is %s now.",
	LocationUnused:     "The engagement has a location %s, to which nothing was shared.",
}

// FindingKinds are what a reconciliation can find.
func FindingKinds() []string { return slices.Sorted(maps.Keys(findingSentences)) }

// Finding is one thing in which log, registry and public list do not agree.
type Finding struct {
	Kind         string `json:"kind"`
	VendorID     string `json:"vendor_id"`
	Vendor       string `json:"vendor"` // now
	EngagementID string `json:"engagement_id,omitempty"`
	Service      string `json:"service,omitempty"`
	On           string `json:"on,omitempty"`
	Sentence     string `json:"sentence"`
	Shares       int64  `json:"shares,string"`        // how many it is about
	First        string `json:"first_seen,omitempty"` // when the first of them occurred
	Last         string `json:"last_seen,omitempty"`
}

// FindingColumns are the columns of findings as a table.
func FindingColumns() []string {
	return []string{"kind", "vendor_id", "vendor", "engagement_id", "service", "on", "sentence", "shares", "first_seen", "last_seen"}
}

// Cells are the finding as a row of a table.
func (f *Finding) Cells() []string {
	return []string{f.Kind, f.VendorID, f.Vendor, f.EngagementID, f.Service, f.On, f.Sentence, strconv.FormatInt(f.Shares, 10), f.First, f.Last}
}

// Reconciliation compares the recipients in the log with the registry and with the public list, and what was declared with what was seen. Its
// beginning is in the log.
type Reconciliation struct {
	Report
	now    time.Time
	months int
	listed map[uuid.UUID]bool
	gone   []exceptionRow // of the sources that were found not to be active
}

// BeginReconciliation records that somebody takes a reconciliation out; listed are the engagements on the public list. What was not used for so
// many months counts as unused. It refuses (Invalid) less than 1 or more than 120 months.
func (g *Gate) BeginReconciliation(ctx context.Context, by audit.Actor, now time.Time, format string, months int, listed []uuid.UUID) (*Reconciliation, error) {
	if months < 1 || months > 120 {
		return nil, invalidField("/unused_months", "must be from 1 to 120")
	}
	r := &Reconciliation{Report: Report{ID: uuid.New(), Format: format, gate: g, by: by}, now: now, months: months, listed: map[uuid.UUID]bool{}}
	for _, id := range listed {
		r.listed[id] = true
	}
	var err error
	r.Begun, err = g.append(ctx, now, audit.Entry{
		ID: r.ID, Type: "report.begun", Actor: by, OccurredAt: now,
		Body: audit.Object{"report": "reconciliation", "report_id": r.ID.String(), "format": format, "unused_months": strconv.Itoa(months)},
	})
	return r, err
}

// End records how it ended, as that of a report of shares, and opens an exception for each source that was found not to be active, unless one
// was opened for that state of the vendor before. The entry names those that it opens.
func (r *Reconciliation) End(ctx context.Context, now time.Time, rows int64, sum [32]byte, complete bool) error {
	body := audit.Object{
		"report": "reconciliation", "report_id": r.ID.String(), "rows": strconv.FormatInt(rows, 10), "sha256": hex.EncodeToString(sum[:]),
		"complete": complete,
	}
	_, err := r.gate.change(ctx, now, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		opened, err := r.open(ctx, tx, now)
		if err != nil {
			return nil, err
		}
		if len(opened) > 0 {
			body["opened"] = opened
		}
		return []audit.Entry{{ID: uuid.New(), Type: "report.ended", Actor: r.by, OccurredAt: now, Body: body}}, nil
	})
	if err != nil {
		return refusal(fmt.Errorf("record report.ended: %w", err))
	}
	return nil
}

// span is when something was seen, as leaves write instants, and how often.
type span struct {
	shares      int64
	first, last string
}

func (s *span) add(at string) {
	if s.shares++; s.first == "" || at < s.first {
		s.first = at
	}
	if at > s.last {
		s.last = at
	}
}

// usage is what was seen under one engagement, or under none.
type usage struct {
	span
	purposes, categories, countries map[string]*span
}

func (u *usage) add(r *Row) {
	u.span.add(r.OccurredAt)
	for _, seen := range []struct {
		in    map[string]*span
		codes []string
	}{{u.purposes, []string{r.Purpose}}, {u.categories, r.Categories}, {u.countries, r.Countries}} {
		for _, code := range seen.codes {
			if seen.in[code] == nil {
				seen.in[code] = &span{}
			}
			seen.in[code].add(r.OccurredAt)
		}
	}
}

// Findings calls each with everything that is found, vendor by vendor. It reads every share once; memory grows with the number of engagements
// and of the codes under them, not with that of shares. A share that was corrected counts as its corrections say.
func (r *Reconciliation) Findings(ctx context.Context, each func(*Finding) error) error {
	seen := map[string]map[string]*usage{} // by vendor and engagement
	sources := map[string]*supply{}        // by vendor
	err := r.Rows(ctx, func(row *Row) error {
		if row.Verdict == string(Denied) || row.CorrectedBy != "" {
			return nil
		}
		of := seen[row.VendorID]
		if of == nil {
			of = map[string]*usage{}
			seen[row.VendorID] = of
		}
		u := of[row.EngagementID]
		if u == nil {
			u = &usage{purposes: map[string]*span{}, categories: map[string]*span{}, countries: map[string]*span{}}
			of[row.EngagementID] = u
		}
		u.add(row)
		return supplied(sources, row)
	})
	if err != nil {
		return err
	}
	err = registry.ReadDossiers(ctx, r.gate.db, func(vendor uuid.UUID, d registry.Dossier) error {
		return r.vendor(vendor, d, seen[vendor.String()], each)
	})
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	return r.sources(ctx, sources, each)
}

// vendor finds what does not agree about one vendor.
func (r *Reconciliation) vendor(id uuid.UUID, d registry.Dossier, seen map[string]*usage, each func(*Finding) error) error {
	v, _ := registry.InForce(d.Vendor, r.now)
	of := Finding{VendorID: id.String(), Vendor: v.Name}
	var found []Finding
	find := func(f Finding, kind, on string, s span) {
		f.Kind, f.On, f.Shares, f.First, f.Last = kind, on, s.shares, s.first, s.last
		if f.Sentence = findingSentences[kind]; on != "" {
			f.Sentence = fmt.Sprintf(f.Sentence, on)
		}
		found = append(found, f)
	}
	var all span
	for _, u := range seen {
		all.shares += u.shares
		if all.first == "" || u.first < all.first {
			all.first = u.first
		}
		all.last = max(all.last, u.last)
	}
	if all.shares > 0 && v.State != registry.Active {
		find(of, RecipientNotActive, string(v.State), all)
	}
	if u := seen[""]; u != nil {
		find(of, WithoutEngagement, "", u.span)
	}
	ids := slices.SortedFunc(maps.Keys(d.Engagements), func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	since := r.now.AddDate(0, -r.months, 0).UTC().Format(instant)
	for _, engagement := range ids {
		versions := d.Engagements[engagement]
		e, _ := registry.InForce(versions, r.now)
		f := of
		f.EngagementID, f.Service = engagement.String(), e.Service
		u := seen[f.EngagementID]
		if u == nil {
			u = &usage{}
		}
		recent := u.last >= since
		switch {
		case r.listed[engagement] && !recent && e.CollectionMode != "direct":
			find(f, ListedUnused, strconv.Itoa(r.months), u.span)
		case !r.listed[engagement] && recent && slices.Contains(v.Kinds, "subprocessor"):
			find(f, RecipientNotListed, "", u.span)
		}
		if u.shares > 0 {
			r.codes(f, versions, e, u, find)
			r.places(f, d, engagement, u, find)
		}
	}
	for i := range found {
		if err := each(&found[i]); err != nil {
			return err
		}
	}
	return nil
}

// codes finds purposes and categories that were seen and never declared, and that are declared and were not seen.
func (r *Reconciliation) codes(f Finding, versions []registry.Recorded[registry.Engagement], e registry.Engagement, u *usage, find func(Finding, string, string, span)) {
	var purposes, categories []string
	for i := range versions {
		purposes, categories = append(purposes, versions[i].Value.Purposes...), append(categories, versions[i].Value.Categories...)
	}
	for _, side := range []struct {
		ever, now      []string
		seen           map[string]*span
		undeclared, un string
	}{{purposes, e.Purposes, u.purposes, PurposeUndeclared, PurposeUnused}, {categories, e.Categories, u.categories, CategoryUndeclared, CategoryUnused}} {
		for _, code := range slices.Sorted(maps.Keys(side.seen)) {
			if !slices.Contains(side.ever, code) {
				find(f, side.undeclared, code, *side.seen[code])
			}
		}
		for _, code := range side.now {
			if side.seen[code] == nil {
				find(f, side.un, code, span{})
			}
		}
	}
}

// places finds countries that no location ever covered, and locations in force to which nothing went.
func (r *Reconciliation) places(f Finding, d registry.Dossier, engagement uuid.UUID, u *usage, find func(Finding, string, string, span)) {
	var ever, now []string
	for _, versions := range d.Locations {
		for i := range versions {
			if l := &versions[i].Value; l.EngagementID == engagement {
				ever = append(ever, l.Place)
			}
		}
		if l, ok := registry.InForce(versions, r.now); ok && l.EngagementID == engagement && registry.Within(r.now, l.From, l.Until, time.UTC) {
			now = append(now, l.Place)
		}
	}
	covers := func(places []string, country string) bool {
		return slices.ContainsFunc(places, func(p string) bool { return policy.Covers(p, country, r.now) })
	}
	countries := slices.Sorted(maps.Keys(u.countries))
	for _, country := range countries {
		if !covers(ever, country) {
			find(f, CountryUndeclared, country, *u.countries[country])
		}
	}
	slices.Sort(now)
	for _, place := range slices.Compact(now) {
		if !slices.ContainsFunc(countries, func(c string) bool { return policy.Covers(place, c, r.now) }) {
			find(f, LocationUnused, place, span{})
		}
	}
}
