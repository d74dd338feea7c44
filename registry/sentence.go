package registry

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"

	"onward/registry/policy"
)

// sentences say what each tag demands, as the end of "The field …".
var sentences = map[string]func(validator.FieldError) string{
	"required":      says("is required"),
	"required_if":   func(e validator.FieldError) string { return "is required when " + condition(e) },
	"required_with": func(e validator.FieldError) string { return "is required when " + fieldName(e.Param()) + " is given" },
	"text":          says("must be readable text: not only spaces, and no control characters but line feed and tab"),
	"max":           func(e validator.FieldError) string { return "must be at most " + amount(e) },
	"min":           func(e validator.FieldError) string { return "must be at least " + amount(e) },
	"unique":        says("must not contain the same value twice"),
	"oneof": func(e validator.FieldError) string {
		return "must be one of " + strings.Join(strings.Fields(e.Param()), ", ")
	},
	"email": says("must be an e-mail address"),
	"country": func(e validator.FieldError) string {
		return "must be a country of ISO 3166-1, two capital letters" + hint(e)
	},
	"place": func(e validator.FieldError) string {
		return "must be a country of ISO 3166-1, two capital letters, or EEA, EU, GLOBAL or UNSPECIFIED" + hint(e)
	},
	"lei":      says("must be a Legal Entity Identifier: 20 characters, capital letters and digits, with right check digits (ISO 17442)"),
	"zone":     says("must be a time zone of the IANA database, such as Europe/Berlin"),
	"sha256":   says("must be a SHA-256 in 64 hexadecimal digits, lower case"),
	"web_url":  says("must be an absolute http or https address without a user name, at most 2000 bytes"),
	"percent":  says("must be a decimal number from 0 to 100 in a string, such as \"12.5\", with at most six decimals"),
	"language": says("must be a language tag (BCP 47), such as en or pt-BR"),
	"code":     says("must be a code: a letter, then at most 99 letters, digits, _, . or -"),
	"not_before": func(e validator.FieldError) string {
		return "must not be a day before " + fieldName(e.Param())
	},
	"vendor_kind":   codes("a kind of vendor", policy.VendorKinds),
	"contract_kind": codes("a kind of contract", policy.ContractKinds),
	"clause_code":   codes("the code of a clause", policy.ClauseCodes),
	"purpose":       codes("a purpose of the policy", func() []string { return shippedCodes().purposes }),
	"category":      codes("a category of the policy", func() []string { return shippedCodes().categories }),
}

func sentenceOf(e validator.FieldError) string {
	if say, ok := sentences[e.Tag()]; ok {
		return say(e)
	}
	return "is not right (" + e.Tag() + ")"
}

func says(sentence string) func(validator.FieldError) string {
	return func(validator.FieldError) string { return sentence }
}

func codes(what string, list func() []string) func(validator.FieldError) string {
	return func(e validator.FieldError) string {
		return fmt.Sprintf("must be %s, not %s; there are %s", what, shown(fmt.Sprint(e.Value())), strings.Join(list(), ", "))
	}
}

// amount words the bound of max or min by what is counted.
func amount(e validator.FieldError) string {
	switch e.Kind() { //nolint:exhaustive // the rest are numbers
	case reflect.String:
		return counted(e.Param(), "character")
	case reflect.Slice, reflect.Map:
		return counted(e.Param(), "item")
	default:
		return e.Param()
	}
}

func counted(n, what string) string {
	if n == "1" {
		return n + " " + what
	}
	return n + " " + what + "s"
}

// hint is for what people write most often instead of a code.
func hint(e validator.FieldError) string {
	switch s := fmt.Sprint(e.Value()); {
	case strings.EqualFold(s, "UK"):
		return "; the United Kingdom is GB"
	case strings.EqualFold(s, "EL"):
		return "; Greece is GR"
	case len(s) == 2 && s != strings.ToUpper(s):
		return "; write " + strings.ToUpper(s)
	default:
		return ""
	}
}

// condition words "Listed true".
func condition(e validator.FieldError) string {
	field, value, _ := strings.Cut(e.Param(), " ")
	return fieldName(field) + " is " + value
}

// fieldName is a Go field's name as JSON writes it: InForceFrom is in_force_from.
func fieldName(field string) string {
	var name strings.Builder
	for i, c := range field {
		if i > 0 && c >= 'A' && c <= 'Z' {
			name.WriteByte('_')
		}
		name.WriteRune(c)
	}
	return strings.ToLower(name.String())
}
