package postgres_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"onward/app/postgres"
)

// TestAsChild is not a test of its own: it is the program that the tests below run as another process, and kill.
func TestAsChild(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("ONWARD_TEST_CHILD")
	if dir == "" {
		return
	}
	c, err := postgres.Start(context.Background(), postgres.Options{DataDir: dir})
	if err != nil {
		fmt.Println("refused:", err)
		return
	}
	fmt.Println("ready:", c.Owner())
	_, _ = io.Copy(io.Discard, os.Stdin) // until the parent closes it or kills us
	if err := c.Stop(context.Background()); err != nil {
		fmt.Println("stop:", err)
	}
}

// child runs TestAsChild on a data folder and returns it with the first line it says.
func child(t *testing.T, dir string, as *syscall.Credential) (cmd *exec.Cmd, stdin io.Closer, said string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if as != nil { // where go test builds, others may not look
		program = filepath.Join(folder(t), "program")
		content, err := os.ReadFile(os.Args[0])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(program, content, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	cmd = exec.CommandContext(context.Background(), program, "-test.run=^TestAsChild$", "-test.count=1")
	cmd.Env = append(os.Environ(), "ONWARD_TEST_CHILD="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: as}
	cmd.Dir = "/"
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child said %q: %v", line, err)
	}
	return cmd, in, strings.TrimSpace(line)
}

// serverOf is the process id of the server of a data folder.
func serverOf(t *testing.T, dir string) int {
	t.Helper()
	line, _, _ := strings.Cut(read(t, filepath.Join(dir, "pg", "postmaster.pid")), "\n")
	pid, err := strconv.Atoi(line)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// ends waits until a process is gone, or only waits to be reaped.
func ends(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return
		}
		if stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
	}
	t.Errorf("process %d still runs", pid)
}

func TestKilledProgramLeavesNoServerAndNothingIsLost(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd, _, said := child(t, dir, nil)
	if said != "ready: true" {
		t.Fatal(said)
	}
	guest := begin(t, dir)
	if guest.Owner() {
		t.Fatal("two owners")
	}
	server := serverOf(t, dir)
	root := open(t, guest.SuperuserDSN(postgres.Database))
	must(t, root, "CREATE TABLE kept AS SELECT 42 AS n")
	end(t, guest) // or it would take over
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	ends(t, server)

	again := begin(t, dir)
	if !again.Owner() {
		t.Error("nobody owns the cluster")
	}
	if got := ask(t, open(t, again.SuperuserDSN(postgres.Database)), "SELECT n FROM kept"); got != "42" {
		t.Errorf("kept: %s", got)
	}
}

func TestKilledServerRecovers(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := begin(t, dir)
	must(t, open(t, c.SuperuserDSN(postgres.Database)), "CREATE TABLE kept AS SELECT 42 AS n")
	server := serverOf(t, dir)
	if err := syscall.Kill(server, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	ends(t, server)
	end(t, c)
	if got := ask(t, open(t, begin(t, dir).SuperuserDSN(postgres.Database)), "SELECT n FROM kept"); got != "42" {
		t.Errorf("kept: %s", got)
	}
}

func TestGuestTakesOverWhenTheOwnerIsKilled(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	cmd, _, said := child(t, dir, nil)
	if said != "ready: true" {
		t.Fatal(said)
	}
	guest := begin(t, dir)
	db := open(t, guest.SuperuserDSN(postgres.Database))
	must(t, db, "CREATE TABLE kept AS SELECT 42 AS n")
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(20 * time.Second); !guest.Owner(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the guest did not take over")
		}
	}
	_ = db.PingContext(t.Context()) // the pool finds its connection broken, once
	if got := ask(t, db, "SELECT n FROM kept"); got != "42" {
		t.Errorf("kept: %s", got)
	}
	server := serverOf(t, dir)
	end(t, guest)
	ends(t, server)
}

func TestGuestLeavesTheClusterRunning(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owner := begin(t, dir)
	_, stdin, said := child(t, dir, nil)
	if said != "ready: false" {
		t.Fatal(said)
	}
	if err := stdin.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, owner.AppDSN(postgres.Database))
}

func TestProgramsThatStartAtOnceShareOneCluster(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	owners := make(chan bool, 3)
	for range cap(owners) {
		go func() {
			c, err := postgres.Start(context.Background(), postgres.Options{DataDir: dir})
			if err != nil {
				t.Error(err)
				owners <- false
				return
			}
			t.Cleanup(func() { end(t, c) })
			owners <- c.Owner()
		}()
	}
	count := 0
	for range cap(owners) {
		if <-owners {
			count++
		}
	}
	if count != 1 {
		t.Errorf("%d owners", count)
	}
}

func TestKilledWhileInitialising(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	for _, after := range []time.Duration{50, 250, 600} {
		program, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.CommandContext(context.Background(), program, "-test.run=^TestAsChild$")
		cmd.Env = append(os.Environ(), "ONWARD_TEST_CHILD="+dir)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	open(t, begin(t, dir).AppDSN(postgres.Database))
}

func TestReadOnlyFolderIsRefusedInOneSentence(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() != 0 {
		refused(t, dir, "cannot use the data folder "+dir, "permissions")
		return
	}
	_, _, said := child(t, dir, &syscall.Credential{Uid: 65534, Gid: 65534}) // root may write anywhere
	if !strings.Contains(said, "refused: cannot use the data folder "+dir) || !strings.Contains(said, "permissions") {
		t.Error(said)
	}
}

func TestStartWithoutRoot(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		begin(t, folder(t)) // as every other test here
		return
	}
	dir := folder(t)
	if err := os.Chown(dir, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	if _, _, said := child(t, dir, &syscall.Credential{Uid: 65534, Gid: 65534}); said != "ready: true" {
		t.Error(said)
	}
}
