package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"onward/registry"
)

const notice = "Invented for a demo. No such agreement exists."

// invent makes up terms for an engagement: codes where it has none, transfers where a location has none, and a contract with a document.
func (l *loader) invent(ctx context.Context, t invented) (Contract, error) {
	s, err := l.of(t.engagement)
	if err != nil {
		return Contract{}, err
	}
	done := Contract{Vendor: s.vendor.Name, Title: t.title}
	if e := s.engagement; len(e.Purposes)+len(e.Categories) == 0 {
		if err := l.patch(ctx, t, s); err != nil {
			return done, err
		}
	}
	if err := l.transfers(ctx, t, s.engagement); err != nil || t.kind == "" {
		return done, err
	}
	c, err := l.contract(ctx, t, s.vendor)
	if err != nil {
		return done, err
	}
	if c == nil {
		made, err := l.reg.CreateContract(ctx, l.by, l.now, s.vendor.ID, l.fields(t))
		if err != nil {
			return done, err
		}
		c, done.Created = &made, true
	}
	if c.Document == nil {
		text := document(t, s.vendor.Name)
		attached, err := l.reg.AttachDocument(ctx, l.by, l.now, c.ID, c.Version, "demo-"+t.kind+".txt", "text/plain; charset=utf-8", strings.NewReader(text))
		if err != nil {
			return done, err
		}
		c = &attached
	}
	done.Status = c.Status
	return done, nil
}

// patch gives the engagement its codes.
func (l *loader) patch(ctx context.Context, t invented, s subject) error {
	patch, err := json.Marshal(map[string]any{"purposes": t.purposes, "categories": t.categories})
	if err != nil {
		return err
	}
	_, err = l.reg.ChangeEngagement(ctx, l.by, l.now, s.engagement.ID, s.engagement.Version, patch)
	return err
}

// transfers gives locations without a mechanism one.
func (l *loader) transfers(ctx context.Context, t invented, e registry.Engagement) error {
	if len(t.transfers) == 0 {
		return nil
	}
	page, err := l.reg.Locations(ctx, e.ID, 200, "")
	if err != nil {
		return err
	}
	for _, at := range page.Items {
		mechanism, ok := t.transfers[at.Place]
		if !ok || at.Transfer != nil {
			continue
		}
		patch, err := json.Marshal(map[string]any{"transfer": registry.Transfer{Mechanism: mechanism, Reference: notice}})
		if err != nil {
			return err
		}
		if _, err := l.reg.ChangeLocation(ctx, l.by, l.now, at.ID, at.Version, patch); err != nil {
			return err
		}
	}
	return nil
}

// contract finds the demo's contract for these terms; nil when there is none.
func (l *loader) contract(ctx context.Context, t invented, v registry.Vendor) (*registry.Contract, error) {
	page, err := l.reg.Contracts(ctx, l.now, v.ID, 200, "")
	if err != nil {
		return nil, err
	}
	for _, c := range page.Items {
		if c.ExternalID == t.id() {
			return &c, nil
		}
	}
	return nil, nil
}

// id is the contract's external id.
func (t invented) id() string { return "demo-contract-" + t.engagement }

func (l *loader) fields(t invented) registry.ContractFields {
	from, signed := l.day(t.fromDays), l.day(t.fromDays-14)
	f := registry.ContractFields{
		Kind: t.kind, Title: t.title, Reference: "DEMO-" + t.engagement, ExternalID: t.id(), Notes: notice,
		SignedOn: &signed, InForceFrom: &from, AutoRenewal: t.untilDays > 0,
		PermittedPurposes: t.purposes, PermittedCategories: t.categories, PermittedCountries: t.countries,
		OnwardTransfer: "with_consent", BreachNoticeHours: ptr(24), AuditRight: ptr(true), ReturnOrDeleteDays: ptr(30),
	}
	if t.untilDays != 0 {
		until := l.day(t.untilDays)
		f.InForceUntil = &until
	}
	if f.AutoRenewal {
		f.RenewalMonths, f.NoticeDaysUs = ptr(12), ptr(60)
	}
	for _, c := range clauses {
		f.Clauses = append(f.Clauses, registry.Clause{Code: c.code, Where: c.where})
	}
	return f
}

func (l *loader) day(n int) registry.Date { return registry.DateOf(l.now.UTC().AddDate(0, 0, n)) }

func ptr[T any](v T) *T { return &v }

// document is the text of a demo contract.
func document(t invented, vendor string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "DEMO DOCUMENT\n\n%s\n\n%s\nbetween %s and %s\n\n", notice, t.title, Company, vendor)
	b.WriteString("This text was generated to show what a stored document looks like. It binds nobody and was agreed by nobody.\n\n")
	b.WriteString("1. Purposes: " + strings.Join(t.purposes, ", ") + ". Data: " + strings.Join(t.categories, ", ") + ".\n")
	for _, c := range clauses {
		fmt.Fprintf(&b, "%s: %s (demo text)\n", c.where, strings.ReplaceAll(c.code, "_", " "))
	}
	return b.String()
}
