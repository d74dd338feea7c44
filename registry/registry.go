package registry

import (
	"context"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/audit"
)

// Registry is what we know of vendors, and the one way to change it.
type Registry struct {
	db  *bun.DB
	log *audit.Log
}

// New returns the registry kept in db, whose changes are entries of log.
func New(db *bun.DB, log *audit.Log) *Registry { return &Registry{db: db, log: log} }

// Page is a part of a list and the cursor of the next one; Next is empty on the last.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// VendorQuery selects and orders vendors; zero fields select all.
type VendorQuery struct {
	Text    string // every word must begin a word of, or be within, a name, an identifier or the address
	State   string
	Kind    string
	Country string
	Parent  uuid.UUID
	Sort    string // name (default), -name, updated_at, -updated_at, created_at, -created_at
	Limit   int    // 1..200, 50 when 0
	Cursor  string // of the page before; refused when it belongs to another query
}

// CreateVendor records a proposed vendor. It refuses bad fields (Invalid), a name, LEI or external id that exists (Conflict).
func (r *Registry) CreateVendor(ctx context.Context, by audit.Actor, at time.Time, f VendorFields) (Vendor, error) {
	panic("unbuilt")
}

// VendorPatch is what a PATCH of a vendor may carry besides fields.
type VendorPatch struct {
	Fields []byte // RFC 7396 merge patch of VendorFields, without the members below
	// State moves the vendor; empty leaves it. EffectiveAt is since when, in the world; zero is the change's instant.
	State       VendorState
	EffectiveAt time.Time
	Reason      string
}

// ChangeVendor changes fields, state, or both, of the version that the caller saw. It refuses another version (Stale), bad fields
// (Invalid), a move that the life of a vendor does not have (Conflict), an approval by the proposer (Forbidden), and a parent that
// would close a circle (Conflict). A patch that changes nothing writes nothing.
func (r *Registry) ChangeVendor(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, p VendorPatch) (Vendor, error) {
	panic("unbuilt")
}

// Vendor reads a vendor; asOf, when not nil, as it was recorded at that instant.
func (r *Registry) Vendor(ctx context.Context, id uuid.UUID, asOf *time.Time) (Vendor, error) {
	panic("unbuilt")
}

// Vendors lists vendors.
func (r *Registry) Vendors(ctx context.Context, q VendorQuery) (Page[Vendor], error) {
	panic("unbuilt")
}

// CreateEngagement records what a vendor does for us.
func (r *Registry) CreateEngagement(ctx context.Context, by audit.Actor, at time.Time, vendor uuid.UUID, f EngagementFields) (Engagement, error) {
	panic("unbuilt")
}

// ChangeEngagement applies an RFC 7396 merge patch to the version that the caller saw. It refuses a circle of engagements (Conflict).
func (r *Registry) ChangeEngagement(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Engagement, error) {
	panic("unbuilt")
}

// Engagement reads an engagement; asOf, when not nil, as it was recorded at that instant.
func (r *Registry) Engagement(ctx context.Context, id uuid.UUID, asOf *time.Time) (Engagement, error) {
	panic("unbuilt")
}

// Engagements lists a vendor's engagements in the order of their creation.
func (r *Registry) Engagements(ctx context.Context, vendor uuid.UUID, limit int, cursor string) (Page[Engagement], error) {
	panic("unbuilt")
}

// CreateLocation records where an engagement happens.
func (r *Registry) CreateLocation(ctx context.Context, by audit.Actor, at time.Time, engagement uuid.UUID, f LocationFields) (Location, error) {
	panic("unbuilt")
}

// ChangeLocation applies an RFC 7396 merge patch to the version that the caller saw.
func (r *Registry) ChangeLocation(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Location, error) {
	panic("unbuilt")
}

// Location reads a location; asOf, when not nil, as it was recorded at that instant.
func (r *Registry) Location(ctx context.Context, id uuid.UUID, asOf *time.Time) (Location, error) {
	panic("unbuilt")
}

// Locations lists an engagement's locations in the order of their creation.
func (r *Registry) Locations(ctx context.Context, engagement uuid.UUID, limit int, cursor string) (Page[Location], error) {
	panic("unbuilt")
}

// CreateContract records a contract with a vendor.
func (r *Registry) CreateContract(ctx context.Context, by audit.Actor, at time.Time, vendor uuid.UUID, f ContractFields) (Contract, error) {
	panic("unbuilt")
}

// AmendContract records an amendment of a contract: the original's terms under an RFC 7396 merge patch, which must give signed_on and
// in_force_from of its own. It refuses to amend an amendment (Conflict).
func (r *Registry) AmendContract(ctx context.Context, by audit.Actor, at time.Time, original uuid.UUID, patch []byte) (Contract, error) {
	panic("unbuilt")
}

// ChangeContract applies an RFC 7396 merge patch to the version that the caller saw: a correction, not an amendment.
func (r *Registry) ChangeContract(ctx context.Context, by audit.Actor, at time.Time, id uuid.UUID, version int64, patch []byte) (Contract, error) {
	panic("unbuilt")
}

// Contract reads a contract with its status at now; asOf, when not nil, as it was recorded at that instant, with its status then.
func (r *Registry) Contract(ctx context.Context, now time.Time, id uuid.UUID, asOf *time.Time) (Contract, error) {
	panic("unbuilt")
}

// Contracts lists a vendor's contracts and amendments in the order of their creation.
func (r *Registry) Contracts(ctx context.Context, now time.Time, vendor uuid.UUID, limit int, cursor string) (Page[Contract], error) {
	panic("unbuilt")
}

// Amendments lists the amendments of a contract in the order of their creation.
func (r *Registry) Amendments(ctx context.Context, now time.Time, contract uuid.UUID, limit int, cursor string) (Page[Contract], error) {
	panic("unbuilt")
}

// MaxDocument is the size in bytes of the largest document that is stored: 20 MiB.
const MaxDocument = 20 << 20

// AttachDocument stores the bytes of content unchanged and makes them the document of the version that the caller saw. The name and media
// type are kept as given. It refuses an empty document and one over MaxDocument (Invalid).
func (r *Registry) AttachDocument(ctx context.Context, by audit.Actor, at time.Time, contract uuid.UUID, version int64, name, mediaType string, content io.Reader) (Contract, error) {
	panic("unbuilt")
}

// DocumentContent reads the stored bytes of a contract's document, exactly as they were given; NotFound when it has none.
func (r *Registry) DocumentContent(ctx context.Context, contract uuid.UUID) (Document, []byte, error) {
	panic("unbuilt")
}

// Version is one version of a record and how it differs from the one before.
type Version struct {
	Version     int64        `json:"version"`
	EntryID     uuid.UUID    `json:"entry_id"`
	ActorID     uuid.UUID    `json:"actor_id"`
	EffectiveAt time.Time    `json:"effective_at"`
	RecordedAt  time.Time    `json:"recorded_at"`
	Reason      string       `json:"reason,omitempty"`
	Changes     []Difference `json:"changes"`
}

// Difference is one field that changed, by JSON pointer; Before is absent when it was added and After when it was removed.
type Difference struct {
	Pointer string `json:"pointer"`
	Before  any    `json:"before,omitempty"`
	After   any    `json:"after,omitempty"`
}

// History lists the versions of a record, newest first. kind is vendor, engagement, location or contract.
func (r *Registry) History(ctx context.Context, kind string, id uuid.UUID, limit int, cursor string) (Page[Version], error) {
	panic("unbuilt")
}

// Compare says how a later version of a record differs from an earlier one, field by field.
func (r *Registry) Compare(ctx context.Context, kind string, id uuid.UUID, earlier, later int64) ([]Difference, error) {
	panic("unbuilt")
}

// Dossier is everything known of one vendor that a share or a list is judged by: every version of every record, oldest first.
type Dossier struct {
	Vendor      []Recorded[Vendor]
	Engagements map[uuid.UUID][]Recorded[Engagement]
	Locations   map[uuid.UUID][]Recorded[Location] // by location id
	Contracts   map[uuid.UUID][]Recorded[Contract]
}

// Recorded is one version of a record with its two times.
type Recorded[T any] struct {
	Value       T
	EffectiveAt time.Time // since when it holds in the world
	RecordedAt  time.Time
}

// InForce is the version of vs, oldest first, that held at t: the one with the latest EffectiveAt not after t; where t is before all of
// them, the first, since it is the best that is known of the time before.
func InForce[T any](vs []Recorded[T], t time.Time) (T, bool) {
	panic("unbuilt")
}

// KnownAt is the version of vs, oldest first, that was the newest recorded at t; false when none was recorded yet.
func KnownAt[T any](vs []Recorded[T], t time.Time) (T, bool) {
	panic("unbuilt")
}

// ReadDossier reads the dossier of one vendor; NotFound where there is none. db may be a transaction.
func ReadDossier(ctx context.Context, db bun.IDB, vendor uuid.UUID) (Dossier, error) {
	panic("unbuilt")
}

// ReadDossiers reads those of all vendors, calling each in the order of vendor id; memory holds one at a time.
func ReadDossiers(ctx context.Context, db bun.IDB, each func(uuid.UUID, Dossier) error) error {
	panic("unbuilt")
}
