package registry

import (
	"math/big"
	"net/url"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/go-playground/validator/v10"

	"onward/registry/policy"
)

// texts are our own tags of a field that is text.
var texts = map[string]func(string) bool{
	"text":          plainText,
	"lei":           validLEI,
	"zone":          func(s string) bool { _, err := zoneOf(s); return err == nil },
	"web_url":       webURL,
	"percent":       percent,
	"code":          validCode,
	"language":      languageForm.MatchString,
	"vendor_kind":   among(policy.VendorKinds),
	"contract_kind": among(policy.ContractKinds),
	"clause_code":   among(policy.ClauseCodes),
	"purpose":       among(func() []string { return shippedCodes().purposes }), // Codes says of which others there are
	"category":      among(func() []string { return shippedCodes().categories }),
}

// aliases are names for tags of the validator itself.
var aliases = map[string]string{
	"country": "iso3166_1_alpha2",
	"place":   "iso3166_1_alpha2|eq=" + EEA + "|eq=" + EU + "|eq=" + Global + "|eq=" + Unspecified,
}

var (
	languageForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	percentForm  = regexp.MustCompile(`^[0-9]{1,3}(\.[0-9]{1,6})?$`)
	leiForm      = regexp.MustCompile(`^[A-Z0-9]{18}[0-9]{2}$`)
)

func onText(check func(string) bool) validator.Func {
	return func(f validator.FieldLevel) bool { return check(f.Field().String()) }
}

// among checks against a list that does not change while the program runs.
func among(list func() []string) func(string) bool {
	set := sync.OnceValue(func() map[string]bool { return setOf(list()) })
	return func(s string) bool { return set()[s] }
}

// validCode is a letter and at most 99 more letters, digits, _, . and -.
func validCode(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c|0x20 >= 'a' && c|0x20 <= 'z':
		case i > 0 && (c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'):
		default:
			return false
		}
	}
	return s != "" && len(s) <= 100
}

// plainText is UTF-8 that people can read: no control characters but line feed and tab, none that reorder what follows, not only spaces.
func plainText(s string) bool {
	if !utf8.ValidString(s) || s != "" && strings.TrimSpace(s) == "" {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\t' || r >= '\u202a' && r <= '\u202e'
	})
}

// validLEI checks form and check digits (ISO 17442, by ISO 7064 MOD 97-10).
func validLEI(s string) bool {
	if !leiForm.MatchString(s) {
		return false
	}
	var digits strings.Builder
	for _, c := range s {
		if c >= 'A' {
			digits.WriteString(strconv.Itoa(int(c - 'A' + 10)))
			continue
		}
		digits.WriteRune(c)
	}
	n, ok := new(big.Int).SetString(digits.String(), 10)
	return ok && n.Mod(n, big.NewInt(97)).Int64() == 1
}

// webURL is an absolute http or https address that names a host and nobody.
func webURL(s string) bool {
	if len(s) > 2000 || !plainText(s) || strings.ContainsFunc(s, unicode.IsSpace) {
		return false
	}
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

func percent(s string) bool {
	if !percentForm.MatchString(s) {
		return false
	}
	r, ok := new(big.Rat).SetString(s)
	return ok && r.Cmp(big.NewRat(100, 1)) <= 0
}

// notBefore compares two days; a missing other day is no bound.
func notBefore(f validator.FieldLevel) bool {
	other, _, _, found := f.GetStructFieldOK2()
	if !found || other.Kind() != reflect.String || f.Field().String() == "" || other.String() == "" {
		return true
	}
	return f.Field().String() >= other.String() // both are written YYYY-MM-DD
}
