package workspace

import (
	"context"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
	"onward/registry/sharing"
)

// looked is how many of a kind the first page looks at, and glance how many of them it shows.
const (
	looked = 200
	glance = 6
)

// count is how many there are of something, and where.
type count struct {
	Singular, Plural, Address string
	N                         int
	More                      bool // there are more than were looked at
}

// Text is the number.
func (c count) Text() string {
	if c.More {
		return strconv.Itoa(c.N) + "+"
	}
	return strconv.Itoa(c.N)
}

// Name is what there are so many of.
func (c count) Name() string {
	if c.N == 1 && !c.More {
		return c.Singular
	}
	return c.Plural
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

var homePage = pageOf("home")

type homeData struct {
	frame
	Counts     []count
	Exceptions []exception
	Overdue    []task
	Breaking   []breaking
	Waiting    []task // tasks that have time
	Changes    []planned
	Announced  []planned
	Objections []objection
	Nothing    bool
}

// breaking are the deadlines that come within so many days.
type breaking struct {
	Title string
	Tasks []task
}

// showHome shows what must be done next. Nothing of it is remembered: it follows from the records as they are.
func (w *Workspace) showHome(c *gin.Context, v login.Visit) error {
	ctx := c.Request.Context()
	d := &homeData{frame: w.frame(c, v, "What must be done next")}
	for _, look := range []func(context.Context, *homeData) error{w.lookAtExceptions, w.lookAtTasks, w.lookAtChanges, w.lookAtObjections} {
		if err := look(ctx, d); err != nil {
			return err
		}
	}
	d.Nothing = true
	for _, n := range d.Counts {
		d.Nothing = d.Nothing && n.N == 0
	}
	return w.show(c, http.StatusOK, homePage, d)
}

func (w *Workspace) lookAtExceptions(ctx context.Context, d *homeData) error {
	p, err := w.Gate.Exceptions(ctx, sharing.ExceptionQuery{State: "open", Limit: looked})
	if err != nil {
		return err
	}
	d.Counts = append(d.Counts, count{"open exception", "open exceptions", "/app/exceptions", len(p.Items), p.Next != ""})
	d.Exceptions, err = w.newExceptions(ctx, p.Items[:min(len(p.Items), glance)])
	return err
}

// lookAtTasks parts the open tasks: those that are overdue, deadlines that come, and the others.
func (w *Workspace) lookAtTasks(ctx context.Context, d *homeData) error {
	p, err := w.Gate.Tasks(ctx, d.now, sharing.TaskQuery{State: "open", Limit: looked})
	if err != nil {
		return err
	}
	near := map[int][]task{}
	overdue, coming := 0, 0
	for _, item := range p.Items {
		t := newTask(item, d.now)
		switch {
		case t.Overdue:
			overdue++
			d.Overdue = append(d.Overdue, t)
		case t.WithinDays != nil:
			coming++
			near[*t.WithinDays] = append(near[*t.WithinDays], t)
		default:
			d.Waiting = append(d.Waiting, t)
		}
	}
	d.Counts = append(d.Counts, count{"overdue task", "overdue tasks", "/app/tasks", overdue, p.Next != "" && overdue == len(p.Items)},
		count{"deadline within 30 days", "deadlines within 30 days", "/app/tasks", coming, false}, count{"open task", "open tasks", "/app/tasks", len(p.Items), p.Next != ""})
	for _, within := range []struct {
		days  int
		title string
	}{{1, "Within a day"}, {7, "Within a week"}, {30, "Within 30 days"}} {
		if tasks := near[within.days]; len(tasks) > 0 {
			d.Breaking = append(d.Breaking, breaking{within.title, tasks[:min(len(tasks), glance)]})
		}
	}
	d.Overdue, d.Waiting = d.Overdue[:min(len(d.Overdue), glance)], d.Waiting[:min(len(d.Waiting), glance)]
	return nil
}

func (w *Workspace) lookAtChanges(ctx context.Context, d *homeData) error {
	for _, look := range []struct {
		state, singular, plural string
		into                    *[]planned
	}{{publishing.ChangeProposed, "change to approve", "changes to approve", &d.Changes}, {publishing.ChangeAnnounced, "announced change", "announced changes", &d.Announced}} {
		p, err := w.Desk.Changes(ctx, publishing.ChangeQuery{State: look.state, Limit: looked})
		if err != nil {
			return err
		}
		d.Counts = append(d.Counts, count{look.singular, look.plural, "/app/changes?state=" + look.state, len(p.Items), p.Next != ""})
		if *look.into, err = w.newAllPlanned(ctx, &d.frame, p.Items[:min(len(p.Items), glance)]); err != nil {
			return err
		}
	}
	return nil
}

func (w *Workspace) lookAtObjections(ctx context.Context, d *homeData) error {
	p, err := w.Desk.Objections(ctx, publishing.ObjectionQuery{State: "open", Limit: looked})
	if err != nil {
		return err
	}
	d.Counts = append(d.Counts, count{"open objection", "open objections", "/app/objections?state=open", len(p.Items), p.Next != ""})
	d.Objections, err = w.newObjections(ctx, p.Items[:min(len(p.Items), glance)])
	return err
}
