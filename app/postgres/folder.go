package postgres

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// longestSocketDir leaves room for the name of the socket within the 104 bytes that the meanest system allows.
const longestSocketDir = 85

// prepare makes the folder and finds out who will run the server.
func prepare(o Options) (*Cluster, error) {
	if !supported {
		return nil, errors.New("a private PostgreSQL cannot be run on this system: set ONWARD_DATABASE_URL to a server elsewhere")
	}
	dir, err := filepath.Abs(o.DataDir)
	if err != nil || o.DataDir == "" {
		return nil, errors.Join(errors.New("no data folder was named"), err)
	}
	c := &Cluster{options: o, dir: dir, unsafe: o.Unsafe, throwaway: o.Throwaway}
	if c.account, err = serverAccount(); err != nil {
		return nil, err
	}
	mode := fs.FileMode(0o700)
	if c.account != nil {
		mode = 0o711 // the account must pass through; what lies within is closed by itself
	}
	if err := c.account.reach(c.pgData()); err != nil { // before anything is made there
		return nil, err
	}
	if err := os.MkdirAll(dir, mode); err != nil {
		return nil, c.explain("make", err)
	}
	// The server knows its folder by the real path, and so must we.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, c.explain("find", err)
	}
	c.dir = dir
	if err := c.account.reach(c.pgData()); err != nil {
		return nil, err
	}
	c.socketDir = socketDir(dir)
	return c, nil
}

// readSecrets reads the passwords; only the owner, who alone may be here, makes those that are missing.
func (c *Cluster) readSecrets(missing bool) (err error) {
	superuser, app := filepath.Join(c.dir, "superuser.password"), filepath.Join(c.dir, "app.password")
	if exists(c.pgData()) && !exists(superuser) {
		return fmt.Errorf("the data folder %s holds a cluster but not its superuser.password: restore that file from a backup", c.dir)
	}
	if c.superuser, err = secret(superuser, missing); err == nil {
		c.app, err = secret(app, missing)
	}
	return err
}

// socketDir is run/ in the data folder, or, if that path is too long for a socket or holds a comma, which addresses
// cannot, a directory in the temporary one that is named after the data folder.
func socketDir(dataDir string) string {
	fits := func(dir string) bool { return len(dir) <= longestSocketDir && !strings.Contains(dir, ",") }
	if dir := filepath.Join(dataDir, "run"); fits(dir) {
		return dir
	}
	sum := sha256.Sum256([]byte(dataDir))
	name := "onward-" + strconv.Itoa(os.Geteuid()) + "-" + hex.EncodeToString(sum[:8])
	if dir := filepath.Join(os.TempDir(), name); fits(dir) {
		return dir
	}
	return filepath.Join("/tmp", name)
}

// makeSocketDir makes the directory of the socket, or makes sure that one that exists is nobody else's: in the
// temporary directory, anybody could have put it there.
func (c *Cluster) makeSocketDir() error {
	err := os.Mkdir(c.socketDir, 0o700)
	if err == nil {
		return c.account.own(c.socketDir)
	}
	if !errors.Is(err, fs.ErrExist) {
		return c.explain("use", err)
	}
	info, err := os.Lstat(c.socketDir)
	if err != nil {
		return c.explain("use", err)
	}
	if uid, _ := owner(info); info.IsDir() && uid == c.account.uidOrOwn() && info.Mode().Perm() == 0o700 {
		return nil
	}
	if uid, _ := owner(info); info.IsDir() && uid == os.Geteuid() { // ours, closed or handed over anew
		return errors.Join(os.Chmod(c.socketDir, 0o700), c.account.own(c.socketDir)) //nolint:gosec // a directory needs x
	}
	return fmt.Errorf("the directory %s, needed for the socket, belongs to somebody else: remove it", c.socketDir)
}

// explain turns the errors people meet into one sentence about the data folder.
func (c *Cluster) explain(verb string, err error) error {
	var reason string
	switch {
	case errors.Is(err, syscall.EROFS):
		reason = "it is on a read-only file system"
	case errors.Is(err, syscall.ENOSPC), strings.Contains(err.Error(), "No space left on device"):
		reason = "its disk is full"
	case errors.Is(err, fs.ErrPermission):
		reason = "its permissions do not allow it"
	default:
		return fmt.Errorf("%s the data folder %s: %w", verb, c.dir, err)
	}
	return fmt.Errorf("cannot %s the data folder %s, because %s; nothing in it was changed (%w)", verb, c.dir, reason, err)
}
