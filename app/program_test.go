package main_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary builds the program once for all tests of this package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "onward-program-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "onward")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// program is one running instance.
type program struct {
	t      testing.TB
	cmd    *exec.Cmd
	base   string
	env    []string
	out    *output
	exited chan error
}

// output is what a program printed, readable while it prints.
type output struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buf.String()
}

// freeAddress is a loopback address that was free a moment ago.
func freeAddress(tb testing.TB) string {
	tb.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// dataDir is a folder that the account of the database server may enter, removed after the test.
func dataDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/var/tmp", "onward-test-") //nolint:usetesting // TempDir may be closed to other accounts
	if err != nil {
		tb.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "data")
}

func environment(settings ...string) []string {
	var env []string
	for _, pair := range os.Environ() {
		if !strings.HasPrefix(pair, "ONWARD_") {
			env = append(env, pair)
		}
	}
	return append(env, settings...)
}

// start runs the program and returns when it is ready and has said so.
func start(tb testing.TB, data string, settings ...string) *program {
	tb.Helper()
	p := launch(tb, data, settings...)
	waitReady(tb, p.base, p.out)
	for end := time.Now().Add(10 * time.Second); !strings.Contains(p.out.String(), "Ctrl-C stops it."); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			tb.Fatalf("the program is ready and does not say so:\n%s", p.out)
		}
	}
	return p
}

// waitReady returns when the program at base is ready; said is what it printed.
func waitReady(tb testing.TB, base string, said *output) {
	tb.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for time.Now().Before(deadline) {
		resp, err := http.Get(base + "/readyz")
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if strings.HasPrefix(said.String(), "onward: ") {
			tb.Fatalf("the program ended:\n%s", said)
		}
		time.Sleep(10 * time.Millisecond)
	}
	tb.Fatalf("the program is not ready after two minutes:\n%s", said)
}

// launch runs the program without waiting for it.
func launch(tb testing.TB, data string, settings ...string) *program {
	tb.Helper()
	return launchCommand(tb, "serve", data, settings...)
}

// launchCommand runs a subcommand that serves, without waiting for it.
func launchCommand(tb testing.TB, command, data string, settings ...string) *program {
	tb.Helper()
	path, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	address := freeAddress(tb)
	p := &program{t: tb, base: "http://" + address, out: &output{}, exited: make(chan error, 1)}
	p.env = environment(append([]string{"ONWARD_DATA=" + data, "ONWARD_LISTEN=" + address}, settings...)...)
	p.cmd = exec.Command(path, command)
	p.cmd.Env = p.env
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		tb.Fatal(err)
	}
	go func() { p.exited <- p.cmd.Wait() }()
	tb.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.stop()
		}
	})
	return p
}

// stop asks the program to end and waits until the program has ended.
func (p *program) stop() error {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.exited:
		return err
	case <-time.After(60 * time.Second):
		_ = p.cmd.Process.Kill()
		p.t.Fatalf("the program does not end:\n%s", p.out)
		return nil
	}
}

// command runs a subcommand beside the program, on the same settings, and returns what it printed on standard output.
func (p *program) command(args ...string) string {
	p.t.Helper()
	out, code, errText := runOnce(p.t, p.env, args...)
	if code != 0 {
		p.t.Fatalf("onward %s: exit status %d: %s", strings.Join(args, " "), code, errText)
	}
	return out
}

// runOnce runs the program to its end.
func runOnce(tb testing.TB, env []string, args ...string) (out string, code int, errText string) {
	tb.Helper()
	path, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = env
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		tb.Fatal(err)
	}
	return stdout.String(), cmd.ProcessState.ExitCode(), stderr.String()
}

// key makes an API key.
func (p *program) key(role string, more ...string) string {
	p.t.Helper()
	return strings.TrimSpace(p.command(append([]string{"key", "create", "--role", role, "--name", "test " + role}, more...)...))
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) text(tb testing.TB, field string) string {
	tb.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.body, &v); err != nil {
		tb.Fatalf("%v: %s", err, a.body)
	}
	s, _ := v[field].(string)
	return s
}

// call sends one request; header pairs follow the body.
func (p *program) call(key, method, path, body string, header ...string) (answer, error) {
	req, err := http.NewRequest(method, p.base+path, strings.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, text}, err
}

// must sends one request and fails the test unless the answer has the status.
func (p *program) must(status int, key, method, path, body string, header ...string) answer {
	p.t.Helper()
	a, err := p.call(key, method, path, body, header...)
	if err != nil {
		p.t.Fatal(err)
	}
	if a.status != status {
		p.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a
}
