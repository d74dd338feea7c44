package sharing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"onward/audit"
	"onward/registry"
)

// requestType is the type of the entry of a request of a person.
const requestType = "request.received"

// receiptHash tells a retry from another request under the same key, as far as codes go: it is kept for ever, and the person is not in it.
func (g *Gate) receiptHash(key string, r *SubjectRequest) ([32]byte, error) {
	text, err := audit.Canonical(audit.Object{
		"calendar": r.Calendar, "channel": r.Channel, "kind": r.Kind, "received_at": r.ReceivedAt.Format(instant), "zone": r.Zone,
	})
	if err != nil {
		return [32]byte{}, fmt.Errorf("write a request of a person: %w", err)
	}
	return g.keyed("onward/request/v1/request\x00"+key+"\x00", string(text)), nil
}

// replayRequest is what was answered when the request was recorded first. What became of it since is for those who acknowledged confidentiality. It
// refuses (Conflict) another person, as long as the first was not erased.
func (g *Gate) replayRequest(ctx context.Context, again *SubjectRequest) (SubjectRequest, error) {
	was, err := readSubjectRequest(ctx, g.db, again.ID, false)
	if err != nil {
		return SubjectRequest{}, refusal(err)
	}
	if was.Lookup != nil && !bytes.Equal(was.Lookup, again.Lookup) {
		return SubjectRequest{}, refusal(audit.ErrReused)
	}
	stored, err := g.log.Entry(ctx, was.ID)
	if err != nil {
		return SubjectRequest{}, refusal(fmt.Errorf("read request %s: %w", was.ID, err))
	}
	var first struct {
		Body struct {
			DueOn registry.Date `json:"due_on"`
		} `json:"body"`
	}
	if err := json.Unmarshal(stored.Leaf, &first); err != nil {
		return SubjectRequest{}, fmt.Errorf("read the leaf of request %s: %w", was.ID, err)
	}
	zone, err := registry.ZoneOf(was.Zone)
	if err != nil {
		return SubjectRequest{}, err //nolint:wrapcheck // a refusal
	}
	r := SubjectRequest{
		ID: was.ID, Kind: was.Kind, Channel: was.Channel, ReceivedAt: was.ReceivedAt, Zone: was.Zone, Calendar: was.Calendar, ReceivedOn: was.ReceivedOn,
		DueOn: first.Body.DueOn, DueAt: first.Body.DueOn.End(zone), RecordedAt: was.RecordedAt, Replayed: true,
	}
	return r.at(was.RecordedAt), nil
}
