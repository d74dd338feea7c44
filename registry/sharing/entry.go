package sharing

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"strconv"
	"time"

	"onward/audit"
	"onward/registry/policy"
)

// The types of the entries of the gate; the verdict is in their body.
const (
	entryType      = "share.recorded"
	correctionType = "share.corrected"
)

// maxReadings bounds how many versions of records a leaf names; a leaf has 65,535 bytes.
const maxReadings = 300

func (s sheet) entry(j *judgement) (audit.Entry, error) {
	hash, err := s.hash()
	if err != nil {
		return audit.Entry{}, err
	}
	e := audit.Entry{
		ID: entryID(s.by.ID, s.key), Type: entryType, Actor: s.by, OccurredAt: s.request.OccurredAt, VendorID: s.request.VendorID,
		RequestHash: hash,
	}
	if s.correction != nil {
		e.Type = correctionType
	}
	if s.correction == nil {
		e.Links = links(s.lookups)
	}
	if e.Detail, err = newDetail(s.written(), e.Links); err != nil {
		return audit.Entry{}, err
	}
	if e.Detail != nil {
		e.Commitment = audit.Commit(label, e.Detail.Salt, e.Detail.JSON)
	}
	return s.revised(e, j), nil
}

// hash is the request hash of a share or of its correction.
func (s sheet) hash() ([32]byte, error) {
	if s.correction != nil {
		return s.gate.correctionHash(s.key, s.correction)
	}
	return s.gate.requestHash(s.key, s.request)
}

// written is what people wrote, and the leaf must not hold.
func (s sheet) written() audit.Object {
	if s.correction != nil {
		return s.correction.written()
	}
	return s.request.written()
}

// revised is the entry with the body of another judgement.
func (s sheet) revised(e audit.Entry, j *judgement) audit.Entry {
	e.Body = s.body(j)
	return e
}

// links are how the entry is found by each of the people, each with a salt of its own.
func links(lookups [][32]byte) []audit.Link {
	if len(lookups) == 0 {
		return nil
	}
	links := make([]audit.Link, len(lookups))
	salts := make([]byte, 32*len(lookups))
	_, _ = rand.Read(salts) // crypto/rand never fails
	for i, lookup := range lookups {
		links[i] = audit.Link{Lookup: lookup, Salt: [32]byte(salts[32*i:])}
	}
	return links
}

// subjectLabel separates the commitments to people from everything else that is hashed.
const subjectLabel = "onward/subject/v1"

// CommitSubject is what the detail of a share says of one person: a commitment to the pseudonym under a salt that is that person's alone.
func CommitSubject(l audit.Link) string {
	return base64.StdEncoding.EncodeToString(audit.Commit(subjectLabel, l.Salt, l.Lookup[:]))
}

// newDetail is what the entry commits to: all that people wrote, and a commitment to each person. When a person is erased, the salt goes
// with the link: this text stays as it is, opens the entry's commitment, and says nothing of that person any more. It is nil where there
// is nothing to commit to.
func newDetail(written audit.Object, links []audit.Link) (*audit.Detail, error) {
	o := maps.Clone(written)
	if len(links) > 0 {
		subjects := make([]string, 0, len(links))
		for _, l := range links {
			subjects = append(subjects, CommitSubject(l))
		}
		o["subjects"] = sorted(subjects)
	}
	if len(o) == 0 {
		return nil, nil
	}
	d := new(audit.Detail)
	var err error
	if d.JSON, err = audit.Canonical(o); err != nil {
		return nil, fmt.Errorf("write the detail of a share: %w", err)
	}
	_, _ = rand.Read(d.Salt[:]) // crypto/rand never fails
	return d, nil
}

// body is what the leaf says: codes, ids, dates and the vendor's name.
func (s sheet) body(j *judgement) audit.Object {
	r := s.request
	o := audit.Object{
		"verdict":       string(j.verdict),
		"reasons":       reasonObjects(j.reasons),
		"vendor_name":   j.facts.vendor.Name,
		"vendor_kinds":  sorted(j.facts.vendor.Kinds),
		"judged_by":     readingObjects(j.reads),
		"rules":         policy.RulesVersion,
		"purpose":       r.Purpose,
		"ground":        r.Ground,
		"categories":    sorted(r.Categories),
		"countries":     sorted(r.Countries),
		"state":         r.State,
		"pseudonymised": r.Pseudonymised,
	}
	if j.facts.Policy != nil {
		o["policy"] = j.facts.Policy.Name
	}
	if j.engagementID != nil {
		o["engagement_id"] = j.engagementID.String()
	}
	if len(j.contractIDs) > 0 {
		ids := make([]string, 0, len(j.contractIDs))
		for _, id := range j.contractIDs {
			ids = append(ids, id.String())
		}
		o["contract_ids"] = ids
	}
	if r.CollectedAt != nil {
		o["collected_at"] = r.CollectedAt.UTC().Truncate(time.Microsecond).Format(instant)
	}
	if len(j.notes) > 0 {
		o["notes"] = reasonObjects(j.notes)
	}
	if noMarketing(j.notes) {
		o["no_marketing"] = true
	}
	putText(o, "origin", j.origin)
	putText(o, "channel", r.Channel)
	putText(o, "system", s.system())
	putText(o, "subject_count", r.count())
	if r.DisclosureID != nil {
		o["disclosure_id"] = r.DisclosureID.String()
	}
	if r.InformedAt != nil {
		o["informed_at"] = r.InformedAt.UTC().Format(instant)
	}
	if by := j.heldUntil(); by != nil {
		o["delete_by"] = by.String()
	}
	if r.SealedUntil != nil {
		o["sealed_until"] = r.SealedUntil.String()
	}
	if c := s.correction; c != nil {
		o["corrects"] = c.share.EntryID
		o["corrected"] = sorted(c.fields)
	}
	return o
}

// system is whose share it is: also of a correction that somebody else makes.
func (s sheet) system() string {
	if s.correction != nil {
		return s.correction.system
	}
	return s.by.System
}

// reasonObjects are reasons without sentences, those of one code together: on names what each is about.
func reasonObjects(reasons []policy.Reason) []audit.Object {
	objects := []audit.Object{}
	for i, r := range reasons {
		if i == 0 || reasons[i-1].Code != r.Code {
			objects = append(objects, audit.Object{"code": r.Code, "clause": r.Clause, "on": []string{}})
		}
		last := objects[len(objects)-1]
		if on, ok := last["on"].([]string); ok && r.On != "" {
			last["on"] = append(on, r.On)
		}
	}
	return objects
}

// readingObjects name the versions of the records that the share was judged by. Beyond maxReadings they are left out: the log's own
// order says then what was known.
func readingObjects(reads []reading) []audit.Object {
	objects := make([]audit.Object, 0, len(reads))
	for _, r := range reads[:min(len(reads), maxReadings)] {
		objects = append(objects, audit.Object{"kind": r.kind, "id": r.id.String(), "version": strconv.FormatInt(r.version, 10)})
	}
	return objects
}
