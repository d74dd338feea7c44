package audit_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/uuid"

	"onward/audit"
)

func TestEntries(t *testing.T) {
	t.Parallel()
	log, _ := open(t)
	other := uuid.UUID{3}
	entries := make([]audit.Entry, 0, 9)
	for i := range cap(entries) {
		e := newEntry()
		if i%2 == 0 {
			e.Type, e.VendorID = "vendor.ended", uuid.Nil
		}
		if i%3 == 0 {
			e.Actor.ID = other
		}
		entries = append(entries, e)
	}
	change(t, log, start, entries...)
	for rule, c := range map[string]struct {
		query audit.Query
		want  []int64
	}{
		"-1 selects all":                      {audit.Query{After: -1}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8}},
		"a page starts after an index":        {audit.Query{After: 2, Limit: 3}, []int64{3, 4, 5}},
		"the newest come first":               {audit.Query{After: -1, Newest: true, Limit: 2}, []int64{8, 7}},
		"the next newest are before an index": {audit.Query{After: 7, Newest: true, Limit: 2}, []int64{6, 5}},
		"by type":                             {audit.Query{After: -1, Type: "vendor.created"}, []int64{1, 3, 5, 7}},
		"by vendor":                           {audit.Query{After: 1, VendorID: vendor}, []int64{3, 5, 7}},
		"by actor":                            {audit.Query{After: -1, ActorID: other}, []int64{0, 3, 6}},
		"by all of them":                      {audit.Query{After: -1, ActorID: other, VendorID: vendor, Type: "vendor.created"}, []int64{3}},
		"nothing is not an error":             {audit.Query{After: 8}, nil},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			got, err := log.Entries(t.Context(), c.query)
			var indices []int64
			for _, s := range got {
				indices = append(indices, s.Index)
			}
			if err != nil || !slices.Equal(indices, c.want) {
				t.Fatalf("got %v, %v; want %v", indices, err, c.want)
			}
		})
	}
	t.Run("too many at once are refused", func(t *testing.T) {
		t.Parallel()
		if _, err := log.Entries(t.Context(), audit.Query{Limit: 10_001}); err == nil {
			t.Fatal("accepted")
		}
	})
	t.Run("an entry is read as it was written", func(t *testing.T) {
		t.Parallel()
		s, err := log.Entry(t.Context(), entries[3].ID)
		want, leafErr := audit.Leaf("onward.test/log", entries[3], start, 2)
		if err != nil || leafErr != nil || string(s.Leaf) != string(want) || s.VendorSeq != 2 || s.VendorID != vendor ||
			s.ActorID != other || s.Type != "vendor.created" || !s.OccurredAt.Equal(s.RecordedAt) {
			t.Fatalf("%+v %v %v", s, err, leafErr)
		}
	})
	t.Run("an unknown id is not found", func(t *testing.T) {
		t.Parallel()
		if _, err := log.Entry(t.Context(), uuid.New()); !errors.Is(err, audit.ErrNotFound) {
			t.Fatal(err)
		}
	})
}
