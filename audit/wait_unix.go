//go:build unix

package audit

import (
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// awaitBytes waits a while for something to read from conn, and tells whether there is. It holds the thread: to wait so is quicker, by a fifth of what
// a small transaction takes, than to let the scheduler look after the connection. Nothing that was read from it may be unused.
func awaitBytes(conn net.Conn, while time.Duration) bool {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return false // such as TLS, which may have read ahead
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	ready := 0
	err = raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}} //nolint:gosec // a descriptor is small
		ready, _ = unix.Poll(fds, int(while.Milliseconds()))       // a failure is nothing to read
	})
	return err == nil && ready > 0
}
