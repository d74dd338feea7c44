package proof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"onward/audit/proof"
)

func TestEveryChangeOfTheLeavesIsFoundAndTheFirstBadIndexNamed(t *testing.T) {
	t.Parallel()
	for _, vendor := range []int{0, 2} {
		r := makeReport(t, 800, 40, vendor, time.Time{}, time.Time{})
		bundle, policy := r.bundle(t), r.policy(t)
		var leaves []byte
		remake(bundle, member("leaves.ndjson", func(text []byte) []byte { leaves = text; return text }))
		t.Run(fmt.Sprintf("vendor %d", vendor), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) {
				bad := damage(t, bytes.Clone(leaves))
				if bytes.Equal(bad, leaves) {
					t.Fatal("the damage did none")
				}
				changed := remake(bundle, member("leaves.ndjson", func([]byte) []byte { return bad }))
				b, err := proof.OpenBundle(bytes.NewReader(changed), int64(len(changed)))
				if err != nil {
					t.Fatal(err)
				}
				_, err = b.Check(context.Background(), policy, proof.BundleOptions{})
				var fault *proof.Fault
				if !errors.As(err, &fault) {
					t.Fatalf("got %v, want a fault", err)
				}
				if want := r.firstBad(leaves, bad); fault.Index != want {
					t.Fatalf("got %v, want the index %d", fault, want)
				}
			})
		})
	}
}

// damage changes, swaps, deletes, repeats or cuts; the text is another afterwards.
func damage(t *rapid.T, text []byte) []byte {
	at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
	lines := bytes.SplitAfter(text, []byte("\n"))
	lines = lines[:len(lines)-1]
	i, j := rapid.IntRange(0, len(lines)-1).Draw(t, "line"), rapid.IntRange(0, len(lines)-1).Draw(t, "other line")
	switch rapid.SampledFrom([]string{"byte", "newline", "insert", "drop", "cut", "swap", "delete", "repeat"}).Draw(t, "damage") {
	case "byte":
		text[at] ^= rapid.ByteRange(1, 255).Draw(t, "byte")
	case "newline":
		if text[at] == '\n' {
			text[at] = ' '
		} else {
			text[at] = '\n'
		}
	case "insert":
		return slices.Insert(text, at, rapid.Byte().Draw(t, "byte"))
	case "drop":
		return slices.Delete(text, at, at+1)
	case "cut":
		return text[:at]
	case "swap":
		j = (i + 1 + j%(len(lines)-1)) % len(lines) // another one
		lines[i], lines[j] = lines[j], lines[i]
	case "delete":
		lines = slices.Delete(lines, i, i+1)
	case "repeat":
		lines = slices.Insert(lines, i, lines[j])
	}
	return bytes.Join(lines, nil)
}

// firstBad is the index that must be named: of a whole log the first at which the text is not as it was; of a vendor, where the indices
// between are those of others, what the first changed line says, if it can be there.
func (r *report) firstBad(good, bad []byte) int64 {
	same := 0
	for same < len(bad) && same < len(good) && bad[same] == good[same] {
		same++
	}
	line := bytes.Count(good[:same], []byte("\n"))
	last := int64(-1)
	if line > 0 {
		last = r.indices[line-1]
	}
	if line == len(r.indices) || r.manifest.Scope.VendorID == "" {
		return last + 1
	}
	rest := bad[bytes.LastIndexByte(bad[:same], '\n')+1:]
	if len(rest) == 0 {
		return r.manifest.Begun
	}
	text, _, whole := bytes.Cut(rest, []byte("\n"))
	digits, _, ok := strings.Cut(string(text), " ")
	stated, err := strconv.ParseInt(digits, 10, 64)
	if !whole || !ok || err != nil || strconv.FormatInt(stated, 10) != digits || stated <= last || stated > r.manifest.Begun {
		return last + 1
	}
	return stated
}
