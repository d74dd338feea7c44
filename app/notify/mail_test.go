package notify_test

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"onward/app/notify"
	"onward/registry/publishing"
)

// parts are the texts of a mail, by media type.
func parts(t *testing.T, m *mail.Message) map[string]string {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatal(kind, err)
	}
	all := map[string]string{}
	r := multipart.NewReader(m.Body, parameters["boundary"])
	for {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if p.Header.Get("Content-Transfer-Encoding") != "quoted-printable" {
			t.Error(p.Header)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		all[kind] = string(must(io.ReadAll(quotedprintable.NewReader(p)))(t))
	}
}

func subjectOf(t *testing.T, m *mail.Message) string {
	t.Helper()
	return must(new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")))(t)
}

func sendingTo(t *testing.T, m *mailbox) func(*notify.Options) {
	t.Helper()
	settings := m.settings(t)
	return func(o *notify.Options) { o.Mail = settings }
}

func TestMail(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), &mailbox{}
	box.start(t, nil, false)
	w.customer(t, "Analytical Engines", "en", publishing.General, "ada@customer.example")
	w.customer(t, "Différence Maschinen", "de", publishing.Specific, "charles@customer.example", "second@customer.example")
	subscriber := w.subscriber(t, publishing.ByEmail, "reader@example.org", "de")
	n := w.announce(t)
	w.run(t, sendingTo(t, box))
	eventually(t, "four mails", func() bool { return len(box.got()) == 4 })
	eventually(t, "all are written down", func() bool {
		return must(w.Notice(t.Context(), n.ID))(t).Deliveries[publishing.DeliverySent] == 4
	})
	states := w.states(t, n)

	t.Run("what is kept is exactly what was sent", func(t *testing.T) {
		t.Parallel()
		for _, r := range box.got() {
			kept := must(w.Delivery(t.Context(), states[r.to].ID))(t)
			if !bytes.Equal(bytes.TrimRight(kept.Message, "\r\n"), bytes.TrimRight(r.data, "\r\n")) {
				t.Errorf("to %s, other bytes were sent than kept", r.to)
			}
			if kept.SentAt == nil || kept.Attempts != 1 || !strings.HasPrefix(kept.Outcome, "250 ") {
				t.Errorf("%+v", kept)
			}
		}
	})
	t.Run("a customer is told all of it, and how to object, as text and as a page", func(t *testing.T) {
		t.Parallel()
		m := parsed(t, box.to("ada@customer.example")[0])
		if got := m.Header.Get("Message-Id"); got != "<"+states["ada@customer.example"].ID.String()+"@example.com>" {
			t.Error(got)
		}
		if got := subjectOf(t, m); got != "Changes to the subprocessors of Example GmbH: Nimbus <Storage> & Söhne 1" {
			t.Error(got)
		}
		if m.Header.Get("List-Unsubscribe") != "" || m.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Error(m.Header)
		}
		from := must(m.Header.AddressList("From"))(t)
		if from[0].Name != "Example – Privacy" || from[0].Address != "privacy@example.com" {
			t.Error(from[0])
		}
		both := parts(t, m)
		text, html := both["text/plain"], both["text/html"]
		for _, want := range []string{
			"Other purposes\r\n==============", "Changed: Nimbus <Storage> & Söhne 1", "Registered as: Nimbus Storage, Inc.", "What for: Hosting and backup",
			"Purposes: ", "Personal data: ", "Where: United States (EU–US Data Privacy Framework)", "You may object until: the end of ", "Takes effect on: ",
			"What for: Hosting -> Hosting and backup", "If you say nothing by then, the change starts", "Object to this change:\r\nhttps://privacy.example.com/objections/", "notice to Analytical Engines",
			"https://privacy.example.com/subprocessors?lang=en", "privacy@example.com",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("the text has no %q", want)
			}
		}
		for _, want := range []string{"Nimbus &lt;Storage&gt; &amp; Söhne 1", "<del>Hosting</del> &#8594; <ins>Hosting and backup</ins>", `<html lang="en"`} {
			if !strings.Contains(html, want) {
				t.Errorf("the page has no %q", want)
			}
		}
		if strings.Contains(html, "<script") || strings.Contains(html, "src=") || strings.Contains(html, "ZgotmplZ") {
			t.Error("the page loads something")
		}
		token := regexp.MustCompile(`https://privacy\.example\.com/objections/([A-Za-z0-9_-]+)\?lang=en`).FindStringSubmatch(text)
		if token == nil {
			t.Fatal(text)
		}
		link, ok := w.links.Read(token[1])
		if !ok || link.Delivery != states["ada@customer.example"].ID || link.Change != n.Changes[0].ChangeID {
			t.Error(link, ok)
		}
		if q := must(w.Question(t.Context(), w.watch.Now(), link))(t); !q.Objectionable() {
			t.Errorf("%+v", q)
		}
		if strings.Count(html, token[0]) != 1 {
			t.Error("the page leads elsewhere")
		}
	})
	t.Run("each is written to in its own language", func(t *testing.T) {
		t.Parallel()
		m := parsed(t, box.to("charles@customer.example")[0])
		text := parts(t, m)["text/plain"]
		for _, want := range []string{"Geändert: Nimbus", "Widerspruch möglich bis: zum Ende des", "Ohne Ihre Zustimmung", "Zustimmen oder widersprechen:\r\nhttps://privacy.example.com/objections/", "Mitteilung an Différence Maschinen"} {
			if !strings.Contains(text, want) {
				t.Errorf("the text has no %q:\n%s", want, text)
			}
		}
		if m.Header.Get("Content-Language") != "de" {
			t.Error(m.Header)
		}
	})
	t.Run("a subscriber leaves with one click, and has nothing to object to", func(t *testing.T) {
		t.Parallel()
		m := parsed(t, box.to("reader@example.org")[0])
		text := parts(t, m)["text/plain"]
		if strings.Contains(text, "/objections/") || strings.Contains(text, "Widerspruch") {
			t.Error(text)
		}
		if m.Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
			t.Error(m.Header)
		}
		address := m.Header.Get("List-Unsubscribe")
		token, found := strings.CutPrefix(strings.Trim(address, "<>"), "https://privacy.example.com/subscriptions/leave?token=")
		if id, ok := w.links.ReadLeaving(token); !found || !ok || id != subscriber {
			t.Error(address)
		}
		if !strings.Contains(text, token) {
			t.Error("the text does not say how to leave")
		}
	})
	t.Run("no line is longer than mail permits, and none has a bare line feed", func(t *testing.T) {
		t.Parallel()
		for _, r := range box.got() {
			for _, line := range strings.Split(string(r.data), "\r\n") {
				if len(line) > 998 || strings.Contains(line, "\n") {
					t.Errorf("%q", line)
				}
			}
		}
	})
}

func TestMailThatFails(t *testing.T) {
	t.Parallel()
	t.Run("a bounce ends one delivery, a passing failure is tried again with the same mail, and nobody else waits", func(t *testing.T) {
		t.Parallel()
		w, box := newWorld(t), &mailbox{}
		var busy atomic.Int64
		box.rcpt = func(to string) error {
			if to == "gone@customer.example" {
				return refusal(550, "no such mailbox")
			}
			return nil
		}
		box.data = func(to string) error {
			if to == "later@customer.example" && busy.Add(1) < 3 {
				return refusal(451, "try again")
			}
			if to == "spam@customer.example" {
				return refusal(554, "we do not want it")
			}
			return nil
		}
		box.start(t, nil, false)
		who := w.customer(t, "One", "en", publishing.General, "gone@customer.example", "later@customer.example", "spam@customer.example", "fine@customer.example")
		n := w.announce(t)
		w.run(t, sendingTo(t, box))
		eventually(t, "each was tried", func() bool {
			s := w.states(t, n)
			return s["gone@customer.example"].State == publishing.DeliveryBounced && s["spam@customer.example"].State == publishing.DeliveryBounced &&
				s["fine@customer.example"].State == publishing.DeliverySent && s["later@customer.example"].Attempts == 1
		})
		first := must(w.Delivery(t.Context(), w.states(t, n)["later@customer.example"].ID))(t)
		if first.State != publishing.DeliveryQueued || !strings.HasPrefix(first.Outcome, "451 ") || first.Message == nil {
			t.Errorf("%+v", first)
		}
		for range 2 {
			w.watch.add(6 * time.Minute)
		}
		eventually(t, "the second attempt", func() bool { return w.states(t, n)["later@customer.example"].Attempts >= 2 })
		w.watch.add(6 * time.Minute)
		eventually(t, "the third attempt", func() bool { return w.states(t, n)["later@customer.example"].State == publishing.DeliverySent })
		got := box.to("later@customer.example")
		if len(got) != 1 || !bytes.Equal(bytes.TrimRight(got[0], "\r\n"), bytes.TrimRight(first.Message, "\r\n")) {
			t.Errorf("%d mails, or other bytes", len(got))
		}
		fare := map[string]string{}
		for _, c := range must(w.Contacts(t.Context(), who.ID))(t) {
			fare[c.Email] = c.State
		}
		if fare["gone@customer.example"] != "bounced" || fare["fine@customer.example"] != "sent" {
			t.Error(fare)
		}
	})
	t.Run("while the server is away or takes nothing from us, nothing counts as tried; then all of it goes out", func(t *testing.T) {
		t.Parallel()
		w, box := newWorld(t), &mailbox{}
		ln := must(net.Listen("tcp", "127.0.0.1:0"))(t)
		box.address = ln.Addr().String()
		_ = ln.Close()
		w.customer(t, "One", "en", publishing.General, "a@customer.example", "b@customer.example")
		n := w.announce(t)
		e, _ := w.run(t, sendingTo(t, box))
		eventually(t, "the engine says that the server is away", func() bool { return e.Away() != "" })
		var refuse atomic.Bool
		refuse.Store(true)
		box.from = func() error {
			if refuse.Load() {
				return refusal(550, "you may not send")
			}
			return nil
		}
		box.start(t, nil, false)
		eventually(t, "the server refuses us", func() bool { return strings.Contains(e.Away(), "550") })
		for _, d := range w.states(t, n) {
			if d.State != publishing.DeliveryQueued || d.Attempts != 0 {
				t.Errorf("%+v", d)
			}
		}
		refuse.Store(false)
		eventually(t, "both are there", func() bool { return len(box.got()) == 2 && e.Away() == "" })
	})
	t.Run("a server that ends the connection after each mail is connected to again", func(t *testing.T) {
		t.Parallel()
		w, box := newWorld(t), &mailbox{}
		var told atomic.Int64
		box.rcpt = func(string) error {
			if told.Add(1)%2 == 0 {
				return refusal(421, "goodbye")
			}
			return nil
		}
		box.start(t, nil, false)
		w.customer(t, "One", "en", publishing.General, "a@customer.example", "b@customer.example", "c@customer.example", "d@customer.example")
		w.announce(t)
		w.run(t, sendingTo(t, box))
		eventually(t, "all are there", func() bool { w.watch.add(10 * time.Second); return len(box.got()) == 4 })
	})
	t.Run("who left before it was sent gets nothing", func(t *testing.T) {
		t.Parallel()
		w, box := newWorld(t), &mailbox{}
		box.start(t, nil, false)
		id := w.subscriber(t, publishing.ByEmail, "left@example.org", "en")
		w.subscriber(t, publishing.ByEmail, "stays@example.org", "en")
		n := w.announce(t)
		if err := w.Leave(t.Context(), w.watch.Now(), id); err != nil {
			t.Fatal(err)
		}
		w.run(t, sendingTo(t, box))
		eventually(t, "the other one", func() bool { return must(w.Notice(t.Context(), n.ID))(t).Deliveries["sent"] == 1 })
		if len(box.got()) != 1 || len(box.to("stays@example.org")) != 1 {
			t.Error("who left was written to")
		}
	})
	t.Run("without a mail server, mail waits", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.customer(t, "One", "en", publishing.General, "a@customer.example")
		w.announce(t)
		_, stop := w.run(t, func(*notify.Options) {})
		time.Sleep(1500 * time.Millisecond)
		stop()
		if n := must(w.WaitingMail(t.Context()))(t); n != 1 {
			t.Errorf("%d wait", n)
		}
	})
}

func TestMailIsEncrypted(t *testing.T) {
	t.Parallel()
	secure, trust := certificates(t)
	one := func(t *testing.T, box *mailbox, change func(*notify.Mail, *notify.Options)) (*world, *notify.Engine) {
		t.Helper()
		w := newWorld(t)
		w.customer(t, "One", "en", publishing.General, "a@customer.example")
		w.announce(t)
		settings := box.settings(t)
		e, _ := w.run(t, func(o *notify.Options) {
			o.Mail, o.MailTLS = settings, trust
			settings.Plain = false
			change(settings, o)
		})
		return w, e
	}
	t.Run("by STARTTLS, signed in", func(t *testing.T) {
		t.Parallel()
		box := &mailbox{user: "us", password: "p w:d/@"}
		box.start(t, secure, false)
		one(t, box, func(*notify.Mail, *notify.Options) {})
		eventually(t, "it is there", func() bool { return len(box.got()) == 1 && box.encrypted })
	})
	t.Run("from the first byte", func(t *testing.T) {
		t.Parallel()
		box := &mailbox{}
		box.start(t, secure, true)
		one(t, box, func(m *notify.Mail, _ *notify.Options) { m.Implicit = true })
		eventually(t, "it is there", func() bool { return len(box.got()) == 1 && box.encrypted })
	})
	for rule, c := range map[string]struct {
		box    *mailbox
		change func(*notify.Mail, *notify.Options)
		why    string
	}{
		"a server without STARTTLS is refused":             {&mailbox{}, func(*notify.Mail, *notify.Options) {}, "STARTTLS"},
		"a certificate that nobody vouches for is refused": {&mailbox{}, func(_ *notify.Mail, o *notify.Options) { o.MailTLS = nil }, "certificate"},
		"a wrong password sends nothing":                   {&mailbox{user: "us", password: "right"}, func(m *notify.Mail, _ *notify.Options) { m.Password = "wrong" }, "sign in"},
	} {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			with := secure
			if c.why == "STARTTLS" {
				with = nil
			}
			c.box.start(t, with, false)
			w, e := one(t, c.box, c.change)
			eventually(t, "the engine says why", func() bool { return strings.Contains(e.Away(), c.why) })
			if n := must(w.WaitingMail(t.Context()))(t); n != 1 || len(c.box.got()) != 0 {
				t.Error("it was sent")
			}
		})
	}
}

func TestReadMail(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]notify.Mail{
		"smtp://mail.example.com":              {Host: "mail.example.com", Port: "587"},
		"smtps://a%40b:p%3Aw@mail.example.com": {Host: "mail.example.com", Port: "465", User: "a@b", Password: "p:w", Implicit: true},
		"smtp://u:p@10.0.0.1:25?starttls=no":   {Host: "10.0.0.1", Port: "25", User: "u", Password: "p", Plain: true},
		"smtp://localhost:1025":                {Host: "localhost", Port: "1025", Plain: true},
		"smtp://[::1]:1025/":                   {Host: "::1", Port: "1025", Plain: true},
	} {
		if got, err := notify.ReadMail(text); err != nil || *got != want {
			t.Errorf("%s: %+v %v", text, got, err)
		}
	}
	for _, text := range []string{"", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://x/y", "smtp://h?starttls=yes", "smtp://h:secret", "smtp://h#x"} {
		if got, err := notify.ReadMail(text); err == nil {
			t.Errorf("%s: %+v", text, got)
		} else if strings.Contains(err.Error(), "secret") {
			t.Error("the password is repeated")
		}
	}
}

// TestTwoInstances: two instances send each mail once.
func TestTwoInstances(t *testing.T) {
	t.Parallel()
	w, box := newWorld(t), &mailbox{}
	box.start(t, nil, false)
	var addresses []string
	for i := range 40 {
		addresses = append(addresses, string(rune('a'+i%26))+strings.Repeat("x", i/26)+"@customer.example")
	}
	w.customer(t, "Many", "en", publishing.General, addresses...)
	n := w.announce(t)
	for range 2 {
		w.run(t, sendingTo(t, box))
	}
	eventually(t, "all are written down", func() bool { return must(w.Notice(t.Context(), n.ID))(t).Deliveries["sent"] == 40 })
	var got []string
	for _, r := range box.got() {
		got = append(got, r.to)
	}
	slices.Sort(got)
	slices.Sort(addresses)
	if !slices.Equal(got, addresses) {
		t.Errorf("%d mails to %d addresses", len(got), len(slices.Compact(got)))
	}
}
