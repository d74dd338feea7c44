package publishing_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/registry/publishing"
)

func instantOf(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestStance(t *testing.T) {
	t.Parallel()
	ends := "2026-12-25T00:00:00Z"
	for _, c := range []struct {
		rule, mode, answer, objections, ends, at string
		want                                     publishing.Stance
	}{
		{"general: nobody knows while the period runs", "general", "", "", ends, "2026-12-24T23:59:59Z", publishing.Waiting},
		{"general: silence is a yes from its end on", "general", "", "", ends, ends, publishing.Accepted},
		{"specific: nobody knows while the period runs", "specific", "", "", ends, "2026-12-24T23:59:59Z", publishing.Waiting},
		{"specific: silence is a no from its end on", "specific", "", "", ends, ends, publishing.Refused},
		{"specific: a yes is a yes", "specific", "accepted", "", ends, "2026-12-01T00:00:00Z", publishing.Accepted},
		{"specific: so it is after the end", "specific", "accepted", "", ends, "2027-12-01T00:00:00Z", publishing.Accepted},
		{"general: a yes need not wait for the end", "general", "accepted", "", ends, "2026-12-01T00:00:00Z", publishing.Accepted},
		{"an open objection leaves it open, also after the end", "general", "objected", "open", ends, "2027-12-01T00:00:00Z", publishing.Waiting},
		{"one that is upheld is a no", "general", "objected", "upheld", ends, "2026-12-01T00:00:00Z", publishing.Refused},
		{"and stays one, also after the end", "general", "objected", "upheld", ends, "2027-12-01T00:00:00Z", publishing.Refused},
		{"general: one that was rejected is no answer: the period runs on", "general", "", "rejected", ends, "2026-12-01T00:00:00Z", publishing.Waiting},
		{"general: and silence counts at its end", "general", "", "rejected", ends, ends, publishing.Accepted},
		{"general: one that was withdrawn is no answer", "general", "", "withdrawn", ends, ends, publishing.Accepted},
		{"specific: one that was rejected is no yes", "specific", "", "rejected", ends, ends, publishing.Refused},
		{"specific: nor is one that was withdrawn", "specific", "", "withdrawn", ends, ends, publishing.Refused},
		{"specific: a yes after it was withdrawn is one", "specific", "accepted", "withdrawn", ends, ends, publishing.Accepted},
		{"one after another: the one that is upheld counts", "general", "", "rejected,upheld", ends, ends, publishing.Refused},
		{"an upheld one counts whatever the answer says", "general", "accepted", "upheld", ends, ends, publishing.Refused},
		{"silence that was written down stays a yes, whatever the authorisation has become", "specific", "silent", "", ends, ends, publishing.Accepted},
		{"or stays a no", "general", "refused", "", ends, ends, publishing.Refused},
		{"an objection that came in time and was written down late counts all the same", "general", "silent", "open", ends, ends, publishing.Waiting},
		{"without a known end nothing is over", "general", "", "", "", "2099-01-01T00:00:00Z", publishing.Waiting},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			k := publishing.Case{Zone: time.UTC, EffectiveOn: *day("2027-01-15"), Reach: publishing.ChangeCustomer{Answer: c.answer}}
			k.Customer.Authorisation = c.mode
			if c.ends != "" {
				end := instantOf(t, c.ends)
				k.Reach.ObjectionEnds = &end
			}
			for _, state := range strings.FieldsFunc(c.objections, func(r rune) bool { return r == ',' }) {
				k.Objections = append(k.Objections, publishing.Objection{ID: uuid.New(), State: state})
			}
			if got := k.Stance(instantOf(t, c.at)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestStarts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, mode, answer, answered, objection, decided, zone, effective, notice, objectionEnds, at string
		emergency, clause                                                                            bool
		want                                                                                         string // empty: it does not
	}{
		{rule: "on its effective day where all periods are over before", mode: "general", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2027-01-15"},
		{rule: "on the day after a longer notice", mode: "general", effective: "2027-01-15", notice: "2027-02-01T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2027-02-01"},
		{rule: "a period that ends within a day, in the change's zone, ends it", mode: "general", effective: "2027-01-15", notice: "2027-02-01T00:00:01Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2027-02-02"},
		{rule: "a day of the change's zone begins earlier than UTC's", mode: "general", zone: "Asia/Tokyo", effective: "2027-01-15", notice: "2027-01-31T15:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2027-02-01"},
		{rule: "a customer's longer period to object is waited for", mode: "general", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2027-03-01T00:00:00Z", want: "2027-03-01"},
		{rule: "not where it said yes before", mode: "general", answer: "accepted", answered: "2026-12-01T09:00:00Z", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2027-03-01T00:00:00Z", want: "2027-01-15"},
		{rule: "a yes does not shorten the notice", mode: "general", answer: "accepted", answered: "2026-12-01T09:00:00Z", effective: "2027-01-15", notice: "2027-02-25T00:00:00Z", objectionEnds: "2027-03-01T00:00:00Z", want: "2027-02-25"},
		{rule: "specific: a yes that comes late starts it on the next day", mode: "specific", answer: "accepted", answered: "2027-02-10T09:00:00Z", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", at: "2027-02-10T10:00:00Z", want: "2027-02-11"},
		{rule: "specific: while nothing was said, a yes now would", mode: "specific", effective: "2026-12-01", notice: "2026-12-10T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", at: "2026-12-12T10:00:00Z", want: "2026-12-13"},
		{rule: "specific: silence never", mode: "specific", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", at: "2026-12-25T00:00:00Z"},
		{rule: "silence that was written down, as it meant", mode: "specific", answer: "silent", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2027-03-01T00:00:00Z", at: "2027-05-01T12:00:00Z", want: "2027-03-01"},
		{rule: "an open objection never", mode: "general", answer: "objected", objection: "open", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", at: "2027-01-20T00:00:00Z"},
		{rule: "one that is upheld never", mode: "general", answer: "objected", objection: "upheld", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", at: "2027-01-20T00:00:00Z"},
		{rule: "one that was rejected after the day, on the next", mode: "general", objection: "rejected", decided: "2027-02-01T12:00:00Z", effective: "2027-01-15", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", at: "2027-02-01T12:00:00Z", want: "2027-02-02"},
		{rule: "an emergency starts at once where the contract permits it", mode: "general", emergency: true, clause: true, effective: "2026-11-25", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2026-11-25"},
		{rule: "and waits where it does not", mode: "general", emergency: true, effective: "2026-11-25", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2026-12-25"},
		{rule: "the clause is for emergencies only", mode: "general", clause: true, effective: "2026-11-25", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z", want: "2026-12-25"},
		{rule: "an objection stops an emergency too", mode: "general", answer: "objected", objection: "open", emergency: true, clause: true, effective: "2026-11-25", notice: "2026-12-25T00:00:00Z", objectionEnds: "2026-12-25T00:00:00Z"},
		{rule: "periods that are not known are not over", mode: "general", effective: "2026-11-25"},
		{rule: "where midnight does not exist, the day begins when the clock goes on", mode: "general", zone: "America/Sao_Paulo", effective: "2018-11-04", notice: "2018-11-04T03:00:00Z", objectionEnds: "2018-11-04T03:00:00Z", want: "2018-11-04"},
		{rule: "a leap day is a day", mode: "general", effective: "2028-02-01", notice: "2028-02-29T00:00:00Z", objectionEnds: "2028-02-29T00:00:00Z", want: "2028-02-29"},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			k := publishing.Case{Zone: time.UTC, EffectiveOn: *day(c.effective), Emergency: c.emergency, Reach: publishing.ChangeCustomer{Answer: c.answer}}
			k.Customer.Authorisation, k.Customer.Emergency = c.mode, c.clause
			if c.zone != "" {
				k.Zone = must(time.LoadLocation(c.zone))(t)
			}
			for at, text := range map[**time.Time]string{&k.Reach.NoticeEnds: c.notice, &k.Reach.ObjectionEnds: c.objectionEnds, &k.Reach.AnsweredAt: c.answered} {
				if text != "" {
					end := instantOf(t, text)
					*at = &end
				}
			}
			if c.objection != "" {
				o := publishing.Objection{State: c.objection}
				if c.decided != "" {
					at := instantOf(t, c.decided)
					o.DecidedAt = &at
				}
				k.Objections = []publishing.Objection{o}
			}
			at := noon
			if c.at != "" {
				at = instantOf(t, c.at)
			}
			got, ok := k.Starts(at)
			if ok != (c.want != "") || ok && got.String() != c.want {
				t.Errorf("got %s %t, want %q", got, ok, c.want)
			}
		})
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	links := must(publishing.NewLinks([]byte(strings.Repeat("k", 32))))(t)
	other := must(publishing.NewLinks([]byte(strings.Repeat("x", 32))))(t)
	l := publishing.Link{Change: uuid.New(), Customer: uuid.New(), Delivery: uuid.New()}
	token := links.Token(l)
	if got, ok := links.Read(token); !ok || got != l || len(token) != 86 {
		t.Errorf("%s: %v %t", token, got, ok)
	}
	if _, ok := other.Read(token); ok {
		t.Error("another key reads it")
	}
	for i := range token {
		for _, letter := range "AQgw_" {
			if byte(letter) == token[i] {
				continue
			}
			bad := token[:i] + string(letter) + token[i+1:]
			if _, ok := links.Read(bad); ok {
				t.Fatalf("%s is read, though it is not %s", bad, token)
			}
		}
	}
	for _, bad := range []string{"", "x", token[:85], token + "A", token + "=", strings.Repeat("A", 86), strings.Repeat("A", 1<<20), " " + token} {
		if _, ok := links.Read(bad); ok {
			t.Errorf("%.100q is read", bad)
		}
	}
	if _, err := publishing.NewLinks([]byte("short")); err == nil {
		t.Error("a short key is taken")
	}
}
