package audit_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
)

func TestHold(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	for name, h := range map[string]audit.Hold{
		"a reason that is no code":         {ID: uuid.New(), Reason: "because", From: start, ReviewOn: start},
		"no day":                           {ID: uuid.New(), Reason: "AUDIT", ReviewOn: start},
		"a review before there was a duty": {ID: uuid.New(), Reason: "AUDIT", From: start, ReviewOn: start.AddDate(0, 0, -1)},
	} {
		if _, err := log.PlaceHold(t.Context(), audit.Program, start, h); !errors.Is(err, audit.ErrHold) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var last *audit.Hold
	for i, reason := range audit.HoldReasons() {
		h, err := log.PlaceHold(t.Context(), audit.Program, start.Add(time.Duration(i)*time.Hour), audit.Hold{ID: uuid.New(), Reason: reason, From: start, ReviewOn: start})
		if err != nil {
			t.Fatal(err)
		}
		last = &h
	}
	first, err := log.Holds(t.Context(), nil, 1)
	if err != nil || len(first) != 1 || first[0].ID != last.ID {
		t.Fatal(first, err)
	}
	rest, err := log.Holds(t.Context(), &first[0], 10)
	if err != nil || len(rest) != len(audit.HoldReasons())-1 {
		t.Fatal(fmt.Sprint(rest), err)
	}
	verify(t, log)
}
