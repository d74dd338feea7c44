package importing

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
	"unicode/utf8"

	"onward/registry"
)

// decode is raw as UTF-8 without a byte order mark. It refuses workbooks, text that is not UTF-8, and NUL characters, and names the line.
func decode(raw []byte, name string) ([]byte, error) {
	if bytes.HasPrefix(raw, []byte("PK\x03\x04")) || bytes.HasPrefix(raw, []byte("\xd0\xcf\x11\xe0")) {
		return nil, registry.Refuse(registry.Malformed, "%s is a workbook: save the sheet as CSV UTF-8 and import that", name)
	}
	var text []byte
	switch {
	case bytes.HasPrefix(raw, []byte{0xff, 0xfe}):
		text = fromUTF16(raw[2:], binary.LittleEndian)
	case bytes.HasPrefix(raw, []byte{0xfe, 0xff}):
		text = fromUTF16(raw[2:], binary.BigEndian)
	default:
		text = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	}
	if at := invalid(text); at >= 0 {
		line := bytes.Count(text[:at], []byte{'\n'}) + 1
		return nil, registry.Refuse(registry.Malformed, "line %d of %s is not UTF-8: save the file with the encoding UTF-8", line, name)
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		line := bytes.Count(text[:at], []byte{'\n'}) + 1
		return nil, registry.Refuse(registry.Malformed, "line %d of %s holds a NUL character", line, name)
	}
	return text, nil
}

// invalid is the offset of the first byte that is not UTF-8; -1 when there is none.
func invalid(text []byte) int {
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
	return -1
}

// fromUTF16 is raw as UTF-8. An odd byte or half a pair becomes an invalid byte, which decode refuses.
func fromUTF16(raw []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = order.Uint16(raw[2*i:])
	}
	text := make([]byte, 0, len(raw))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i+1 == len(units) {
				return append(text, 0xff)
			}
			if r = utf16.DecodeRune(r, rune(units[i+1])); r == utf8.RuneError {
				return append(text, 0xff)
			}
			i++
		}
		text = utf8.AppendRune(text, r)
	}
	if len(raw)%2 == 1 {
		text = append(text, 0xff)
	}
	return text
}
