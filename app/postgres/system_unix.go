//go:build unix

package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const supported = true

// childAttributes put a child in a process group of its own, so that Ctrl-C in a terminal reaches the program and not
// the server behind its back, under the account if there is one.
func childAttributes(a *account) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		attr.Credential = &syscall.Credential{Uid: uint32(a.uid), Gid: uint32(a.gid)} //nolint:gosec // ids fit by definition
	}
	return attr
}

// tryLock takes the exclusive lock of a file, made if missing, without waiting. The lock ends with the returned file or
// with the process, whichever comes first. A nil file and no error mean that somebody else holds it.
func tryLock(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil {
		return f, nil
	}
	_ = f.Close() // nothing was written
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, nil
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// alive tells whether a process exists. A child that ended and was not waited for counts as ended.
func alive(pid int) bool {
	if pid <= 0 {
		return false
	}
	var status unix.WaitStatus
	if got, err := unix.Wait4(pid, &status, unix.WNOHANG, nil); err == nil && got == pid {
		return false
	}
	err := unix.Kill(pid, 0)
	return (err == nil || errors.Is(err, unix.EPERM)) && !zombie(pid)
}

func signal(pid int, sig syscall.Signal) error { return unix.Kill(pid, sig) }

// owner is the user a file belongs to.
func owner(info fs.FileInfo) (uid, gid int) {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid), int(st.Gid)
	}
	return -1, -1
}
