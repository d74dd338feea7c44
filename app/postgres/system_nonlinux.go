//go:build !linux

package postgres

import "syscall"

// endWithParent has no counterpart here: a server whose owner was killed keeps running, and the next start adopts it.
func endWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// processOf knows nothing here; PostgreSQL itself then judges what an earlier server left.
func processOf(int) (uid int, dir string) { return -1, "" }

// zombie is not to be known here; the init of these systems reaps.
func zombie(int) bool { return false }
