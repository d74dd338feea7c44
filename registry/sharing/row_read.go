package sharing

import (
	"errors"

	"onward/registry/policy"
)

// RowOf reads a row from a leaf; ok is false where the leaf is of another type than the gate writes. It needs no database: whoever has the
// leaves makes the same rows. It refuses what is not canonical (see audit's doc), so that no two readers can read a leaf in two ways.
func RowOf(leaf []byte) (r Row, ok bool, err error) {
	ok, err = r.read(leaf)
	return r, ok, err
}

var errLeaf = errors.New("the leaf of a share is not as the gate writes it")

// read makes the row that of another leaf.
func (r *Row) read(leaf []byte) (ok bool, err error) {
	r.clear()
	s := newScanner(leaf)
	if s == nil {
		return false, errNotCanonical
	}
	var version string
	var body error
	members := 0
	err = s.object(func(key string) error {
		members++
		switch key {
		case "actor":
			return s.object(func(key string) error { return s.text(key, r.actorMember(key)) })
		case "body":
			begin := *s
			if body = s.object(func(key string) error { return r.bodyMember(s, key) }); body != nil {
				*s = begin // the body of another type, perhaps
				return s.skip()
			}
			return nil
		case "v":
			return s.text(key, &version)
		default:
			return s.text(key, r.member(key))
		}
	})
	if err == nil {
		err = s.end()
	}
	switch {
	case err != nil:
		return false, err
	case r.Type != entryType && r.Type != correctionType:
		return false, nil
	case body != nil:
		return false, body
	case version != "1" || r.Verdict == "" || r.EntryID == "" || r.VendorID == "":
		return false, errLeaf
	}
	if r.Verdict != string(Denied) {
		r.CCPA = policy.DisclosureClass(r.Ground, r.Purpose, r.VendorKinds)
	}
	return true, nil
}

// member is where the text of a member of the leaf goes; nil for what a row does not have.
func (r *Row) member(key string) *string {
	switch key {
	case "entry_id":
		return &r.EntryID
	case "occurred_at":
		return &r.OccurredAt
	case "recorded_at":
		return &r.RecordedAt
	case "type":
		return &r.Type
	case "vendor_id":
		return &r.VendorID
	case "vendor_seq":
		return &r.VendorSeq
	}
	return nil
}

func (r *Row) actorMember(key string) *string {
	switch key {
	case "id":
		return &r.ActorID
	case "kind":
		return &r.ActorKind
	case "role":
		return &r.ActorRole
	}
	return nil
}

func (r *Row) bodyMember(s *scanner, key string) error {
	switch key {
	case "pseudonymised":
		return s.boolean(&r.Pseudonymised)
	case "origin_assumed":
		return s.boolean(&r.OriginAssumed)
	case "reasons":
		return s.array(func() error {
			return s.object(func(key string) error {
				if key != "code" {
					return s.skip()
				}
				r.Reasons = append(r.Reasons, "")
				return s.text(key, &r.Reasons[len(r.Reasons)-1])
			})
		})
	case "vendor_kinds":
		return s.texts(&r.VendorKinds)
	case "categories":
		return s.texts(&r.Categories)
	case "countries":
		return s.texts(&r.Countries)
	case "contract_ids":
		return s.texts(&r.ContractIDs)
	case "corrected":
		return s.texts(&r.Corrected)
	default:
		return s.text(key, r.bodyText(key))
	}
}

func (r *Row) bodyText(key string) *string {
	switch key {
	case "verdict":
		return &r.Verdict
	case "vendor_name":
		return &r.VendorName
	case "purpose":
		return &r.Purpose
	case "ground":
		return &r.Ground
	case "origin":
		return &r.Origin
	case "state":
		return &r.State
	case "channel":
		return &r.Channel
	case "system":
		return &r.System
	case "subject_count":
		return &r.SubjectCount
	case "engagement_id":
		return &r.EngagementID
	case "policy":
		return &r.Policy
	case "sealed_until":
		return &r.SealedUntil
	case "collected_at":
		return &r.CollectedAt
	case "informed_at":
		return &r.InformedAt
	case "disclosure_id":
		return &r.DisclosureID
	case "delete_by":
		return &r.DeleteBy
	case "lead_country":
		return &r.LeadCountry
	case "lead_kind":
		return &r.LeadKind
	case "data_origin":
		return &r.DataOrigin
	case "source_vendor_id":
		return &r.SourceVendorID
	case "source_vendor_name":
		return &r.SourceVendorName
	case "corrects":
		return &r.Corrects
	}
	return nil
}
