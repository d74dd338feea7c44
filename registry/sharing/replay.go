package sharing

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"onward/audit"
)

// replay is the decision that a key got before. It refuses (Conflict) another request under the key: in its codes it cannot differ, the
// log has compared them; what people wrote, and who the subjects are, is compared as far as it was not erased.
func (s *sheet) replay(ctx context.Context, receipt audit.Receipt) (Decision, error) {
	first, _, err := s.gate.read(ctx, receipt.EntryID)
	if err != nil {
		return Decision{}, err
	}
	opening, err := s.gate.log.Opening(ctx, s.gate.db, receipt.EntryID)
	if err != nil {
		return Decision{}, refusal(fmt.Errorf("read what share %s committed to: %w", receipt.EntryID, err))
	}
	_, committed := first.Leaf["commitment"]
	if same, err := s.repeats(committed, opening); err != nil || !same {
		return Decision{}, refusal(cmp.Or(err, audit.ErrReused))
	}
	first.Receipt = &receipt
	return first.Decision, nil
}

// repeats tells whether the request says what the entry committed to, as far as that can still be opened. The number of subjects is in the
// request hash: so whoever of the entry's people was not erased must be among the request's, and the rest stands for those who were.
func (s *sheet) repeats(committed bool, left audit.Opening) (bool, error) {
	written := s.written()
	if committed != (len(written) > 0 || len(s.request.Subjects) > 0) {
		return false, nil
	}
	lookups := s.gate.pseudonyms(s.request.Subjects)
	slices.SortFunc(lookups, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	for _, l := range left.Links {
		if _, ok := slices.BinarySearchFunc(lookups, l.Lookup, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) }); !ok {
			return false, nil
		}
	}
	if left.Detail == nil {
		return true, nil
	}
	was := map[string]any{}
	if err := json.Unmarshal(left.Detail.JSON, &was); err != nil {
		return false, fmt.Errorf("read the detail of a share: %w", err)
	}
	delete(was, "subjects")
	before, err := audit.Canonical(was)
	if err != nil {
		return false, fmt.Errorf("read the detail of a share: %w", err)
	}
	now, err := audit.Canonical(written)
	if err != nil {
		return false, fmt.Errorf("write the detail of a share: %w", err)
	}
	return bytes.Equal(before, now), nil
}
