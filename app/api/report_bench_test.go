package api_test

import (
	"io"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onward/migrations/pgtest"
)

// BenchmarkShareReport compares a CSV report of a million shares with psql writing, as CSV, the same rows of the log, and with psql taking
// the same columns out of the leaves by JSON in SQL. Memory is how much more this process, server and client, has than before the report.
func BenchmarkShareReport(b *testing.B) {
	const rows = 1_000_000
	s := newStage(b)
	s.fill(b, rows)
	if _, err := pgtest.Superuser(b, s.db).ExecContext(b.Context(), `ANALYZE log_entry`); err != nil {
		b.Fatal(err)
	}
	copying := func(query string) float64 {
		begun := time.Now()
		out, err := exec.CommandContext(b.Context(), "psql", pgtest.SuperuserDSN(b, s.db), "-qc", `\copy (`+strings.Join(strings.Fields(query), " ")+`) to '/dev/null' csv`).CombinedOutput()
		if err != nil {
			b.Fatalf("%v: %s", err, out)
		}
		return rows / time.Since(begun).Seconds()
	}
	const raw = `SELECT idx, leaf FROM log_entry WHERE type IN ('share.recorded', 'share.corrected') ORDER BY idx`
	copying(raw) // warm
	for b.Loop() {
		runtime.GC()
		var peakHeap, peakRSS atomic.Int64
		heap, rss := heapInUse(), residentSet(b)
		done := make(chan struct{})
		go func() {
			for {
				select {
				case <-done:
					return
				case <-time.After(20 * time.Millisecond):
					peakHeap.Store(max(peakHeap.Load(), heapInUse()-heap))
					peakRSS.Store(max(peakRSS.Load(), residentSet(b)-rss))
				}
			}
		}()
		ours := s.csv(b, rows)
		close(done)
		theirs, byJSON := copying(raw), copying(sharesByJSON)
		b.ReportMetric(ours, "rows/s")
		b.ReportMetric(theirs, "copied-rows/s")
		b.ReportMetric(ours/theirs, "of-copy")
		b.ReportMetric(ours/byJSON, "of-copy-by-JSON")
		b.ReportMetric(float64(peakHeap.Load())/(1<<20), "heap-growth-MB")
		b.ReportMetric(float64(peakRSS.Load())/(1<<20), "resident-growth-MB")
		b.ReportMetric(0, "ns/op")
	}
}

// csv is how many rows a second a report has.
func (s *stage) csv(b *testing.B, rows int) float64 {
	b.Helper()
	r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, s.server.URL+"/v1/reports/shares?format=csv", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.secret["auditor"])
	begun := time.Now()
	answer, err := s.server.Client().Do(r)
	if err != nil {
		b.Fatal(err)
	}
	n, err := io.Copy(io.Discard, answer.Body)
	if err != nil || answer.Trailer.Get("Report-Rows") != strconv.Itoa(rows) {
		b.Fatalf("%d bytes, %s rows: %v: %s", n, answer.Trailer.Get("Report-Rows"), err, s.faults.take())
	}
	_ = answer.Body.Close()
	return float64(rows) / time.Since(begun).Seconds()
}

const sharesByJSON = `SELECT idx, l->>'entry_id', l->>'type', l->>'occurred_at', l->>'recorded_at', l->>'vendor_id', l->>'vendor_seq', b->>'vendor_name', b->>'vendor_kinds',
	b->>'verdict', b->>'reasons', b->>'purpose', b->>'ground', b->>'categories', b->>'countries', b->>'origin', b->>'state', b->>'pseudonymised', b->>'channel', b->>'system',
	b->>'subject_count', b->>'engagement_id', b->>'contract_ids', b->>'policy', b->>'sealed_until', b->>'collected_at', b->>'corrects', b->>'corrected', l->'actor'->>'id', l->'actor'->>'kind', l->'actor'->>'role'
	FROM (SELECT idx, l, l->'body' AS b FROM (SELECT idx, convert_from(leaf, 'UTF8')::jsonb AS l FROM log_entry
		WHERE type IN ('share.recorded', 'share.corrected') ORDER BY idx OFFSET 0) p OFFSET 0) q`

func heapInUse() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse)
}

// residentSet is the bytes of this process that are in memory; 0 where the system does not tell.
func residentSet(b *testing.B) int64 {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	pages, err := strconv.ParseInt(fields[1], 10, 64)
	if err != nil {
		b.Error(err)
	}
	return pages * int64(os.Getpagesize())
}
