package audit_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"onward/audit"
	"onward/migrations/pgtest"
)

// BenchmarkInstances compares four instances, each with a pool and a committer of its own, with one, for the same number of appenders in all. Its
// rounds take turns, because the machine is shared.
func BenchmarkInstances(b *testing.B) {
	db := pgtest.NewDurable(b)
	a := pgtest.AddressOf(b, db)
	logs := make([]*audit.Log, 4)
	for i := range logs {
		own := pgtest.As(b, db, a.User, a.Password)
		own.SetMaxIdleConns(8)
		var err error
		if logs[i], err = audit.Open(b.Context(), own, "onward.test/log", start); err != nil {
			b.Fatal(err)
		}
	}
	const rounds, took = 3, 3 * time.Second
	for _, appenders := range []int{32, 256} {
		var one, four, ratio []float64
		for range rounds {
			alone := appendFor(b, logs[0], appenders, took)
			together := make([]float64, len(logs))
			var wg sync.WaitGroup
			for i, log := range logs {
				wg.Go(func() { together[i] = appendFor(b, log, appenders/len(logs), took) })
			}
			wg.Wait()
			sum := together[0] + together[1] + together[2] + together[3]
			one, four, ratio = append(one, alone), append(four, sum), append(ratio, sum/alone)
		}
		b.ReportMetric(median(one), fmt.Sprintf("one/s-%d", appenders))
		b.ReportMetric(median(four), fmt.Sprintf("four/s-%d", appenders))
		b.ReportMetric(median(ratio), fmt.Sprintf("ratio-%d", appenders))
		b.Logf("%d appenders, rounds: one %.0f, four %.0f, ratios %.2f", appenders, one, four, ratio)
	}
	b.ReportMetric(0, "ns/op")
	verify(b, logs[0])
}
