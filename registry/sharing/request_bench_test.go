package sharing_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry"
	"onward/registry/sharing"
)

// BenchmarkRequest is the time from the bytes of a share to a request that can be judged, and of its two halves.
func BenchmarkRequest(b *testing.B) {
	body := fmt.Appendf(nil, `{"vendor_id":%q,"purpose":"INFRA","ground":"service_provider","categories":["CONTACT"],"subject_count":1,"countries":["DE"],"origin":"DE","occurred_at":%q,"state":"intended"}`,
		uuid.New(), noon.Format(time.RFC3339Nano))
	var r sharing.Request
	must(b, registry.Decode(body, &r))
	b.Run("decode", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var r sharing.Request
			must(b, registry.Decode(body, &r))
		}
	})
	b.Run("check", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			must(b, r.Check(noon))
		}
	})
}
