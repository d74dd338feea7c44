package audit_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/migrations/pgtest"
)

// shareEntry is an entry of the size of a share's, about 700 bytes, with its body as text, as a share's is.
func shareEntry() audit.Entry {
	b := audit.NewBuilder(512)
	b.Strings("categories", []string{"account", "contact", "usage"})
	b.Strings("countries", []string{"DE", "US"})
	b.UUID("engagement_id", vendor)
	b.String("ground", "P-05")
	b.String("policy", "2018-05-25")
	b.String("purpose", "service_provision")
	b.String("state", "occurred")
	b.String("subject_count", "1")
	b.String("vendor", "Acme Cloud Hosting GmbH")
	b.String("verdict", "allowed")
	text, err := b.Text()
	if err != nil {
		panic(err)
	}
	return audit.Entry{
		ID: uuid.New(), Type: "share.recorded", Actor: audit.Actor{Kind: "key", ID: vendor, Role: "service"}, OccurredAt: start,
		VendorID: vendor, Commitment: make([]byte, 32), Text: text,
	}
}

// BenchmarkAppend compares durable appends with pgbench inserting one row of the same bytes per transaction on the same cluster. Its
// rounds take turns, because the machine is shared.
func BenchmarkAppend(b *testing.B) {
	db := pgtest.NewDurable(b)
	db.SetMaxIdleConns(8)
	log, err := audit.Open(b.Context(), db, "onward.test/log", start)
	if err != nil {
		b.Fatal(err)
	}
	leaf, err := audit.Leaf("onward.test/log", shareEntry(), start, 1)
	if err != nil {
		b.Fatal(err)
	}
	admin := pgtest.Superuser(b, db)
	if _, err := admin.ExecContext(b.Context(), `CREATE TABLE pgbench_rows (leaf text NOT NULL); GRANT INSERT ON pgbench_rows TO onward_app`); err != nil {
		b.Fatal(err)
	}
	insert := insertScript(b, len(leaf))
	const rounds, seconds = 5, 4
	cases := []struct{ appenders, clients int }{{1, 1}, {32, 32}, {256, 32}}
	ours, theirs, ratio := make([][]float64, len(cases)), make([][]float64, len(cases)), make([][]float64, len(cases))
	for range rounds {
		for i, c := range cases {
			our := appendFor(b, log, c.appenders, seconds*time.Second)
			their := pgbench(b, pgtest.AddressOf(b, db), insert, c.clients, seconds)
			ours[i], theirs[i], ratio[i] = append(ours[i], our), append(theirs[i], their), append(ratio[i], our/their)
		}
	}
	for i, c := range cases {
		b.ReportMetric(median(ours[i]), fmt.Sprintf("entries/s-%d", c.appenders))
		b.ReportMetric(median(theirs[i]), fmt.Sprintf("pgbench-%d/s-beside-%d", c.clients, c.appenders))
		b.ReportMetric(median(ratio[i]), fmt.Sprintf("ratio-%d", c.appenders))
		b.Logf("%d appenders, rounds: %.0f to %.0f, ratios %.2f", c.appenders, ours[i], theirs[i], ratio[i])
	}
	b.ReportMetric(0, "ns/op")
	verify(b, log)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

// appendFor counts the entries that n appenders get acknowledged in a second.
func appendFor(b *testing.B, log *audit.Log, n int, d time.Duration) float64 {
	b.Helper()
	c := log.NewCommitter(2*n, 256, time.Now)
	var wg sync.WaitGroup
	var count atomic.Int64
	begun := time.Now()
	for range n {
		wg.Go(func() {
			for time.Since(begun) < d {
				_, err := c.Append(b.Context(), audit.Pending{Entry: shareEntry()})
				if err != nil {
					b.Error(err)
					return
				}
				count.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(begun)
	if err := c.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	return float64(count.Load()) / took.Seconds()
}

// insertScript is a pgbench script that inserts one row of size bytes.
func insertScript(b *testing.B, size int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "insert.sql")
	script := fmt.Sprintf("INSERT INTO pgbench_rows (leaf) VALUES ('%s');\n", strings.Repeat("x", size))
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench is what pgbench says of transactions in a second.
func pgbench(b *testing.B, a pgtest.Address, script string, clients, seconds int) float64 {
	b.Helper()
	out, err := exec.CommandContext(b.Context(), pgbenchPath(b), "-n", "-M", "prepared", "-f", script, "-c", strconv.Itoa(clients), "-j", "2",
		"-T", strconv.Itoa(seconds), a.DSN).CombinedOutput()
	m := tps.FindSubmatch(out)
	if err != nil || m == nil {
		b.Fatalf("%v: %s", err, out)
	}
	var rate float64
	if _, err := fmt.Sscan(string(m[1]), &rate); err != nil {
		b.Fatal(err)
	}
	return rate
}

func pgbenchPath(b *testing.B) string {
	b.Helper()
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path
	}
	paths, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err == nil && len(paths) == 0 {
		err = errors.New("there is no pgbench on this machine")
	}
	if err != nil {
		b.Fatal(err)
	}
	return paths[len(paths)-1]
}
