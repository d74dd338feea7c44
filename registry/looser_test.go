package registry_test

import (
	"testing"

	"onward/registry"
)

func ptrTo[T any](v T) *T { return &v }

func TestLooserLocation(t *testing.T) {
	t.Parallel()
	seen := func() registry.Location {
		return registry.Location{LocationFields: registry.LocationFields{
			Place: "US", Uses: []string{"storage", "processing"}, From: date(t, "2026-01-01"), Until: date(t, "2027-12-31"),
			Transfer: &registry.Transfer{Mechanism: "scc_2021_914", Modules: []int{2}, ReviewOn: date(t, "2027-01-01")},
		}}
	}
	for rule, c := range map[string]struct {
		change func(*registry.Location)
		looser bool
	}{
		"as it was":                      {func(*registry.Location) {}, false},
		"another place":                  {func(l *registry.Location) { l.Place = "IN" }, true},
		"for others":                     {func(l *registry.Location) { l.AppliesTo = "customers in Asia" }, true},
		"another use":                    {func(l *registry.Location) { l.Uses = append(l.Uses, "support_access") }, true},
		"a use less":                     {func(l *registry.Location) { l.Uses = l.Uses[:1] }, false},
		"from an earlier day":            {func(l *registry.Location) { l.From = date(t, "2025-12-31") }, true},
		"from whenever":                  {func(l *registry.Location) { l.From = nil }, true},
		"from a later day":               {func(l *registry.Location) { l.From = date(t, "2026-02-01") }, false},
		"until a later day":              {func(l *registry.Location) { l.Until = date(t, "2028-01-01") }, true},
		"without end":                    {func(l *registry.Location) { l.Until = nil }, true},
		"until an earlier day":           {func(l *registry.Location) { l.Until = date(t, "2026-12-31") }, false},
		"by another mechanism":           {func(l *registry.Location) { l.Transfer.Mechanism = "dpf" }, true},
		"by another module":              {func(l *registry.Location) { l.Transfer.Modules = []int{3} }, true},
		"with a fallback":                {func(l *registry.Location) { l.Transfer.Fallback = "bcr" }, true},
		"with a mechanism for longer":    {func(l *registry.Location) { l.Transfer.Until = date(t, "2030-01-01") }, true},
		"by nothing":                     {func(l *registry.Location) { l.Transfer = nil }, true},
		"looked at again":                {func(l *registry.Location) { l.Transfer.AssessedOn, l.Transfer.ReviewOn = date(t, "2026-06-01"), nil }, false},
		"with another note of its place": {func(l *registry.Location) { l.Detail, l.Stated = "Ohio", "United States" }, false},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			now := seen()
			c.change(&now)
			if got := now.LooserThan(seen()); got != c.looser {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestLooserContract(t *testing.T) {
	t.Parallel()
	seen := func() registry.Contract {
		return registry.Contract{Document: &registry.Document{SHA256: "a"}, ContractFields: registry.ContractFields{
			Kind: "data_processing_agreement", Clauses: []registry.Clause{{Code: "confidentiality", Where: "5"}, {Code: "art_28_3_a", Where: "6"}},
			PermittedPurposes: []string{"INFRA", "SECURITY"}, PermittedCountries: []string{"DE"}, OnwardTransfer: "with_consent",
			BreachNoticeHours: ptrTo(24), AuditRight: ptrTo(true), ReturnOrDeleteDays: ptrTo(30),
			Commercial: &registry.Commercial{Territory: []string{"DE", "AT"}},
		}}
	}
	for rule, c := range map[string]struct {
		change func(*registry.Contract)
		looser bool
	}{
		"as it was":                        {func(*registry.Contract) {}, false},
		"of another kind":                  {func(c *registry.Contract) { c.Kind = "master_services_agreement" }, true},
		"a clause less":                    {func(c *registry.Contract) { c.Clauses = c.Clauses[:1] }, true},
		"a clause more, elsewhere":         {func(c *registry.Contract) { c.Clauses = append(c.Clauses, registry.Clause{Code: "audit", Where: "9"}) }, false},
		"a clause at another place":        {func(c *registry.Contract) { c.Clauses[0].Where = "7" }, false},
		"a purpose more":                   {func(c *registry.Contract) { c.PermittedPurposes = append(c.PermittedPurposes, "MARKETING") }, true},
		"a purpose less":                   {func(c *registry.Contract) { c.PermittedPurposes = []string{"INFRA"} }, false},
		"no purpose at all":                {func(c *registry.Contract) { c.PermittedPurposes = []string{} }, false},
		"all purposes":                     {func(c *registry.Contract) { c.PermittedPurposes = nil }, true},
		"categories bounded that were not": {func(c *registry.Contract) { c.PermittedCategories = []string{"CONTACT"} }, false},
		"a country more":                   {func(c *registry.Contract) { c.PermittedCountries = []string{"DE", "US"} }, true},
		"data may be handed on":            {func(c *registry.Contract) { c.OnwardTransfer = "with_notice" }, true},
		"nothing says it may not":          {func(c *registry.Contract) { c.OnwardTransfer = "" }, true},
		"data may not be handed on":        {func(c *registry.Contract) { c.OnwardTransfer = "prohibited" }, false},
		"a breach is told later":           {func(c *registry.Contract) { c.BreachNoticeHours = ptrTo(72) }, true},
		"or at no time":                    {func(c *registry.Contract) { c.BreachNoticeHours = nil }, true},
		"or sooner":                        {func(c *registry.Contract) { c.BreachNoticeHours = ptrTo(12) }, false},
		"no audit":                         {func(c *registry.Contract) { c.AuditRight = ptrTo(false) }, true},
		"kept for longer":                  {func(c *registry.Contract) { c.ReturnOrDeleteDays = ptrTo(60) }, true},
		"another document":                 {func(c *registry.Contract) { c.Document.SHA256 = "b" }, true},
		"no document":                      {func(c *registry.Contract) { c.Document = nil }, true},
		"leads of another territory":       {func(c *registry.Contract) { c.Commercial.Territory = []string{"CH"} }, true},
		"leads of everywhere":              {func(c *registry.Contract) { c.Commercial = nil }, true},
		"leads of less":                    {func(c *registry.Contract) { c.Commercial.Territory = []string{"DE"} }, false},
		"signed, for longer, renewing": {func(c *registry.Contract) {
			c.SignedOn, c.InForceUntil, c.AutoRenewal = date(t, "2026-01-01"), nil, true
		}, false},
		"with notes and another commission": {func(c *registry.Contract) { c.Notes, c.Commercial.CommissionPercent = "x", "5" }, false},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			now := seen()
			c.change(&now)
			if got := now.LooserThan(seen()); got != c.looser {
				t.Errorf("got %t", got)
			}
		})
	}
}
