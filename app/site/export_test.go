package site

import "context"

// Squeeze does at once what Run does beside: it compresses what is shown as well as it can.
func (s *Site) Squeeze() { s.squeeze(context.Background()) }

// Renew does at once what Run does four times a second: it looks whether the records have moved.
func (s *Site) Renew(ctx context.Context) {
	s.renewal.Lock()
	defer s.renewal.Unlock()
	s.renew(ctx)
}
