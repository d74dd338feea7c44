package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
)

// account is the user that runs the server when the program itself is root, because PostgreSQL refuses to be. A nil
// account means: whoever runs the program.
type account struct {
	name     string
	uid, gid int
}

// serverAccount is postgres, or nobody where there is no such user, when the program runs as root; otherwise nil.
func serverAccount() (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.Atoi(u.Uid)
		gid, errGID := strconv.Atoi(u.Gid)
		if errUID == nil && errGID == nil && uid > 0 {
			return &account{name: name, uid: uid, gid: gid}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody to run it as")
}

// own hands a file or directory to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	if err := os.Lchown(path, a.uid, a.gid); err != nil {
		return fmt.Errorf("give %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// uidOrOwn is the user id that files of the server must have.
func (a *account) uidOrOwn() int {
	if a == nil {
		return os.Geteuid()
	}
	return a.uid
}

// reach refuses a path that the account cannot get to, because a folder above it is closed to others, as /root is.
func (a *account) reach(path string) error {
	if a == nil {
		return nil
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("look at %s: %w", dir, err)
		}
		if !a.enters(info) {
			return fmt.Errorf("user %s, who runs the server, cannot enter %s: choose a data folder elsewhere with ONWARD_DATA, "+
				"for example /var/lib/onward", a.name, dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

func (a *account) enters(info fs.FileInfo) bool {
	uid, gid := owner(info)
	switch {
	case uid == a.uid:
		return info.Mode()&0o100 != 0
	case gid == a.gid:
		return info.Mode()&0o010 != 0
	default:
		return info.Mode()&0o001 != 0
	}
}

// DefaultDataDir is where the program keeps its data unless told otherwise: /var/lib/onward for root, whose own folder
// the server's account cannot enter; for anybody else the place the platform has for it.
func DefaultDataDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/onward", nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "onward"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find a data folder (set ONWARD_DATA): %w", err)
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Application Support", "onward"), nil
	}
	return filepath.Join(home, ".local", "share", "onward"), nil
}

// DefaultCacheDir is where fetched programs are kept: /var/cache/onward for root, for the reason given at
// [DefaultDataDir]; for anybody else a folder in the user's cache.
func DefaultCacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/cache/onward", nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a cache folder: %w", err)
	}
	return filepath.Join(dir, "onward"), nil
}
