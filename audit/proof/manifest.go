package proof

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// bundleFormat names the layout of a bundle.
const bundleFormat = "onward-bundle/1"

// begunType is the type of the entry that ends a bundle.
const begunType = "report.begun"

// Manifest is report.json of a bundle: everything that is needed to check it, and nothing that is believed without a check.
type Manifest struct {
	Format string `json:"format"` // the writer sets it
	// Origin names the log.
	Origin string `json:"origin"`
	// ReportID names the report: it is the entry_id of report.begun, or the member report_id of its body.
	ReportID string `json:"report_id"`
	// Begun is the index of report.begun, which ends the scope and is the last leaf.
	Begun int64 `json:"begun_index,string"`
	// Scope is what the leaves are all of.
	Scope Scope `json:"scope"`
	// Filter selects the rows of shares.csv. Package proof does not know what it says: see [Selector].
	Filter json.RawMessage `json:"filter"`
	// Connects is the size of an earlier checkpoint with which the tiles prove consistency; 0 when none was asked for.
	Connects int64 `json:"connects_size,string,omitempty"`
	// Leaves, First and CheckpointSize are set by the writer: how many leaves there are, the index of the first, and the size of
	// the log that the tiles lead to.
	Leaves         int64 `json:"leaves,string"`
	First          int64 `json:"first_index,string"`
	CheckpointSize int64 `json:"checkpoint_size,string"`
}

// Scope is the sequence that a bundle holds whole: of one vendor or of the whole log, from its beginning to report.begun. A period of
// recording narrows it to the entries of the period and the neighbour on each side, which shows that the period is whole; report.begun
// is there in any case.
type Scope struct {
	VendorID string `json:"vendor_id,omitempty"` // empty: the whole log
	// RecordedFrom is included, RecordedUntil is not; zero means no bound. Both are cut to microseconds.
	RecordedFrom  time.Time `json:"recorded_from,omitzero"`
	RecordedUntil time.Time `json:"recorded_until,omitzero"`
}

func (s Scope) cut() Scope {
	if !s.RecordedFrom.IsZero() {
		s.RecordedFrom = s.RecordedFrom.UTC().Truncate(time.Microsecond)
	}
	if !s.RecordedUntil.IsZero() {
		s.RecordedUntil = s.RecordedUntil.UTC().Truncate(time.Microsecond)
	}
	return s
}

// Covers tells whether everything in the other scope is in this one.
func (s Scope) Covers(other Scope) bool {
	s, other = s.cut(), other.cut()
	return (s.VendorID == "" || s.VendorID == other.VendorID) &&
		(s.RecordedFrom.IsZero() || !other.RecordedFrom.IsZero() && !other.RecordedFrom.Before(s.RecordedFrom)) &&
		(s.RecordedUntil.IsZero() || !other.RecordedUntil.IsZero() && !other.RecordedUntil.After(s.RecordedUntil))
}

func (m *Manifest) check() error {
	switch {
	case m.Format != bundleFormat:
		return fmt.Errorf("the format is %q and not %q", m.Format, bundleFormat)
	case m.Origin == "" || m.ReportID == "":
		return errors.New("a bundle names its log and its report")
	case m.Begun < 0 || m.Begun >= maxSize:
		return errors.New("a bundle ends with the entry report.begun")
	case m.Scope.VendorID != "" && !isUUID([]byte(m.Scope.VendorID)):
		return errors.New("the scope's vendor is not a UUID")
	case m.Connects < 0 || m.Connects > maxSize:
		return errors.New("the earlier size is no size")
	case m.Filter != nil && !json.Valid(m.Filter):
		return errors.New("the filter is not JSON")
	}
	return nil
}

func (m *Manifest) write() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(m); err != nil {
		return nil, fmt.Errorf("write report.json: %w", err)
	}
	return b.Bytes(), nil
}

// parseManifest reads report.json. Members that it does not know are refused: they might change what the others mean.
func parseManifest(text []byte) (Manifest, error) {
	var m Manifest
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&m); err != nil || d.More() {
		return m, malformed("report.json is not as this program knows it")
	}
	if err := m.check(); err != nil {
		return m, malformed("report.json: %v", err)
	}
	if m.Scope.cut() != m.Scope {
		return m, malformed("report.json: the scope's times are not in whole microseconds of UTC")
	}
	return m, nil
}
