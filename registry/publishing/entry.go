package publishing

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"onward/registry"
)

// describe copies the public fields, one by one: a field that is added to a record stays internal until it is named here.
func describe(v registry.Vendor, e registry.Engagement, t time.Time, terms terms) Entry {
	entry := Entry{
		VendorID:         publicID(v.ID).String(),
		Vendor:           v.Name,
		LegalName:        v.LegalName,
		OtherNames:       otherNames(v, t),
		Kinds:            slices.Clone(v.Kinds),
		Country:          v.Country,
		Address:          v.Address,
		Website:          v.Website,
		PrivacyNotice:    v.PrivacyNotice,
		SubprocessorList: e.OnwardList,
		Certifications:   v.Certifications,
		Contacts:         contacts(v),
		Service:          e.Service,
		Products:         e.Products,
		Purposes:         terms.of(terms.purposes, e.Purposes),
		Categories:       terms.of(terms.categories, e.Categories),
		DataSubjects:     e.DataSubjects,
		Condition:        e.Condition,
		Duration:         e.Duration,
	}
	if entry.LegalName == entry.Vendor {
		entry.LegalName = ""
	}
	if entry.SubprocessorList == "" {
		entry.SubprocessorList = v.SubprocessorList
	}
	for _, d := range e.DataStated {
		entry.Data = append(entry.Data, Data{Class: d.Class, Items: d.Items})
	}
	if e.From != nil {
		entry.From = e.From.String()
	}
	if e.Until != nil {
		entry.Until = e.Until.String()
	}
	return entry
}

// otherNames are the names that had begun at t; those that have ended still help to find the vendor.
func otherNames(v registry.Vendor, t time.Time) []string {
	var names []string
	for _, n := range v.OtherNames {
		if registry.Within(t, n.From, nil, time.UTC) && !slices.Contains(names, n.Name) {
			names = append(names, n.Name)
		}
	}
	return names
}

// listed is the namespace of the ids that vendors have on the list.
var listed = uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:onward:list:vendor"))

// publicID is the id by which the list knows a vendor: always the same, and no way back to the registry's own.
func publicID(vendor uuid.UUID) uuid.UUID { return uuid.NewSHA1(listed, vendor[:]) }

// contacts are those that are marked as public; nobody else at the vendor is named.
func contacts(v registry.Vendor) []Contact {
	var all []Contact
	for _, c := range v.Contacts {
		if c.Public {
			all = append(all, Contact{Role: c.Role, Name: c.Name, Position: c.Position, Email: c.Email, Phone: c.Phone})
		}
	}
	return all
}

// locations are where the engagement happens at t, in the order of their English names.
func locations(d registry.Dossier, engagement uuid.UUID, t time.Time) []Location {
	places := []Location{}
	for _, versions := range d.Locations {
		l, ok := holding(versions, t)
		if !ok || l.EngagementID != engagement || !registry.Within(t, l.From, l.Until, time.UTC) {
			continue
		}
		place := Location{
			Place: l.Place, Name: PlaceName(l.Place), Uses: slices.Clone(l.Uses),
			AppliesTo: l.AppliesTo, Detail: l.Detail, Stated: l.Stated,
		}
		if l.Transfer != nil && registry.Within(t, l.Transfer.From, l.Transfer.Until, time.UTC) {
			place.Transfer = l.Transfer.Mechanism
		}
		places = append(places, place)
	}
	slices.SortFunc(places, func(x, y Location) int {
		return strings.Compare(sortKey(x), sortKey(y))
	})
	return places
}

func sortKey(l Location) string {
	return strings.Join(append([]string{fold(l.Name), l.AppliesTo, l.Detail, l.Stated, l.Transfer}, l.Uses...), "\x00")
}
