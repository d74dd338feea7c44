package policy

import (
	"slices"
	"time"
)

// Places that are no country.
const (
	eea         = "EEA"
	eu          = "EU"
	global      = "GLOBAL"
	unspecified = "UNSPECIFIED"
)

// euMembers are the member states of the European Union, and those of their territories with a country code of their own where Union law
// applies (Åland; the outermost regions of France, Article 355(1) TFEU).
var euMembers = []string{
	"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
	"PT", "RO", "SE", "SI", "SK", "AX", "GF", "GP", "MF", "MQ", "RE", "YT",
}

// eftaMembers are the further parties to the European Economic Area.
var eftaMembers = []string{"IS", "LI", "NO"}

// britainUntil ends the time in which the United Kingdom counts as within: as a member until 31 January 2020, by the transition period of
// the withdrawal agreement (Article 127), and by the interim provision of the trade agreement (Article 782) until its adequacy decision.
var britainUntil = day(2021, time.June, 28)

// croatiaFrom is the day of the latest accession.
var croatiaFrom = day(2013, time.July, 1)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

// inUnion tells whether a country was in the European Union at t, or was treated so.
func inUnion(country string, t time.Time) bool {
	switch country {
	case eu:
		return true
	case "GB":
		return t.Before(britainUntil)
	case "HR":
		return !t.Before(croatiaFrom)
	default:
		return slices.Contains(euMembers, country)
	}
}

// inArea tells whether a place was in the European Economic Area at t, or was treated so.
func inArea(place string, t time.Time) bool {
	return place == eea || slices.Contains(eftaMembers, place) || inUnion(place, t)
}

// Covers tells whether what is said of place holds for data that goes to country, which may be a place too. GLOBAL covers all that is named;
// UNSPECIFIED covers nothing and nothing covers it.
func Covers(place, country string, t time.Time) bool {
	switch {
	case place == unspecified || country == unspecified || country == "":
		return false
	case place == global || place == country:
		return true
	case place == eea:
		return inArea(country, t)
	case place == eu:
		return inUnion(country, t)
	default:
		return false
	}
}

// within tells whether data that goes from origin to country crosses no border: it stays in one country, or in the area.
func within(origin, country string, t time.Time) bool {
	if origin == "" || country == "" || country == unspecified || country == global {
		return false
	}
	return origin == country || (inArea(origin, t) && inArea(country, t))
}

// Lawful tells whether data from origin may be carried to place at t: because no border is crossed, or by the mechanism. frameworks are those
// under which the recipient is certified then.
func Lawful(mechanism, origin, place string, frameworks []string, t time.Time) bool {
	return within(origin, place, t) || lawful(mechanism, origin, place, frameworks, t)
}

// lawful tells whether a mechanism carries data from origin across a border into country at t. Adequacy serves where the Commission found it,
// and into the area itself, which the laws of the others find adequate. The British agreements serve data from Britain, where the
// Union's clauses alone do not. The framework serves to whoever is certified under that of the origin. none_needed is a statement, not a mechanism.
func lawful(mechanism, origin, country string, frameworks []string, t time.Time) bool {
	switch mechanism {
	case "adequacy":
		return inArea(country, t) || adequate(country, t)
	case "dpf":
		needed := FrameworkFor(origin, t)
		return country == "US" && needed != "" && slices.Contains(frameworks, needed)
	case "scc_2021_914":
		return origin != "GB" || t.Before(britainUntil)
	case "uk_idta", "uk_addendum":
		return origin == "GB"
	case "bcr", "art_49":
		return true
	default:
		return false
	}
}
