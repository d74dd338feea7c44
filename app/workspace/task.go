package workspace

import (
	"net/http"
	"net/url"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/sharing"
)

// task is a task as a page shows it.
type task struct {
	sharing.Task
	Form    string // where its closing is sent
	Tell    string // where it is sent that the recipient was told; empty where nobody is to be, or was
	Overdue bool
	Left    string // of one that comes
}

func newTask(t sharing.Task, now time.Time) task {
	shown := task{Task: t, Form: "/app/tasks/" + t.ID.String() + "/close", Overdue: t.ClosedAt == nil && t.DueAt.Before(now), Left: left(t.DueAt, now)}
	if t.Tells() && t.ClosedAt == nil && t.SentAt == nil {
		shown.Tell = "/app/tasks/" + t.ID.String() + "/sent"
	}
	return shown
}

// left is how long it is until due, in whole days; empty once it has passed.
func left(due, now time.Time) string {
	switch days := int(due.Sub(now) / (24 * time.Hour)); {
	case due.Before(now):
		return ""
	case days == 0:
		return "within a day"
	case days == 1:
		return "1 day left"
	default:
		return plural(days, "day") + " left"
	}
}

var tasksPage = pageOf("tasks")

type tasksData struct {
	frame
	States, Kinds []option
	Owner, Vendor string
	DueBefore     string
	Tasks         []task
	Next, Back    string
	Lost          string // what is wrong with a form that is not on the page any more
	MayClose      bool
	Outcomes      []string
}

func (w *Workspace) showTasks(c *gin.Context, v login.Visit) error {
	return w.tasks(c, v, http.StatusOK, nil)
}

func (w *Workspace) tasks(c *gin.Context, v login.Visit, status int, s *sent) error {
	q := queryOf(c, s)
	d := &tasksData{frame: w.frame(c, v, "Tasks"), Owner: q.text("owner"), DueBefore: q.text("due_before"), Vendor: q.text("vendor_id"), Back: q.encode()}
	d.Sent, d.MayClose, d.Outcomes = s, d.May(editors...), []string{"done", "confirmed", "impossible", "not_needed"}
	ask := sharing.TaskQuery{
		State: q.choice("state", "open", "closed"), Kind: q.choice("kind", sharing.TaskKinds()...), VendorID: q.id("vendor_id"), Owner: d.Owner,
		Limit: pageSize, Cursor: q.text("cursor"),
	}
	if day := q.day("due_before"); day != nil {
		ask.DueBefore = day.Start(time.UTC)
	}
	if err := q.err(); err != nil {
		return err
	}
	if ask.State == "" {
		ask.State = "open"
	}
	d.States, d.Kinds = options(ask.State, "open", "closed"), options(ask.Kind, sharing.TaskKinds()...)
	p, err := w.Gate.Tasks(c.Request.Context(), d.now, ask)
	if err != nil {
		return err
	}
	var forms []string
	for _, t := range p.Items {
		shown := newTask(t, d.now)
		d.Tasks = append(d.Tasks, shown)
		if t.ClosedAt == nil && d.MayClose {
			forms = append(forms, shown.Form, shown.Tell)
		}
	}
	d.Lost = s.Lost(forms)
	d.Next = q.next("/app/tasks", p.Next)
	return w.show(c, status, tasksPage, d)
}

// closeTask closes a task, and leads back to the list.
func (w *Workspace) closeTask(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return w.change(c, "/app/tasks", func(values url.Values) error {
		_, err := w.Gate.CloseTask(c.Request.Context(), v.User.Actor(), w.Now(), id,
			sharing.TaskClosing{Outcome: values.Get("outcome"), Reason: unixLines(values.Get("reason"))})
		return err
	}, func(s *sent) error { return w.tasks(c, v, s.Problem.Status, s) })
}

// sendTask records that the recipient was told.
func (w *Workspace) sendTask(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return w.change(c, "/app/tasks", func(url.Values) error {
		_, err := w.Gate.SendTask(c.Request.Context(), v.User.Actor(), w.Now(), id)
		return err
	}, func(s *sent) error { return w.tasks(c, v, s.Problem.Status, s) })
}

// change does what a form on a list asks for, and leads back to the list; where it is refused, the list is shown again with the form as it was sent.
func (w *Workspace) change(c *gin.Context, path string, do func(url.Values) error, again func(*sent) error) error {
	values, err := readForm(c)
	if err != nil {
		return err
	}
	if err := do(values); err != nil {
		if s, ok := refusedForm(c, values, err); ok {
			return again(s)
		}
		return err
	}
	return w.seeOther(c, backTo(path, values))
}
