package sharing_test

import (
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"onward/migrations/pgtest"
	"onward/registry/sharing"
)

// BenchmarkDecide is the time of one decision by remembered facts: the judgement alone, and with the request's checks and the entry.
func BenchmarkDecide(b *testing.B) {
	w := newWorld(b)
	with := w.party(b, usual())
	r := ask(with)
	r.Subjects = []string{"alice@example.org"}
	b.Run("judgement", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := w.gate.Judge(b.Context(), &r); err != nil || v != sharing.Allowed {
				b.Fatal(v, err)
			}
		}
	})
	b.Run("with checks and entry", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if v, err := w.gate.Decide(b.Context(), "key", &r); err != nil || v != sharing.Allowed {
				b.Fatal(v, err)
			}
		}
	})
}

// BenchmarkShare is how many shares a second are decided and durably recorded, all callers in this process.
func BenchmarkShare(b *testing.B) {
	db := pgtest.NewDurable(b)
	db.SetMaxIdleConns(8)
	w := newWorldIn(b, db)
	parties := make([]party, 20)
	for i := range parties {
		parties[i] = w.party(b, usual())
	}
	for _, callers := range []int{1, 32, 256} {
		b.Run(strconv.Itoa(callers)+" callers", func(b *testing.B) {
			const d = 3 * time.Second
			shares := 0.0
			for b.Loop() {
				shares += w.shareFor(b, parties, callers, d) / d.Seconds()
			}
			b.ReportMetric(shares/float64(b.N), "shares/s")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// shareFor counts the shares that callers get acknowledged.
func (w *world) shareFor(b *testing.B, parties []party, callers int, d time.Duration) float64 {
	b.Helper()
	var group sync.WaitGroup
	var count atomic.Int64
	begun := time.Now()
	for caller := range callers {
		group.Go(func() {
			for i := 0; time.Since(begun) < d; i++ {
				r := ask(parties[(caller+i)%len(parties)])
				r.Subjects = []string{fmt.Sprintf("subject-%d-%d", caller, i)}
				if _, err := w.gate.Share(b.Context(), billing, noon, newKey(), r); err != nil {
					b.Error(said(err))
					return
				}
				count.Add(1)
			}
		})
	}
	group.Wait()
	return float64(count.Load())
}

// BenchmarkRow is the time of reading one leaf as a row, and of encoding/json doing the same.
func BenchmarkRow(b *testing.B) {
	leaf := []byte(aLeaf)
	b.Run("scanner", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok, err := sharing.RowOf(leaf); !ok || err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding json", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := slowRow(leaf); !ok {
				b.Fatal("not read")
			}
		}
	})
}
