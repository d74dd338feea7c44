package notify

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/textproto"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// How long a mail server may take to be reached, and for one mail.
const (
	mailDial = 20 * time.Second
	mailTime = 90 * time.Second
)

// unreachable is a mail server that nothing can be sent through now: that is no mail's fault.
type unreachable struct{ error }

func (u unreachable) Unwrap() error { return u.error }

// session is a connection to the mail server, over which one mail after the other is sent.
type session struct {
	mail   *Mail
	tls    *tls.Config // nil for the usual one
	client *smtp.Client
	conn   net.Conn
	sent   int
}

// sessionMails is how many mails go over one connection: servers close those that never end.
const sessionMails = 100

// send sends a message and returns what the server answered. An error is unreachable, or a *textproto.Error of this mail alone; any other one broke off
// in the middle, and nobody knows whether the mail was taken.
func (s *session) send(ctx context.Context, to string, message []byte) (string, error) {
	if s.client != nil && s.sent >= sessionMails {
		s.close()
	}
	if s.client == nil {
		if err := s.open(ctx); err != nil {
			s.drop()
			return "", unreachable{err}
		}
	}
	_ = s.conn.SetDeadline(time.Now().Add(mailTime))
	answer, err := s.transact(to, message)
	var told *textproto.Error
	switch {
	case err == nil:
		s.sent++
		return answer, nil
	case !errors.As(err, &told):
		s.drop()
		return "", err
	case told.Code == 421: // the server ends the session; whether this mail is to blame shows when it is tried again
		s.drop()
		return "", err
	}
	if s.client.Reset() != nil {
		s.drop()
	}
	return "", err
}

func (s *session) transact(to string, message []byte) (string, error) {
	if err := s.client.Mail("<" + s.mail.From.Address + ">"); err != nil {
		return "", ours(err)
	}
	if err := s.client.Rcpt("<" + to + ">"); err != nil {
		return "", err
	}
	w, err := s.client.Data()
	if err != nil {
		return "", err
	}
	if _, err := w.Write(message); err != nil {
		return "", fmt.Errorf("send a mail: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	if d, ok := w.(*smtp.DataCloser); ok {
		return "250 " + d.ServerResponse(), nil
	}
	return "250", nil
}

// ours is a refusal of the sender, which is no recipient's fault: what cannot be sent from here now is tried later.
func ours(err error) error {
	var told *textproto.Error
	if errors.As(err, &told) {
		return unreachable{err}
	}
	return err
}

func (s *session) open(ctx context.Context) error {
	m := s.mail
	address := net.JoinHostPort(m.Host, m.Port)
	d := net.Dialer{Timeout: mailDial}
	conn, err := d.DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	secure := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.tls != nil {
		secure = s.tls.Clone()
	}
	secure.ServerName = m.Host
	_ = conn.SetDeadline(time.Now().Add(mailTime))
	s.conn, s.sent = conn, 0
	if m.Implicit {
		s.conn = tls.Client(conn, secure)
	}
	if s.client, err = smtp.NewClient(s.conn, m.Host); err != nil {
		return err
	}
	s.client.SkipSMTPUTF8(true)
	if err := s.client.Hello(m.domain()); err != nil {
		return err
	}
	offered, _ := s.client.Extension("STARTTLS")
	switch {
	case m.Implicit:
	case offered:
		if err := s.client.StartTLS(secure); err != nil {
			return err
		}
	case !m.Plain:
		return errors.New("the mail server does not offer STARTTLS")
	}
	if m.User == "" {
		return nil
	}
	return s.authenticate()
}

func (s *session) authenticate() error {
	_, how := s.client.Extension("AUTH")
	auth := smtp.PlainAuth("", s.mail.User, s.mail.Password, s.mail.Host, false)
	if methods := strings.Fields(strings.ToUpper(how)); !slices.Contains(methods, "PLAIN") && slices.Contains(methods, "LOGIN") {
		auth = smtp.LoginAuth(s.mail.User, s.mail.Password, s.mail.Host, false)
	}
	if err := s.client.Auth(auth); err != nil {
		return fmt.Errorf("sign in to the mail server: %w", err)
	}
	return nil
}

// close says goodbye.
func (s *session) close() {
	if s.client != nil {
		_ = s.conn.SetDeadline(time.Now().Add(5 * time.Second))
		_ = s.client.Quit()
	}
	s.drop()
}

func (s *session) drop() {
	if s.conn != nil {
		_ = s.conn.Close()
	}
	s.client, s.conn = nil, nil
}

// answerOf is a server's answer in one line.
func answerOf(told *textproto.Error) string {
	return strings.ToValidUTF8(strconv.Itoa(told.Code)+" "+strings.ReplaceAll(told.Msg, "\n", " "), "?")
}
