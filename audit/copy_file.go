package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/note"
)

// copyFile is a copy on disk and what was read of it. Several processes may write to it; each holds its lock while it does.
type copyFile struct {
	path   string
	origin string
	state  *copyState
	info   os.FileInfo // of the file that state was read from
	// compared is the offset up to which its records were compared with the database.
	compared int64
	// lost tells that the file has less than, or is another than, what was read before.
	lost bool
}

// openCopy is a copy that is open and locked.
type openCopy struct {
	*copyFile
	file *os.File
}

// open opens the copy, which it makes where there is none, waits for its lock, and reads what was added since the last time. A file that was
// cut or replaced is read from its beginning, and lost is set.
func (c *copyFile) open(known note.Verifiers) (*openCopy, error) {
	_, missing := os.Stat(c.path)
	f, err := os.OpenFile(c.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644) //nolint:gosec // what it holds is for everybody
	if err != nil {
		return nil, fmt.Errorf("open the copy of the checkpoints: %w", err)
	}
	o := &openCopy{c, f}
	if err := lockFile(f); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the copy of the checkpoints %s: %w", c.path, err), f.Close())
	}
	if errors.Is(missing, os.ErrNotExist) {
		if err := syncFolder(c.path); err != nil {
			return nil, errors.Join(err, f.Close())
		}
	}
	if err := o.read(known); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return o, nil
}

// close releases the lock.
func (o *openCopy) close() { _ = o.file.Close() } // what counts was synced

func (o *openCopy) read(known note.Verifiers) error {
	info, err := o.file.Stat()
	if err != nil {
		return fmt.Errorf("read the copy of the checkpoints: %w", err)
	}
	if o.state != nil && !o.stillThere(info) {
		o.forget()
		o.lost = true
	}
	if o.state == nil {
		o.state = newCopyState(o.origin)
	}
	o.info = info
	return o.each(o.state.end, info.Size(), func(_ int64, record []byte) error {
		o.state.take(record, known)
		return nil
	})
}

// stillThere tells whether the file still ends, as far as it was read, with the record that was read last.
func (o *openCopy) stillThere(info os.FileInfo) bool {
	if !os.SameFile(info, o.info) || info.Size() < o.state.end {
		return false
	}
	last := make([]byte, len(o.state.last))
	_, err := o.file.ReadAt(last, o.state.end-int64(len(last)))
	return err == nil && bytes.Equal(last, o.state.last)
}

// forget makes the next open read the file from its beginning.
func (c *copyFile) forget() { c.state, c.compared = nil, 0 }

// each calls f with every whole record between two offsets.
func (o *openCopy) each(from, until int64, f func(at int64, record []byte) error) error {
	scanner := bufio.NewScanner(io.NewSectionReader(o.file, from, until-from))
	scanner.Buffer(make([]byte, 0, 4096), 2*maxRecord)
	scanner.Split(splitRecords)
	for scanner.Scan() {
		if err := f(from, scanner.Bytes()); err != nil {
			return err
		}
		from += int64(len(scanner.Bytes()))
	}
	if err := scanner.Err(); err != nil {
		return fmt.Errorf("read the copy of the checkpoints: %w", err)
	}
	return nil
}

// append adds a signed note as a record, in the place of one that was not written to its end. When it returns without error, the record is on
// disk.
func (o *openCopy) append(signed []byte, known note.Verifiers) error {
	record := append(append(make([]byte, 0, len(signed)+1), signed...), '\n')
	err := o.file.Truncate(o.state.end)
	if err == nil {
		_, err = o.file.Write(record)
	}
	if err == nil {
		err = o.file.Sync()
	}
	if err == nil {
		o.info, err = o.file.Stat()
	}
	if err != nil {
		o.forget() // how much of it is there is not known
		return fmt.Errorf("add to the copy of the checkpoints: %w", err)
	}
	o.state.take(record, known)
	return nil
}

// syncFolder makes a new file's name durable.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return fmt.Errorf("keep a new file: %w", err)
	}
	if err := errors.Join(folder.Sync(), folder.Close()); err != nil {
		return fmt.Errorf("keep a new file: %w", err)
	}
	return nil
}
