package proof_test

import (
	"bytes"
	"testing"
	"time"

	"onward/audit/proof"
)

// Whatever is read, nothing is proved but what was logged.
func FuzzBundle(f *testing.F) {
	r := makeReport(f, 20, 3, 0, time.Time{}, time.Time{})
	f.Add(r.bundle(f))
	v := makeReport(f, 20, 3, 2, time.Time{}, time.Time{})
	f.Add(v.bundle(f))
	policy := r.policy(f)
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := proof.OpenBundle(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return
		}
		if got, err := b.Check(t.Context(), policy, proof.BundleOptions{}); err == nil && got.Checkpoint.Size != 24 {
			t.Errorf("%+v was proved", got)
		}
	})
}

// FuzzMembers changes members behind the zip's checksums, where random bytes seldom come.
func FuzzMembers(f *testing.F) {
	r := makeReport(f, 20, 3, 2, time.Time{}, time.Time{})
	bundle, policy := r.bundle(f), r.policy(f)
	members := map[string][]byte{}
	remake(bundle, func(name string, text []byte) []byte {
		members[name] = text
		return text
	})
	f.Add(members["report.json"], members["leaves.ndjson"], members["shares.csv"], members["tile/0/000.p/24"])
	f.Fuzz(func(t *testing.T, report, leaves, shares, tile []byte) {
		changed := remake(bundle, func(name string, text []byte) []byte {
			switch name {
			case "report.json":
				return append([]byte{}, report...)
			case "leaves.ndjson":
				return append([]byte{}, leaves...)
			case "shares.csv":
				return append([]byte{}, shares...)
			case "tile/0/000.p/24":
				return append([]byte{}, tile...)
			default:
				return text
			}
		})
		_, err := check(t, changed, policy, toy)
		if err == nil && !bytes.Equal(leaves, members["leaves.ndjson"]) {
			t.Errorf("other leaves were proved:\n%s", leaves)
		}
	})
}
