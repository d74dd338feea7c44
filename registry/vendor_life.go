package registry

import (
	"slices"
	"strings"
	"time"

	"onward/audit"
)

// moves are the moves that the life of a vendor has. A vendor that never received data ends at once; one that did winds down first.
var moves = map[VendorState][]VendorState{
	Proposed:    {Approved, Ended},
	Approved:    {Active, WindingDown, Ended},
	Active:      {WindingDown},
	WindingDown: {Ended},
	Ended:       {},
}

// verbs are what the entry says of a vendor that is now in that state.
var verbs = map[VendorState]string{
	Proposed: "created", Approved: "approved", Active: "activated", WindingDown: "winding_down", Ended: "ended",
}

// Move puts the vendor into another state, in the world since since, and refuses (Conflict) what its life does not have: a move that is
// not in it, one since before the state that it leaves, and an end after winding down without a deletion certificate or a recorded
// exception. An approval is refused (Forbidden) to everybody but approvers and admins, and to the proposer; the program itself may.
//
// A proposal is no state of the world: what is recorded only now may have been approved, and have received data, long before.
func (v *Vendor) Move(by audit.Actor, to VendorState, since time.Time) error {
	if !slices.Contains(moves[v.State], to) {
		return Refuse(Conflict, "A vendor that is %s cannot become %s; %s.", v.State.words(), to.words(), allowedFrom(v.State))
	}
	if v.State != Proposed && since.Before(v.StateSince) {
		return Refuse(Conflict, "The vendor is %s only since %s: it cannot have become %s before.",
			v.State.words(), v.StateSince.Format(time.RFC3339), to.words())
	}
	if to == Approved {
		if err := v.approvable(by); err != nil {
			return err
		}
	}
	if v.State == WindingDown && to == Ended && v.DeletionCertificate == nil && v.DeletionException == "" {
		return Refuse(Conflict, "The vendor may still hold personal data: record its deletion certificate, or a deletion exception, to end it.")
	}
	v.State, v.StateSince = to, since
	return nil
}

// approvable refuses an actor who may not approve this vendor.
func (v *Vendor) approvable(by audit.Actor) error {
	switch {
	case by.Kind == audit.Program.Kind:
		return nil
	case by.Role != "approver" && by.Role != "admin":
		return Refuse(Forbidden, "Only an approver or an admin approves a vendor.")
	case by.ID == v.CreatedBy:
		return Refuse(Forbidden, "Whoever proposed a vendor does not approve it: somebody else must.")
	default:
		return nil
	}
}

// words is the state as a sentence says it.
func (s VendorState) words() string { return strings.ReplaceAll(string(s), "_", " ") }

func allowedFrom(s VendorState) string {
	to := moves[s]
	if len(to) == 0 {
		return "nothing follows"
	}
	names := make([]string, len(to))
	for i, t := range to {
		names[i] = t.words()
	}
	return "it can become " + strings.Join(names, " or ")
}

// known says whether there is such a state.
func (s VendorState) known() bool { _, ok := moves[s]; return ok }
