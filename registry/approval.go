package registry

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	stdjson "encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// Approval is that somebody approved a version of an engagement, where it happens, and the contracts with the vendor, as they then stood. It counts for
// that version and no other, and while nothing that was seen became looser: who changes what a vendor does for us asks anew, and so does who
// adds a place, or lets a contract permit more (LooserThan). How many people must have approved, the policy says for each kind of vendor and each ground (P-18); whoever approved the
// vendor is one of them.
type Approval struct {
	bun.BaseModel `bun:"table:approvals" json:"-"`

	ID                uuid.UUID `bun:"id,pk,type:uuid" json:"id"` // and of the entry engagement.approved
	VendorID          uuid.UUID `bun:"vendor_id,type:uuid" json:"vendor_id"`
	EngagementID      uuid.UUID `bun:"engagement_id,type:uuid" json:"engagement_id"`
	EngagementVersion int64     `bun:"engagement_version" json:"engagement_version"`
	ApprovedBy        uuid.UUID `bun:"approved_by,type:uuid" json:"approved_by"`
	CreatedAt         time.Time `bun:"created_at" json:"created_at"`
	// Seen are the locations of the engagement and the contracts with the vendor, by kind and id. It is nil of approvals from before it was kept:
	// those saw what was recorded by then.
	Seen       []Seen `bun:"seen,type:jsonb" json:"seen,omitzero"`
	SeenSHA256 string `bun:"seen_sha256" json:"seen_sha256,omitempty"` // of Seen as canonical JSON (RFC 8785), in hexadecimal
}

// Seen is a version of a record that somebody saw.
type Seen struct {
	ID      uuid.UUID `bun:"id,type:uuid" json:"id"`
	Kind    string    `bun:"kind" json:"kind"` // location or contract
	Version int64     `bun:"version" json:"version"`
}

// ApprovalFields are what an approver says of what was looked at. It is not taken on trust: it is compared with what stands.
type ApprovalFields struct {
	Seen *Looked `json:"seen,omitempty"`
}

// Looked are the versions at which records were looked at, by id: all locations of the engagement, and all contracts with the vendor. What is absent
// is not compared.
type Looked struct {
	Locations map[uuid.UUID]int64 `json:"locations,omitzero" validate:"max=10000,dive,min=1"`
	Contracts map[uuid.UUID]int64 `json:"contracts,omitzero" validate:"max=10000,dive,min=1"`
}

// same refuses (Conflict) what was looked at where it is not what stands: another version, something that is not there, and something that
// was not looked at.
func (f ApprovalFields) same(stands []Seen) error {
	if f.Seen == nil {
		return nil
	}
	for _, looked := range []struct {
		kind     string
		versions map[uuid.UUID]int64
	}{{locationKind, f.Seen.Locations}, {contractKind, f.Seen.Contracts}} {
		if looked.versions == nil {
			continue
		}
		left := maps.Clone(looked.versions)
		for _, s := range stands {
			if s.Kind != looked.kind {
				continue
			}
			version, ok := left[s.ID]
			switch delete(left, s.ID); {
			case !ok:
				return Refuse(Conflict, "The %s %s, which stands at version %d, is not among what was seen.", s.Kind, s.ID, s.Version)
			case version != s.Version:
				return Refuse(Conflict, "The %s %s was seen at version %d, and stands at version %d.", s.Kind, s.ID, version, s.Version)
			}
		}
		if ids := slices.SortedFunc(maps.Keys(left), compareIDs); len(ids) > 0 {
			return Refuse(Conflict, "There is no %s %s to be seen with this engagement.", looked.kind, ids[0])
		}
	}
	return nil
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }

// Saw is the version of a record that was seen, of all its versions; false where none was.
func Saw[T any](a Approval, kind string, id uuid.UUID, versions []Recorded[T], number func(T) int64) (T, bool) {
	if a.Seen == nil {
		return KnownAt(versions, a.CreatedAt)
	}
	var none T
	i := slices.IndexFunc(a.Seen, func(s Seen) bool { return s.Kind == kind && s.ID == id })
	if i < 0 {
		return none, false
	}
	for _, v := range versions {
		if number(v.Value) == a.Seen[i].Version {
			return v.Value, true
		}
	}
	return none, false
}

// look fills in what is seen.
func (a *Approval) look(seen []Seen) error {
	a.Seen = append([]Seen{}, seen...)
	text, err := stdjson.Marshal(a.Seen) // members in the order of their names, whole numbers and codes: canonical as it is
	if err != nil {
		return fmt.Errorf("write what was seen: %w", err)
	}
	sum := sha256.Sum256(text)
	a.SeenSHA256 = hex.EncodeToString(sum[:])
	return nil
}

// ApproveEngagement records that by approves the version of an engagement that it saw, by an entry engagement.approved about the vendor. The very
// next share is judged by it. The entry says what was seen by its SHA-256. It refuses bad fields (Invalid), an engagement that does not exist
// (NotFound), another version than the newest (Stale), everybody but approvers and admins, and whoever wrote that version (Forbidden), who says
// to have seen something else than what stands, and who approved all of it already (Conflict).
func (r *Registry) ApproveEngagement(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, f ApprovalFields) (Approval, error) {
	if err := Validate(&f); err != nil {
		return Approval{}, err
	}
	approval, err := uuid.NewV7()
	if err != nil {
		return Approval{}, err
	}
	at = instant(at)
	a := Approval{ID: approval, EngagementID: id, EngagementVersion: version, ApprovedBy: by.ID, CreatedAt: at}
	_, err = r.log.Change(ctx, at, func(ctx context.Context, tx bun.Tx) ([]audit.Entry, error) {
		e, err := newest[Engagement](ctx, tx, engagementKind, id, true)
		if err != nil {
			return nil, err
		}
		if e.Version != version {
			return nil, stale(engagementKind, version, e.Version)
		}
		author, err := versionActor(ctx, tx, engagementKind, id, version)
		if err != nil {
			return nil, err
		}
		if err := approvable(by, author); err != nil {
			return nil, err
		}
		a.VendorID = e.VendorID
		seen, err := readSeen(ctx, tx, e)
		if err != nil {
			return nil, err
		}
		if err := f.same(seen); err != nil {
			return nil, err
		}
		if err := a.look(seen); err != nil {
			return nil, err
		}
		name, err := vendorName(ctx, tx, e.VendorID)
		if err != nil {
			return nil, err
		}
		return []audit.Entry{{
			ID: a.ID, Type: "engagement.approved", Actor: by, OccurredAt: at, VendorID: e.VendorID,
			Body: audit.Object{
				"record": audit.Object{"kind": engagementKind, "id": id.String()}, "version": strconv.FormatInt(version, 10), "vendor_name": name,
				"seen_sha256": a.SeenSHA256,
			},
		}}, insertApproval(ctx, tx, a)
	})
	if err != nil {
		return Approval{}, err
	}
	return a, nil
}

// approvable refuses an actor who may not approve what author wrote.
func approvable(by audit.Actor, author uuid.UUID) error {
	switch {
	case by.Role != "approver" && by.Role != "admin":
		return Refuse(Forbidden, "Only an approver or an admin approves an engagement.")
	case by.ID == author:
		return Refuse(Forbidden, "Whoever wrote this version of the engagement does not approve it: somebody else must.")
	default:
		return nil
	}
}

// Approvals lists the approvals of all versions of an engagement, oldest first. NotFound where there is no such engagement.
func (r *Registry) Approvals(ctx context.Context, engagement uuid.UUID, limit int, cursor string) (Page[Approval], error) {
	return listOf[Approval](ctx, r.db, list{of: engagementKind, id: engagement, name: "approvals", column: "engagement_id"}, limit, cursor)
}

func (a *Approval) created() (time.Time, uuid.UUID) { return a.CreatedAt, a.ID }
