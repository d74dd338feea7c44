package notify

import (
	"context"
	"errors"
	"net/textproto"
	"time"

	"onward/registry/publishing"
)

// mailing sends mail, one after the other over one connection, until jobs is closed.
func (e *Engine) mailing(ctx context.Context, jobs <-chan *publishing.Letter) {
	s := &session{mail: e.Mail, tls: e.MailTLS}
	defer s.close()
	for {
		select {
		case l, more := <-jobs:
			if !more {
				return
			}
			e.mailOne(ctx, s, l)
		case <-time.After(idle):
			s.close()
		}
	}
}

// mailOne sends a mail and writes down what came of it.
func (e *Engine) mailOne(ctx context.Context, s *session, l *publishing.Letter) {
	switch {
	case !e.held(l, mailDial+2*mailTime):
		return // it is due again by itself, here or elsewhere
	case e.pause.left() > 0:
		e.release(ctx, []publishing.Letter{*l})
		return
	case l.Dropped(e.Now()):
		e.end(ctx, l, publishing.Attempt{State: publishing.DeliveryDropped, Outcome: "nobody waits for it any more"})
		return
	}
	message := l.Message
	if message == nil {
		var err error
		if message, err = e.Words.compose(e.Mail, l); err != nil {
			e.Logger.ErrorContext(ctx, "composing a mail", "delivery", l.ID, "error", err)
			e.end(ctx, l, publishing.Attempt{State: publishing.DeliveryBounced, Outcome: "the mail could not be written"})
			return
		}
	}
	answer, err := s.send(ctx, l.Address, message)
	var away unreachable
	if errors.As(err, &away) {
		if e.pause.begin(away.Error()) {
			e.Logger.WarnContext(ctx, "the mail server takes nothing; mail stays queued", "error", away.error)
		}
		e.release(ctx, []publishing.Letter{*l})
		return
	}
	e.pause.end()
	e.end(ctx, l, mailed(message, answer, err))
}

// mailed is what came of an attempt to mail: 5xx is for good (RFC 5321, section 4.2.1), everything else may be tried again.
func mailed(message []byte, answer string, err error) publishing.Attempt {
	a := publishing.Attempt{State: publishing.DeliverySent, Message: message, Outcome: answer}
	var told *textproto.Error
	switch {
	case err == nil:
	case errors.As(err, &told) && told.Code >= 500:
		a.State, a.Outcome = publishing.DeliveryBounced, answerOf(told)
	case errors.As(err, &told):
		a.State, a.Outcome = publishing.DeliveryQueued, answerOf(told)
	default:
		a.State, a.Outcome = publishing.DeliveryQueued, "the connection broke off: "+err.Error()
	}
	return a
}
