package main_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
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

	"onward/app/postgres"
)

// rounds take turns between Onward and the thing it is measured against, because a machine is never quiet.
const (
	rounds   = 4
	duration = 2 * time.Second
)

// BenchmarkShares compares decided and durable shares over HTTP with pgbench inserting one row of the same bytes per transaction,
// 32 clients, on the same cluster.
func BenchmarkShares(b *testing.B) {
	y := newYard(b)
	script := y.insertScript(b, 1)
	callers := []int{1, 32, 256}
	ours, theirs := make([]float64, len(callers)), 0.0
	for range rounds {
		theirs += y.pgbench(b, script, 32) / rounds
		for i, n := range callers {
			ours[i] += y.shares(b, n) / rounds
		}
	}
	for i, n := range callers {
		b.ReportMetric(ours[i], fmt.Sprintf("shares/s-%d", n))
		b.ReportMetric(ours[i]/theirs, fmt.Sprintf("of-pgbench-32-at-%d", n))
	}
	b.ReportMetric(theirs, "pgbench-32/s")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBatch compares shares in batches with pgbench inserting the same rows, 100 per statement, with as many clients as there are
// batch callers: the rows of log_entry and log_entry_key with their columns, checks and indices. Beside it stands what pgbench reaches
// with text of a leaf's size alone, in a table of one column and no index.
func BenchmarkBatch(b *testing.B) {
	y := newYard(b)
	same, text := y.entryScript(b, 100), y.insertScript(b, 100)
	callers := []int{1, 8}
	ours, rows, texts := make([]float64, len(callers)), make([]float64, len(callers)), make([]float64, len(callers))
	for range rounds {
		for i, n := range callers {
			rows[i] += 100 * y.pgbench(b, same, n) / rounds
			ours[i] += y.batches(b, n) / rounds
			texts[i] += 100 * y.pgbench(b, text, n) / rounds
		}
	}
	for i, n := range callers {
		b.ReportMetric(ours[i], fmt.Sprintf("shares/s-%d", n))
		b.ReportMetric(rows[i], fmt.Sprintf("rows/s-%d", n))
		b.ReportMetric(ours[i]/rows[i], fmt.Sprintf("of-same-rows-at-%d", n))
		b.ReportMetric(ours[i]/texts[i], fmt.Sprintf("of-bare-text-at-%d", n))
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStart measures from the start of the process to the first answer, in a bare folder and in one that has data, and the memory
// that stays resident after 100,000 shares.
func BenchmarkStart(b *testing.B) {
	data := dataDir(b)
	begun := time.Now()
	p := start(b, data)
	cold := time.Since(begun)
	admin := p.key("admin")
	vendor := p.ready(admin)
	y := &yard{p: p, service: p.key("service", "--system", "bench"), vendor: vendor}
	for y.sent.Load() < 100_000 {
		y.shares(b, 32)
	}
	resident := residentMiB(b, p.cmd.Process.Pid)
	if err := p.stop(); err != nil {
		b.Fatal(err)
	}
	begun = time.Now()
	start(b, data)
	b.ReportMetric(cold.Seconds(), "s-cold")
	b.ReportMetric(time.Since(begun).Seconds(), "s-warm")
	b.ReportMetric(resident, "MiB-resident")
	b.ReportMetric(float64(y.sent.Load()), "shares")
	b.ReportMetric(0, "ns/op")
}

// yard is a running program with a vendor that may receive, and pgbench on the same cluster.
type yard struct {
	p               *program
	service, vendor string
	leaf            int // bytes of one share's leaf
	dsn             string
	sent            atomic.Int64
}

func newYard(b *testing.B) *yard {
	b.Helper()
	data := dataDir(b)
	p := start(b, data, "ONWARD_LOG_LEVEL=warn")
	admin := p.key("admin")
	vendor := p.ready(admin)
	y := &yard{p: p, service: p.key("service", "--system", "bench"), vendor: vendor}
	got := p.must(201, y.service, "POST", "/v1/shares", share(vendor), "Idempotency-Key", "first")
	entry := p.must(200, admin, "GET", "/v1/audit/entries/"+entryID(b, string(got.body)), "")
	y.leaf = len(entry.text(b, "leaf_base64")) * 3 / 4
	cluster, err := postgres.Start(b.Context(), postgres.Options{DataDir: data})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = cluster.Stop(b.Context()) })
	db, err := postgres.Open(b.Context(), cluster.SuperuserDSN(postgres.Database), postgres.Pool{MaxConns: 1})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(b.Context(), `CREATE TABLE pgbench_rows (leaf text NOT NULL);
		CREATE TABLE pgbench_entry (LIKE log_entry INCLUDING ALL); CREATE TABLE pgbench_key (LIKE log_entry_key INCLUDING ALL);
		CREATE SEQUENCE pgbench_idx; GRANT USAGE ON pgbench_idx TO onward_app;
		GRANT INSERT ON pgbench_rows, pgbench_entry, pgbench_key TO onward_app`); err != nil {
		b.Fatal(err)
	}
	y.dsn = cluster.AppDSN(postgres.Database)
	return y
}

// insertScript is a pgbench script that inserts rows of a leaf's size in one statement.
func (y *yard) insertScript(b *testing.B, rows int) string {
	b.Helper()
	row := "('" + strings.Repeat("x", y.leaf) + "')"
	path := filepath.Join(b.TempDir(), "insert.sql")
	text := "INSERT INTO pgbench_rows (leaf) VALUES " + strings.Repeat(row+",", rows-1) + row + ";\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

// entryScript is a pgbench script that inserts the rows of shares, each table's in one statement.
func (y *yard) entryScript(b *testing.B, rows int) string {
	b.Helper()
	const bytes32 = `'\x0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'`
	key := "(gen_random_uuid(), '2026-11-01', 1, " + bytes32 + ")"
	entry := "('2026-11-01', nextval('pgbench_idx'), gen_random_uuid(), 'share.recorded', now(), now(), '" + y.vendor + "', '" + y.vendor + "', 1, " +
		bytes32 + ", '" + strings.Repeat("x", y.leaf) + "')"
	list := func(row string) string { return strings.Repeat(row+",", rows-1) + row + ";\n" }
	path := filepath.Join(b.TempDir(), "entries.sql")
	text := "BEGIN;\nINSERT INTO pgbench_key (entry_id, month, idx, request_hash) VALUES " + list(key) +
		"INSERT INTO pgbench_entry (month, idx, entry_id, type, recorded_at, occurred_at, actor_id, vendor_id, vendor_seq, leaf_hash, leaf) VALUES " +
		list(entry) + "COMMIT;\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	return path
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench is what pgbench says of transactions in a second.
func (y *yard) pgbench(b *testing.B, script string, clients int) float64 {
	b.Helper()
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
	if err != nil || len(found) == 0 {
		b.Fatalf("there is no pgbench on this machine: apt-get install postgresql (%v)", err)
	}
	out, err := exec.CommandContext(b.Context(), found[len(found)-1], "-n", "-f", script, "-c", strconv.Itoa(clients),
		"-j", strconv.Itoa(min(2, clients)), "-T", fmt.Sprint(duration.Seconds()), y.dsn).CombinedOutput()
	m := tps.FindSubmatch(out)
	if err != nil || m == nil {
		b.Fatalf("%v: %s", err, out)
	}
	rate, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return rate
}

// shares is how many single shares n callers get acknowledged in a second.
func (y *yard) shares(b *testing.B, n int) float64 {
	b.Helper()
	var wg sync.WaitGroup
	var count atomic.Int64
	begun := time.Now()
	for range n {
		wg.Go(func() {
			w := y.dial(b)
			defer w.conn.Close()
			w.prepare("/v1/shares", "application/json", "Idempotency-Key: "+room+"\r\n", []byte(share(y.vendor)))
			key := bytes.Index(w.out, []byte(room))
			for time.Since(begun) < duration {
				number(w.out[key:key+len(room)], y.sent.Add(1))
				_, _ = w.conn.Write(w.out) // what fails shows when the answer is read
				if status, body, err := w.receive(); err != nil || status != http.StatusCreated {
					b.Errorf("status %d: %v: %s", status, err, body)
					return
				}
				count.Add(1)
			}
		})
	}
	wg.Wait()
	return float64(count.Load()) / time.Since(begun).Seconds()
}

// batches is how many shares in batches of 2,000 n callers get acknowledged in a second.
func (y *yard) batches(b *testing.B, n int) float64 {
	b.Helper()
	var wg sync.WaitGroup
	var count atomic.Int64
	begun := time.Now()
	for range n {
		wg.Go(func() {
			w := y.dial(b)
			defer w.conn.Close()
			for time.Since(begun) < duration {
				const lines = 2000
				var body bytes.Buffer
				for range lines {
					fmt.Fprintf(&body, `{"idempotency_key":"b%d",%s`+"\n", y.sent.Add(1), share(y.vendor)[1:])
				}
				w.sendLong("/v1/shares/batch", "application/x-ndjson", body.Bytes())
				status, text, err := w.receiveStream()
				if got := bytes.Count(text, []byte(`"verdict":"allowed"`)); err != nil || status != http.StatusOK || got != lines {
					b.Errorf("status %d, %d of %d allowed: %v", status, got, lines, err)
					return
				}
				count.Add(lines)
			}
		})
	}
	wg.Wait()
	return float64(count.Load()) / time.Since(begun).Seconds()
}

// room is where the number of a share goes in its idempotency key.
const room = "b00000000000"

// number writes the digits of n at the end of what room has.
func number(into []byte, n int64) {
	for i := len(into) - 1; n > 0; i-- {
		into[i] = byte('0' + n%10)
		n /= 10
	}
}

// wire is one kept-alive connection, as lean as can be: the caller shares the machine with what it measures.
type wire struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
	body []byte
	key  string
}

func (y *yard) dial(b *testing.B) *wire {
	b.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(y.p.base, "http://"))
	if err != nil {
		b.Error(err)
		panic(err)
	}
	return &wire{conn: conn, in: bufio.NewReaderSize(conn, 1<<16), key: y.service}
}

// prepare puts a request into out.
func (w *wire) prepare(path, mediaType, header string, body []byte) {
	w.out = append(w.out[:0], "POST "+path+" HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "+w.key+"\r\nContent-Type: "+mediaType+"\r\n"+header+"Content-Length: "...)
	w.out = append(strconv.AppendInt(w.out, int64(len(body)), 10), "\r\n\r\n"...)
	w.out = append(w.out, body...)
}

// receive reads an answer whose length is told; its body is lent until the next one.
func (w *wire) receive() (status int, body []byte, err error) {
	line, err := w.line()
	if err != nil {
		return 0, nil, err
	}
	code, is := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if status, err = strconv.Atoi(string(code[:min(3, len(code))])); !is || err != nil {
		return 0, nil, fmt.Errorf("no status line: %q", line)
	}
	length := -1
	for {
		if line, err = w.line(); err != nil {
			return status, nil, err
		}
		if len(line) == 0 {
			break
		}
		if value, is := bytes.CutPrefix(line, []byte("Content-Length: ")); is {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return status, nil, err
			}
		}
	}
	if length < 0 {
		return status, nil, errors.New("an answer of unknown length")
	}
	w.body = slices.Grow(w.body[:0], length)[:length]
	_, err = io.ReadFull(w.in, w.body)
	return status, w.body, err
}

// line is the next line of an answer's head.
func (w *wire) line() ([]byte, error) {
	line, err := w.in.ReadSlice('\n')
	return bytes.TrimSuffix(line, []byte("\r\n")), err
}

// sendLong writes a request while its answer is read.
func (w *wire) sendLong(path, mediaType string, body []byte) {
	w.prepare(path, mediaType, "", body)
	go func(out []byte) { _, _ = w.conn.Write(out) }(bytes.Clone(w.out)) // what fails shows when the answer is read
}

// receiveStream reads an answer of any length.
func (w *wire) receiveStream() (int, []byte, error) {
	resp, err := http.ReadResponse(w.in, nil)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// residentMiB is the process's resident memory.
func residentMiB(b *testing.B, pid int) float64 {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	m := regexp.MustCompile(`VmRSS:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		b.Fatalf("no VmRSS: %s", text)
	}
	kib, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
