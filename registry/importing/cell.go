package importing

import (
	"strings"

	"onward/registry"
)

func otherNames(kind string) func(*Row, cell) {
	return func(r *Row, c cell) {
		for _, v := range values(c.text) {
			r.Vendor.OtherNames = append(r.Vendor.OtherNames, registry.OtherName{Name: v, Kind: kind})
		}
	}
}

func number(scheme string) func(*Row, cell) {
	return func(r *Row, c cell) {
		for _, v := range values(c.text) {
			r.setNumber(scheme, v)
		}
	}
}

func contact(role string) func(*Row, cell) {
	return func(r *Row, c cell) {
		for _, v := range values(c.text) {
			r.Vendor.Contacts = append(r.Vendor.Contacts, registry.Contact{Role: role, Email: v})
		}
	}
}

func setCountry(r *Row, c cell) {
	code, ok := country(c.text)
	if !ok {
		r.bad("/country", "column %q: %q is no country; write its English name or two-letter code", c.head, c.text)
	}
	r.Vendor.Country = code
}

func setLocations(r *Row, c cell) {
	r.engagement()
	for _, v := range values(c.text) {
		l, ok := location(v)
		if !ok {
			r.bad("/locations", "column %q: %q is no country, EEA, EU, GLOBAL or UNSPECIFIED; separate several with ; or |", c.head, v)
		}
		r.Locations = append(r.Locations, l)
	}
}

// eachLocation sets something on every location of the row.
func eachLocation(set func(*registry.LocationFields, cell)) func(*Row, cell) {
	return func(r *Row, c cell) {
		if len(r.Locations) == 0 {
			r.bad("/locations", "column %q: %q needs a location", c.head, c.text)
		}
		for i := range r.Locations {
			set(&r.Locations[i], c)
		}
	}
}

func setDetail(r *Row, c cell) {
	eachLocation(func(l *registry.LocationFields, c cell) {
		if l.Detail != "" {
			r.bad("/locations", "column %q: %q, but the location has the detail %q already", c.head, c.text, l.Detail)
		}
		l.Detail = c.text
	})(r, c)
}

func setListed(r *Row, c cell) {
	var listed bool
	switch strings.ToLower(c.text) {
	case "yes", "y", "true", "1", "x":
		listed = true
	case "no", "n", "false", "0":
	default:
		r.bad("/listed", "column %q: %q is neither yes nor no", c.head, c.text)
	}
	r.Listed = &listed
}

func setRemovedOn(r *Row, c cell) {
	on := r.date(c, "/until")
	if until := r.engagement().Until; on != nil && until != nil && !until.Before(*on) {
		r.bad("/until", "column %q: it was removed on %s and yet lasts until %s", c.head, on, until)
		return
	}
	r.setRemoved("", on)
}

// date reads YYYY-MM-DD; anything else is refused, since 03/04/2026 is two days.
func (r *Row) date(c cell, pointer string) *registry.Date {
	d, err := registry.ParseDate(c.text)
	if err != nil {
		r.bad(pointer, "column %q: %s", c.head, err)
		return nil
	}
	return &d
}

func (r *Row) source() *registry.Source {
	e := r.engagement()
	if e.Source == nil {
		e.Source = &registry.Source{}
	}
	return e.Source
}
