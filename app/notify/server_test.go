package notify_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net"
	netmail "net/mail"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"onward/app/notify"
)

// received is a mail as the server got it.
type received struct {
	to   string
	data []byte
}

// mailbox is a real mail server that keeps what it is sent, and refuses as rcpt and data say.
type mailbox struct {
	mu        sync.Mutex
	all       []received
	sessions  int
	encrypted bool

	user, password string                // demanded where set
	from           func() error          // may refuse the sender
	rcpt           func(to string) error // may refuse a recipient
	data           func(to string) error // may refuse a mail, after it was read
	slow           time.Duration         // each mail
	forget         bool                  // nothing is kept
	address        string
}

func (m *mailbox) NewSession(c *smtp.Conn) (smtp.Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sessions++
	_, m.encrypted = c.TLSConnectionState()
	return &visit{m: m, signed: m.user == ""}, nil
}

type visit struct {
	m      *mailbox
	to     string
	signed bool
}

func (*visit) Reset()        {}
func (*visit) Logout() error { return nil }

func (v *visit) AuthMechanisms() []string {
	if v.m.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (v *visit) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != v.m.user || password != v.m.password {
			return smtp.ErrAuthFailed
		}
		v.signed = true
		return nil
	}), nil
}

func (v *visit) Mail(string, *smtp.MailOptions) error {
	if !v.signed {
		return smtp.ErrAuthRequired
	}
	if v.m.from != nil {
		return v.m.from()
	}
	return nil
}

func (v *visit) Rcpt(to string, _ *smtp.RcptOptions) error {
	v.to = to
	if v.m.rcpt != nil {
		return v.m.rcpt(to)
	}
	return nil
}

func (v *visit) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	time.Sleep(v.m.slow)
	if v.m.data != nil {
		if err := v.m.data(v.to); err != nil {
			return err
		}
	}
	v.m.mu.Lock()
	defer v.m.mu.Unlock()
	if v.m.forget {
		return nil
	}
	v.m.all = append(v.m.all, received{v.to, b})
	return nil
}

func (m *mailbox) got() []received {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]received(nil), m.all...)
}

func (m *mailbox) to(address string) (all [][]byte) {
	for _, r := range m.got() {
		if r.to == address {
			all = append(all, r.data)
		}
	}
	return all
}

// start listens, at an address of its own or at one where it listened before.
func (m *mailbox) start(tb testing.TB, secure *tls.Config, implicit bool) {
	tb.Helper()
	if m.address == "" {
		m.address = "127.0.0.1:0"
	}
	ln := must(net.Listen("tcp", m.address))(tb)
	m.address = ln.Addr().String()
	s := smtp.NewServer(m)
	s.Domain, s.AllowInsecureAuth, s.TLSConfig = "mail.test", true, secure
	if implicit {
		ln = tls.NewListener(ln, secure)
	}
	s.ErrorLog = log.New(io.Discard, "", 0)
	go func() { _ = s.Serve(ln) }()
	tb.Cleanup(func() { _ = s.Close() })
}

var sender = &netmail.Address{Name: "Example – Privacy", Address: "privacy@example.com"}

// settings are those by which the program reaches the server.
func (m *mailbox) settings(tb testing.TB) *notify.Mail {
	tb.Helper()
	host, port, err := net.SplitHostPort(m.address)
	if err != nil {
		tb.Fatal(err)
	}
	return &notify.Mail{Host: host, Port: port, User: m.user, Password: m.password, Plain: true, From: sender}
}

// certificates makes a server's certificate for 127.0.0.1, and what a client needs to trust it.
func certificates(tb testing.TB) (server, client *tls.Config) {
	tb.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(tb)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		IsCA: true, BasicConstraintsValid: true,
	}
	raw := must(x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key))(tb)
	pool := x509.NewCertPool()
	pool.AddCert(must(x509.ParseCertificate(raw))(tb))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

func refusal(code int, text string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text + " " + strconv.Itoa(code)}
}
