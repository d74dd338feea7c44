package workspace

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/audit"
)

// alarm is what is wrong with the record or the list itself: it stands on every page until it is over.
type alarm struct {
	Title     string
	Sentences []string
	Since     time.Time // zero where nobody knows
	Mendable  bool      // an administrator ends it by acknowledging why
}

// alarmPath is where an acknowledgement is sent.
const alarmPath = "/app/alarm"

// Path is where an acknowledgement is sent.
func (alarm) Path() string { return alarmPath }

// alarms are all that there are now. What cannot be looked at is one too.
func (w *Workspace) alarms(ctx context.Context, now time.Time) []alarm {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	all := w.logAlarms(ctx, now)
	if w.Stale != nil {
		if since, is := w.Stale(); is {
			all = append(all, alarm{
				Title: "The public list is old.", Since: since,
				Sentences: []string{"Its records cannot be read. What the public sees is how the list stood then; it is marked as old, and renewed as soon as the records can be read."},
			})
		}
	}
	if w.MailAway != nil && w.MailAway() != "" {
		if n, err := w.Desk.WaitingMail(ctx); err == nil && n > 0 {
			all = append(all, alarm{Title: "Mail waits to be sent.", Sentences: []string{
				w.MailAway(), fmt.Sprintf("Messages waiting: %d. Whoever must be told of changes of the public list is not told.", n),
			}})
		}
	}
	return all
}

func (w *Workspace) logAlarms(ctx context.Context, now time.Time) []alarm {
	head, err := w.Log.Head(ctx)
	if err != nil {
		return []alarm{{Title: "The database does not answer.", Sentences: []string{"Nothing can be recorded, and no share is allowed, until it does."}}}
	}
	if head.Frozen != "" {
		return []alarm{frozenAlarm(head)}
	}
	published, err := w.Published(ctx)
	if err != nil {
		return []alarm{{Title: "It cannot be read how far the log is published.", Sentences: []string{"The program says more in its own log."}}}
	}
	var all []alarm
	if waits, since := w.unpublished(ctx, head, published, now); waits > 0 {
		all = append(all, alarm{Title: "The log is not being published.", Since: since, Sentences: []string{
			fmt.Sprintf("No checkpoint covers the newest entries, of which there are %d. Until one does, nobody outside can hold us to them. The command “onward doctor” says what is wrong.", waits),
		}})
	}
	for _, name := range slices.Sorted(maps.Keys(published.CosignedAt)) {
		at := published.CosignedAt[name]
		if now.Sub(at) > w.WitnessAge && published.Size > 0 {
			a := alarm{Title: "The witness " + name + " does not cosign.", Since: at, Sentences: []string{"That the log was not rewritten since is proved by our own copy alone."}}
			if at.IsZero() {
				a.Sentences = []string{"It never did. That the log was not rewritten is proved by our own copy alone."}
			}
			all = append(all, a)
		}
	}
	return all
}

// unpublished is how many entries no checkpoint covers, where one of them has waited too long, and since when it has.
func (w *Workspace) unpublished(ctx context.Context, head audit.Head, published audit.Published, now time.Time) (int64, time.Time) {
	if published.Size >= head.Size || now.Sub(published.SignedAt) <= w.CheckpointAge {
		return 0, time.Time{}
	}
	first, err := w.Log.Entries(ctx, audit.Query{After: published.Size - 1, Limit: 1})
	if err != nil || len(first) == 0 || now.Sub(first[0].RecordedAt) <= w.CheckpointAge {
		return 0, time.Time{}
	}
	return head.Size - published.Size, first[0].RecordedAt
}

func frozenAlarm(head audit.Head) alarm {
	a := alarm{Title: "The log is frozen.", Since: head.FrozenAt, Mendable: head.Outside, Sentences: []string{
		head.Frozen,
		"Nothing can be recorded or changed, and no share is allowed. All that was recorded can still be read.",
	}}
	if head.Outside {
		a.Sentences = append(a.Sentences, "Find out first what happened: a backup that was restored, or a database that lost what was recorded. "+
			"Then an administrator ends it by saying why; that becomes an entry of the log, under the administrator's id.")
	} else {
		a.Sentences = append(a.Sentences, "The database contradicts its own checkpoints. Nobody can acknowledge that: whoever runs the database must restore it from a backup.")
	}
	return a
}

var alarmPage = pageOf("alarm")

type alarmData struct {
	frame
	Lost string // what is wrong with a form that is not on the page any more
}

func (w *Workspace) showAlarm(c *gin.Context, v login.Visit) error {
	return w.alarm(c, v, http.StatusOK, nil)
}

func (w *Workspace) alarm(c *gin.Context, v login.Visit, status int, s *sent) error {
	d := &alarmData{frame: w.frame(c, v, "Alarms")}
	var forms []string
	for _, a := range d.Alarms {
		if a.Mendable {
			forms = append(forms, a.Path())
		}
	}
	d.Sent, d.Lost = s, s.Lost(forms)
	return w.show(c, status, alarmPage, d)
}

// acknowledge opens a frozen log, for a reason.
func (w *Workspace) acknowledge(c *gin.Context, v login.Visit) error {
	values, err := readForm(c)
	if err != nil {
		return err
	}
	_, err = w.Log.Acknowledge(c.Request.Context(), v.User.Actor(), w.Now(), unixLines(values.Get("reason")))
	if err != nil {
		if s, ok := refusedForm(c, values, err); ok {
			return w.alarm(c, v, s.Problem.Status, s)
		}
		return err
	}
	if err := w.Users.Tell(c.Request.Context(), w.Now()); err != nil { // who came in meanwhile; otherwise it is told later
		w.Problems.Document(c, err)
	}
	return w.seeOther(c, "/app")
}

// seeOther leads back to a page after a form: loading that again sends nothing again.
func (w *Workspace) seeOther(c *gin.Context, address string) error {
	w.head(c)
	c.Redirect(http.StatusSeeOther, address)
	return nil
}
