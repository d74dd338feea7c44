package proof

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// bundleTime is the date of every member, so that the same bundle always has the same bytes.
var bundleTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// BundleWriter writes a bundle while its leaves are read. Of the leaves it remembers one bit for each 256 of the log; the zip's own
// directory grows by some 100 bytes for each tile. The same leaves, tiles and texts always make the same bytes.
type BundleWriter struct {
	zip     *zip.Writer
	leaves  io.Writer
	m       Manifest
	touched [maxLevel + 2]bitmap // tiles that the leaves need, per level
	next    int64                // the lowest index that may come
	line    []byte
	pruned  []byte // pruned.ndjson
	err     error
}

// bitmap is a set of small numbers.
type bitmap []uint64

func (b *bitmap) set(n int64) {
	word := int(n / 64)
	if word >= len(*b) {
		*b = append(*b, make([]uint64, word+1-len(*b))...)
	}
	(*b)[word] |= 1 << (n % 64)
}

func (b bitmap) each(f func(n int64) error) error {
	for i, word := range b {
		for bit := 0; word != 0; bit, word = bit+1, word>>1 {
			if word&1 == 1 {
				if err := f(int64(i)*64 + int64(bit)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// NewBundleWriter begins a bundle on w. It refuses a manifest that could not be checked.
func NewBundleWriter(w io.Writer, m Manifest) (*BundleWriter, error) {
	m.Format, m.Leaves, m.First, m.CheckpointSize = bundleFormat, 0, 0, 0
	m.Scope = m.Scope.cut()
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("a bundle: %w", err)
	}
	b := &BundleWriter{zip: zip.NewWriter(w), m: m}
	var err error
	b.leaves, err = b.member("leaves.ndjson", zip.Deflate)
	return b, err
}

// Leaf adds the leaf at an index. Indices ascend; the last is that of report.begun. The leaf is not kept.
func (b *BundleWriter) Leaf(index int64, leaf []byte) error {
	switch {
	case b.err != nil:
		return b.err
	case index < b.next || index > b.m.Begun:
		b.err = fmt.Errorf("a bundle: the leaf at %d comes after %d, or after report.begun", index, b.next-1)
	case len(leaf) == 0 || len(leaf) > maxLeaf || bytes.IndexByte(leaf, '\n') >= 0:
		b.err = fmt.Errorf("a bundle: the leaf at %d is empty, too long, or has a newline", index)
	}
	if b.err != nil {
		return b.err
	}
	if b.m.Leaves == 0 {
		b.m.First = index
	}
	b.m.Leaves++
	b.next = index + 1
	b.touched[0].set(index / tileWidth)
	b.line = strconv.AppendInt(b.line[:0], index, 10)
	b.line = append(append(append(b.line, ' '), leaf...), '\n')
	_, b.err = b.leaves.Write(b.line)
	return b.err
}

// Pruned adds the leaf that tells of what was pruned before the first leaf: retention.pruned or, for a vendor's report, the vendor's
// sequence.pruned. It may come before or after the other leaves, and be one of them.
func (b *BundleWriter) Pruned(index int64, leaf []byte) {
	b.touched[0].set(index / tileWidth)
	b.pruned = append(append(strconv.AppendInt(nil, index, 10), ' '), leaf...)
	b.pruned = append(b.pruned, '\n')
}

// Finish writes the rest: the tiles between the leaves and the checkpoint, which must cover report.begun; checkpoint and policy as they
// are; and the rows that shares writes as CSV (nil: the bundle has no rows). When it returns nil, the bundle is whole; what was
// written before an error is no zip file. That what it was given fits together is for the checker to find.
func (b *BundleWriter) Finish(ctx context.Context, tiles Tiles, checkpoint, policy []byte, shares func(io.Writer) error) error {
	if b.err != nil {
		return b.err
	}
	c, err := ParseCheckpoint(checkpoint)
	switch {
	case err != nil:
		return fmt.Errorf("a bundle: %w", err)
	case c.Origin != b.m.Origin || c.Size <= b.m.Begun || c.Size < b.m.Connects:
		return fmt.Errorf("a bundle: the checkpoint of %d entries of %q does not cover the report", c.Size, c.Origin)
	case b.next != b.m.Begun+1:
		return errors.New("a bundle: its last leaf must be report.begun")
	}
	b.m.CheckpointSize = c.Size
	if err := b.writeTiles(ctx, c.Size, tiles); err != nil {
		return err
	}
	report, err := b.m.write()
	if err != nil {
		return err
	}
	for _, f := range []struct {
		name string
		text []byte
	}{{"checkpoint", checkpoint}, {"policy", policy}, {"report.json", report}, {"README.txt", readme(b.m)}, {prunedName, b.pruned}} {
		if f.text == nil {
			continue
		}
		w, err := b.member(f.name, zip.Deflate)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.text); err != nil {
			return fmt.Errorf("write %s: %w", f.name, err)
		}
	}
	if shares != nil {
		w, err := b.member("shares.csv", zip.Deflate)
		if err != nil {
			return err
		}
		if err := shares(w); err != nil {
			return fmt.Errorf("write shares.csv: %w", err)
		}
	}
	b.err = errors.New("a bundle: it is finished")
	return b.zip.Close()
}

// writeTiles writes the right edge of the tree, every tile over a leaf, and those that an earlier size needs.
func (b *BundleWriter) writeTiles(ctx context.Context, size int64, tiles Tiles) error {
	for level := range levels(b.m.Connects) {
		if n := b.m.Connects >> (tileHeight * level); n%tileWidth > 0 {
			b.touched[level].set(n / tileWidth)
		}
	}
	for level := range levels(size) {
		edge := size >> (tileHeight * (level + 1))
		if widthAt(size, level, edge) > 0 {
			b.touched[level].set(edge)
		}
		err := b.touched[level].each(func(n int64) error {
			width := widthAt(size, level, n)
			if width == tileWidth {
				b.touched[level+1].set(n / tileWidth)
			}
			return b.writeTile(ctx, level, n, width, tiles)
		})
		if err != nil {
			return err
		}
		b.touched[level] = nil
	}
	return nil
}

func (b *BundleWriter) writeTile(ctx context.Context, level int, n int64, width int, tiles Tiles) error {
	data, err := tiles(ctx, level, n, width)
	if err != nil {
		return fmt.Errorf("tile %d/%d of a bundle: %w", level, n, err)
	}
	if width == 0 || len(data) != width*tlog.HashSize {
		return fmt.Errorf("a bundle: tile %d/%d of width %d has %d bytes", level, n, width, len(data))
	}
	w, err := b.member(TilePath(level, n, width), zip.Store) // hashes cannot be compressed
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}

func (b *BundleWriter) member(name string, method uint16) (io.Writer, error) {
	w, err := b.zip.CreateHeader(&zip.FileHeader{Name: name, Method: method, Modified: bundleTime})
	if err != nil {
		return nil, fmt.Errorf("a bundle: %s: %w", name, err)
	}
	return w, nil
}
