package sharing

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"onward/audit"
	"onward/registry/policy"
)

// entryType is the type of every entry of the gate; the verdict is in its body.
const entryType = "share.recorded"

// maxReadings bounds how many versions of records a leaf names; a leaf has 65,535 bytes.
const maxReadings = 300

func (s sheet) entry(j *judgement) (audit.Entry, error) {
	hash, err := s.gate.requestHash(s.key, s.request)
	if err != nil {
		return audit.Entry{}, err
	}
	e := audit.Entry{
		ID: entryID(s.by.ID, s.key), Type: entryType, Actor: s.by, OccurredAt: s.request.OccurredAt, VendorID: s.request.VendorID,
		RequestHash: hash,
	}
	for _, subject := range s.request.Subjects {
		e.Links = append(e.Links, s.gate.pseudonym(subject))
	}
	if e.Detail, err = s.request.detail(e.Links); err != nil {
		return audit.Entry{}, err
	}
	if e.Detail != nil {
		e.Commitment = audit.Commit(label, e.Detail.Salt, e.Detail.JSON)
	}
	return s.revised(e, j), nil
}

// revised is the entry with the body of another judgement.
func (s sheet) revised(e audit.Entry, j *judgement) audit.Entry {
	e.Body = s.body(j)
	return e
}

// detail is what the entry commits to: all that people wrote, and the subjects under their pseudonyms. It is nil where there is nothing.
func (r *Request) detail(pseudonyms [][]byte) (*audit.Detail, error) {
	o := audit.Object{}
	if len(pseudonyms) > 0 {
		subjects := make([]string, 0, len(pseudonyms))
		for _, p := range pseudonyms {
			subjects = append(subjects, hex.EncodeToString(p))
		}
		o["subjects"] = sorted(subjects)
	}
	putText(o, "source", r.Source)
	putText(o, "customer", r.Customer)
	putText(o, "note", r.Note)
	putText(o, "deal", r.Deal)
	if r.LegalProcess != nil {
		o["legal_process"] = r.LegalProcess.object()
	}
	if len(o) == 0 {
		return nil, nil
	}
	d := new(audit.Detail)
	var err error
	if d.JSON, err = audit.Canonical(o); err != nil {
		return nil, fmt.Errorf("write the detail of a share: %w", err)
	}
	if _, err := rand.Read(d.Salt[:]); err != nil {
		return nil, fmt.Errorf("draw a salt: %w", err)
	}
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
	putText(o, "origin", j.origin)
	putText(o, "channel", r.Channel)
	putText(o, "system", s.by.System)
	putText(o, "subject_count", r.count())
	return o
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
