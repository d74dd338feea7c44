package notify_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"onward/app/notify"
	"onward/registry"
	"onward/registry/publishing"
)

// TestFollowing: a later day and a withdrawal are told to whoever was told of the change, in order, each in its language.
func TestFollowing(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), &mailbox{}
	box.start(t, nil, false)
	hook := newReceiver(t, func(w http.ResponseWriter, _ *http.Request, body []byte) {
		var b struct{ Challenge string }
		_ = json.Unmarshal(body, &b)
		_ = json.NewEncoder(w).Encode(map[string]string{"challenge": b.Challenge})
	})
	w.customer(t, "Analytical Engines", "en", publishing.General, "ada@customer.example")
	w.subscriber(t, publishing.ByEmail, "reader@example.org", "de")
	w.subscriber(t, publishing.ByWebhook, hook.server.URL+"/hook", "")
	n := w.announce(t)
	w.run(t, func(o *notify.Options) {
		o.Mail, o.PrivateHooks = box.settings(t), true
	})
	told := func(mails, hooks int) func() bool {
		return func() bool {
			newest := must(w.Notices(t.Context(), 1, ""))(t).Items[0]
			return len(box.got()) == mails && len(hook.got()) == hooks && must(w.Notice(t.Context(), newest.ID))(t).Deliveries[publishing.DeliverySent] == 3
		}
	}
	eventually(t, "it is told", told(2, 1))
	c := must(w.Change(t.Context(), n.Changes[0].ChangeID))(t)
	was := *c.EffectiveOn
	later := registry.DateOf(was.Start(w.watch.Now().Location()).AddDate(0, 2, 0))
	c = must(w.PostponeChange(t.Context(), legal, w.watch.Now(), c.ID, c.Version, publishing.Postponement{EffectiveOn: &later, Reason: "confidential reason"}))(t)
	eventually(t, "its later day is told", told(4, 2))
	must(w.WithdrawChange(t.Context(), legal, w.watch.Now(), c.ID, c.Version, publishing.Withdrawal{Reason: "confidential reason"}))(t)
	eventually(t, "its withdrawal is told", told(6, 3))

	for _, want := range []struct {
		to      string
		message int
		subject string
		has     []string
		no      string
	}{
		{"ada@customer.example", 1, "A later day for a change to the subprocessors of Example GmbH: Nimbus <Storage> & Söhne 1", []string{
			"It takes effect later than we said.", "This message goes to Analytical Engines", "Was announced for: ", "Now takes effect on: ",
			"You may object until: the end of ", "https://privacy.example.com/objections/",
		}, "Takes effect on: "},
		{"ada@customer.example", 2, "Withdrawn: a change to the subprocessors of Example GmbH: Nimbus <Storage> & Söhne 1", []string{
			"It was withdrawn and does not take place.", "Was announced for: ", "You need not do anything.",
		}, "/objections/"},
		{"reader@example.org", 1, "Späterer Tag für eine Änderung der Unterauftragsverarbeiter von Example GmbH: Nimbus <Storage> & Söhne 1", []string{
			"Sie wird später wirksam als mitgeteilt.", "War angekündigt zum: ", "Jetzt wirksam ab: ", "/subscriptions/leave",
		}, "/objections/"},
		{"reader@example.org", 2, "Zurückgezogen: eine Änderung der Unterauftragsverarbeiter von Example GmbH: Nimbus <Storage> & Söhne 1", []string{
			"Sie wurde zurückgezogen und findet nicht statt.", "War angekündigt zum: ", "Ein Widerspruch gegen diese Änderung ist gegenstandslos.",
		}, "Wirksam ab"},
	} {
		m := parsed(t, box.to(want.to)[want.message])
		if got := subjectOf(t, m); got != want.subject {
			t.Errorf("%s: %s", want.to, got)
		}
		text := strings.Join(strings.Fields(parts(t, m)["text/plain"]), " ")
		for _, has := range want.has {
			if !strings.Contains(text, has) {
				t.Errorf("to %s, message %d has no %q:\n%s", want.to, want.message, has, text)
			}
		}
		if strings.Contains(text, want.no) || strings.Contains(text, "confidential") {
			t.Errorf("to %s, message %d says too much:\n%s", want.to, want.message, text)
		}
	}
	type said struct {
		Type    string                    `json:"type"`
		Follows string                    `json:"follows_id"`
		Changes []publishing.NoticeChange `json:"changes"`
	}
	var bodies []said
	for _, one := range hook.got() {
		var b said
		if err := json.Unmarshal(one.body, &b); err != nil || strings.Contains(string(one.body), "confidential") {
			t.Errorf("%s: %v", one.body, err)
		}
		bodies = append(bodies, b)
	}
	if bodies[0].Type != "changes.announced" || bodies[1].Type != "changes.moved" || bodies[2].Type != "changes.withdrawn" ||
		bodies[1].Follows != n.ID.String() || bodies[2].Follows != n.ID.String() || *bodies[1].Changes[0].MovedFrom != was || bodies[1].Changes[0].EffectiveOn != later {
		t.Errorf("%+v", bodies)
	}
}
