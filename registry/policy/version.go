package policy

import (
	"fmt"
	"time"
)

// Version is one version of the privacy policy as data. It is published before it is effective (P-32): a share is judged by the version
// that was effective when it occurred.
type Version struct {
	Name        string     `json:"name"`
	Title       string     `json:"title"`
	PublishedOn string     `json:"published_on,omitempty"` // YYYY-MM-DD, in Zone; empty before it is published
	EffectiveOn string     `json:"effective_on,omitempty"` // YYYY-MM-DD, in Zone; empty where a draft does not say
	Zone        string     `json:"zone"`
	TextURL     string     `json:"text_url,omitempty"`    // where the published text stands
	TextSHA256  string     `json:"text_sha256,omitempty"` // of that text; lower-case hexadecimal
	Categories  []Category `json:"categories"`
	Purposes    []Purpose  `json:"purposes"`
	Grounds     []Ground   `json:"grounds"`
	Kinds       []Kind     `json:"kinds"`

	// EffectiveAt is the instant at which EffectiveOn begins, where it was already worked out: zones can change their clocks, but not when a
	// version that was published begins.
	EffectiveAt time.Time `json:"-"`
	// PublishedAt is the instant at which it was published, where that is known.
	PublishedAt time.Time `json:"-"`
}

// Effective is the instant at which the version's effective day begins in its zone. It panics where the day or the zone is none: versions
// are checked when they are read.
func (v *Version) Effective() time.Time {
	if !v.EffectiveAt.IsZero() {
		return v.EffectiveAt
	}
	t, err := v.start()
	if err != nil {
		panic(err)
	}
	return t
}

func (v *Version) start() (time.Time, error) {
	zone, err := time.LoadLocation(v.Zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("policy %s: %w", v.Name, err)
	}
	t, err := time.ParseInLocation(time.DateOnly, v.EffectiveOn, zone)
	if err != nil {
		return time.Time{}, fmt.Errorf("policy %s: %w", v.Name, err)
	}
	return t.UTC(), nil
}

// Published is the instant from which on everybody could read the version: where only its day is known, the end of that day. It panics as
// Effective does.
func (v *Version) Published() time.Time {
	if !v.PublishedAt.IsZero() {
		return v.PublishedAt
	}
	zone, err := time.LoadLocation(v.Zone)
	if err != nil {
		panic(fmt.Errorf("policy %s: %w", v.Name, err))
	}
	t, err := time.ParseInLocation(time.DateOnly, v.PublishedOn, zone)
	if err != nil {
		panic(fmt.Errorf("policy %s: %w", v.Name, err))
	}
	return t.AddDate(0, 0, 1).UTC()
}

// At is the version that is effective at t: of versions, the last whose effective day has begun; false before the first.
func At(versions []Version, t time.Time) (*Version, bool) {
	var at *Version
	for i := range versions {
		v := &versions[i]
		if !t.Before(v.Effective()) && (at == nil || !v.Effective().Before(at.Effective())) {
			at = v
		}
	}
	return at, at != nil
}

// Category is the category with that code; nil where the version has none.
func (v *Version) Category(code string) *Category {
	return find(v.Categories, code, func(c *Category) string { return c.Code })
}

// Purpose is the purpose with that code; nil where the version has none.
func (v *Version) Purpose(code string) *Purpose {
	return find(v.Purposes, code, func(p *Purpose) string { return p.Code })
}

// Ground is the ground with that code; nil where the version has none.
func (v *Version) Ground(code string) *Ground {
	return find(v.Grounds, code, func(g *Ground) string { return g.Code })
}

// Kind is the kind of vendor with that code; nil where the version has none.
func (v *Version) Kind(code string) *Kind {
	return find(v.Kinds, code, func(k *Kind) string { return k.Code })
}

func find[T any](all []T, code string, of func(*T) string) *T {
	for i := range all {
		if of(&all[i]) == code {
			return &all[i]
		}
	}
	return nil
}
