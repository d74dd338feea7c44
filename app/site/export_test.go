package site

import (
	"context"
	"time"
)

// Squeeze does at once what Run does beside: it compresses what is shown as well as it can.
func (s *Site) Squeeze() { s.squeeze(context.Background()) }

// Renew does at once what Run does four times a second: it looks whether the records have moved.
func (s *Site) Renew(ctx context.Context) {
	s.renewal.Lock()
	defer s.renewal.Unlock()
	s.renew(ctx)
}

// NewCallers is who may ask for a subscription, and when.
func NewCallers() func(address string, now time.Time) bool { return newCallers().allow }

// NewCallersKept also counts whom it remembers.
func NewCallersKept() (allow func(address string, now time.Time) bool, kept func() int) {
	k := newCallers()
	return k.allow, func() int { return len(k.each) }
}
