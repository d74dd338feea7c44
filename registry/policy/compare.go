package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
)

// Compare lists what a later version adds, removes, loosens and tightens, each change once: categories first, then purposes, grounds and
// kinds of recipient. The names, days and texts of the versions themselves, and the order of lists, are no change.
func Compare(before, after *Version) []Change {
	c := comparison{changes: []Change{}}
	pairs(&c, "category", "/categories", before.Categories, after.Categories, func(x *Category) string { return x.Code }, newCategory, c.categories)
	pairs(&c, "purpose", "/purposes", before.Purposes, after.Purposes, func(x *Purpose) string { return x.Code }, newPurpose, c.purposes)
	pairs(&c, "ground", "/grounds", before.Grounds, after.Grounds, func(x *Ground) string { return x.Code }, newGround, c.grounds)
	pairs(&c, "kind", "/kinds", before.Kinds, after.Kinds, func(x *Kind) string { return x.Code }, newKind, c.kinds)
	return c.changes
}

// pairs compares two lists item by item, by code.
func pairs[T any](c *comparison, what, pointer string, before, after []T, code func(*T) string, needs func(*T) string,
	both func(pointer string, before, after *T),
) {
	for i := range after {
		a := &after[i]
		if b := find(before, code(a), code); b != nil {
			both(at(pointer, i), b, a)
		} else {
			c.add(more(what+":"+code(a), Adds, at(pointer, i), nil, a, needs(a)))
		}
	}
	for i := range before {
		if b := &before[i]; find(after, code(b), code) == nil {
			c.add(less(what+":"+code(b), Removes, at(pointer, i), b, nil))
		}
	}
}

func newCategory(x *Category) string {
	if x.Anonymous {
		return ""
	}
	return fmt.Sprintf("Data of category %s may newly be gathered and shared: who gave data before did not agree to it.", x.Code)
}

func newPurpose(x *Purpose) string {
	return fmt.Sprintf("Data may newly be used for the purpose %s: who gave it before did not agree to that.", x.Code)
}

func newGround(x *Ground) string {
	return fmt.Sprintf("Data may newly be shared on the ground %s: who gave it before did not agree to that.", x.Code)
}

func newKind(x *Kind) string {
	return fmt.Sprintf("A new kind of recipient, %s, may get data: who gave it before did not agree to that.", x.Code)
}

func (c *comparison) categories(pointer string, b, a *Category) {
	item := "category:" + a.Code
	c.words(item+":label", pointer+"/label", b.Label, a.Label, true)
	c.words(item+":clause", pointer+"/clause", b.Clause, a.Clause, false)
	c.words(item+":dpv", pointer+"/dpv", b.DPV, a.DPV, false)
	c.words(item+":fides", pointer+"/fides", b.Fides, a.Fides, false)
	c.limits("cell:"+a.Code, pointer+"/purposes", b.Purposes, a.Purposes, func(code string) string {
		if a.Anonymous {
			return ""
		}
		return fmt.Sprintf("Data of category %s may newly be used for %s: who gave it before did not agree to that.", a.Code, named(code, "every purpose"))
	})
	c.forbids("channel:"+a.Code, pointer+"/not_by", b.NotBy, a.NotBy)
	// To say of data that it identifies nobody, or comes from those whom it is about, frees it from rules.
	c.requires(item+":identifies", pointer+"/anonymous", !b.Anonymous, !a.Anonymous)
	c.requires(item+":indirect", pointer+"/indirect", b.Indirect, a.Indirect)
}

func (c *comparison) purposes(pointer string, b, a *Purpose) {
	item := "purpose:" + a.Code
	c.words(item+":label", pointer+"/label", b.Label, a.Label, true)
	c.words(item+":clause", pointer+"/clause", b.Clause, a.Clause, false)
	c.words(item+":dpv", pointer+"/dpv", b.DPV, a.DPV, false)
	c.words(item+":fides", pointer+"/fides", b.Fides, a.Fides, false)
	c.optOut(pointer, b, a)
	c.limits("ground_for:"+a.Code, pointer+"/grounds", b.Grounds, a.Grounds, func(code string) string {
		return fmt.Sprintf("Data may newly be shared for %s on %s: who gave it before did not agree to that.", a.Code, named(code, "every ground"))
	})
}

// optOut compares what a person can decline. The reason why nobody can is part of the opt-out where that is new, else of the wording.
func (c *comparison) optOut(pointer string, b, a *Purpose) {
	freedom := []string{OptOutNo, OptOutByLaw, OptOutYes}
	item := "opt_out:" + a.Code
	pointer += "/opt_out"
	switch {
	case b.OptOut == a.OptOut:
		c.words("purpose:"+a.Code+":required", pointer, b.Required, a.Required, false)
	case slices.Index(freedom, a.OptOut) > slices.Index(freedom, b.OptOut):
		c.add(less(item, Tightens, pointer, b.OptOut, a.OptOut))
	case a.OptOut == OptOutNo:
		c.add(more(item, Loosens, pointer, b.OptOut, a.OptOut,
			fmt.Sprintf("Nobody can opt out of %s any more: who gave data before could, and relied on it.", a.Code)))
	default:
		c.add(more(item, Loosens, pointer, b.OptOut, a.OptOut, ""))
	}
}

func (c *comparison) grounds(pointer string, b, a *Ground) {
	item := "ground:" + a.Code
	c.words(item+":label", pointer+"/label", b.Label, a.Label, true)
	c.words(item+":clause", pointer+"/clause", b.Clause, a.Clause, false)
	c.words(item+":group", pointer+"/group", b.Group, a.Group, false)
	c.permits("recipient:"+a.Code, pointer+"/kinds", b.Kinds, a.Kinds, func(code string) string {
		return fmt.Sprintf("Recipients of kind %s may newly get data on the ground %s: who gave it before did not agree to that.", code, a.Code)
	})
	c.limits("purpose_on:"+a.Code, pointer+"/purposes", b.Purposes, a.Purposes, func(code string) string {
		return fmt.Sprintf("Data may newly be shared on the ground %s for %s: who gave it before did not agree to that.", a.Code, named(code, "every purpose"))
	})
	c.limits("category_on:"+a.Code, pointer+"/categories", b.Categories, a.Categories, func(code string) string {
		return fmt.Sprintf("Data of %s may newly be shared on the ground %s: who gave it before did not agree to that.", named(code, "every category"), a.Code)
	})
	c.limits("jurisdiction_on:"+a.Code, pointer+"/jurisdictions", b.Jurisdictions, a.Jurisdictions, func(code string) string {
		return fmt.Sprintf("Data of people in %s may newly be shared on the ground %s: who gave it before did not agree to that.", named(code, "every place"), a.Code)
	})
	c.requires(item+":contract", pointer+"/contract", b.Contract, a.Contract)
	c.forbids("clause_on:"+a.Code, pointer+"/clauses", b.Clauses, a.Clauses)
	c.requires(item+":document", pointer+"/document", b.Document, a.Document)
	c.requires(item+":pseudonymised", pointer+"/pseudonymised", b.Pseudonymised, a.Pseudonymised)
	c.requires(item+":instrument", pointer+"/instrument", b.Instrument, a.Instrument)
	c.requires(item+":protection", pointer+"/protection", b.Protection, a.Protection)
	c.approvals(item, pointer+"/approvals", b.Approvals, a.Approvals)
}

func (c *comparison) kinds(pointer string, b, a *Kind) {
	item := "kind:" + a.Code
	c.words(item+":label", pointer+"/label", b.Label, a.Label, true)
	c.words(item+":clause", pointer+"/clause", b.Clause, a.Clause, false)
	c.requires(item+":engagement", pointer+"/engagement", b.Engagement, a.Engagement)
	c.requires(item+":contract", pointer+"/contract", b.Contract, a.Contract)
	c.limits("contract_for:"+a.Code, pointer+"/contract_kinds", b.ContractKinds, a.ContractKinds, func(string) string { return "" })
	c.forbids("clause_for:"+a.Code, pointer+"/clauses", b.Clauses, a.Clauses)
	c.requires(item+":document", pointer+"/document", b.Document, a.Document)
	c.requires(item+":pseudonymised", pointer+"/pseudonymised", b.Pseudonymised, a.Pseudonymised)
	c.requires(item+":instrument", pointer+"/instrument", b.Instrument, a.Instrument)
	c.requires(item+":protection", pointer+"/protection", b.Protection, a.Protection)
	c.approvals(item, pointer+"/approvals", b.Approvals, a.Approvals)
}

func (c *comparison) approvals(item, pointer string, before, after int) {
	item += ":approvals"
	switch {
	case after < before:
		c.add(more(item, Loosens, pointer, before, after, ""))
	case after > before:
		c.add(less(item, Tightens, pointer, before, after))
	}
}

// named is a code, or what stands for all.
func named(code, all string) string {
	if code == "" {
		return all
	}
	return code
}

func at(pointer string, i int) string { return pointer + "/" + strconv.Itoa(i) }

func contains(codes []string, code string) bool { return slices.Contains(codes, code) }

// sameValue compares texts, and lists as sets.
func sameValue(before, after any) bool {
	a, okA := before.([]string)
	b, okB := after.([]string)
	if !okA || !okB {
		return reflect.DeepEqual(before, after)
	}
	return len(a) == len(b) && !slices.ContainsFunc(a, func(code string) bool { return !contains(b, code) })
}
