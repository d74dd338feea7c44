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

// reach makes sure that the account gets to a path. A folder above it that is closed to others, as `mktemp -d` makes them,
// is opened for passing through if it is root's and holds nothing but the way to the path; any other, such as /root, is
// left alone and the path refused.
func (a *account) reach(path string) error {
	if a == nil {
		return nil
	}
	for way := path; way != filepath.Dir(way); way = filepath.Dir(way) {
		dir := filepath.Dir(way)
		info, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			continue // to be made
		}
		if err != nil {
			return fmt.Errorf("look at %s: %w", dir, err)
		}
		if a.enters(info) {
			continue
		}
		if !onlyLeadsTo(dir, info, filepath.Base(way)) {
			return fmt.Errorf("user %s, who runs the server, cannot enter %s: choose a folder elsewhere, for example with "+
				"ONWARD_DATA=/var/lib/onward", a.name, dir)
		}
		if err := os.Chmod(dir, info.Mode().Perm()|0o011); err != nil {
			return fmt.Errorf("let user %s pass through: %w", a.name, err)
		}
	}
	return nil
}

// onlyLeadsTo tells whether a folder is root's, is not its home, and has no other entry than the one named.
func onlyLeadsTo(dir string, info fs.FileInfo, name string) bool {
	if uid, _ := owner(info); uid != 0 {
		return false
	}
	if home, err := os.UserHomeDir(); err != nil || dir == filepath.Clean(home) || dir == "/root" {
		return false
	}
	entries, err := os.ReadDir(dir)
	return err == nil && (len(entries) == 0 || len(entries) == 1 && entries[0].Name() == name)
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
