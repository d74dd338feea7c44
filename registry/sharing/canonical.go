package sharing

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"onward/audit"
)

// label separates what the gate hashes from everything else that is hashed.
const label = "onward/share/v1"

const instant = "2006-01-02T15:04:05.000000Z"

// entryID is the id of the entry of an actor's key: a UUID (version 8) from SHA-256(label || 0x00 || actor || key), so that every
// instance finds the same entry for a retry.
func entryID(actor uuid.UUID, key string) uuid.UUID {
	h := sha256.New()
	h.Write([]byte(label + "\x00"))
	h.Write(actor[:])
	h.Write([]byte(key))
	return madeUUID(h.Sum(nil))
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
	h := hmac.New(sha256.New, g.settings.SubjectKey)
	h.Write([]byte(label))
	h.Write([]byte(text))
	return [32]byte(h.Sum(nil))
}

// requestHash tells a retry from another request under the same key, as far as codes go. The order of lists, the zone and what is below a
// microsecond of the instant make no difference. It is kept for ever: people and what was written freely are not in it, or whoever holds
// the subject key could try from it, after an erasure, who was shared. Those are compared with what stands in erasable tables: see repeats.
func (g *Gate) requestHash(key string, r *Request) ([32]byte, error) {
	text, err := r.canonical()
	if err != nil {
		return [32]byte{}, err
	}
	return g.keyed(label+"/request\x00"+key+"\x00", string(text)), nil
}

// canonical is what a request asks in codes as canonical JSON, in which two requests are equal exactly when they ask the same in codes.
func (r *Request) canonical() ([]byte, error) {
	o := audit.Object{
		"vendor_id":     r.VendorID.String(),
		"purpose":       r.Purpose,
		"ground":        r.Ground,
		"categories":    sorted(r.Categories),
		"countries":     sorted(r.Countries),
		"occurred_at":   r.OccurredAt.UTC().Truncate(time.Microsecond).Format(instant),
		"state":         r.State,
		"pseudonymised": r.Pseudonymised,
	}
	if r.CollectedAt != nil {
		o["collected_at"] = r.CollectedAt.UTC().Truncate(time.Microsecond).Format(instant)
	}
	if r.EngagementID != nil {
		o["engagement_id"] = r.EngagementID.String()
	}
	if r.SubjectCount != nil {
		o["subject_count"] = strconv.FormatInt(*r.SubjectCount, 10)
	}
	if len(r.Subjects) > 0 {
		o["subjects"] = strconv.Itoa(len(r.Subjects))
	}
	if r.SealedUntil != nil {
		o["sealed_until"] = r.SealedUntil.String()
	}
	if r.DisclosureID != nil {
		o["disclosure_id"] = r.DisclosureID.String()
	}
	if r.InformedAt != nil {
		o["informed_at"] = r.InformedAt.UTC().Truncate(time.Microsecond).Format(instant)
	}
	putText(o, "origin", r.Origin)
	putText(o, "channel", r.Channel)
	text, err := audit.Canonical(o)
	if err != nil {
		return nil, fmt.Errorf("write a request: %w", err)
	}
	return text, nil
}

// written is what people wrote in a request.
func (r *Request) written() audit.Object {
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

func sorted(set []string) []string {
	set = slices.Clone(set)
	slices.Sort(set)
	return set
}
