package pgtest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// cacheDir is where templates and durable clusters lie: on disk, shared by all runs. For root it is in /var/tmp, because
// the server's account can get there.
func cacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/tmp/onward-pgtest", ours("/var/tmp/onward-pgtest")
	}
	cache, err := os.UserCacheDir()
	if err != nil || os.MkdirAll(cache, 0o700) != nil {
		cache = os.TempDir()
	}
	dir := filepath.Join(cache, fmt.Sprintf("onward-pgtest-%d", os.Geteuid()))
	return dir, ours(dir)
}

// roomInMemory is how much must be free in /dev/shm for clusters to run there; containers often have only 64 MB.
const roomInMemory = 2 << 30

// runsDir is where the clusters of a kind run: in memory, if there is room and nothing need last.
func runsDir(cache string, k *kind) (string, error) {
	var shm unix.Statfs_t
	if k.unsafe && unix.Statfs("/dev/shm", &shm) == nil && shm.Bavail*uint64(shm.Bsize) >= roomInMemory {
		dir := fmt.Sprintf("/dev/shm/onward-pgtest-%d", os.Geteuid())
		if err := ours(dir); err == nil {
			return dir, nil
		}
	}
	dir := filepath.Join(cache, "runs")
	return dir, ours(dir)
}

// ours makes a directory or makes sure that one that exists is ours: others may write beside it.
func ours(dir string) error {
	if err := os.MkdirAll(dir, 0o711); err != nil {
		return fmt.Errorf("make a folder for test clusters: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); !ok || int(st.Uid) != os.Geteuid() || !info.IsDir() {
		return fmt.Errorf("%s belongs to somebody else", dir)
	}
	return nil
}

// sweep removes the clusters of test binaries that have ended. Their servers died with them; one that did not is told to
// go, and swept by the run after.
func sweep(runs string) error {
	dirs, err := os.ReadDir(runs)
	if err != nil {
		return err
	}
	for _, d := range dirs {
		dir := filepath.Join(runs, d.Name())
		var pid int
		if _, err := fmt.Sscanf(d.Name(), "%d-", &pid); err != nil || unix.Kill(pid, 0) == nil && !free(dir) {
			continue
		}
		if server := postmaster(dir); server > 0 && unix.Kill(server, unix.SIGQUIT) == nil {
			continue
		}
		_ = os.RemoveAll(dir) // two sweepers may meet
	}
	return nil
}

// free tells whether nobody holds the lock of a data folder although the process id in its name lives: the id belongs to
// another program now. A folder without a lock is being filled.
func free(dir string) bool {
	f, err := os.Open(filepath.Join(dir, "lock"))
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }() // only read
	return unix.Flock(int(f.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil
}

// postmaster is the process id of the server of a data folder, 0 if there is none.
func postmaster(dir string) int {
	content, err := os.ReadFile(filepath.Join(dir, "pg", "postmaster.pid"))
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(content), "\n")
	var pid int
	if _, err := fmt.Sscanf(line, "%d", &pid); err != nil {
		return 0
	}
	// Only if it truly works there: the id may belong to another program by now, or to a process that only awaits its
	// parent.
	if _, err := os.Stat("/proc/self"); err == nil {
		if at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err != nil || at != filepath.Join(dir, "pg") {
			return 0
		}
	}
	return pid
}
