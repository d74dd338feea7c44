package publishing

import (
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"onward/registry"
)

// confirmable is how long a subscription can be confirmed after it was asked for.
const confirmable = 48 * time.Hour

// How many confirmations one address is asked for: more are not sent, and who asks is not told.
const (
	asksHourly = 3
	asksDaily  = 6
)

// SubscriberFields is what somebody says who wants to be told of changes.
type SubscriberFields struct {
	Channel  string   `bun:"channel" json:"channel" validate:"required,oneof=email webhook"`
	Address  string   `bun:"address" json:"address" validate:"required,text,max=2000"` // e-mail or https address
	Language string   `bun:"language" json:"language,omitempty" validate:"omitempty,language"`
	Products []string `bun:"products,array" json:"products,omitempty" validate:"max=50,unique,dive,required,text,max=200"` // none: all
	Regions  []string `bun:"regions,array" json:"regions,omitempty" validate:"max=50,unique,dive,required,text,max=200"`
}

// Subscriber is somebody who asked to be told of changes, and is once it is confirmed.
type Subscriber struct {
	bun.BaseModel `bun:"table:subscribers" json:"-"`

	ID        uuid.UUID `bun:"id,pk,type:uuid" json:"id"`
	CreatedAt time.Time `bun:"created_at" json:"created_at"`
	SubscriberFields
	Secret      []byte     `bun:"secret" json:"-"` // of the signatures of webhooks
	ExpiresAt   time.Time  `bun:"expires_at" json:"expires_at"`
	ConfirmedAt *time.Time `bun:"confirmed_at" json:"confirmed_at,omitempty"`
	PausedAt    *time.Time `bun:"paused_at" json:"paused_at,omitempty"` // since when it is told nothing, because what was sent came back
	LeftAt      *time.Time `bun:"left_at" json:"left_at,omitempty"`     // from then on nothing of it is kept
}

// Told says whether it is told of changes.
func (s *Subscriber) Told() bool { return s.ConfirmedAt != nil && s.PausedAt == nil && s.LeftAt == nil }

// pending says whether it can still be confirmed.
func (s *Subscriber) pending(at time.Time) bool {
	return s.ConfirmedAt == nil && s.LeftAt == nil && at.Before(s.ExpiresAt)
}

// check tidies and validates the fields.
func (f *SubscriberFields) check(settings Settings) error {
	registry.Tidy(f)
	registry.Absent(&f.Products)
	registry.Absent(&f.Regions)
	if err := registry.Validate(*f); err != nil {
		return err
	}
	var bad []registry.Field
	switch f.Channel {
	case ByEmail:
		type mailbox struct {
			Address string `json:"address" validate:"email,max=254"`
		}
		if err := registry.Validate(mailbox{f.Address}); err != nil {
			return err
		}
	case ByWebhook:
		if !hookAddress(f.Address) {
			bad = append(bad, registry.Field{Pointer: "/address", Sentence: "must be an https address without a user and a fragment"})
		}
	}
	bad = append(bad, offered("/products", f.Products, settings.Products)...)
	bad = append(bad, offered("/regions", f.Regions, settings.Regions)...)
	return refuseFields(bad)
}

// hookAddress says whether a webhook may be sent there: by https or, on this machine, by http.
func hookAddress(s string) bool {
	u, err := url.Parse(s)
	if err != nil || u.User != nil || u.Fragment != "" || u.Hostname() == "" || u.Opaque != "" {
		return false
	}
	here := u.Hostname() == "localhost" || u.Hostname() == "::1" || strings.HasPrefix(u.Hostname(), "127.")
	return u.Scheme == "https" || u.Scheme == "http" && here
}

func (s *Subscriber) inUTC() {
	s.CreatedAt, s.ExpiresAt = s.CreatedAt.UTC(), s.ExpiresAt.UTC()
	for _, t := range []*time.Time{s.ConfirmedAt, s.PausedAt, s.LeftAt} {
		if t != nil {
			*t = t.UTC()
		}
	}
}
