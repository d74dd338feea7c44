package audit_test

import (
	"context"
	"testing"
	"time"
)

// BenchmarkPublishing compares the durable appends of 256 appenders while a publisher runs beside them with those while none does. Its
// rounds take turns, because the machine is shared.
func BenchmarkPublishing(b *testing.B) {
	p := newDurablePress(b)
	const rounds, appenders, duration = 5, 256, 4 * time.Second
	with, without, ratio := make([]float64, 0, rounds), make([]float64, 0, rounds), make([]float64, 0, rounds)
	for range rounds {
		alone := appendFor(b, p.log, appenders, duration)
		ctx, stop := context.WithCancel(b.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); p.publisher().Run(ctx) }()
		beside := appendFor(b, p.log, appenders, duration)
		stop()
		<-ended
		with, without, ratio = append(with, beside), append(without, alone), append(ratio, beside/alone)
	}
	var checkpoints int64
	if err := p.db.NewRaw(`SELECT count(*) FROM log_checkpoint`).Scan(b.Context(), &checkpoints); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(median(with), "entries/s-published")
	b.ReportMetric(median(without), "entries/s-alone")
	b.ReportMetric(median(ratio), "ratio")
	b.ReportMetric(float64(checkpoints)/(rounds*duration.Seconds()), "checkpoints/s")
	b.ReportMetric(0, "ns/op")
	b.Logf("with %.0f, without %.0f, ratios %.2f", with, without, ratio)
	p.publish(b)
}
