// Package problem turns every error that leaves the program over HTTP into an RFC 9457 problem document: refusals with their sentence,
// faults with none of it.
package problem

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"onward/audit"
	"onward/registry"
)

// Document is an RFC 9457 problem document.
type Document struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance"` // urn:uuid: and the id of the request
	Errors   []Item `json:"errors,omitempty"`
}

// Item names one thing that is wrong: a field of the body by JSON pointer, or a query parameter or header by name.
type Item struct {
	Pointer   *string `json:"pointer,omitempty"` // the empty pointer is the whole body
	Parameter string  `json:"parameter,omitempty"`
	Header    string  `json:"header,omitempty"`
	Detail    string  `json:"detail"`
}

// Refusal is a refusal of HTTP itself.
type Refusal struct {
	Kind     Kind
	Sentence string
}

func (r *Refusal) Error() string { return r.Sentence }

// Refuse makes a refusal of HTTP itself.
func Refuse(kind Kind, format string, args ...any) *Refusal {
	return &Refusal{Kind: kind, Sentence: fmt.Sprintf(format, args...)}
}

// Bad is the refusal of query parameters or headers; every bad one is an item.
type Bad []Item

func (b Bad) Error() string {
	if len(b) == 1 {
		return "One parameter is not right."
	}
	return fmt.Sprintf("%d parameters are not right.", len(b))
}

// Nowhere is the refusal of a path that cannot name anything; every part of it that is wrong is an item.
type Nowhere []Item

func (n Nowhere) Error() string { return "The path names nothing that exists." }

// Parameter is a bad query parameter, or a bad part of the path.
func Parameter(name, format string, args ...any) Item {
	return Item{Parameter: name, Detail: fmt.Sprintf(format, args...)}
}

// Header is a bad header.
func Header(name, format string, args ...any) Item {
	return Item{Header: name, Detail: fmt.Sprintf(format, args...)}
}

// Of is the document of an error, without its instance, and the header that goes with it. Of a fault it tells nothing; the second
// result is then the fault, for the log.
func Of(err error) (d Document, header [2]string, fault error) {
	var r *registry.Refusal
	var h *Refusal
	var bad Bad
	var nowhere Nowhere
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &r):
		f, known := ofRegistry[r.Kind]
		if !known {
			return ofFault.document(""), [2]string{}, fmt.Errorf("refusal of the unknown kind %d: %w", r.Kind, err)
		}
		d = f.document(r.Sentence)
		d.Errors = items(r.Fields)
		return d, f.header, nil
	case errors.As(err, &h):
		f, known := ofHTTP[h.Kind]
		if !known {
			return ofFault.document(""), [2]string{}, fmt.Errorf("refusal of the unknown kind %d: %w", h.Kind, err)
		}
		return f.document(h.Sentence), f.header, nil
	case errors.As(err, &bad):
		d = ofRegistry[registry.Invalid].document(bad.Error())
		d.Errors = bad
		return d, [2]string{}, nil
	case errors.As(err, &nowhere):
		d = ofRegistry[registry.NotFound].document(nowhere.Error())
		d.Errors = nowhere
		return d, [2]string{}, nil
	case errors.As(err, &large):
		f := ofHTTP[TooLarge]
		return f.document(fmt.Sprintf("The body may have %d bytes.", large.Limit)), f.header, nil
	case errors.Is(err, audit.ErrPruned):
		f := ofRegistry[registry.NotFound]
		return f.document("The entry was pruned: its text is no longer kept. That it was in the log can still be proved."), f.header, nil
	case errors.Is(err, audit.ErrNotFound):
		f := ofRegistry[registry.NotFound]
		return f.document("There is no such entry."), f.header, nil
	case errors.Is(err, audit.ErrReused):
		f := ofRegistry[registry.Conflict]
		return f.document("The key was used for another request."), f.header, nil
	case errors.Is(err, audit.ErrUncovered):
		f := ofRegistry[registry.Busy]
		return f.document("No checkpoint covers it yet. Try again."), f.header, nil
	case errors.Is(err, audit.ErrFrozen):
		f := ofRegistry[registry.Busy]
		return f.document("The log is frozen: nothing can be recorded until an administrator has acknowledged why."), f.header, nil
	case errors.Is(err, audit.ErrNotFrozen):
		f := ofRegistry[registry.Conflict]
		return f.document("The log is not frozen."), f.header, nil
	case errors.Is(err, audit.ErrContradicted):
		f := ofRegistry[registry.Conflict]
		return f.document("The database contradicts its own checkpoints. That cannot be acknowledged: restore it from a backup."), f.header, nil
	case errors.Is(err, audit.ErrReason):
		d = ofRegistry[registry.Invalid].document("A reason is needed.")
		d.Errors = items([]registry.Field{{Pointer: "/reason", Sentence: "must have 1 to 2,000 printable characters"}})
		return d, [2]string{}, nil
	case errors.Is(err, audit.ErrBusy), errors.Is(err, audit.ErrUnavailable), errors.Is(err, context.DeadlineExceeded):
		f := ofRegistry[registry.Busy]
		return f.document("Try again."), f.header, nil
	case unreachable(err):
		f := ofRegistry[registry.Busy]
		return f.document("Try again."), f.header, err
	default:
		return ofFault.document(""), [2]string{}, err
	}
}

// items are the fields of a refusal. What is no pointer is the name of a header.
func items(fields []registry.Field) []Item {
	var items []Item
	for _, f := range fields {
		if f.Pointer == "" || f.Pointer[0] == '/' {
			items = append(items, Item{Pointer: &f.Pointer, Detail: f.Sentence})
		} else {
			items = append(items, Header(f.Pointer, "%s", f.Sentence))
		}
	}
	return items
}

func (f form) document(sentence string) Document {
	return Document{Type: "/problems/" + f.name, Title: f.title, Status: f.status, Detail: sentence}
}
