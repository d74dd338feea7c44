package sharing

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"sync"

	"github.com/google/uuid"

	"onward/audit"
)

// label separates what the gate hashes from everything else that is hashed.
const label = "onward/share/v1"

const instant = "2006-01-02T15:04:05.000000Z"

// entryID is the id of the entry of an actor's key: a UUID (version 8) from SHA-256(label || 0x00 || actor || key), so that every
// instance finds the same entry for a retry.
func entryID(actor uuid.UUID, key string) uuid.UUID {
	var room [512]byte // a key is shorter
	hash := sha256.Sum256(append(append(append(room[:0], label+"\x00"...), actor[:]...), key...))
	return madeUUID(hash[:])
}

// madeUUID is a UUID of version 8 from the first bits of a hash.
func madeUUID(hash []byte) uuid.UUID {
	id := uuid.UUID(hash[:16])
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// pseudonym is the lookup under which a person is found here: HMAC-SHA-256 of the reference. Without the key it cannot be made or tried.
func (g *Gate) pseudonym(subject string) [32]byte { return g.keyed("", subject) }

// pseudonyms are those of several people, in their order.
func (g *Gate) pseudonyms(subjects []string) [][32]byte {
	lookups := make([][32]byte, 0, len(subjects))
	for _, subject := range subjects {
		lookups = append(lookups, g.pseudonym(subject))
	}
	return lookups
}

// keyed is HMAC-SHA-256(subject key, label || text).
func (g *Gate) keyed(label, text string) [32]byte {
	m := g.macs.Get().(*keyedHash)
	defer g.macs.Put(m)
	return m.of(append(append(m.room[:0], label...), text...))
}

// keyedHash is an HMAC with its key worked in, which takes longer than a short text.
type keyedHash struct {
	hash hash.Hash
	room []byte
}

// of is the HMAC of a text that was written into its room.
func (m *keyedHash) of(text []byte) [32]byte {
	m.hash.Reset()
	m.hash.Write(text)
	m.room = m.hash.Sum(text[:0])
	return [32]byte(m.room)
}

// newMacs keeps HMACs with that key.
func newMacs(key []byte) *sync.Pool {
	return &sync.Pool{New: func() any { return &keyedHash{hash: hmac.New(sha256.New, key)} }}
}

// requestHash tells a retry from another request under the same key, as far as codes go. The order of lists, the zone and what is below a
// microsecond of the instant make no difference. It is kept for ever: people and what was written freely are not in it, or whoever holds
// the subject key could try from it, after an erasure, who was shared. Those are compared with what stands in erasable tables: see repeats.
func (g *Gate) requestHash(key string, r *Request) ([32]byte, error) {
	m := g.macs.Get().(*keyedHash)
	defer g.macs.Put(m)
	text, err := r.canonical(append(append(append(m.room[:0], label+"/request\x00"...), key...), 0))
	if err != nil {
		return [32]byte{}, err
	}
	return m.of(text), nil
}

// canonical appends what a request asks in codes as canonical JSON, in which two requests are equal exactly when they ask the same in codes.
func (r *Request) canonical(to []byte) ([]byte, error) {
	b := audit.BuildOn(to)
	b.Strings("categories", sorted(r.Categories))
	b.Some("channel", r.Channel)
	putInstant(b, "collected_at", r.CollectedAt)
	b.Strings("countries", sorted(r.Countries))
	b.Some("data_origin", r.DataOrigin)
	putID(b, "disclosure_id", r.DisclosureID)
	putID(b, "engagement_id", r.EngagementID)
	b.String("ground", r.Ground)
	putInstant(b, "informed_at", r.InformedAt)
	b.Some("lead_country", r.LeadCountry)
	b.Some("lead_kind", r.LeadKind)
	b.Instant("occurred_at", r.OccurredAt)
	b.Some("origin", r.Origin)
	b.Bool("pseudonymised", r.Pseudonymised)
	b.String("purpose", r.Purpose)
	putDate(b, "sealed_until", r.SealedUntil)
	putID(b, "source_vendor_id", r.SourceVendorID)
	b.String("state", r.State)
	if r.SubjectCount != nil {
		b.Int("subject_count", *r.SubjectCount)
	}
	if len(r.Subjects) > 0 {
		b.Int("subjects", int64(len(r.Subjects)))
	}
	b.UUID("vendor_id", r.VendorID)
	text, err := b.Text()
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	return text, nil
}

// written is what people wrote in a request; nil where they wrote nothing.
func (r *Request) written() audit.Object {
	if cmp.Or(r.Source, r.Customer, r.Note, r.Deal) == "" && len(r.ReferringHosts) == 0 && r.LegalProcess == nil {
		return nil
	}
	o := audit.Object{}
	putText(o, "source", r.Source)
	putText(o, "customer", r.Customer)
	putText(o, "note", r.Note)
	putText(o, "deal", r.Deal)
	if len(r.ReferringHosts) > 0 {
		o["referring_hosts"] = sorted(r.ReferringHosts)
	}
	if r.LegalProcess != nil {
		o["legal_process"] = r.LegalProcess.object()
	}
	return o
}

func (p *LegalProcess) object() audit.Object {
	return audit.Object{"instrument": p.Instrument, "issuer": p.Issuer, "reference": p.Reference}
}

// putText puts what was said.
func putText(o audit.Object, key, text string) {
	if text != "" {
		o[key] = text
	}
}

// sorted is a list in the order of its strings, for reading only: where it stands so already, the list itself.
func sorted(set []string) []string {
	if slices.IsSorted(set) {
		return set
	}
	set = slices.Clone(set)
	slices.Sort(set)
	return set
}
