package sharing

import (
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
)

// Filter selects shares and corrections of shares by what their leaves say; zero fields select all.
type Filter struct {
	VendorID uuid.UUID `json:"vendor_id,omitzero"`
	// Merged are further vendors: those that were a part of VendorID when the report began. BeginReport fills them where WithMerged says so.
	Merged     []uuid.UUID `json:"merged,omitempty" validate:"max=1000"`
	WithMerged bool        `json:"-"`
	VendorKind string      `json:"vendor_kind,omitempty" validate:"omitempty,vendor_kind"` // one of those that the vendor had then
	// From is included, Until is not.
	OccurredFrom  time.Time `json:"occurred_from,omitzero"`
	OccurredUntil time.Time `json:"occurred_until,omitzero"`
	RecordedFrom  time.Time `json:"recorded_from,omitzero"`
	RecordedUntil time.Time `json:"recorded_until,omitzero"`
	Purpose       string    `json:"purpose,omitempty" validate:"omitempty,code"`
	Ground        string    `json:"ground,omitempty" validate:"omitempty,code"`
	Category      string    `json:"category,omitempty" validate:"omitempty,code"`
	Country       string    `json:"country,omitempty" validate:"omitempty,place"`
	Verdict       string    `json:"verdict,omitempty" validate:"omitempty,oneof=allowed denied violation"`
	System        string    `json:"system,omitempty" validate:"text,max=200"`
	DataOrigin    string    `json:"data_origin,omitempty" validate:"omitempty,oneof=direct third_party combined"`
	// SourceVendorID is the vendor that gave the data; SourceMerged are further ones, filled as Merged is.
	SourceVendorID uuid.UUID   `json:"source_vendor_id,omitzero"`
	SourceMerged   []uuid.UUID `json:"source_merged,omitempty" validate:"max=1000"`
	// Text is words that must each be within a cell of the row; case and accents do not count.
	Text string `json:"text,omitempty" validate:"text,max=200"`
}

// Check refuses (Invalid) a filter that nothing could match, naming every bad field.
func (f *Filter) Check() error {
	var fields []registry.Field
	if err := registry.Validate(f); err != nil {
		refusal, ok := err.(*registry.Refusal) //nolint:errorlint // Validate returns a refusal as it is, and faults wrapped
		if !ok {
			return err
		}
		fields = refusal.Fields
	}
	for _, p := range []struct {
		name        string
		from, until time.Time
	}{{"/occurred_until", f.OccurredFrom, f.OccurredUntil}, {"/recorded_until", f.RecordedFrom, f.RecordedUntil}} {
		if !p.from.IsZero() && !p.until.IsZero() && !p.from.Before(p.until) {
			fields = append(fields, registry.Field{Pointer: p.name, Sentence: "is before the beginning of the period"})
		}
	}
	return invalid(fields)
}

// Selects tells whether the filter selects the entry of a leaf. It needs no database; a leaf that is no share is never selected.
func (f *Filter) Selects(leaf []byte) bool {
	var r Row
	ok, err := r.read(leaf)
	return err == nil && ok && f.selector().selects(&r)
}

// idTexts are ids as text.
func idTexts(ids []uuid.UUID) []string {
	texts := make([]string, 0, len(ids)+1)
	for _, id := range ids {
		texts = append(texts, id.String())
	}
	return texts
}

// alone is the one vendor that the filter selects; the nil id where it selects several or all.
func (f *Filter) alone() uuid.UUID {
	if len(f.Merged) > 0 {
		return uuid.Nil
	}
	return f.VendorID
}

// object is the filter as an entry holds it: codes, ids and instants. Of the text it has a hash under the report's key.
func (f *Filter) object(textHash [32]byte) audit.Object {
	o := audit.Object{}
	if f.VendorID != uuid.Nil {
		o["vendor_id"] = f.VendorID.String()
	}
	if len(f.Merged) > 0 {
		o["merged"] = idTexts(f.Merged)
	}
	if f.SourceVendorID != uuid.Nil {
		o["source_vendor_id"] = f.SourceVendorID.String()
	}
	if len(f.SourceMerged) > 0 {
		o["source_merged"] = idTexts(f.SourceMerged)
	}
	for name, t := range map[string]time.Time{
		"occurred_from": f.OccurredFrom, "occurred_until": f.OccurredUntil, "recorded_from": f.RecordedFrom, "recorded_until": f.RecordedUntil,
	} {
		putText(o, name, bound(t))
	}
	for name, code := range map[string]string{
		"vendor_kind": f.VendorKind, "purpose": f.Purpose, "ground": f.Ground, "category": f.Category, "country": f.Country,
		"verdict": f.Verdict, "system": f.System, "data_origin": f.DataOrigin,
	} {
		putText(o, name, code)
	}
	if f.Text != "" {
		o["text_hash"] = hex.EncodeToString(textHash[:])
	}
	return o
}

// selector is a filter made ready for many rows. Instants of leaves are all written alike, so that they are compared as text.
type selector struct {
	*Filter
	vendors, sources                                         []string // any, where it is empty
	occurredFrom, occurredUntil, recordedFrom, recordedUntil string
	words                                                    []string
}

func (f *Filter) selector() *selector {
	s := &selector{
		Filter: f, occurredFrom: bound(f.OccurredFrom), occurredUntil: bound(f.OccurredUntil), recordedFrom: bound(f.RecordedFrom),
		recordedUntil: bound(f.RecordedUntil), words: strings.Fields(registry.Fold(f.Text)),
	}
	if f.VendorID != uuid.Nil {
		s.vendors = append(idTexts(f.Merged), f.VendorID.String())
	}
	if f.SourceVendorID != uuid.Nil {
		s.sources = append(idTexts(f.SourceMerged), f.SourceVendorID.String())
	}
	return s
}

// bound is an instant as leaves have it; empty when it is not given.
func bound(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(instant)
}

func (s *selector) selects(r *Row) bool {
	return (len(s.vendors) == 0 || slices.Contains(s.vendors, r.VendorID)) && is(s.Purpose, r.Purpose) && is(s.Ground, r.Ground) && is(s.Verdict, r.Verdict) && is(s.System, r.System) &&
		(len(s.sources) == 0 || slices.Contains(s.sources, r.SourceVendorID)) && is(s.DataOrigin, r.DataOrigin) &&
		has(s.VendorKind, r.VendorKinds) && has(s.Category, r.Categories) && has(s.Country, r.Countries) &&
		r.OccurredAt >= s.occurredFrom && (s.occurredUntil == "" || r.OccurredAt < s.occurredUntil) &&
		r.RecordedAt >= s.recordedFrom && (s.recordedUntil == "" || r.RecordedAt < s.recordedUntil) &&
		s.says(r)
}

func is(want, got string) bool { return want == "" || want == got }

func has(want string, got []string) bool { return want == "" || slices.Contains(got, want) }

// says tells whether every word is within something that the leaf says in this row.
func (s *selector) says(r *Row) bool {
	if len(s.words) == 0 {
		return true
	}
	own := *r
	own.CorrectedBy = ""                                          // not in the leaf
	text := registry.Fold(strings.Join(own.Cells(nil)[1:], "\n")) // nor is the index
	for _, w := range s.words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}
