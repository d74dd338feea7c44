package policy

import "slices"

// ClauseDemand is a clause that a law demands of contracts, and what it must say; the words are ours.
type ClauseDemand struct {
	Code   string
	Demand string
}

// What Article 28(3) GDPR, second sentence, demands of a contract with a processor, point by point.
var art28 = []ClauseDemand{
	{"art28_3_a", "Data is processed on documented instructions only, transfers to third countries included; what a law demands beyond them is told first."},
	{"art28_3_b", "Whoever may process the data is bound to confidentiality."},
	{"art28_3_c", "The security measures of Article 32 are taken."},
	{"art28_3_d", "Further processors are engaged by the conditions of Article 28(2) and (4): authorised first, and bound to the same duties."},
	{"art28_3_e", "The processor helps to answer people who exercise their rights."},
	{"art28_3_f", "The processor helps with security, notices of breaches, impact assessments and prior consultation (Articles 32 to 36)."},
	{"art28_3_g", "At the end of the services the data is deleted or returned, as the controller chooses, and copies are deleted."},
	{"art28_3_h", "Everything that shows compliance is made available, audits and inspections included; an unlawful instruction is objected to at once."},
}

// What section 1798.100(d) of the Californian Civil Code demands of a contract with a third party, service provider or contractor.
var ccpa = []ClauseDemand{
	{"ccpa_limited_purposes", "Data is sold or disclosed for limited and specified purposes only (paragraph 1)."},
	{"ccpa_same_protection", "The recipient keeps the duties of the title and gives the same protection of privacy (paragraph 2)."},
	{"ccpa_right_to_check", "We may take steps to see that the recipient uses the data as our own duties demand (paragraph 3)."},
	{"ccpa_notice_of_inability", "The recipient tells us when it can keep its duties no longer (paragraph 4)."},
	{"ccpa_right_to_stop", "We may, on notice, stop unauthorised use and have it put right (paragraph 5)."},
}

// Art28 are the clauses that Article 28(3) GDPR demands, in its order.
func Art28() []ClauseDemand { return slices.Clone(art28) }

// CCPA are the clauses that section 1798.100(d) of the Californian Civil Code demands, in its order.
func CCPA() []ClauseDemand { return slices.Clone(ccpa) }

// RequiredClauses are the clauses that this version requires of the contract with a vendor of those kinds, and by which of them: by the kind
// itself, or on a ground that speaks of it.
func (v *Version) RequiredClauses(kinds []string) (codes []string, by map[string][]string) {
	by = map[string][]string{}
	require := func(kind string, clauses []string) {
		for _, code := range clauses {
			if !slices.Contains(codes, code) {
				codes = append(codes, code)
			}
			if !slices.Contains(by[code], kind) {
				by[code] = append(by[code], kind)
			}
		}
	}
	for _, kind := range kinds {
		require(kind, v.demand(kind, nil).clauses)
		for i := range v.Grounds {
			if g := &v.Grounds[i]; slices.Contains(g.Kinds, kind) {
				require(kind, g.Clauses)
			}
		}
	}
	return codes, by
}

// MissingClause is the code of the reason why the gate refuses a share under a contract that lacks a required clause.
func MissingClause(code string) string {
	if code == Confidentiality {
		return "confidentiality_missing"
	}
	return "clause_missing"
}
