package importing_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"onward/audit"
	"onward/registry"
	"onward/registry/importing"
)

func TestPublishedListInTheRegistry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(readFile(t, publishedList), importing.Options{State: registry.Active})
	held := w.held()
	if len(held) != 39 {
		t.Errorf("%d vendors: 40 rows, two of them of one vendor", len(held))
	}
	if aws := held["Amazon Web Services, Inc."]; len(aws.engagements) != 2 || aws.Address == "" {
		t.Errorf("two rows of one vendor: %d engagements, address %q", len(aws.engagements), aws.Address)
	}
	if _, ok := held["Microsoft"]; !ok || held["Microsoft (Azure)"].Name == "" {
		t.Error("names that are only similar were merged")
	}
	gone := held["CoreWeave, Inc."]
	if gone.State != registry.WindingDown || gone.engagements[0].Until.String() != "2026-01-26" {
		t.Errorf("a removed vendor is %s, until %v", gone.State, gone.engagements[0].Until)
	}
	partner := held["Eficode"]
	if e := partner.engagements[0]; e.Listed || len(e.locations)+len(e.Purposes) > 0 || partner.State != registry.Active {
		t.Errorf("the partner: %+v", e)
	}
	for _, v := range held {
		if v.Name != gone.Name && v.State != registry.Active {
			t.Errorf("%s is %s", v.Name, v.State)
		}
		for _, e := range v.engagements {
			shown := slices.Contains(v.Kinds, "subprocessor") || slices.Contains(v.Kinds, "affiliate")
			if reason := "imported from a published list: " + e.Source.ListedBy; e.Listed != shown || shown && e.ListedReason != reason {
				t.Errorf("%s %v: listed %v, %q", v.Name, v.Kinds, e.Listed, e.ListedReason)
			}
		}
	}
}

func TestPlanWritesNothingAndSaysWhatApplyDoes(t *testing.T) {
	t.Parallel()
	for _, path := range []string{publishedList, "testdata/vendors.json"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rows, active := readFile(t, path), importing.Options{State: registry.Active}
			for range 2 {
				before := w.size()
				planned := w.plan(rows, active)
				if w.size() != before || !planned.DryRun {
					t.Fatalf("a dry run wrote %d entries", w.size()-before)
				}
				done := w.apply(rows, active)
				if diff := cmp.Diff(withoutIDs(planned.Lines), withoutIDs(done.Lines), cmpopts.IgnoreUnexported(importing.Line{})); diff != "" {
					t.Error(diff)
				}
			}
		})
	}
}

func withoutIDs(lines []*importing.Line) []importing.Line {
	var all []importing.Line
	for _, l := range lines {
		all = append(all, importing.Line{Row: l.Row, What: l.What, Name: l.Name, Outcome: l.Outcome, Kept: l.Kept, Reasons: l.Reasons, Notes: l.Notes})
	}
	return all
}

func TestApplyAgainChangesNothing(t *testing.T) {
	t.Parallel()
	for _, path := range []string{publishedList, "testdata/vendors.json", "testdata/sheet.csv"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			rows, active := readFile(t, path), importing.Options{State: registry.Active}
			first := w.apply(rows, active)
			before := w.size()
			again := w.apply(rows, active)
			if n := again.Count(importing.Created) + again.Count(importing.Changed); n > 0 || w.size() != before {
				t.Errorf("%d created or changed, %d entries", n, w.size()-before)
			}
			if first.Refused != again.Refused {
				t.Errorf("%d rows refused first, %d again", first.Refused, again.Refused)
			}
		})
	}
}

func TestApplyGoesOnAfterAFault(t *testing.T) {
	t.Parallel()
	whole, broken := newWorld(t), newWorld(t)
	rows, active := readFile(t, publishedList), importing.Options{State: registry.Active}
	whole.apply(rows, active)
	for _, entries := range []int64{7, 60, 130} {
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			for ctx.Err() == nil {
				if h, err := broken.log.Head(ctx); err == nil && h.Size >= entries {
					stop()
				}
				time.Sleep(time.Millisecond)
			}
		}()
		if _, err := importing.Apply(ctx, broken.Registry, audit.Program, broken.tick(), rows, active); err == nil {
			t.Error("nothing broke")
		}
		stop()
		<-done
	}
	last := broken.apply(rows, active)
	if last.Refused > 0 || broken.size() != whole.size() {
		t.Errorf("%d rows refused, %d entries instead of %d", last.Refused, broken.size(), whole.size())
	}
	want, got := whole.held(), broken.held()
	for name, v := range want {
		if diff := cmp.Diff(stated(v), stated(got[name])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// stated is what is held of a vendor without ids and times.
func stated(v held) []any {
	all := []any{v.State, v.VendorFields}
	for _, e := range v.engagements {
		all = append(all, e.EngagementFields)
		for _, l := range e.locations {
			all = append(all, l.LocationFields)
		}
	}
	return all
}

func TestWhatIsOneVendor(t *testing.T) {
	t.Parallel()
	const lei, otherLEI = "5493006MHB84DD0ZWV18", "529900T8BM49AURSDO55"
	for _, c := range []struct{ rule, before, file, want string }{
		{"the same name in another case", "name,kind\nEXAMPLE,partner", "name,kind,address\nExample,partner,Here", "vendor changed"},
		{"the same id under another name", "vendor id,name,kind\nV,Old,partner", "vendor id,name,kind\nV,New,partner", "vendor changed"},
		{"the same LEI under another name", "lei,name,kind\n" + lei + ",Old,partner", "lei,name,kind\n" + lei + ",New,partner", "vendor changed"},
		{"the same engagement under another known name", "id,name,kind,service,aka\nE,New,partner,S,Old", "id,name,kind,service\nE,Old,partner,S", "vendor left_alone, engagement left_alone"},
		{"a similar name", "name,kind\nMicrosoft,partner", "name,kind\nMicrosoft (Azure),partner", "vendor created"},
		{
			"another name of a vendor", "name,kind,dba\nFunctional,partner,Sentry", "name,kind\nSentry,partner",
			"vendor created: it is also another name of Functional, which was left as it is",
		},
		{
			"an engagement's id of somebody else", "id,name,kind,service\nE,Other,partner,S", "id,name,kind,service\nE,Example,partner,S",
			`vendor refused: /external_id "E" is the id of an engagement of Other; engagement refused: the vendor was refused`,
		},
		{
			"the id of one and the name of another", "vendor id,name,kind\nV,A,partner\n,B,partner", "vendor id,name,kind\nV,B,partner",
			"vendor refused: by its identifiers it is A, by its name B",
		},
		{
			"the name of one and the LEI of nobody", "lei,name,kind\n" + lei + ",A,partner", "lei,name,kind\n" + otherLEI + ",A,partner",
			"vendor refused: /lei the registry knows A by the LEI " + lei,
		},
		{
			"two rows that contradict each other", "name,kind\nX,partner", "vendor id,name,kind\nV,A,partner\nW,A,partner",
			`vendor created; vendor refused: /external_id row 2 gives the same vendor the id "V"`,
		},
	} {
		t.Run(c.rule, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.apply(readText(t, c.before), importing.Options{})
			got := outcomes(w.plan(readText(t, c.file), importing.Options{}))
			if !strings.HasPrefix(strings.ReplaceAll(got, "; ", ", "), strings.ReplaceAll(c.want, "; ", ", ")) {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// outcomes are the lines of a report in short.
func outcomes(r importing.Report) string {
	var all []string
	for _, l := range r.Lines {
		s := string(l.What) + " " + string(l.Outcome)
		var why []string
		for _, f := range l.Reasons {
			why = append(why, strings.TrimSpace(f.Pointer+" "+f.Sentence))
		}
		if why = append(why, l.Notes...); len(why) > 0 {
			s += ": " + strings.Join(why, ", ")
		}
		all = append(all, s)
	}
	return strings.Join(all, "; ")
}

func TestTwoRowsThatStateDifferentThings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report := w.apply(readText(t, "name,kind,address,website,service\nA,partner,Here,,One\nA,reseller,There,https://a.example,Two\n"), importing.Options{})
	a := w.held()["A"]
	if a.Address != "Here" || a.Website != "https://a.example" || len(a.engagements) != 2 || !slices.Equal(a.Kinds, []string{"partner", "reseller"}) {
		t.Errorf("%+v", a)
	}
	if kept := report.Lines[2].Kept; len(kept) != 1 || kept[0].Pointer != "/address" {
		t.Errorf("what the second row states is not reported: %+v", kept)
	}
}

func TestANewerFileChangesWhatItStates(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	head := "id,name,kind,service,address,location,notes,listed\n"
	w.apply(readText(t, head+"1,A,subprocessor,One,Here,US,first,\n"), importing.Options{State: registry.Active})
	report := w.apply(readText(t, head+"1,A,partner,One,There,US;CA,,no\n"), importing.Options{State: registry.Active})
	want := `vendor changed; engagement changed; location left_alone; location created`
	if got := outcomes(report); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	a := w.held()["A"]
	e := a.engagements[0]
	if a.Address != "There" || !slices.Equal(a.Kinds, []string{"subprocessor", "partner"}) || e.Notes != "first" || e.Listed || len(e.locations) != 2 {
		t.Errorf("%+v", a)
	}
}

func TestStatesAreMovedOnlyForVendorsOfThisActor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if _, err := w.CreateVendor(t.Context(), legal, w.tick(), registry.VendorFields{Name: "Theirs", Kinds: []string{"partner"}}); err != nil {
		t.Fatal(err)
	}
	rows := readText(t, "name,kind\nTheirs,partner\nOurs,partner\n")
	for _, c := range []struct {
		state        registry.VendorState
		ours, theirs registry.VendorState
	}{
		{"", registry.Proposed, registry.Proposed},
		{registry.Approved, registry.Approved, registry.Proposed},
		{registry.Active, registry.Active, registry.Proposed},
		{registry.Approved, registry.Active, registry.Proposed},
	} {
		w.apply(rows, importing.Options{State: c.state})
		held := w.held()
		if held["Ours"].State != c.ours || held["Theirs"].State != c.theirs {
			t.Errorf("%q: ours is %s, theirs %s", c.state, held["Ours"].State, held["Theirs"].State)
		}
	}
	if _, err := importing.Plan(t.Context(), w.Registry, audit.Program, noon, rows, importing.Options{State: registry.Ended}); err == nil {
		t.Error("vendors can be imported as ended")
	}
}

func TestPlanSeesWhatEarlierRowsWouldChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(readText(t, "name,kind,service\nA,partner,One\n"), importing.Options{})
	rows := readText(t, "id,name,kind,service\n1,A,subprocessor,One\n2,A,subprocessor,One\n")
	planned, done := outcomes(w.plan(rows, importing.Options{})), outcomes(w.apply(rows, importing.Options{}))
	const want = "vendor changed; engagement changed; vendor left_alone: the same vendor as in row 2; engagement created"
	if planned != want || done != want {
		t.Errorf("planned %s\ndone    %s", planned, done)
	}
	for _, e := range w.held()["A"].engagements {
		if e.Listed != (e.ExternalID == "2") {
			t.Errorf("%s: listed %v", e.ExternalID, e.Listed)
		}
	}
}

func TestARowSaysWhetherItIsListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(readText(t, "name,kind,service,listed,listed reason\nA,subprocessor,S,no,\nB,partner,S,yes,\nC,partner,S,yes,because\nD,subprocessor,S,,\nE,partner,S,,\n"),
		importing.Options{})
	got := map[string]string{}
	for name, v := range w.held() {
		if e := v.engagements[0]; e.Listed {
			got[name] = e.ListedReason
		}
	}
	want := map[string]string{"B": "imported as listed", "C": "because", "D": "imported as subprocessor"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestARefusedRowNamesEverythingThatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	report := w.plan(readText(t, "name,kind,from,country,website,location,purpose codes\nA,friend,soon,Europe,a.example,Mars;DE,FUN\n"), importing.Options{})
	var got []string
	for _, l := range report.Lines {
		for _, f := range l.Reasons {
			got = append(got, string(l.What)+" "+f.Pointer)
		}
	}
	want := []string{
		"engagement /country", "engagement /from", "engagement /locations",
		"vendor /kinds/0", "vendor /website", "engagement /service", "engagement /purposes/0",
	}
	if diff := cmp.Diff(want, got); diff != "" || report.Refused != 1 || w.size() != 0 {
		t.Error(diff)
	}
}
