package main_test

import (
	"io"
	"mime/quotedprintable"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// postbox is a mail server that keeps what it is sent, by recipient, with the soft line breaks undone.
type postbox struct {
	mu   sync.Mutex
	mail map[string]string
}

func newPostbox(t *testing.T) (*postbox, string) {
	t.Helper()
	p := &postbox{mail: map[string]string{}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := smtp.NewServer(p)
	server.Domain = "mail.test"
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	return p, ln.Addr().String()
}

func (p *postbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &mailing{p: p}, nil }

type mailing struct {
	p  *postbox
	to string
}

func (*mailing) Reset()                                      {}
func (*mailing) Logout() error                               { return nil }
func (*mailing) Mail(string, *smtp.MailOptions) error        { return nil }
func (m *mailing) Rcpt(to string, _ *smtp.RcptOptions) error { m.to = to; return nil }

func (m *mailing) Data(r io.Reader) error {
	text, err := io.ReadAll(quotedprintable.NewReader(r))
	m.p.mu.Lock()
	defer m.p.mu.Unlock()
	m.p.mail[m.to] = string(text)
	return err
}

// link waits for a mail and returns the first address in it that begins so.
func (p *postbox) link(t *testing.T, to, begins string) string {
	t.Helper()
	find := regexp.MustCompile(regexp.QuoteMeta(begins) + `[^\s"<>]*`)
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		p.mu.Lock()
		text := p.mail[to]
		p.mu.Unlock()
		if found := find.FindString(text); found != "" {
			return found
		}
	}
	t.Fatalf("no mail to %s has an address that begins with %s", to, begins)
	return ""
}

func TestProgramMails(t *testing.T) {
	t.Parallel()
	t.Run("who asks is asked, who confirms is told, and so is a customer, who can object by the link", func(t *testing.T) {
		t.Parallel()
		box, address := newPostbox(t)
		p := start(t, dataDir(t), "ONWARD_SMTP=smtp://"+address, "ONWARD_MAIL_FROM=Example <privacy@example.com>", "ONWARD_COMPANY=Example")
		p.must(202, "", "POST", "/subscriptions", `{"channel":"email","address":"reader@example.org"}`)
		confirm := box.link(t, "reader@example.org", p.base+"/subscriptions/confirm?token=")
		p.must(200, "", "POST", strings.TrimPrefix(confirm, p.base), "")

		admin := p.key("admin")
		vendor := p.ready(admin)
		lines := p.must(200, admin, "GET", "/v1/vendors/"+vendor+"/engagements", "")
		engagement := regexp.MustCompile(`"id":"([^"]+)"`).FindSubmatch(lines.body)[1]
		p.must(201, admin, "POST", "/v1/customers", `{"name":"Analytical Engines","authorisation":"general","emergency":true,"contacts":[{"email":"ada@customer.example"}]}`)
		held := p.must(202, admin, "PATCH", "/v1/engagements/"+string(engagement), `{"service":"Hosting and backup"}`, "If-Match", `"1"`)
		change := "/v1/changes/" + held.text(t, "id")
		c := p.must(200, admin, "PATCH", change, `{"emergency":true,"reason":"the data centre burns"}`, "If-Match", `"1"`)
		c = p.must(200, p.key("approver"), "POST", change+"/approve", "", "If-Match", c.header.Get("ETag"))
		p.must(200, p.key("approver"), "POST", change+"/approve", "", "If-Match", c.header.Get("ETag"))
		box.link(t, "reader@example.org", p.base+"/subscriptions/leave?token=")
		object := box.link(t, "ada@customer.example", p.base+"/objections/")
		got := p.must(200, "", "GET", strings.TrimPrefix(object, p.base), "")
		if !strings.Contains(string(got.body), "Analytical Engines") {
			t.Errorf("%s", got.body)
		}
		if err := p.stop(); err != nil {
			t.Fatal(err, p.out)
		}
		if strings.Contains(p.out.String(), "example.org") || strings.Contains(p.out.String(), "customer.example") {
			t.Errorf("the program's log has addresses:\n%s", p.out)
		}
	})
	t.Run("without a mail server mail waits, and readyz and the doctor say so", func(t *testing.T) {
		t.Parallel()
		p := start(t, dataDir(t))
		if a := p.must(200, "", "GET", "/readyz", ""); string(a.body) != "{\"status\":\"ok\"}\n" {
			t.Errorf("%s", a.body)
		}
		p.must(202, "", "POST", "/subscriptions", `{"channel":"email","address":"reader@example.org"}`)
		if a := p.must(200, "", "GET", "/readyz", ""); !strings.Contains(string(a.body), "No mail server is set (ONWARD_SMTP). Mail waits to be sent.") {
			t.Errorf("%s", a.body)
		}
		out, _, _ := runOnce(t, p.env, "doctor")
		if !strings.Contains(out, "DOES NOT  No mail server is set (ONWARD_SMTP). Mails that wait to be sent: 1.\n") {
			t.Error(out)
		}
	})
	t.Run("settings that cannot be are refused, and no password is repeated", func(t *testing.T) {
		t.Parallel()
		_, code, text := runOnce(t, environment("ONWARD_SMTP=http://u:topsecret@x", "ONWARD_MAIL_FROM=nobody", "ONWARD_WEBHOOKS=some", "ONWARD_PROXIES=10.0.0.0/8, here"))
		for _, want := range []string{"ONWARD_SMTP: ", "ONWARD_MAIL_FROM: ", "ONWARD_WEBHOOKS: ", `ONWARD_PROXIES: "here"`} {
			if !strings.Contains(text, want) || code != 2 {
				t.Errorf("%s is not named, status %d: %s", want, code, text)
			}
		}
		if strings.Contains(text, "topsecret") {
			t.Error(text)
		}
		if _, code, text := runOnce(t, environment("ONWARD_SMTP=smtp://mail.example.com")); code != 2 || !strings.Contains(text, "ONWARD_MAIL_FROM: with ONWARD_SMTP, it must say whom mail is from") {
			t.Error(code, text)
		}
	})
}
