package notify

import (
	"bytes"
	"fmt"
	"time"

	"github.com/google/uuid"
	mail "github.com/wneessen/go-mail"
)

// letter is a mail before it is written as one.
type letter struct {
	id          uuid.UUID
	to          string
	subject     string
	text, html  string
	language    string
	at          time.Time
	unsubscribe string // address of one click; empty where there is nothing to unsubscribe from
}

// write writes the message. The same letter is the same bytes, whenever and wherever it is written.
func (m *Mail) write(l letter) ([]byte, error) {
	msg := mail.NewMsg(mail.WithBoundary("onward-"+l.id.String()), mail.WithNoDefaultUserAgent())
	msg.FromMailAddress(m.From)
	if err := msg.To(l.to); err != nil {
		return nil, fmt.Errorf("the address of delivery %s cannot be written into a mail", l.id) // without the address
	}
	msg.SetMessageIDWithValue(l.id.String() + "@" + m.domain())
	msg.SetDateWithValue(l.at)
	msg.Subject(l.subject)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: nothing answers it by itself
	msg.SetGenHeader("Content-Language", l.language)
	if l.unsubscribe != "" {
		msg.SetGenHeaderPreformatted(mail.HeaderListUnsubscribe, "<"+l.unsubscribe+">")
		msg.SetGenHeader(mail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click") // of the other sort only one has a place that stays
	}
	msg.SetBodyString(mail.TypeTextPlain, l.text)
	msg.AddAlternativeString(mail.TypeTextHTML, l.html)
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write a mail: %w", err)
	}
	return b.Bytes(), nil
}
