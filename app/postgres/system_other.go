//go:build !unix

package postgres

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

const supported = false

func childAttributes(*account) *syscall.SysProcAttr { return &syscall.SysProcAttr{} }

func tryLock(string) (*os.File, error) { return nil, errors.ErrUnsupported }

func alive(int) bool { return false }

func signal(int, syscall.Signal) error { return errors.ErrUnsupported }

func owner(fs.FileInfo) (uid, gid int) { return -1, -1 }
