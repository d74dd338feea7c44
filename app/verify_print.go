package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"onward/audit/proof"
)

// findings are what verify found, as --json prints them. Integers that count entries are strings there: a log may be longer than a reader of
// JSON can count.
type findings struct {
	Proved bool   `json:"proved"`
	Thing  string `json:"thing"` // bundle, receipt, log or file
	Origin string `json:"origin,omitempty"`
	Size   int64  `json:"size,string,omitempty"`
	Root   string `json:"root,omitempty"`
	// TrustedKey is false when the log's key came with what was verified.
	TrustedKey bool           `json:"trusted_key"`
	SignedBy   []string       `json:"signed_by,omitempty"`
	Witnesses  []witnessFound `json:"witnesses,omitempty"`
	Quorum     string         `json:"quorum,omitempty"`
	Entries    int64          `json:"entries,string"`
	FirstIndex int64          `json:"first_index,string"`
	LastIndex  int64          `json:"last_index,string"`
	HashesOnly bool           `json:"hashes_only,omitempty"`
	// Pruned is how many entries, or numbers of a vendor, were pruned before the first, as an entry tells; Unread how many more could not
	// be read, because they are served together with pruned ones.
	Pruned   int64            `json:"pruned,string,omitempty"`
	Unread   int64            `json:"unread,string,omitempty"`
	Complete string           `json:"complete,omitempty"` // what no entry is missing of
	Vendors  int              `json:"vendors,omitempty"`
	Types    map[string]int64 `json:"types,omitempty"`
	// UnknownVersions is how many leaves are proved and cannot be read by this program.
	UnknownVersions int64           `json:"unknown_versions,string"`
	Rows            *int64          `json:"rows,string,omitempty"`
	PreviousSize    int64           `json:"previous_size,string,omitempty"`
	Report          *proof.Manifest `json:"report,omitempty"`
	Entry           *entryFound     `json:"entry,omitempty"`
	Notes           []string        `json:"notes,omitempty"`
	Fault           *faultFound     `json:"fault,omitempty"`
	Error           string          `json:"error,omitempty"`
	err             error
}

type witnessFound struct {
	Name string    `json:"name"`
	Key  string    `json:"key"`
	At   time.Time `json:"at"`
}

type entryFound struct {
	ID         string `json:"entry_id"`
	Type       string `json:"type"`
	RecordedAt string `json:"recorded_at"`
	VendorID   string `json:"vendor_id,omitempty"`
	VendorSeq  int64  `json:"vendor_seq,string,omitempty"`
	LeafHash   string `json:"leaf_hash"`
}

type faultFound struct {
	Kind  proof.Kind `json:"kind"`
	Index *int64     `json:"first_bad_index,string,omitempty"`
	What  string     `json:"what"`
}

// found begins with what a checkpoint says.
func found(thing string, c proof.Checkpoint, p proof.Policy) *findings {
	f := &findings{Proved: true, TrustedKey: true, Thing: thing, Origin: c.Origin, Size: c.Size, Root: c.Root.String(), Quorum: "none needed"}
	for _, s := range c.Signers {
		f.SignedBy = append(f.SignedBy, fmt.Sprintf("%s+%08x", s.Name(), s.KeyHash()))
	}
	for _, w := range c.Witnesses {
		f.Witnesses = append(f.Witnesses, witnessFound(w))
	}
	if p.NeedsWitnesses() {
		f.Quorum = "met"
	}
	return f
}

// failed is what could not be proved or read.
func failed(thing string, err error) *findings {
	f := &findings{Thing: thing, err: err}
	var fault *proof.Fault
	if !errors.As(err, &fault) {
		f.Error = err.Error()
		return f
	}
	f.Fault = &faultFound{Kind: fault.Kind, What: fault.What}
	if fault.Index >= 0 {
		f.Fault.Index = &fault.Index
	}
	return f
}

func (f *findings) add(p proof.Proved) {
	f.Entries, f.FirstIndex, f.LastIndex, f.HashesOnly = p.Leaves, p.First, p.Last, p.HashesOnly
	f.Vendors, f.Types, f.UnknownVersions = p.Vendors, p.Types, p.Unknown
	f.Pruned, f.Unread = p.Pruned, p.Unread
	if p.Previous != nil {
		f.PreviousSize = p.Previous.Size
	}
}

// report adds what a bundle is about, and whether its rows were compared.
func (f *findings) report(b *proof.Bundle, p proof.Proved) {
	f.Report = &b.Manifest
	scope := b.Manifest.Scope
	f.Complete = "the whole log"
	if scope.VendorID != "" {
		f.Complete = "all that is about vendor " + scope.VendorID
	}
	if !scope.RecordedFrom.IsZero() {
		f.Complete += ", recorded from " + scope.RecordedFrom.Format(time.RFC3339Nano)
	}
	if !scope.RecordedUntil.IsZero() {
		f.Complete += ", recorded before " + scope.RecordedUntil.Format(time.RFC3339Nano)
	}
	f.Complete += fmt.Sprintf(", up to the entry %d with which the report began", b.Manifest.Begun)
	switch {
	case p.Rows >= 0:
		f.Rows = &p.Rows
	case b.HasRows:
		f.doubt("Not proved: that the rows of shares.csv are those that the filter selects.")
	}
}

// unvouched tells of witnesses that the bundle alone names.
func (f *findings) unvouched(checkpoint []byte, own proof.Policy) {
	if c, err := proof.OpenCheckpoint(checkpoint, own); err == nil && len(c.Witnesses) > 0 {
		f.Notes = append(f.Notes, fmt.Sprintf("Beside that, %d cosignatures by witnesses that the bundle itself names are valid. Whether they are independent, you must know: give their keys in a --policy to have them counted.", len(c.Witnesses)))
	}
}

// doubt notes something that was not proved.
func (f *findings) doubt(sentence string) {
	f.Proved = false
	f.Notes = append(f.Notes, sentence)
}

func (f *findings) writeJSON(out io.Writer) error {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(f)
}

// writeText says it in plain sentences.
func (f *findings) writeText(out io.Writer) error {
	var b strings.Builder
	switch {
	case f.Fault != nil:
		fmt.Fprintf(&b, "NOT PROVED: %s: %s.\n", f.Fault.Kind, f.Fault.What)
		if f.Fault.Index != nil {
			fmt.Fprintf(&b, "First bad index: %d.\n", *f.Fault.Index)
		}
	case f.err != nil:
		fmt.Fprintf(&b, "NOT PROVED: it could not be read: %v.\n", f.err)
	default:
		f.sentences(&b)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

func (f *findings) sentences(b *strings.Builder) {
	fmt.Fprintf(b, "The log %q signed its state at %d entries with the key %s.\n", f.Origin, f.Size, strings.Join(f.SignedBy, ", "))
	for _, w := range f.Witnesses {
		fmt.Fprintf(b, "The witness %s cosigned it on %s.\n", w.Name, w.At.Format(time.RFC3339))
	}
	switch {
	case f.Quorum == "met":
		b.WriteString("That is a quorum of the policy.\n")
	case len(f.Witnesses) == 0:
		b.WriteString("No witness was asked for: whether others are shown the same log is not proved.\n")
	}
	switch {
	case f.Entry != nil:
		fmt.Fprintf(b, "The entry %s (%s, recorded at %s) is in the log at index %d, unchanged.\n", f.Entry.ID, f.Entry.Type, f.Entry.RecordedAt, f.LastIndex)
	case f.Entries == 0:
		b.WriteString("The log has no entries.\n")
	case f.HashesOnly:
		fmt.Fprintf(b, "The hashes of all %d entries make the signed root. The entries themselves were not read: that needs an --api-key.\n", f.Entries)
	default:
		fmt.Fprintf(b, "All %d entries, from index %d to %d, are in the log, unchanged, and in order.\n", f.Entries, f.FirstIndex, f.LastIndex)
	}
	if f.Pruned > 0 && f.Report != nil && f.Report.Scope.VendorID != "" {
		fmt.Fprintf(b, "The vendor's first %d entries were pruned, as an entry in the log tells.\n", f.Pruned)
	} else if f.Pruned > 0 {
		fmt.Fprintf(b, "The first %d entries were pruned, as an entry in the log tells. Their hashes are in the signed root.\n", f.Pruned)
	}
	if f.Unread > 0 {
		fmt.Fprintf(b, "The %d entries after them are served only together with pruned ones: their hashes are in the signed root, they were not read.\n", f.Unread)
	}
	if f.Complete != "" && !f.HashesOnly {
		nothing := "Nothing"
		if f.Pruned > 0 {
			nothing = "Nothing else"
		}
		fmt.Fprintf(b, "%s is missing of %s.\n", nothing, f.Complete)
		f.counts(b)
	}
	if f.Rows != nil {
		fmt.Fprintf(b, "The %d rows of shares.csv are exactly those that the filter selects.\n", *f.Rows)
	}
	if f.PreviousSize > 0 {
		fmt.Fprintf(b, "The log only grew since your previous checkpoint of %d entries.\n", f.PreviousSize)
	}
	if f.UnknownVersions > 0 {
		fmt.Fprintf(b, "%d of the entries are of a version that this program does not know: proved, and not read.\n", f.UnknownVersions)
	}
	for _, n := range f.Notes {
		b.WriteString(n + "\n")
	}
}

// counts tells how many sequences were followed, and how many entries there are of each type.
func (f *findings) counts(b *strings.Builder) {
	if f.Thing == "log" {
		fmt.Fprintf(b, "The numbers of all %d vendors have no gap, and no entry was recorded before the one before it.\n", f.Vendors)
	}
	names := make([]string, 0, len(f.Types))
	for name := range f.Types {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(b, "  %8d  %q\n", f.Types[name], name)
	}
}
