package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/go-playground/validator/v10"
	"github.com/uptrace/bun"

	"onward/registry/policy"
)

// Codes are the purposes and categories that a record may name: those of every published version of the policy, also of those to come and of
// those that are over. What a share may be for is another question, that the version in force answers.
type Codes struct{ purposes, categories []string }

// CodesOf are the codes of versions.
func CodesOf(versions []policy.Version) Codes {
	var c Codes
	for i := range versions {
		for _, p := range versions[i].Purposes {
			c.purposes = append(c.purposes, p.Code)
		}
		for _, category := range versions[i].Categories {
			c.categories = append(c.categories, category.Code)
		}
	}
	return c
}

// shippedCodes are the codes of the versions that come with the program.
var shippedCodes = sync.OnceValue(func() Codes { return CodesOf(policy.Shipped()) })

// known runs check with the codes that come with the program and, where it refuses (Invalid), with those of every published version: they are
// read only where something is amiss.
func known(ctx context.Context, db bun.IDB, check func(Codes) error) error {
	err := check(shippedCodes())
	var refusal *Refusal
	if !errors.As(err, &refusal) || refusal.Kind != Invalid {
		return err
	}
	versions, err := ReadPolicies(ctx, db, nil)
	if err != nil {
		return err
	}
	return check(CodesOf(versions))
}

// Codes reads the codes that a record may name.
func (r *Registry) Codes(ctx context.Context) (Codes, error) {
	versions, err := ReadPolicies(ctx, r.db, nil)
	return CodesOf(versions), err
}

// has tells whether a field that its tag holds to be no code of the shipped versions is one of a later.
func (c Codes) has(e validator.FieldError) bool {
	code, ok := e.Value().(string)
	switch {
	case !ok:
		return false
	case e.Tag() == "purpose":
		return slices.Contains(c.purposes, code)
	case e.Tag() == "category":
		return slices.Contains(c.categories, code)
	default:
		return false
	}
}

// sentence says what the field's tag demands.
func (c Codes) sentence(e validator.FieldError) string {
	switch e.Tag() {
	case "purpose":
		return codes("a purpose of the policy", func() []string { return distinct(c.purposes) })(e)
	case "category":
		return codes("a category of the policy", func() []string { return distinct(c.categories) })(e)
	default:
		return sentenceOf(e)
	}
}

// distinct is a list without repetitions, in the order of their first appearance.
func distinct(codes []string) []string {
	var all []string
	for _, code := range codes {
		if !slices.Contains(all, code) {
			all = append(all, code)
		}
	}
	return all
}

// Validate checks a struct as the function Validate does; the purposes and categories that it may name are those of c.
func (c Codes) Validate(v any) error {
	if surely(v) {
		return nil
	}
	err := checker().Struct(v)
	var bad validator.ValidationErrors
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &bad):
		return fmt.Errorf("validate %T: %w", v, err)
	}
	var fields []Field
	for _, e := range bad {
		if !c.has(e) {
			fields = append(fields, Field{Pointer: pointerOf(e.Namespace()), Sentence: c.sentence(e)})
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return invalid(fields)
}
