package importing

import (
	"errors"

	"github.com/google/uuid"

	"onward/registry"
)

// settle gives the first line the outcome; later rows that speak of the same thing leave it alone.
func settle(lines []*Line, o Outcome, id *uuid.UUID) {
	for i, l := range lines {
		l.Outcome, l.ID = o, id
		if i > 0 {
			l.Outcome = LeftAlone
			l.Notes = append(l.Notes, "the same "+string(l.What)+" as in "+lines[0].Row)
		}
	}
}

func refuse(lines []*Line, reasons []registry.Field, note string) {
	for _, l := range lines {
		l.refuse(reasons, note)
	}
}

// refuse refuses all that the rows say of the vendor.
func (s *vendorStatement) refuse(reasons []registry.Field) {
	refuse(s.lines, reasons, "")
	s.refuseParts("the vendor was refused")
}

func (s *vendorStatement) refuseParts(note string) {
	for _, e := range s.engagements {
		refuse(e.lines, nil, note)
		e.refuseParts(note)
	}
}

func (s *engagementStatement) refuse(reasons []registry.Field) {
	refuse(s.lines, reasons, "")
	s.refuseParts("the engagement was refused")
}

func (s *engagementStatement) refuseParts(note string) {
	for _, l := range s.locations {
		refuse(l.lines, nil, note)
	}
}

// reasonsOf are the fields of a refusal or, where it names none, its sentence.
func reasonsOf(err error) []registry.Field {
	var r *registry.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &r) && len(r.Fields) > 0:
		return r.Fields
	default:
		return []registry.Field{{Sentence: err.Error()}}
	}
}
