package notify

import (
	"errors"
	"net"
	"net/mail"
	"net/url"
	"strings"
)

// Mail is how mail is sent.
type Mail struct {
	Host, Port     string
	User, Password string
	Implicit       bool // TLS from the first byte; else by STARTTLS
	Plain          bool // TLS is not demanded
	From           *mail.Address
}

// ReadMail reads smtp[s]://user:password@host:port. smtp is encrypted by STARTTLS: a server that does not offer it is refused, unless it is on this
// machine, or the address ends with ?starttls=no. Nothing of a bad address is repeated: it may hold a password.
func ReadMail(address string) (*Mail, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errors.New("it is written smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	m := &Mail{Host: u.Hostname(), Port: u.Port(), Implicit: u.Scheme == "smtps"}
	if u.Scheme != "smtp" && u.Scheme != "smtps" || m.Host == "" || strings.Trim(u.Path, "/") != "" || u.Fragment != "" {
		return nil, errors.New("it is written smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	switch u.RawQuery {
	case "":
	case "starttls=no":
		m.Plain = true
	default:
		return nil, errors.New("the only thing that may follow after ? is starttls=no")
	}
	if m.Port == "" {
		m.Port = "587"
		if m.Implicit {
			m.Port = "465"
		}
	}
	if u.User != nil {
		m.User = u.User.Username()
		m.Password, _ = u.User.Password()
	}
	m.Plain = m.Plain || here(m.Host)
	return m, nil
}

// here says whether a host is this machine.
func here(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// domain is that of the sender's address.
func (m *Mail) domain() string {
	_, domain, _ := strings.Cut(m.From.Address, "@")
	return domain
}
