package publishing

import (
	"slices"
	"time"

	"onward/registry"
)

// SettingsFields are what an editor sets for all that is published: what holds for customers whose contracts say nothing else.
type SettingsFields struct {
	Notice    Clock    `json:"notice"`
	Objection Clock    `json:"objection"`
	Zone      string   `json:"zone" validate:"required,zone"` // of clocks and of effective days that name none
	Language  string   `json:"language" validate:"required,language"`
	Products  []string `json:"products" validate:"max=200,unique,dive,required,text,max=200"` // that customers and subscribers may choose; empty: any
	Regions   []string `json:"regions" validate:"max=200,unique,dive,required,text,max=200"`
}

// Settings are the settings of publishing, as they now stand.
type Settings struct {
	Version   int64     `json:"version"`
	UpdatedAt time.Time `json:"updated_at,omitzero"` // zero while nobody has set anything
	SettingsFields
}

// defaults are the settings that nobody has set: 30 calendar days each, the most common period of published data processing agreements.
func defaults() Settings {
	thirty := Clock{Number: 30, Days: CalendarDays, From: FromSent}
	return Settings{Version: 1, SettingsFields: SettingsFields{
		Notice: thirty, Objection: thirty, Zone: "UTC", Language: "en", Products: []string{}, Regions: []string{},
	}}
}

// NoticeOf is the clock of the customer's notice period, its zone filled in.
func (s Settings) NoticeOf(c Customer) Clock { return s.clock(c.Notice, s.Notice) }

// ObjectionOf is the clock of the period in which the customer may object, its zone filled in.
func (s Settings) ObjectionOf(c Customer) Clock { return s.clock(c.Objection, s.Objection) }

func (s Settings) clock(own *Clock, preset Clock) Clock {
	if own != nil {
		preset = *own
	}
	if preset.Zone == "" {
		preset.Zone = s.Zone
	}
	return preset
}

// LanguageOf is the language in which the customer is written to.
func (s Settings) LanguageOf(c Customer) string {
	if c.Language != "" {
		return c.Language
	}
	return s.Language
}

// check tidies and validates the settings; the calendars that they name must exist.
func (f *SettingsFields) check(calendars []string) error {
	registry.Tidy(f)
	registry.Absent(&f.Products)
	registry.Absent(&f.Regions)
	if err := registry.Validate(*f); err != nil {
		return err
	}
	return refuseFields(append(checkClock("/notice", &f.Notice, calendars), checkClock("/objection", &f.Objection, calendars)...))
}

// checkClock are the fields of a clock that its tags do not catch: calendars of business days must exist, those of calendar days mean nothing.
func checkClock(at string, c *Clock, calendars []string) []registry.Field {
	switch {
	case c == nil || c.Calendar == "":
		return nil
	case c.Days == CalendarDays:
		return []registry.Field{{Pointer: at + "/calendar", Sentence: "is for business days; calendar days run on through holidays"}}
	case !slices.Contains(calendars, c.Calendar):
		return []registry.Field{{Pointer: at + "/calendar", Sentence: "must be a calendar that exists"}}
	default:
		return nil
	}
}

func refuseFields(bad []registry.Field) error {
	if len(bad) == 0 {
		return nil
	}
	return registry.InvalidFields(bad)
}
