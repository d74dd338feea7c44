//go:build unix

package main

import "golang.org/x/sys/unix"

// diskRoom is how many bytes of the disk that a folder is on the program may still write, and how many the disk has.
func diskRoom(folder string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(folder, &s); err != nil {
		return 0, 0, err
	}
	size := uint64(s.Bsize)                                      //nolint:gosec // a block has a size
	return uint64(s.Bavail) * size, uint64(s.Blocks) * size, nil //nolint:unconvert // their types differ between systems
}
