package importing

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"strings"

	"onward/registry"
)

// MaxSize is the size in bytes of the largest file that is read: 64 MiB.
const MaxSize = 64 << 20

// Row is what one row of a file states: a vendor, one engagement of it, and where that happens.
type Row struct {
	// Place is where the row stands in its file: "row 2", "/rows/9".
	Place  string
	Vendor registry.VendorFields
	// Engagement is nil when the row is about the vendor alone.
	Engagement *registry.EngagementFields
	// Listed is nil when the row does not say; then the kind of vendor decides.
	Listed    *bool
	Locations []registry.LocationFields
	// Bad says what could not be read. A row with any is refused.
	Bad []registry.Field
	// Notes say how the source's words were understood, where they were not taken as they are.
	Notes []string
}

// Read reads the rows of a file; name is what sentences call it. A file that cannot be read as a whole is refused (Malformed), as is a
// sheet with headings that are not known (Invalid). A row that cannot be read is returned with its Bad set.
func Read(r io.Reader, name string) ([]Row, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	if len(raw) > MaxSize {
		return nil, registry.Refuse(registry.Malformed, "%s is larger than %d MiB; split it into smaller files", name, MaxSize>>20)
	}
	text, err := decode(raw, name)
	if err != nil {
		return nil, err
	}
	start := bytes.TrimLeft(text, " \t\r\n")
	switch {
	case len(start) == 0:
		return nil, registry.Refuse(registry.Malformed, "%s is empty", name)
	case start[0] == '{' || start[0] == '[':
		return readJSON(text, name)
	case strings.EqualFold(path.Ext(name), ".json"):
		return nil, registry.Refuse(registry.Malformed, "%s is not JSON: it begins with neither { nor [", name)
	default:
		return readCSV(string(text), name)
	}
}

// bad records that the row's member at pointer cannot be kept.
func (r *Row) bad(pointer, format string, args ...any) {
	r.Bad = append(r.Bad, registry.Field{Pointer: pointer, Sentence: fmt.Sprintf(format, args...)})
}

// note records how the source's words were understood.
func (r *Row) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}
