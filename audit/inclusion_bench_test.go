package audit_test

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"onward/audit"
	"onward/migrations/pgtest"
)

// BenchmarkProofs times proofs and tiles out of 10,000,000 entries, and again with the partitions of ten years. Proofs of inclusion are checked
// as they come.
func BenchmarkProofs(b *testing.B) {
	const size = 10_000_000
	db := pgtest.New(b)
	log, err := audit.Open(b.Context(), db, "onward.test/log", start)
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	fill(b, db, size)
	b.Logf("filled in %s", time.Since(begun).Round(time.Second))
	head, err := log.Head(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(7, 8))
	root := tlog.Hash(head.Root)
	inclusion := func(ctx context.Context) error {
		index := random.Int64N(size)
		proof, err := log.Inclusion(ctx, index, size)
		if err != nil {
			return err
		}
		return tlog.CheckRecord(proof, size, root, index, madeHash(index))
	}
	b.Run("inclusion", func(b *testing.B) { percentiles(b, inclusion) })
	b.Run("inclusion in a smaller size", func(b *testing.B) {
		percentiles(b, func(ctx context.Context) error {
			at := 1 + random.Int64N(size)
			_, err := log.Inclusion(ctx, random.Int64N(at), at)
			return err
		})
	})
	b.Run("consistency", func(b *testing.B) {
		percentiles(b, func(ctx context.Context) error {
			_, err := log.Consistency(ctx, 1+random.Int64N(size), size)
			return err
		})
	})
	b.Run("tile", func(b *testing.B) {
		percentiles(b, func(ctx context.Context) error {
			_, err := log.Tile(ctx, 0, random.Int64N(size/256), 256)
			return err
		})
	})
	if err := log.AddMonths(b.Context(), start.AddDate(-10, 0, 0), 120); err != nil {
		b.Fatal(err)
	}
	b.Run("inclusion with 120 months", func(b *testing.B) { percentiles(b, inclusion) })
}

// percentiles times b.N runs of f and reports the median and the 99th percentile in milliseconds.
func percentiles(b *testing.B, f func(context.Context) error) {
	b.Helper()
	took := make([]time.Duration, 0, 1<<16)
	for b.Loop() {
		begun := time.Now()
		if err := f(b.Context()); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	for name, at := range map[string]int{"p50-ms": len(took) / 2, "p99-ms": len(took) * 99 / 100} {
		b.ReportMetric(float64(took[at])/float64(time.Millisecond), name)
	}
}
