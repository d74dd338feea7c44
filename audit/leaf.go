package audit

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	maxLeaf       = 65535 // an entry's length is a uint16 in C2SP tlog-tiles
	instantLayout = "2006-01-02T15:04:05.000000Z"
	instantBlank  = "0000-00-00T00:00:00.000000Z"
	seqWidth      = 12
	maxSeq        = 999_999_999_999
)

// draft is an entry whose leaf is written but for what is known only under the head's lock: the instant of recording and the place
// in the vendor's sequence. Both have a fixed width and are filled in where they stand.
type draft struct {
	Entry
	leaf       []byte
	recordedAt int // where the instant stands in leaf
	vendorSeq  int // where the sequence number stands in leaf; 0 when the entry is about no vendor
}

// newDraft checks e and writes its leaf.
func newDraft(origin string, e Entry) (*draft, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	e.OccurredAt = e.OccurredAt.UTC().Truncate(time.Microsecond)
	e.Links = uniqueLinks(e.Links)
	d := &draft{Entry: e, leaf: make([]byte, 0, 1024)}
	if err := d.write(origin); err != nil {
		return nil, fmt.Errorf("entry %s of type %s: %w", e.ID, e.Type, err)
	}
	if len(d.leaf) > maxLeaf {
		return nil, fmt.Errorf("entry %s of type %s: %d bytes are more than a leaf may have", e.ID, e.Type, len(d.leaf))
	}
	return d, nil
}

func (d *draft) write(origin string) (err error) {
	b := append(d.leaf, `{"actor":{"id":"`...)
	b = appendUUID(b, d.Actor.ID)
	b = append(b, `","kind":"`...)
	b = append(b, d.Actor.Kind...)
	b = append(b, `","role":"`...)
	b = append(b, d.Actor.Role...)
	b = append(b, `"},"body":`...)
	if d.Text != nil {
		b = append(b, d.Text...)
	} else if b, err = appendObject(b, d.Body, 0); err != nil {
		return err
	}
	if d.Commitment != nil {
		b = append(b, `,"commitment":"`...)
		b = base64.StdEncoding.AppendEncode(b, d.Commitment)
		b = append(b, '"')
	}
	b = append(b, `,"entry_id":"`...)
	b = appendUUID(b, d.ID)
	b = append(b, `","log":`...)
	if b, err = appendString(b, origin); err != nil {
		return err
	}
	b = append(b, `,"occurred_at":"`...)
	b = appendInstant(b, d.OccurredAt)
	b = append(b, `","recorded_at":"`...)
	d.recordedAt = len(b)
	b = append(b, instantBlank+`","type":"`...)
	b = append(b, d.Type...)
	b = append(b, `","v":"1"`...)
	if d.VendorID != uuid.Nil {
		b = append(b, `,"vendor_id":"`...)
		b = appendUUID(b, d.VendorID)
		b = append(b, `","vendor_seq":"`...)
		d.vendorSeq = len(b)
		b = append(b, `000000000000"`...)
	}
	d.leaf = append(b, '}')
	return nil
}

// seal fills in what was missing and returns the leaf's hash. It may be called again with other values.
func (d *draft) seal(recordedAt time.Time, vendorSeq int64) tlog.Hash {
	appendInstant(d.leaf[:d.recordedAt], recordedAt)
	if d.vendorSeq > 0 {
		putDigits(d.leaf[d.vendorSeq:d.vendorSeq+seqWidth], vendorSeq)
	}
	return tlog.RecordHash(d.leaf)
}

func (e *Entry) check() error {
	switch {
	case e.ID == uuid.Nil:
		return errors.New("an entry has no id")
	case !isType(e.Type):
		return fmt.Errorf("entry %s: %q is not a type noun.verb", e.ID, e.Type)
	case !slices.Contains([]string{"key", "user", "program"}, e.Actor.Kind) || !isWord(e.Actor.Role):
		return fmt.Errorf("entry %s: an actor is not of kind %q and role %q", e.ID, e.Actor.Kind, e.Actor.Role)
	case !inRange(e.OccurredAt):
		return fmt.Errorf("entry %s: occurred in the year %d", e.ID, e.OccurredAt.UTC().Year())
	case e.Commitment != nil && len(e.Commitment) != 32:
		return fmt.Errorf("entry %s: a commitment of %d bytes", e.ID, len(e.Commitment))
	case e.Detail != nil && e.Commitment == nil:
		return fmt.Errorf("entry %s: a detail that the entry does not commit to", e.ID)
	case e.Detail != nil && (!utf8.Valid(e.Detail.JSON) || bytes.IndexByte(e.Detail.JSON, 0) >= 0):
		return fmt.Errorf("entry %s: a detail that is not text", e.ID)
	}
	return nil
}

// isWord tells whether s is made of a-z and _.
func isWord(s string) bool {
	for i := range len(s) {
		if (s[i] < 'a' || s[i] > 'z') && s[i] != '_' {
			return false
		}
	}
	return s != "" && len(s) <= 64
}

func isType(s string) bool {
	noun, verb, ok := bytes.Cut([]byte(s), []byte{'.'})
	return ok && isWord(string(noun)) && isWord(string(verb))
}

func inRange(t time.Time) bool {
	year := t.UTC().Year()
	return year >= 1900 && year <= 9999
}

// uniqueLinks are links of which none has the lookup of another.
func uniqueLinks(links []Link) []Link {
	if len(links) < 2 {
		return links
	}
	links = slices.Clone(links)
	slices.SortStableFunc(links, func(a, b Link) int { return bytes.Compare(a.Lookup[:], b.Lookup[:]) })
	return slices.CompactFunc(links, func(a, b Link) bool { return a.Lookup == b.Lookup })
}

func appendUUID(b []byte, id uuid.UUID) []byte {
	text, _ := id.MarshalText() // it never fails
	return append(b, text...)
}
