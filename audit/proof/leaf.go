package proof

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

const (
	maxLeaf       = 65535 // an entry's length is a uint16 in C2SP tlog-tiles
	seqWidth      = 12
	instantLayout = "2006-01-02T15:04:05.000000Z"
)

// Leaf is what an entry says of itself.
type Leaf struct {
	// Known is false when the leaf is of a version that this program does not know: then it is proved by its hash, and the rest is
	// only as far as it could be made out.
	Known      bool
	Version    string
	Type       string
	EntryID    string
	Log        string // the origin
	OccurredAt string // as written: UTC, 2006-01-02T15:04:05.000000Z
	RecordedAt string
	VendorID   string // empty when it is about no vendor
	VendorSeq  int64  // 0 when it is about no vendor
	Body       json.RawMessage
}

// ReadLeaf reads a leaf. It refuses one of version 1 that is not written exactly as version 1 demands (package audit tells how), and one
// whose version cannot be made out.
func ReadLeaf(leaf []byte) (Leaf, error) {
	var m members
	if what := m.read(leaf); what != "" {
		return Leaf{}, &Fault{-1, LeafMalformed, what}
	}
	return m.leaf(), nil
}

// members are the parts of a leaf, as they are written in it.
type members struct {
	known                                                     bool
	version, kind, entryID, log, occurredAt, recordedAt, body []byte
	vendorID                                                  []byte
	vendorSeq                                                 int64
	commitment, actor                                         []byte
	seqText                                                   []byte
}

func (m *members) leaf() Leaf {
	origin, _ := unquoted(m.log)
	return Leaf{
		Known: m.known, Version: string(m.version), Type: string(m.kind), EntryID: string(m.entryID), Log: origin,
		OccurredAt: string(m.occurredAt), RecordedAt: string(m.recordedAt), VendorID: string(m.vendorID), VendorSeq: m.vendorSeq,
		Body: bytes.Clone(m.body),
	}
}

// read returns what is wrong; nothing when all is well. What it keeps are parts of leaf.
func (m *members) read(leaf []byte) string {
	*m = members{}
	if len(leaf) > maxLeaf {
		return "the leaf is too long"
	}
	s := scanner{text: leaf}
	extra := false
	canonical := s.object(0, func(key, value []byte) bool {
		if place := m.place(key); place != nil {
			*place = value
		} else {
			extra = true
		}
		return true
	}) && s.at == len(leaf)
	if !canonical || string(m.version) != `"1"` {
		return m.readUnknown(leaf)
	}
	m.known = true
	m.version = []byte("1")
	switch {
	case extra:
		return "the leaf has a member that version 1 does not have"
	case !isActor(m.actor):
		return "the leaf's actor is not as version 1 demands"
	case len(m.body) == 0 || m.body[0] != '{':
		return "the leaf's body is not an object"
	case m.commitment != nil && !isCommitment(m.commitment):
		return "the leaf's commitment is not of 32 bytes"
	case len(m.log) < 3 || m.log[0] != '"':
		return "the leaf does not name its log"
	}
	m.log = inner(m.log)
	return m.readPlain()
}

// readPlain reads the members of version 1 whose form is fixed.
func (m *members) readPlain() string {
	for _, p := range []struct {
		value *[]byte
		is    func([]byte) bool
		what  string
	}{
		{&m.entryID, isUUID, "the leaf's entry_id is not a UUID"},
		{&m.occurredAt, isInstant, "the leaf's occurred_at is not an instant"},
		{&m.recordedAt, isInstant, "the leaf's recorded_at is not an instant"},
		{&m.kind, isType, "the leaf's type is not noun.verb"},
	} {
		if *p.value = inner(*p.value); !p.is(*p.value) {
			return p.what
		}
	}
	if m.vendorID == nil && m.seqText == nil {
		return ""
	}
	if m.vendorID = inner(m.vendorID); !isUUID(m.vendorID) {
		return "the leaf's vendor_id is not a UUID"
	}
	var ok bool
	if m.vendorSeq, ok = readSeq(inner(m.seqText)); !ok {
		return "the leaf's vendor_seq is not a number of twelve digits"
	}
	return ""
}

func (m *members) place(key []byte) *[]byte {
	switch string(key) {
	case "actor":
		return &m.actor
	case "body":
		return &m.body
	case "commitment":
		return &m.commitment
	case "entry_id":
		return &m.entryID
	case "log":
		return &m.log
	case "occurred_at":
		return &m.occurredAt
	case "recorded_at":
		return &m.recordedAt
	case "type":
		return &m.kind
	case "v":
		return &m.version
	case "vendor_id":
		return &m.vendorID
	case "vendor_seq":
		return &m.seqText
	default:
		return nil
	}
}

// readUnknown makes out what it can of a leaf of another version. The vendor's sequence goes on through it.
func (m *members) readUnknown(leaf []byte) string {
	*m = members{}
	var is map[string]json.RawMessage
	if err := json.Unmarshal(leaf, &is); err != nil || is["v"] == nil {
		return "the leaf is not canonical JSON (RFC 8785), or names no version"
	}
	text := func(key string) []byte {
		var s string
		if err := json.Unmarshal(is[key], &s); err != nil {
			return nil
		}
		return []byte(s)
	}
	if m.version = text("v"); string(m.version) == "1" {
		return "the leaf is not canonical JSON (RFC 8785) of version 1"
	}
	m.kind, m.entryID, m.body, m.log = text("type"), text("entry_id"), is["body"], inner(is["log"])
	if at := text("recorded_at"); isInstant(at) {
		m.recordedAt = at
	}
	id := text("vendor_id")
	if seq, ok := readSeq(text("vendor_seq")); ok && isUUID(id) {
		m.vendorID, m.vendorSeq = id, seq
	}
	return ""
}

// inner is what is between the quotes of a string; nil when it is not one.
func inner(value []byte) []byte {
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	return value[1 : len(value)-1]
}

// unquoted is what the inner part of a JSON string stands for.
func unquoted(raw []byte) (string, bool) {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw), true
	}
	var text string
	err := json.Unmarshal(fmt.Appendf(nil, `"%s"`, raw), &text)
	return text, err == nil
}

// of tells whether the leaf names the log of that origin.
func (m *members) of(origin string) bool {
	if string(m.log) == origin {
		return bytes.IndexByte(m.log, '\\') < 0
	}
	text, ok := unquoted(m.log)
	return ok && text == origin
}

func readSeq(digits []byte) (int64, bool) {
	if len(digits) != seqWidth {
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits), 10, 63)
	return int64(n), err == nil && n > 0
}

func isActor(value []byte) bool {
	var id, kind, role []byte
	s := scanner{text: value}
	ok := s.object(0, func(key, value []byte) bool {
		switch string(key) {
		case "id":
			id = inner(value)
		case "kind":
			kind = inner(value)
		case "role":
			role = inner(value)
		default:
			return false
		}
		return true
	})
	return ok && isUUID(id) && (string(kind) == "key" || string(kind) == "user" || string(kind) == "program") && isWord(role)
}

func isCommitment(value []byte) bool {
	var room [33]byte
	text := inner(value)
	if len(text) != base64.StdEncoding.EncodedLen(32) {
		return false
	}
	n, err := base64.StdEncoding.Strict().Decode(room[:], text)
	return err == nil && n == 32
}

func isUUID(s []byte) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range s {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if c != '-' {
				return false
			}
		} else if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func isWord(s []byte) bool {
	for _, c := range s {
		if (c < 'a' || c > 'z') && c != '_' {
			return false
		}
	}
	return len(s) > 0 && len(s) <= 64
}

func isType(s []byte) bool {
	noun, verb, ok := bytes.Cut(s, []byte{'.'})
	return ok && isWord(noun) && isWord(verb)
}

// isInstant tells whether s is an instant as leaves have it. The date must exist.
func isInstant(s []byte) bool {
	if len(s) != len(instantLayout) {
		return false
	}
	for i := range s {
		if pattern := instantLayout[i]; pattern < '0' || pattern > '9' {
			if s[i] != pattern {
				return false
			}
		} else if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	two := func(at int) int { return int(s[at]-'0')*10 + int(s[at+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	if year < 1900 || month < 1 || month > 12 || day < 1 || two(11) > 23 || two(14) > 59 || two(17) > 59 {
		return false
	}
	return day <= 28 || time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Day() == day
}
