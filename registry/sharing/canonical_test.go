package sharing_test

import (
	"bytes"
	"encoding/base64"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	"onward/audit"
	"onward/registry/sharing"
)

// drawn makes a request of what a fuzzer gives. words are lists, separated by commas; small says the rest.
func drawn(words, text string, small uint64) sharing.Request {
	lists := strings.SplitN(words, ";", 3)
	for len(lists) < 3 {
		lists = append(lists, "")
	}
	set := func(s string) []string {
		if s == "" {
			return nil
		}
		of := strings.Split(s, ",")
		slices.Sort(of)
		return slices.Compact(of)
	}
	bit := func(n int) bool { return small>>n&1 == 1 }
	pick := func(n int, s string) string {
		if bit(n) {
			return s
		}
		return ""
	}
	r := sharing.Request{
		VendorID: uuid.UUID{byte(small)}, Purpose: pick(8, text), Ground: pick(9, text), Categories: set(lists[0]), Countries: set(lists[1]),
		Subjects: set(lists[2]), OccurredAt: time.UnixMicro(int64(small >> 32)).UTC(), State: pick(10, "occurred"), Pseudonymised: bit(11),
		Channel: pick(12, text), Source: pick(13, text), Customer: pick(14, text), Note: pick(15, text), Deal: pick(16, text), Origin: pick(17, text),
	}
	if bit(18) {
		r.EngagementID = &uuid.UUID{byte(small >> 1)}
	}
	if bit(19) {
		n := int64(small >> 20 & 15)
		r.SubjectCount = &n
	}
	if bit(24) {
		r.DataOrigin = text
	}
	if bit(25) {
		r.SourceVendorID = &uuid.UUID{byte(small >> 2)}
	}
	if bit(23) {
		r.CollectedAt = &r.OccurredAt
	}
	if bit(20) {
		r.LegalProcess = &sharing.LegalProcess{Instrument: text, Issuer: pick(21, text), Reference: pick(22, text)}
	}
	return r
}

// FuzzCanonical: what a request is hashed as is the same exactly when two requests ask the same in codes.
func FuzzCanonical(f *testing.F) {
	f.Add("CONTACT,PAYMENT;DE,FR;alice,bob", "text", uint64(0xfffffff), "CONTACT;DE;", "text", uint64(0))
	f.Add("a;b;c", "x", uint64(1<<15), "a;b;c", "x", uint64(1<<14))
	f.Add(`",";";\`, "\u2028\"\\", uint64(1<<40|1<<8), `",;";\`, "é", uint64(1<<18))
	f.Fuzz(func(t *testing.T, words, text string, small uint64, words2, text2 string, small2 uint64) {
		a, b := drawn(words, text, small), drawn(words2, text2, small2)
		canonical, err := sharing.Canonical(&a)
		if err != nil {
			if ok := func(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }; ok(words) && ok(text) {
				t.Fatal(err)
			}
			return
		}
		mixed := a
		for _, set := range []*[]string{&mixed.Categories, &mixed.Countries, &mixed.Subjects} {
			*set = slices.Clone(*set)
			rand.Shuffle(len(*set), func(i, j int) { (*set)[i], (*set)[j] = (*set)[j], (*set)[i] })
		}
		mixed.OccurredAt = mixed.OccurredAt.Add(time.Duration(rand.IntN(1000))).In(time.FixedZone("", rand.IntN(3600)))
		again, err := sharing.Canonical(&mixed)
		if err != nil || !bytes.Equal(canonical, again) {
			t.Fatalf("the order made another request: %v\n%s\n%s", err, canonical, again)
		}
		other, err := sharing.Canonical(&b)
		if err == nil && bytes.Equal(canonical, other) != same(a, b) {
			t.Fatalf("%s\n%s\n%s", canonical, other, cmp.Diff(a, b))
		}
	})
}

// same tells whether two drawn requests, whose sets are sorted, ask the same in codes. Who the subjects are and what people wrote is
// compared elsewhere, see TestRepeats.
func same(a, b sharing.Request) bool {
	for _, r := range []*sharing.Request{&a, &b} {
		for i := range r.Subjects {
			r.Subjects[i] = ""
		}
		r.Source, r.Customer, r.Note, r.Deal, r.LegalProcess = "", "", "", "", nil
		for _, set := range []*[]string{&r.Categories, &r.Countries, &r.Subjects} {
			if len(*set) == 0 {
				*set = nil
			}
		}
	}
	return reflect.DeepEqual(a, b)
}

// TestCommitmentText: what a share commits to is the same text whether an object was made of it first or not, in whatever order people came.
func TestCommitmentText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		links := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) audit.Link {
			bytes := rapid.SliceOfN(rapid.Byte(), 32, 32)
			return audit.Link{Lookup: [32]byte(bytes.Draw(t, "lookup")), Salt: [32]byte(bytes.Draw(t, "salt"))}
		}), 0, 5).Draw(t, "links")
		written := rapid.MapOf(rapid.SampledFrom([]string{"customer", "note", "source", "z"}), rapid.StringN(1, 20, -1)).Draw(t, "written")
		o := audit.Object{}
		want := audit.Object{}
		for key, text := range written {
			text = strings.ReplaceAll(text, "\x00", "")
			o[key], want[key] = text, text
		}
		if len(links) > 0 {
			var subjects []string
			for _, l := range links {
				subjects = append(subjects, base64.StdEncoding.EncodeToString(audit.Commit("onward/subject/v1", l.Salt, l.Lookup[:])))
			}
			slices.Sort(subjects)
			want["subjects"] = subjects
		}
		got, err := sharing.Commitment(o, links)
		if err != nil {
			t.Fatal(err)
		}
		if len(want) == 0 {
			if got != nil {
				t.Fatalf("nothing to commit to is %s", got)
			}
			return
		}
		text, err := audit.Canonical(want)
		if err != nil || string(got) != string(text) {
			t.Fatalf("%s\nwant %s (%v)", got, text, err)
		}
	})
}

func TestMemoryForgetsWhatWasNotUsed(t *testing.T) {
	t.Parallel()
	a, b, c := uuid.New(), uuid.New(), uuid.New()
	if d := cmp.Diff([]bool{false, true, true}, sharing.Forget(2, a, b, c)); d != "" {
		t.Error(d)
	}
}
