package policy

import "fmt"

// Fault is a part of a version that contradicts another.
type Fault struct {
	Pointer  string // JSON pointer (RFC 6901)
	Sentence string // what is wrong, as the end of "The field …"
}

// Faults are the parts of a version that do not fit together: codes given twice, codes that name nothing, and purposes of which it is not
// said why nobody can opt out. The forms of single fields are not looked at.
func (v *Version) Faults() []Fault {
	var c check
	once(&c, "/categories", v.Categories, func(x *Category) string { return x.Code })
	once(&c, "/purposes", v.Purposes, func(x *Purpose) string { return x.Code })
	once(&c, "/grounds", v.Grounds, func(x *Ground) string { return x.Code })
	once(&c, "/kinds", v.Kinds, func(x *Kind) string { return x.Code })
	purpose := func(code string) bool { return v.Purpose(code) != nil }
	category := func(code string) bool { return v.Category(code) != nil }
	ground := func(code string) bool { return v.Ground(code) != nil }
	kind := func(code string) bool { return v.Kind(code) != nil }
	for i := range v.Categories {
		c.known(at("/categories", i)+"/purposes", v.Categories[i].Purposes, "purpose", purpose)
	}
	for i := range v.Purposes {
		p := &v.Purposes[i]
		c.known(at("/purposes", i)+"/grounds", p.Grounds, "ground", ground)
		switch {
		case p.OptOut == OptOutNo && p.Required == "":
			c.bad(at("/purposes", i)+"/required", "is required when opt_out is no: say why nobody can opt out")
		case p.OptOut != OptOutNo && p.Required != "":
			c.bad(at("/purposes", i)+"/required", "must be absent unless opt_out is no")
		}
	}
	for i := range v.Grounds {
		g := &v.Grounds[i]
		c.known(at("/grounds", i)+"/kinds", g.Kinds, "kind", kind)
		c.known(at("/grounds", i)+"/purposes", g.Purposes, "purpose", purpose)
		c.known(at("/grounds", i)+"/categories", g.Categories, "category", category)
	}
	return c.faults
}

type check struct{ faults []Fault }

func (c *check) bad(pointer, format string, args ...any) {
	c.faults = append(c.faults, Fault{pointer, fmt.Sprintf(format, args...)})
}

// known tells of the codes that this version does not have.
func (c *check) known(pointer string, codes []string, what string, ok func(string) bool) {
	for i, code := range codes {
		if !ok(code) {
			c.bad(at(pointer, i), "names the %s %s, which this version does not have", what, code)
		}
	}
}

// once tells of the codes that stand in a list twice.
func once[T any](c *check, pointer string, all []T, code func(*T) string) {
	seen := map[string]bool{}
	for i := range all {
		if seen[code(&all[i])] {
			c.bad(at(pointer, i)+"/code", "is given twice: %s", code(&all[i]))
		}
		seen[code(&all[i])] = true
	}
}
