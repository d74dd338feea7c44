package postgres

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pollEvery is how often the state of a server is looked at while something is waited for.
const pollEvery = 10 * time.Millisecond

// status is what a running server writes about itself in postmaster.pid.
type status struct {
	pid       int
	socketDir string
	state     string // "starting", "ready", "stopping", "standby"
}

// readStatus reads postmaster.pid. A missing or half-written file gives the zero status.
func readStatus(pgData string) status {
	content, err := os.ReadFile(filepath.Join(pgData, "postmaster.pid"))
	if err != nil {
		return status{}
	}
	lines := strings.Split(string(content), "\n")
	line := func(i int) string {
		if i < len(lines) {
			return strings.TrimSpace(lines[i])
		}
		return ""
	}
	pid, err := strconv.Atoi(line(0))
	if err != nil {
		return status{}
	}
	return status{pid: pid, socketDir: line(4), state: line(7)}
}

// runningStatus is [readStatus] for a server that is truly alive: a file left by a killed one, whose process id may have
// gone to another program, gives the zero status.
func (c *Cluster) runningStatus() status {
	s := readStatus(c.pgData())
	if !alive(s.pid) {
		return status{}
	}
	uid, dir := processOf(s.pid)
	if uid >= 0 && uid != c.account.uidOrOwn() || dir != "" && !sameDir(dir, c.pgData()) {
		return status{}
	}
	return s
}

func sameDir(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// server is a postgres process that this program started.
type server struct {
	pid    int
	exited chan struct{} // closed when the process has ended; nil if nobody waits for it
}

// launch starts the server and returns at once. The server ends with this program, however that ends, where the kernel
// can be asked for it: by fast shutdown, or at once when it is a throwaway.
func launch(cmd *exec.Cmd, throwaway bool) (*server, error) {
	if throwaway {
		// No goroutine stays behind, for tests that count them. The kernel watches the thread that starts a child, and
		// Go ends a thread only if a goroutine locked to it ends.
		endWithParent(cmd.SysProcAttr, syscall.SIGQUIT)
		if err := cmd.Start(); err != nil {
			return nil, fmt.Errorf("start postgres: %w", err)
		}
		return &server{pid: cmd.Process.Pid}, nil
	}
	endWithParent(cmd.SysProcAttr, syscall.SIGINT)
	s := &server{exited: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// The thread must live as long as the child, or the child would be told that its parent has died.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		if err == nil {
			s.pid = cmd.Process.Pid
		}
		started <- err
		if err == nil {
			_ = cmd.Wait() // why it ended is in its log
			close(s.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return s, nil
}

func (s *server) gone() bool {
	if s.exited == nil {
		return !alive(s.pid)
	}
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// until waits for a condition, looking every few milliseconds.
func until(ctx context.Context, condition func() bool) error {
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for !condition() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
	return nil
}

// lastWords is the line of a server log, from an offset on, that best tells why the server did not come up.
func lastWords(logFile string, from int64) string {
	f, err := os.Open(logFile)
	if err != nil {
		return "and its log cannot be read: " + err.Error()
	}
	defer func() { _ = f.Close() }() // only read
	if _, err := f.Seek(from, 0); err != nil {
		return "and its log cannot be read: " + err.Error()
	}
	var last, grave string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		line := strings.TrimSpace(lines.Text())
		for _, level := range []string{"PANIC: ", "FATAL: ", "ERROR: "} {
			_, message, found := strings.Cut(line, level)
			if found && strings.HasSuffix(message, "contains errors") {
				_, message, _ = strings.Cut(last, "LOG: ") // which error stands in the line before
			}
			if found {
				grave = strings.TrimSpace(message)
			}
		}
		if line != "" {
			last = line
		}
	}
	switch {
	case grave != "":
		return grave
	case last != "":
		return last
	default:
		return "it said nothing"
	}
}

// serverEnvironment is all that initdb and postgres see of ours: PGDATA, PGOPTIONS and the like must not leak in.
func serverEnvironment() []string {
	env := []string{"LC_ALL=C", "TZ=UTC", "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/nonexistent"}
	if dir := os.Getenv("TMPDIR"); dir != "" {
		env = append(env, "TMPDIR="+dir)
	}
	return env
}
