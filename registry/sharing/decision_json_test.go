package sharing_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry/policy"
	"onward/registry/sharing"
)

// wholeDecision has every field, with text that is hard to write.
func wholeDecision() sharing.Decision {
	engagement := uuid.New()
	odd := "a \"b\" \\ <c> & 'd' \x00\x1f\x7f\n\t é 日本 \u2028 \xff end"
	return sharing.Decision{
		Verdict: sharing.Violation, VendorID: uuid.New(), EngagementID: &engagement, ContractIDs: []uuid.UUID{uuid.New(), uuid.Nil}, Policy: "1.1",
		Reasons:  []policy.Reason{{Code: "c", Clause: "P-13", On: odd, Sentence: odd}, {Code: odd, Clause: odd, Sentence: "It is <so> & no other."}},
		Notes:    []policy.Reason{{Code: "n", Clause: "P-01", Sentence: "s"}},
		DeleteBy: day(2027, 2, 3), NoMarketing: true,
		Receipt: &audit.Receipt{Log: "a.example/log", Index: 1 << 60, EntryID: uuid.New(), LeafHash: []byte("\x00\xff leaf"), RecordedAt: noon.Add(1200), Replayed: true},
	}
}

func TestAppendDecision(t *testing.T) {
	t.Parallel()
	same := func(t *testing.T, d sharing.Decision) {
		t.Helper()
		var want bytes.Buffer
		e := json.NewEncoder(&want)
		e.SetEscapeHTML(false)
		must(t, e.Encode(d))
		if got := string(sharing.AppendDecision([]byte("x"), &d)) + "\n"; got != "x"+want.String() {
			t.Errorf("it is written\n%s, encoding/json writes\n%s", got, want.String())
		}
	}
	whole := reflect.ValueOf(wholeDecision())
	for i := range whole.NumField() {
		name := whole.Type().Field(i).Name
		t.Run("as encoding/json writes it, without and with nothing but "+name, func(t *testing.T) {
			t.Parallel()
			if whole.Field(i).IsZero() {
				t.Fatal("it is not tried")
			}
			without, alone := wholeDecision(), sharing.Decision{}
			reflect.ValueOf(&without).Elem().Field(i).SetZero()
			reflect.ValueOf(&alone).Elem().Field(i).Set(whole.Field(i))
			same(t, without)
			same(t, alone)
		})
	}
	t.Run("every field of a receipt and of a reason is tried", func(t *testing.T) {
		t.Parallel()
		d := wholeDecision()
		for _, v := range []reflect.Value{reflect.ValueOf(*d.Receipt), reflect.ValueOf(d.Reasons[0])} {
			for i := range v.NumField() {
				if v.Field(i).IsZero() {
					t.Errorf("%s is not", v.Type().Field(i).Name)
				}
			}
		}
		same(t, d)
	})
	t.Run("empty lists, and a receipt with nothing in it", func(t *testing.T) {
		t.Parallel()
		same(t, sharing.Decision{Reasons: []policy.Reason{}, Notes: []policy.Reason{}, ContractIDs: []uuid.UUID{}, Receipt: &audit.Receipt{}})
	})
}

// BenchmarkAppendDecision writes the answer to a share that is allowed.
func BenchmarkAppendDecision(b *testing.B) {
	d := wholeDecision()
	d.Verdict, d.Reasons, d.Notes, d.DeleteBy, d.NoMarketing = sharing.Allowed, []policy.Reason{}, nil, nil, false
	d.ContractIDs = d.ContractIDs[:1]
	b.Run("by hand", func(b *testing.B) {
		b.ReportAllocs()
		var to []byte
		for b.Loop() {
			to = sharing.AppendDecision(to[:0], &d)
		}
	})
	b.Run("by encoding/json", func(b *testing.B) {
		b.ReportAllocs()
		var to bytes.Buffer
		for b.Loop() {
			to.Reset()
			e := json.NewEncoder(&to)
			e.SetEscapeHTML(false)
			must(b, e.Encode(d))
		}
	})
}
