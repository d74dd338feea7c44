package sharing

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/policy"
)

// The types of the entries of the gate; the verdict is in their body.
const (
	entryType      = "share.recorded"
	correctionType = "share.corrected"
)

// maxReadings bounds how many versions of records a leaf names; a leaf has 65,535 bytes.
const maxReadings = 300

// maxApprovals bounds how many approvals a leaf names; a policy can want ten.
const maxApprovals = 20

func (s *sheet) entry(j *judgement) (audit.Entry, error) {
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
	return s.revised(e, j)
}

// hash is the request hash of a share or of its correction.
func (s *sheet) hash() ([32]byte, error) {
	if s.correction != nil {
		return s.gate.correctionHash(s.key, s.correction)
	}
	return s.gate.requestHash(s.key, s.request)
}

// written is what people wrote, and the leaf must not hold.
func (s *sheet) written() audit.Object {
	if s.correction != nil {
		return s.correction.written()
	}
	return s.request.written()
}

// revised is the entry with the body of another judgement.
func (s *sheet) revised(e audit.Entry, j *judgement) (audit.Entry, error) {
	var err error
	e.Text, err = s.body(j)
	return e, err
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
	var room [44]byte
	base64.StdEncoding.Encode(room[:], audit.Commit(subjectLabel, l.Salt, l.Lookup[:]))
	return string(room[:])
}

// newDetail is what the entry commits to: all that people wrote, and a commitment to each person. When a person is erased, the salt goes
// with the link: this text stays as it is, opens the entry's commitment, and says nothing of that person any more. It is nil where there
// is nothing to commit to.
func newDetail(written audit.Object, links []audit.Link) (*audit.Detail, error) {
	if len(written) == 0 && len(links) == 0 {
		return nil, nil
	}
	d := new(audit.Detail)
	var err error
	if d.JSON, err = detailText(written, commitSubjects(links)); err != nil {
		return nil, fmt.Errorf("write the detail of a share: %w", err)
	}
	_, _ = rand.Read(d.Salt[:]) // crypto/rand never fails
	return d, nil
}

// commitSubjects are the commitments to people in the order of their text, which says nothing of the people's.
func commitSubjects(links []audit.Link) []string {
	subjects := make([]string, len(links))
	for i := range links {
		subjects[i] = CommitSubject(links[i])
	}
	slices.Sort(subjects)
	return subjects
}

// detailText is the text of a detail. Most shares name people and nothing that anybody wrote: for those no object is made first.
func detailText(written audit.Object, subjects []string) ([]byte, error) {
	switch {
	case len(written) == 0:
		b := audit.NewBuilder(16 + 47*len(subjects))
		b.Strings("subjects", subjects)
		return b.Text()
	case len(subjects) > 0:
		written = maps.Clone(written)
		written["subjects"] = subjects
	}
	return audit.Canonical(written)
}

// body is what the leaf says: codes, ids, dates and the vendor's name, in the order of their names.
func (s *sheet) body(j *judgement) ([]byte, error) {
	r := s.request
	b := audit.NewBuilder(1024)
	if n := min(len(j.approvals), maxApprovals); n > 0 {
		b.UUIDs("approvals", j.approvals[:n])
	}
	b.Strings("categories", sorted(r.Categories))
	b.Some("channel", r.Channel)
	putInstant(b, "collected_at", r.CollectedAt)
	if len(j.contractIDs) > 0 {
		b.UUIDs("contract_ids", j.contractIDs)
	}
	if c := s.correction; c != nil {
		b.Strings("corrected", sorted(c.fields))
		b.String("corrects", c.share.EntryID)
	}
	b.Strings("countries", sorted(r.Countries))
	b.Some("data_origin", r.DataOrigin)
	putDate(b, "delete_by", j.heldUntil())
	putID(b, "disclosure_id", r.DisclosureID)
	putID(b, "engagement_id", j.engagementID)
	b.String("ground", r.Ground)
	putInstant(b, "informed_at", r.InformedAt)
	putReadings(b, j.reads)
	b.Some("lead_country", r.LeadCountry)
	b.Some("lead_kind", r.LeadKind)
	if noMarketing(j.notes) {
		b.Bool("no_marketing", true)
	}
	if len(j.notes) > 0 {
		putReasons(b, "notes", j.notes)
	}
	b.Some("origin", j.origin)
	if r.Origin == "" && j.origin != "" {
		b.Bool("origin_assumed", true)
	}
	if j.facts.Policy != nil {
		b.String("policy", j.facts.Policy.Name)
	}
	b.Bool("pseudonymised", r.Pseudonymised)
	b.String("purpose", r.Purpose)
	putReasons(b, "reasons", j.reasons)
	b.String("rules", policy.RulesVersion)
	putDate(b, "sealed_until", r.SealedUntil)
	putID(b, "source_vendor_id", r.SourceVendorID)
	b.Some("source_vendor_name", j.source.name())
	b.String("state", r.State)
	b.Some("subject_count", r.count())
	b.Some("system", s.system())
	b.Strings("vendor_kinds", sorted(j.facts.vendor.Kinds))
	b.String("vendor_name", j.facts.vendor.Name)
	b.String("verdict", string(j.verdict))
	text, err := b.Text()
	if err != nil {
		return nil, fmt.Errorf("write the body of a share: %w", err)
	}
	return text, nil
}

// system is whose share it is: also of a correction that somebody else makes.
func (s *sheet) system() string {
	if s.correction != nil {
		return s.correction.system
	}
	return s.by.System
}

// putReasons puts reasons without sentences, those of one code together: on names what each is about.
func putReasons(b *audit.Builder, name string, reasons []policy.Reason) {
	var of [][]policy.Reason
	for i := range reasons {
		if i > 0 && reasons[i-1].Code == reasons[i].Code {
			last := &of[len(of)-1]
			*last = (*last)[:len(*last)+1]
			continue
		}
		of = append(of, reasons[i:i+1])
	}
	b.Objects(name, len(of), func(i int) {
		b.String("clause", of[i][0].Clause)
		b.String("code", of[i][0].Code)
		var on []string
		for _, r := range of[i] {
			if r.On != "" {
				on = append(on, r.On)
			}
		}
		b.Strings("on", on)
	})
}

// putReadings names the versions of the records that the share was judged by. Beyond maxReadings they are left out: the log's own
// order says then what was known.
func putReadings(b *audit.Builder, reads []reading) {
	b.Objects("judged_by", min(len(reads), maxReadings), func(i int) {
		b.UUID("id", reads[i].id)
		b.String("kind", reads[i].kind)
		b.Int("version", reads[i].version)
	})
}

// putInstant puts what was said.
func putInstant(b *audit.Builder, name string, t *time.Time) {
	if t != nil {
		b.Instant(name, *t)
	}
}

func putDate(b *audit.Builder, name string, d *registry.Date) {
	if d != nil {
		b.String(name, d.String())
	}
}

func putID(b *audit.Builder, name string, id *uuid.UUID) {
	if id != nil {
		b.UUID(name, *id)
	}
}
