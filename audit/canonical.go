package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gowebpki/jcs"
)

// maxDepth bounds the nesting of an Object, so that one that contains itself is refused.
const maxDepth = 32

// Commit is the commitment to canonical JSON text under a random salt: SHA-256(label || 0x00 || salt || text).
func Commit(label string, salt [32]byte, text []byte) []byte {
	h := sha256.New()
	h.Write([]byte(label))
	h.Write([]byte{0})
	h.Write(salt[:])
	h.Write(text)
	return h.Sum(nil)
}

// Canonical is v as RFC 8785 canonical JSON. It refuses what two readers could read in two ways: strings that are not valid UTF-8
// or contain U+0000, numbers that are not whole or exceed 2^53; and inside Object anything but the types that Object allows.
func Canonical(v any) ([]byte, error) {
	if o, ok := v.(Object); ok {
		return appendObject(nil, o, 0)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	// encoding/json writes U+FFFD itself as it is, and this escape only in the place of a byte that is not UTF-8.
	if bytes.Contains(text, []byte(`\ufffd`)) || !utf8.Valid(text) {
		return nil, errors.New("canonical JSON: a string is not valid UTF-8")
	}
	if err := checkTokens(text); err != nil {
		return nil, err
	}
	canonical, err := jcs.Transform(text)
	if err != nil {
		return nil, fmt.Errorf("canonical JSON: %w", err)
	}
	return canonical, nil
}

// MarshalJSON writes canonical JSON, and refuses values that an Object does not allow.
func (o Object) MarshalJSON() ([]byte, error) { return appendObject(nil, o, 0) }

func checkTokens(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("canonical JSON: %w", err)
		}
		switch token := token.(type) {
		case string:
			if strings.ContainsRune(token, 0) {
				return errors.New("canonical JSON: a string contains U+0000")
			}
		case json.Number:
			n, err := strconv.ParseInt(token.String(), 10, 64)
			if err != nil || n > 1<<53 || n < -(1<<53) || token == "-0" {
				return fmt.Errorf("canonical JSON: %s is not a whole number that every reader can hold", token)
			}
		}
	}
}

func appendObject(b []byte, o Object, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, errors.New("canonical JSON: nested too deeply")
	}
	var room [16]string
	keys := room[:0]
	for k := range o {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	b = append(b, '{')
	for i, k := range keys {
		if !asciiKey(k) {
			return nil, fmt.Errorf("canonical JSON: %q is not a printable ASCII key", k)
		}
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = appendString(b, k); err != nil {
			return nil, err
		}
		b = append(b, ':')
		if b, err = appendValue(b, o[k], depth+1); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	return append(b, '}'), nil
}

func appendValue(b []byte, v any, depth int) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return appendString(b, v)
	case bool:
		return strconv.AppendBool(b, v), nil
	case Object:
		return appendObject(b, v, depth)
	case []string:
		return appendArray(b, v, appendString)
	case []Object:
		return appendArray(b, v, func(b []byte, o Object) ([]byte, error) { return appendObject(b, o, depth+1) })
	default:
		return nil, fmt.Errorf("canonical JSON: an Object does not hold %T", v)
	}
}

func appendArray[T any](b []byte, values []T, one func([]byte, T) ([]byte, error)) ([]byte, error) {
	b = append(b, '[')
	for i, v := range values {
		if i > 0 {
			b = append(b, ',')
		}
		var err error
		if b, err = one(b, v); err != nil {
			return nil, err
		}
	}
	return append(b, ']'), nil
}

// appendString writes s as RFC 8785 3.2.2.2 demands: only what must be escaped is.
func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, errors.New("canonical JSON: a string is not valid UTF-8")
	}
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		switch c {
		case 0:
			return nil, errors.New("canonical JSON: a string contains U+0000")
		case '"', '\\':
			b = append(b, '\\', c)
		case '\b':
			b = append(b, '\\', 'b')
		case '\t':
			b = append(b, '\\', 't')
		case '\n':
			b = append(b, '\\', 'n')
		case '\f':
			b = append(b, '\\', 'f')
		case '\r':
			b = append(b, '\\', 'r')
		default:
			const hex = "0123456789abcdef"
			b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	b = append(b, s[from:]...)
	return append(b, '"'), nil
}

func asciiKey(k string) bool {
	for i := range len(k) {
		if k[i] < 0x20 || k[i] > 0x7e {
			return false
		}
	}
	return k != "" && len(k) <= math.MaxUint8
}
