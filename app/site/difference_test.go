package site_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"onward/registry/publishing"
)

func TestDifference(t *testing.T) {
	t.Parallel()
	c := threeReleases(t)
	_, h := c.start(t, "")
	t.Run("field by field, in words", func(t *testing.T) {
		t.Parallel()
		text := textOf(first(parseHTML(t, get(t, h, "/subprocessors/releases/1/difference/3").Body), "class=lines whole"))
		gone, moved := c.releases[0].Entries[1], c.releases[0].Entries[0]
		for _, want := range []string{
			"Changed " + moved.Vendor + " Something else", "What for " + moved.Service + " → Something else", "→ Japan (storage)", "→ Secure systems and applications",
			"Removed " + gone.Vendor + " " + gone.Service, "Added Žluťoučký & Söhne <GmbH> Hosting Personal data Contact data Where Germany",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q:\n%s", want, text)
			}
		}
	})
	t.Run("in German", func(t *testing.T) {
		t.Parallel()
		text := textOf(parseHTML(t, get(t, h, "/subprocessors/releases/1/difference/2?lang=de").Body))
		for _, want := range []string{"Von Ausgabe 1 zu Ausgabe 2", "Geändert", "→ Systeme und Anwendungen sichern", "→ Japan (Speicherung)"} {
			if !strings.Contains(text, want) {
				t.Errorf("it does not say %q", want)
			}
		}
	})
	t.Run("the JSON says the same", func(t *testing.T) {
		t.Parallel()
		var got struct {
			From, To    publishing.Mark
			Differences []publishing.LineDifference
		}
		r := get(t, h, "/subprocessors/releases/1/difference/2.json")
		if err := json.Unmarshal([]byte(r.Body), &got); err != nil || got.From.Number != 1 || got.To.Number != 2 || len(got.Differences) != 1 {
			t.Fatalf("%+v %v", got, err)
		}
		var fields []string
		for _, f := range got.Differences[0].Fields {
			fields = append(fields, f.Field)
		}
		if diff := cmp.Diff(differing(t, c.releases[0].Entries[0], c.releases[1].Entries[0]), fields); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("backwards, and none with itself", func(t *testing.T) {
		t.Parallel()
		if back := get(t, h, "/subprocessors/releases/3/difference/1").Body; !strings.Contains(back, `tag removed">Removed</span> <b>Žluťoučký`) {
			t.Error("backwards what was added is not removed")
		}
		if same := get(t, h, "/subprocessors/releases/2/difference/2").Body; !strings.Contains(same, "Both say the same.") {
			t.Error("a release differs from itself")
		}
	})
}
