package sharing

import "strconv"

// Row is a line of a share report: what the leaf of a share, or of the correction of one, says in codes. Its texts are the leaf's own.
type Row struct {
	Index       int64    `json:"index,string"`
	EntryID     string   `json:"entry_id"`
	Type        string   `json:"type"` // share.recorded or share.corrected
	OccurredAt  string   `json:"occurred_at"`
	RecordedAt  string   `json:"recorded_at"`
	VendorID    string   `json:"vendor_id"`
	VendorSeq   string   `json:"vendor_seq"`
	VendorName  string   `json:"vendor_name"` // as it was then
	VendorKinds []string `json:"vendor_kinds"`
	Verdict     string   `json:"verdict"`
	Reasons     []string `json:"reasons"` // codes
	Purpose     string   `json:"purpose"`
	Ground      string   `json:"ground"`
	Categories  []string `json:"categories"`
	Countries   []string `json:"countries"`
	Origin      string   `json:"origin,omitempty"`
	// OriginAssumed means that the share did not say its origin: it is where data comes from that does not say.
	OriginAssumed bool   `json:"origin_assumed,omitempty"`
	State         string `json:"state"`
	// Pseudonymised is whether the data was.
	Pseudonymised bool     `json:"pseudonymised"`
	Channel       string   `json:"channel,omitempty"`
	System        string   `json:"system,omitempty"`
	SubjectCount  string   `json:"subject_count,omitempty"`
	EngagementID  string   `json:"engagement_id,omitempty"`
	ContractIDs   []string `json:"contract_ids"`
	Policy        string   `json:"policy,omitempty"`
	SealedUntil   string   `json:"sealed_until,omitempty"` // the last day
	CollectedAt   string   `json:"collected_at,omitempty"` // when the data was collected
	InformedAt    string   `json:"informed_at,omitempty"`
	DisclosureID  string   `json:"disclosure_id,omitempty"`
	DeleteBy      string   `json:"delete_by,omitempty"` // the last day on which the recipient may hold the data
	LeadCountry   string   `json:"lead_country,omitempty"`
	LeadKind      string   `json:"lead_kind,omitempty"`
	DataOrigin    string   `json:"data_origin,omitempty"` // direct, third_party or combined
	// SourceVendorID is the vendor that gave the data, SourceVendorName what it was called then.
	SourceVendorID   string   `json:"source_vendor_id,omitempty"`
	SourceVendorName string   `json:"source_vendor_name,omitempty"`
	Corrects         string   `json:"corrects,omitempty"`  // of a correction: the share's entry
	Corrected        []string `json:"corrected,omitempty"` // of a correction: the fields that it names
	// CorrectedBy is the newest correction of this share. It is not in the leaf.
	CorrectedBy string `json:"corrected_by,omitempty"`
	// CCPA is what the Californian Civil Code calls it, as far as codes tell: see policy.DisclosureClass. It is empty of what was denied.
	CCPA string `json:"ccpa,omitempty"`
	// VendorIDNow and VendorNameNow are who the vendor is now: by another name perhaps, or a part of another. They are not in the leaf, nor in
	// a bundle.
	VendorIDNow   string `json:"vendor_id_now,omitempty"`
	VendorNameNow string `json:"vendor_name_now,omitempty"`
	ActorID       string `json:"actor_id"`
	ActorKind     string `json:"actor_kind"`
	ActorRole     string `json:"actor_role"`
}

// columns are the cells of a row in a table, in order; several values in one cell are parted by "; ".
var columns = []struct {
	name string
	of   func(*Row) string
	list func(*Row) []string
}{
	{name: "index", of: func(r *Row) string { return strconv.FormatInt(r.Index, 10) }},
	{name: "entry_id", of: func(r *Row) string { return r.EntryID }},
	{name: "type", of: func(r *Row) string { return r.Type }},
	{name: "occurred_at", of: func(r *Row) string { return r.OccurredAt }},
	{name: "recorded_at", of: func(r *Row) string { return r.RecordedAt }},
	{name: "vendor_id", of: func(r *Row) string { return r.VendorID }},
	{name: "vendor_seq", of: func(r *Row) string { return r.VendorSeq }},
	{name: "vendor_name", of: func(r *Row) string { return r.VendorName }},
	{name: "vendor_kinds", list: func(r *Row) []string { return r.VendorKinds }},
	{name: "verdict", of: func(r *Row) string { return r.Verdict }},
	{name: "reasons", list: func(r *Row) []string { return r.Reasons }},
	{name: "purpose", of: func(r *Row) string { return r.Purpose }},
	{name: "ground", of: func(r *Row) string { return r.Ground }},
	{name: "categories", list: func(r *Row) []string { return r.Categories }},
	{name: "countries", list: func(r *Row) []string { return r.Countries }},
	{name: "origin", of: func(r *Row) string { return r.Origin }},
	{name: "origin_assumed", of: func(r *Row) string { return strconv.FormatBool(r.OriginAssumed) }},
	{name: "state", of: func(r *Row) string { return r.State }},
	{name: "pseudonymised", of: func(r *Row) string { return strconv.FormatBool(r.Pseudonymised) }},
	{name: "channel", of: func(r *Row) string { return r.Channel }},
	{name: "system", of: func(r *Row) string { return r.System }},
	{name: "subject_count", of: func(r *Row) string { return r.SubjectCount }},
	{name: "engagement_id", of: func(r *Row) string { return r.EngagementID }},
	{name: "contract_ids", list: func(r *Row) []string { return r.ContractIDs }},
	{name: "policy", of: func(r *Row) string { return r.Policy }},
	{name: "sealed_until", of: func(r *Row) string { return r.SealedUntil }},
	{name: "collected_at", of: func(r *Row) string { return r.CollectedAt }},
	{name: "informed_at", of: func(r *Row) string { return r.InformedAt }},
	{name: "disclosure_id", of: func(r *Row) string { return r.DisclosureID }},
	{name: "delete_by", of: func(r *Row) string { return r.DeleteBy }},
	{name: "lead_country", of: func(r *Row) string { return r.LeadCountry }},
	{name: "lead_kind", of: func(r *Row) string { return r.LeadKind }},
	{name: "data_origin", of: func(r *Row) string { return r.DataOrigin }},
	{name: "source_vendor_id", of: func(r *Row) string { return r.SourceVendorID }},
	{name: "source_vendor_name", of: func(r *Row) string { return r.SourceVendorName }},
	{name: "corrects", of: func(r *Row) string { return r.Corrects }},
	{name: "corrected", list: func(r *Row) []string { return r.Corrected }},
	{name: "corrected_by", of: func(r *Row) string { return r.CorrectedBy }},
	{name: "ccpa", of: func(r *Row) string { return r.CCPA }},
	{name: "actor_id", of: func(r *Row) string { return r.ActorID }},
	{name: "actor_kind", of: func(r *Row) string { return r.ActorKind }},
	{name: "actor_role", of: func(r *Row) string { return r.ActorRole }},
}

// Columns are the names of the cells of a row.
func Columns() []string {
	names := make([]string, 0, len(columns))
	for i := range columns {
		names = append(names, columns[i].name)
	}
	return names
}

// ColumnsNow are the names of the further cells of a row, which no leaf makes.
func ColumnsNow() []string { return []string{"vendor_id_now", "vendor_name_now"} }

// CellsNow appends the row's further cells, in the order of ColumnsNow.
func (r *Row) CellsNow(cells []string) []string { return append(cells, r.VendorIDNow, r.VendorNameNow) }

// Cells appends the row's cells to cells, in the order of Columns.
func (r *Row) Cells(cells []string) []string {
	for i := range columns {
		if c := &columns[i]; c.list != nil {
			cells = append(cells, joined(c.list(r)))
		} else {
			cells = append(cells, c.of(r))
		}
	}
	return cells
}

func joined(values []string) string {
	switch len(values) {
	case 0:
		return ""
	case 1:
		return values[0]
	}
	var room [256]byte
	b := room[:0]
	for i, v := range values {
		if i > 0 {
			b = append(b, "; "...)
		}
		b = append(b, v...)
	}
	return string(b)
}

// clear makes the row empty and keeps the room of its lists.
func (r *Row) clear() {
	*r = Row{
		VendorKinds: room(r.VendorKinds), Reasons: room(r.Reasons), Categories: room(r.Categories), Countries: room(r.Countries),
		ContractIDs: room(r.ContractIDs), Corrected: room(r.Corrected),
	}
}

func room(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list[:0]
}
