package audit

import (
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
)

// leafColumns are the members of a leaf that are kept in columns too.
type leafColumns struct {
	Actor struct {
		ID string `json:"id"`
	} `json:"actor"`
	EntryID    string `json:"entry_id"`
	Log        string `json:"log"`
	OccurredAt string `json:"occurred_at"`
	RecordedAt string `json:"recorded_at"`
	Type       string `json:"type"`
	V          string `json:"v"`
	VendorID   string `json:"vendor_id"`
	VendorSeq  string `json:"vendor_seq"`
}

// differs tells where a line's columns do not agree with its leaf; it is empty where they do. Of a version that this program does not
// know, only the hash can be checked.
func differs(origin string, s *Stored) string {
	var is leafColumns
	if err := json.Unmarshal(s.Leaf, &is); err != nil {
		return "the leaf is not JSON"
	}
	if is.V != "1" {
		return ""
	}
	want := leafColumns{
		EntryID: s.EntryID.String(), Log: origin, OccurredAt: s.OccurredAt.Format(instantLayout),
		RecordedAt: s.RecordedAt.Format(instantLayout), Type: s.Type, V: "1",
	}
	want.Actor.ID = s.ActorID.String()
	if s.VendorID != uuid.Nil {
		want.VendorID, want.VendorSeq = s.VendorID.String(), fmt.Sprintf("%0*d", seqWidth, s.VendorSeq)
	}
	if is != want {
		return "its columns do not agree with its leaf"
	}
	return ""
}
