package api_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"onward/app/login"
	"onward/registry"
	"onward/registry/policy"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// What can be sent is what is described, member by member; so is what the policy says.
func TestFieldsAreTheDescription(t *testing.T) {
	t.Parallel()
	schemas := loadContract(t).model.Components.Schemas
	for name, v := range map[string]any{
		"CookieScan": sharing.CookieScan{}, "SeenCookie": sharing.SeenCookie{}, "CookieFindings": sharing.CookieFindings{}, "Exception": sharing.Exception{},
		"Checklist": registry.Checklist{}, "ClauseList": registry.ClauseList{}, "ClauseCheck": registry.ClauseCheck{},
		"VendorTerms": registry.VendorTerms{}, "Terms": registry.Terms{}, "Commercial": registry.Commercial{},
		"Merger": registry.MergerFields{}, "Unmerger": registry.UnmergerFields{},
		"VendorFields": registry.VendorFields{}, "EngagementFields": registry.EngagementFields{}, "LocationFields": registry.LocationFields{},
		"ContractFields": registry.ContractFields{}, "ShareFields": sharing.Request{}, "KeyFields": login.KeyFields{}, "User": login.User{}, "UserFields": login.UserFields{}, "UserPatch": login.UserPatch{},
		"Policy": registry.Policy{}, "PolicyFields": registry.PolicyFields{}, "PolicyChange": registry.PolicyChange{},
		"ConsentDecision": registry.Decision{}, "PolicyChanges": registry.PolicyChanges{}, "Impact": sharing.Impact{}, "Breach": sharing.Breach{},
		"Category": policy.Category{}, "Purpose": policy.Purpose{}, "Ground": policy.Ground{}, "Kind": policy.Kind{},
		"CustomerFields": publishing.CustomerFields{}, "CustomerContact": publishing.CustomerContact{}, "Clock": publishing.Clock{},
		"CalendarFields": registry.CalendarFields{}, "PublishingSettingsFields": publishing.SettingsFields{},
		"ObjectionFields": publishing.ObjectionFields{}, "ObjectionDecision": publishing.ObjectionDecision{}, "Objection": publishing.Objection{},
		"ChangeCustomer": publishing.ChangeCustomer{}, "Acceptance": publishing.Acceptance{},
		"Version": registry.Version{}, "Difference": registry.Difference{}, "DecisionFields": sharing.Decision{}, "Reason": policy.Reason{}, "Collector": sharing.Collector{},
		"Approval": registry.Approval{}, "Seen": registry.Seen{}, "SubjectRequestFields": sharing.SubjectRequestFields{}, "SubjectRequest": sharing.SubjectRequest{},
		"Confidentiality": sharing.Confidentiality{}, "ConfidentialityAcknowledgement": sharing.Acknowledgement{},
	} {
		schema, ok := schemas.Get(name)
		if !ok {
			t.Fatalf("there is no schema %s", name)
		}
		var described []string
		for member := range schema.Schema().Properties.FromOldest() {
			described = append(described, member)
		}
		members := membersOf(reflect.TypeOf(v))
		slices.Sort(described)
		slices.Sort(members)
		if !slices.Equal(described, members) {
			t.Errorf("%s: described %v, in the program %v", name, described, members)
		}
	}
}

func membersOf(t reflect.Type) []string {
	var members []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			members = append(members, membersOf(f.Type)...)
		case name != "" && name != "-":
			members = append(members, name)
		}
	}
	return members
}
