//go:build !linux

package postgres

import "syscall"

// endWithParent has no counterpart here: a server whose owner was killed keeps running, and the next start adopts it.
func endWithParent(*syscall.SysProcAttr, syscall.Signal) {}

// workingDir is not to be known here.
func workingDir(int) string { return "" }

// zombie is not to be known here; the init of these systems reaps.
func zombie(int) bool { return false }
