package sharing_test

import (
	"crypto/sha256"
	"encoding/hex"
	"testing"
	"time"

	"github.com/google/uuid"

	"onward/audit"
	"onward/registry"
	"onward/registry/sharing"
)

func TestConfidentiality(t *testing.T) {
	t.Parallel()
	c := sharing.CurrentConfidentiality()
	reader := audit.Actor{Kind: "user", ID: uuid.New(), Role: "auditor"}
	for rule, one := range map[string]struct {
		by           audit.Actor
		acknowledged []string
		admitted     bool
	}{
		"nobody is admitted who has acknowledged nothing":   {reader, nil, false},
		"nor who acknowledged another version":              {reader, []string{"2018-10-26"}, false},
		"who acknowledged this version is":                  {reader, []string{c.Version}, true},
		"whatever else was acknowledged":                    {reader, []string{"2018-10-26", c.Version}, true},
		"an administrator is no exception":                  {audit.Actor{Kind: "key", ID: uuid.New(), Role: "admin"}, nil, false},
		"a service is not asked: it reads nothing but own":  {billing, nil, true},
		"nor is the program, which shows nothing to anyone": {audit.Program, nil, true},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			err := c.Admits(one.by, one.acknowledged)
			if one.admitted != (err == nil) {
				t.Error(err)
			}
			if err != nil {
				refused(t, err, registry.Unacknowledged)
			}
		})
	}
	if sum := sha256.Sum256([]byte(c.Text)); c.SHA256 != hex.EncodeToString(sum[:]) {
		t.Error("the SHA-256 is of another text")
	}
	// Who changes the text gives it another version, for everybody must be asked anew; and writes both here.
	if c.Version != "2026-11-24" || c.SHA256 != "5cd18f543ceff4b72b0e9f9504d73a9f083b1ba1af63722ea54c7e913b6be79f" {
		t.Errorf("version %s is of another text: %s", c.Version, c.SHA256)
	}
}

func TestAcknowledgement(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	auditor := audit.Actor{Kind: "key", ID: uuid.New(), Role: "auditor"}
	version := sharing.CurrentConfidentiality().Version
	p := w.party(t, usual())
	d, err := w.gate.PrepareDisclosure(t.Context(), legal, noon, sharing.DisclosureFields{
		VendorID: p.ID, LegalProcess: sharing.LegalProcess{Instrument: "court order", Issuer: "a court", Reference: "1"},
		ReceivedAt: noon, ScopeDemanded: "all", ScopeDisclosed: "some", Reason: "we must",
	})
	must(t, err)
	asks := map[string]func(by audit.Actor) error{
		"a person's report": func(by audit.Actor) error {
			_, err := w.gate.BeginSubjectReport(t.Context(), by, noon, sharing.SubjectQuestion{Subject: "alice"})
			return err
		},
		"a person's choices": func(by audit.Actor) error {
			_, err := w.gate.Choices(t.Context(), by, noon, sharing.SubjectQuestion{Subject: "alice"})
			return err
		},
		"a choice, which is answered with recipients": func(by audit.Actor) error {
			_, err := w.gate.RecordChoice(t.Context(), by, noon, newKey(), sharing.Choice{Subject: "alice", Purpose: "all", State: "opted_out", At: noon, Channel: "mail"})
			return err
		},
		"an erasure": func(by audit.Actor) error {
			_, err := w.gate.Erase(t.Context(), by, noon, sharing.Erasure{Subject: "alice", Ground: "objection"})
			return err
		},
		"a correction": func(by audit.Actor) error {
			_, err := w.gate.CorrectSubject(t.Context(), by, noon, sharing.SubjectCorrection{Subject: "alice", Categories: []string{"CONTACT"}})
			return err
		},
		"a restriction": func(by audit.Actor) error {
			_, err := w.gate.RestrictSubject(t.Context(), by, noon, sharing.Restriction{Subject: "alice", At: noon})
			return err
		},
		"the flag of a child": func(by audit.Actor) error {
			_, err := w.gate.FlagChild(t.Context(), by, noon, sharing.ChildFlag{Subject: "alice", Source: "a parent", At: noon})
			return err
		},
		"a disclosure": func(by audit.Actor) error {
			_, err := w.gate.Disclosure(t.Context(), by, d.ID)
			return err
		},
	}
	before := w.count(t, `SELECT size FROM log_head`)
	for _, ask := range asks {
		refused(t, ask(auditor), registry.Unacknowledged)
	}
	_, err = w.gate.ConfirmDisclosure(t.Context(), auditor, noon, d.ID)
	refused(t, err, registry.Unacknowledged)
	if n := w.count(t, `SELECT size FROM log_head`); n != before {
		t.Errorf("what was refused left %d entries", n-before)
	}

	_, _, err = w.gate.Acknowledge(t.Context(), auditor, noon, sharing.AcknowledgementFields{Version: "2018-10-26"})
	refused(t, err, registry.Invalid, "/version")
	_, _, err = w.gate.Acknowledge(t.Context(), auditor, noon, sharing.AcknowledgementFields{})
	refused(t, err, registry.Invalid, "/version")
	first, fresh, err := w.gate.Acknowledge(t.Context(), auditor, noon, sharing.AcknowledgementFields{Version: version})
	must(t, err)
	again, repeated, err := w.gate.Acknowledge(t.Context(), auditor, noon.Add(time.Hour), sharing.AcknowledgementFields{Version: version})
	must(t, err)
	if !fresh || repeated || again != first {
		t.Errorf("got %+v fresh %t, then %+v fresh %t", first, fresh, again, repeated)
	}
	if body := w.body(t, first.ID); body["version"] != version || body["sha256"] != first.SHA256 || len(body) != 2 {
		t.Errorf("the entry says %v", body)
	}
	for what, ask := range asks {
		if err := ask(auditor); err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	refused(t, asks["a person's report"](audit.Actor{Kind: "key", ID: uuid.New(), Role: "auditor"}), registry.Unacknowledged)

	page, err := w.gate.Acknowledgements(t.Context(), 2, "")
	must(t, err)
	rest, err := w.gate.Acknowledgements(t.Context(), 2, page.Next)
	must(t, err)
	if len(page.Items) != 2 || page.Items[0] != first || len(rest.Items) != 1 || rest.Next != "" {
		t.Errorf("listed %+v, then %+v", page, rest)
	}
	_, err = w.gate.Acknowledgements(t.Context(), 2, "nonsense")
	refused(t, err, registry.Invalid, "/cursor")
}
