package site_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"onward/app/site"
	"onward/registry/publishing"
)

// BenchmarkServe measures the list from memory over loopback against the least that net/http can do and against nginx with a file, each
// with one core, driven by wrk from another, in turns. It counts answers for each second of the server's own processor time, so that
// a busy machine slows the benchmark without bending it; over a saturated core that is answers a second. It fails where a tool is missing.
//
//	go test ./app/site -run '^$' -bench Serve -benchtime 5x
func BenchmarkServe(b *testing.B) {
	for _, tool := range []string{"wrk", "nginx", "taskset"} {
		if _, err := exec.LookPath(tool); err != nil {
			b.Fatal(err)
		}
	}
	list, bare, still := process(b, "list"), process(b, "bare"), nginx(b, fortyKilobytes(b))
	tag, stillTag := tagOf(b, list.address), tagOf(b, still.address)
	list.rest(b)
	rates := map[string][]float64{}
	var slowest []float64
	for b.Loop() {
		slowest = append(slowest, latency(b, list.address))
		for _, round := range []struct {
			name string
			of   server
			tag  string
		}{{"list", list, ""}, {"bare", bare, ""}, {"nginx", still, ""}, {"unchanged", list, tag}, {"nginx unchanged", still, stillTag}} {
			before := round.of.used(b)
			answers := wrk(b, round.of.address, round.tag)
			rates[round.name] = append(rates[round.name], answers/(round.of.used(b)-before))
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(slowest), "ms-p99-of-32")
	b.ReportMetric(median(rates["list"]), "list/s")
	b.ReportMetric(median(rates["unchanged"]), "unchanged/s")
	b.ReportMetric(ratio(rates["list"], rates["bare"]), "list/bare")
	b.ReportMetric(ratio(rates["list"], rates["nginx"]), "list/nginx")
	b.ReportMetric(ratio(rates["unchanged"], rates["nginx unchanged"]), "unchanged/nginx")
}

// BenchmarkFormats measures each format of a list of a hundred organisations from memory, as BenchmarkServe does, against a bare net/http
// handler that writes the same bytes.
//
//	go test ./app/site -run '^$' -bench Formats -benchtime 3x
func BenchmarkFormats(b *testing.B) {
	for _, path := range []string{
		"/subprocessors", jsonPath, "/subprocessors.csv", "/subprocessors.jsonld", "/subprocessors/fragment", "/subprocessors/annex-iii",
		"/subprocessors/annex-iii.pdf", "/subprocessors?lang=de", "/subprocessors/changes", "/subprocessors/releases", "/subprocessors.atom", "/subprocessors/changes.json",
	} {
		b.Run(strings.TrimPrefix(path, "/"), func(b *testing.B) {
			list, bare := process(b, "list "+path), process(b, "bare "+path)
			tagOf(b, list.address)
			list.rest(b)
			rates := map[server][]float64{}
			for b.Loop() {
				for _, s := range []server{list, bare} {
					before := s.used(b)
					answers := wrk(b, s.address, "")
					rates[s] = append(rates[s], answers/(s.used(b)-before))
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(rates[list]), "answers/s")
			b.ReportMetric(ratio(rates[list], rates[bare]), "list/bare")
		})
	}
}

// server is a process that serves.
type server struct {
	address string
	process int
}

// used is the processor time of the process and its children so far, in seconds.
func (s server) used(b *testing.B) float64 {
	b.Helper()
	ids := []string{strconv.Itoa(s.process)}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", s.process, s.process))
	if err != nil {
		b.Fatal(err)
	}
	var ticks int
	for _, id := range append(ids, strings.Fields(string(children))...) {
		stat, err := os.ReadFile("/proc/" + id + "/stat")
		if err != nil {
			b.Fatal(err)
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):]))
		for _, field := range fields[12:14] { // utime and stime, proc(5)
			n, err := strconv.Atoi(field)
			if err != nil {
				b.Fatal(err)
			}
			ticks += n
		}
	}
	return float64(ticks) / 100
}

// rest waits until the process has nothing to do: a list that is new is compressed as well as it can be, once.
func (s server) rest(b *testing.B) {
	b.Helper()
	for before, end := -1.0, time.Now().Add(time.Minute); ; time.Sleep(500 * time.Millisecond) {
		now := s.used(b)
		if now == before {
			return
		}
		if before = now; time.Now().After(end) {
			b.Fatal("the server does not come to rest")
		}
	}
}

// BenchmarkHandler is the list's handler alone, without a network.
func BenchmarkHandler(b *testing.B) {
	_, h := start(b, &records{list: sample(b)})
	for name, tag := range map[string]string{"list": "", "unchanged": get(b, h, jsonPath).Header.Get("Etag")} {
		b.Run(name, func(b *testing.B) {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, jsonPath, nil)
			if err != nil {
				b.Fatal(err)
			}
			if tag != "" {
				r.Header.Set("If-None-Match", tag)
			}
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				clear(w.header)
				h.ServeHTTP(w, r)
			}
		})
	}
}

// sink takes an answer and forgets it.
type sink struct{ header http.Header }

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(int)             {}

// fortyKilobytes is the JSON of a list of about that size.
func fortyKilobytes(b *testing.B) []byte {
	b.Helper()
	_, h := start(b, &records{list: longList(b)})
	return []byte(get(b, h, jsonPath).Body)
}

func longList(tb testing.TB) publishing.List {
	tb.Helper()
	list := sample(tb)
	size := func() int {
		text, err := json.MarshalIndent(list, "", " ")
		if err != nil {
			tb.Fatal(err)
		}
		return len(text)
	}
	for i := 0; size() < 40_000; i++ {
		list.Entries = append(list.Entries, list.Entries[i])
	}
	for size() > 41_000 {
		list.Entries = list.Entries[:len(list.Entries)-1]
	}
	return list
}

const roleVariable = "ONWARD_BENCH_ROLE"

// TestBenchServer is no test: in a process of the benchmark's it serves until it is ended.
func TestBenchServer(t *testing.T) { //nolint:paralleltest // it is a process of its own
	role, path, _ := strings.Cut(os.Getenv(roleVariable), " ")
	if role == "" {
		return
	}
	list := longList(t)
	if path == "" {
		path = jsonPath
	} else {
		list = hundred(t)
	}
	var listening net.ListenConfig
	l, err := listening.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s, h := start(t, &records{list: list})
	if role == "bare" {
		answer := get(t, h, path)
		body, mediaType := []byte(answer.Body), answer.Header.Get("Content-Type")
		h = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", mediaType)
			w.Header().Set("Content-Length", strconv.Itoa(len(body)))
			_, _ = w.Write(body)
		})
	} else {
		go s.Run(t.Context())
	}
	fmt.Println("http://" + l.Addr().String() + path)
	if role == "bare" {
		t.Fatal(http.Serve(l, h))
	}
	server := &http.Server{Handler: h, ConnContext: site.WithConnection}
	t.Fatal(server.Serve(site.Whole(l)))
}

// process starts this program again, with one core, as a server; its address comes back.
func process(b *testing.B, role string) server {
	b.Helper()
	c := exec.CommandContext(b.Context(), "taskset", "-c", "0", os.Args[0], "-test.run=^TestBenchServer$", "-test.timeout=0")
	c.Env = append(os.Environ(), roleVariable+"="+role, "GOMAXPROCS=1")
	out, err := c.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Wait() }) // it ends with the benchmark's context
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		b.Fatal(err)
	}
	address, _, _ := strings.Cut(string(line[:n]), "\n")
	return server{address, c.Process.Pid}
}

// nginx serves body as a file, with one worker on one core.
func nginx(b *testing.B, body []byte) server {
	b.Helper()
	folder := b.TempDir()
	if err := os.Chmod(folder, 0o755); err != nil {
		b.Fatal(err)
	}
	var listening net.ListenConfig
	l, err := listening.Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	config := fmt.Sprintf(`daemon off; worker_processes 1; pid %[1]s/pid; error_log %[1]s/error.log; events { worker_connections 512; }
http { access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=10;
types { application/json json; } client_body_temp_path %[1]s/a; proxy_temp_path %[1]s/b; fastcgi_temp_path %[1]s/c; uwsgi_temp_path %[1]s/d; scgi_temp_path %[1]s/e;
server { listen %[2]s; root %[1]s; } }`, folder, address)
	for name, text := range map[string][]byte{"nginx.conf": []byte("user root;\n" + config), "subprocessors.json": body} {
		if os.Geteuid() != 0 {
			text = bytes.TrimPrefix(text, []byte("user root;\n"))
		}
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	c := exec.CommandContext(b.Context(), "taskset", "-c", "0", "nginx", "-c", filepath.Join(folder, "nginx.conf"), "-e", filepath.Join(folder, "error.log"))
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	if err := c.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Wait() })
	return server{"http://" + address + jsonPath, c.Process.Pid}
}

// tagOf waits for a server and asks for its ETag.
func tagOf(b *testing.B, address string) string {
	b.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, address, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "identity")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			continue
		}
		_ = answer.Body.Close()
		if answer.StatusCode == http.StatusOK {
			return answer.Header.Get("Etag")
		}
	}
	b.Fatal("no server at " + address)
	return ""
}

var answered = regexp.MustCompile(`([0-9]+) requests in`)

// wrk asks for two seconds over sixteen connections and says how many answers came.
func wrk(b *testing.B, address, tag string) float64 {
	b.Helper()
	arguments := []string{"-c", "1", "wrk", "-t1", "-c16", "-d2s"}
	if tag != "" {
		arguments = append(arguments, "-H", "If-None-Match: "+tag)
	}
	out, err := exec.CommandContext(b.Context(), "taskset", append(arguments, address)...).CombinedOutput()
	found := answered.FindSubmatch(out)
	if err != nil || found == nil || bytes.Contains(out, []byte("Non-2xx")) && tag == "" {
		b.Fatalf("%v: %s", err, out)
	}
	count, err := strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return count
}

var slow = regexp.MustCompile(`99%\s+([0-9.]+)(us|ms|s)`)

// latency asks over 32 connections as fast as it can, and says within how many milliseconds 99 of 100 answers came.
func latency(b *testing.B, address string) float64 {
	b.Helper()
	out, err := exec.CommandContext(b.Context(), "taskset", "-c", "1", "wrk", "-t1", "-c32", "-d2s", "--latency", address).CombinedOutput()
	found := slow.FindSubmatch(out)
	if err != nil || found == nil {
		b.Fatalf("%v: %s", err, out)
	}
	took, err := time.ParseDuration(string(found[1]) + string(found[2]))
	if err != nil {
		b.Fatal(err)
	}
	return float64(took) / float64(time.Millisecond)
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

// ratio is the median of the ratios of rounds that were run one after the other.
func ratio(x, y []float64) float64 {
	var all []float64
	for i := range x {
		all = append(all, x[i]/y[i])
	}
	return median(all)
}
