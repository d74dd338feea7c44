// Package demo fills an empty registry with data to look at.
//
// The vendors, what they do and where are facts: they are taken from subprocessor lists that other companies published (published.json names
// the list and its date for every row). Everything else is invented and says so: every vendor's owner is Company, every contract is
// called a demo and has a generated document that says it is none, and every share comes from a system called demo.
package demo

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"slices"
	"time"

	"onward/audit"
	"onward/registry"
	"onward/registry/importing"
	"onward/registry/sharing"
)

// Company is the company whose demo it is: the owner of every vendor of the demo and, where none is set, the name on the public list.
const Company = "Example Company (demo data)"

//go:embed published.json
var published []byte

// Load imports the facts as active vendors, invents purposes, transfers and contracts for some of them, and records some shares through the
// gate: some allowed, some denied, one a violation. Loading again changes nothing that is there, and goes on where a fault
// ended it. It refuses (Conflict) a registry that holds vendors of which none is the demo's.
func Load(ctx context.Context, reg *registry.Registry, gate *sharing.Gate, by audit.Actor, now time.Time) (Report, error) {
	var report Report
	if err := refuseForeign(ctx, reg); err != nil {
		return report, err
	}
	rows, err := importing.Read(bytes.NewReader(published), "published.json")
	if err != nil {
		return report, err
	}
	for i := range rows {
		rows[i].Vendor.Owner = Company
		if e := rows[i].Engagement; e != nil && certified(e.ExternalID) {
			from := registry.Date{Year: 2023, Month: time.July, Day: 17}
			rows[i].Vendor.DPF = []registry.FrameworkStatus{{Status: "active", Frameworks: []string{"eu_us"}, From: &from, Reference: notice}}
		}
		if slices.Contains(rows[i].Vendor.Kinds, "affiliate") {
			rows[i].Vendor.Ownership = []registry.Ownership{{Owner: Company, InGroup: true, Percent: "100", Evidence: notice}}
		}
	}
	if report.Import, err = importing.Apply(ctx, reg, by, now, rows, importing.Options{State: registry.Active}); err != nil {
		return report, err
	}
	l := loader{reg: reg, gate: gate, by: by, now: now}
	if err := l.find(ctx); err != nil {
		return report, err
	}
	for _, t := range terms {
		done, err := l.invent(ctx, t)
		if err != nil {
			return report, fmt.Errorf("the demo terms of %s: %w", t.engagement, err)
		}
		report.Contracts = append(report.Contracts, done)
	}
	for i, s := range shares {
		done, err := l.share(ctx, fmt.Sprintf("demo-share-%d", i+1), s)
		if err != nil {
			return report, fmt.Errorf("demo share %d: %w", i+1, err)
		}
		report.Shares = append(report.Shares, done)
	}
	return report, nil
}

// refuseForeign keeps the demo out of a registry that is used.
func refuseForeign(ctx context.Context, reg *registry.Registry) error {
	used := false
	for cursor := ""; ; {
		page, err := reg.Vendors(ctx, registry.VendorQuery{Limit: 200, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, v := range page.Items {
			if used = true; v.Owner == Company {
				return nil
			}
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	if used {
		return registry.Refuse(registry.Conflict, "the registry holds vendors already: the demo is loaded into an empty one only")
	}
	return nil
}

// loader invents what the facts do not say.
type loader struct {
	reg   *registry.Registry
	gate  *sharing.Gate
	by    audit.Actor
	now   time.Time
	found map[string]subject // by the id of the row in published.json
}

// subject is what one row became.
type subject struct {
	vendor     registry.Vendor
	engagement registry.Engagement
}

// find reads what the rows became.
func (l *loader) find(ctx context.Context) error {
	l.found = map[string]subject{}
	for cursor := ""; ; {
		page, err := l.reg.Vendors(ctx, registry.VendorQuery{Limit: 200, Cursor: cursor})
		if err != nil {
			return err
		}
		for _, v := range page.Items {
			engagements, err := l.reg.Engagements(ctx, v.ID, 200, "")
			if err != nil {
				return err
			}
			for _, e := range engagements.Items {
				if e.ExternalID != "" {
					l.found[e.ExternalID] = subject{v, e}
				}
			}
		}
		if cursor = page.Next; cursor == "" {
			return nil
		}
	}
}

// of is what the row of that id became; NotFound when somebody took the id away.
func (l *loader) of(row string) (subject, error) {
	s, ok := l.found[row]
	if !ok {
		return s, registry.Refuse(registry.NotFound, "there is no engagement with the external id %s", row)
	}
	return s, nil
}
