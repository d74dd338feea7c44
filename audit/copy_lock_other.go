//go:build !unix

package audit

import "os"

// lockFile does nothing where the system has no such lock: there, only one process may publish.
func lockFile(*os.File) error { return nil }
