package postgres

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
)

// endWithParent asks the kernel to send sig to the child when the thread that started it ends, however it ends.
func endWithParent(attr *syscall.SysProcAttr, sig syscall.Signal) { attr.Pdeathsig = sig }

// processOf tells whose a process is, -1 if that is not to be known, and where it works, "" if that is not.
func processOf(pid int) (uid int, dir string) {
	uid = -1
	if info, err := os.Stat(fmt.Sprintf("/proc/%d", pid)); err == nil {
		uid, _ = owner(info)
	}
	if link, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid)); err == nil {
		dir = link
	}
	return uid, dir
}

// zombie tells whether a process has ended but was not waited for: a killed program's server, under an init that does not
// reap, as in many containers.
func zombie(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:], []byte(" "))
	return bytes.HasPrefix(rest, []byte("Z")) || bytes.HasPrefix(rest, []byte("X"))
}
