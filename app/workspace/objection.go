package workspace

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
)

// objection is an objection as a page shows it.
type objection struct {
	publishing.Objection
	Customer string
	Decider  string
	Form     string   // where its decision is sent
	Choices  []string // what can be decided, first nothing where there is a choice; none of what is decided for good
}

func (w *Workspace) newObjection(ctx context.Context, n *names, o publishing.Objection) (x objection, err error) {
	x = objection{Objection: o, Form: "/app/objections/" + o.ID.String() + "/decide"}
	switch o.State {
	case publishing.ObjectionOpen:
		x.Choices = []string{"", publishing.ObjectionUpheld, publishing.ObjectionRejected, publishing.ObjectionWithdrawn}
	case publishing.ObjectionUpheld:
		x.Choices = []string{publishing.ObjectionWithdrawn}
	}
	if x.Customer, err = n.customer(ctx, o.CustomerID); err != nil {
		return x, err
	}
	if o.DecidedBy != nil {
		x.Decider, err = n.actor(ctx, *o.DecidedBy)
	}
	return x, err
}

func (w *Workspace) newObjections(ctx context.Context, items []publishing.Objection) (all []objection, err error) {
	n := w.names()
	for _, o := range items {
		x, err := w.newObjection(ctx, n, o)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

var objectionsPage = pageOf("objections")

type objectionsData struct {
	frame
	States     []option
	Objections []objection
	Next, Back string
	Lost       string // what is wrong with a form that is not on the page any more
	MayDecide  bool
}

func (w *Workspace) showObjections(c *gin.Context, v login.Visit) error {
	return w.objections(c, v, http.StatusOK, nil)
}

func (w *Workspace) objections(c *gin.Context, v login.Visit, status int, s *sent) error {
	q := queryOf(c, s)
	d := &objectionsData{frame: w.frame(c, v, "Objections"), Back: q.encode()}
	d.Sent, d.MayDecide = s, d.May(editors...)
	states := []string{publishing.ObjectionOpen, publishing.ObjectionUpheld, publishing.ObjectionRejected, publishing.ObjectionWithdrawn}
	ask := publishing.ObjectionQuery{State: q.choice("state", states...), Limit: pageSize, Cursor: q.text("cursor")}
	if err := q.err(); err != nil {
		return err
	}
	d.States = options(ask.State, states...)
	p, err := w.Desk.Objections(c.Request.Context(), ask)
	if err != nil {
		return err
	}
	if d.Objections, err = w.newObjections(c.Request.Context(), p.Items); err != nil {
		return err
	}
	var forms []string
	for _, o := range d.Objections {
		if d.MayDecide && o.Choices != nil {
			forms = append(forms, o.Form)
		}
	}
	d.Lost = s.Lost(forms)
	d.Next = q.next("/app/objections", p.Next)
	return w.show(c, status, objectionsPage, d)
}

// decideObjection decides the version of an objection that was seen, for a reason, and leads back to the list.
func (w *Workspace) decideObjection(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return w.change(c, "/app/objections", func(values url.Values) error {
		version, err := versionOf(values)
		if err != nil {
			return err
		}
		_, err = w.Desk.DecideObjection(c.Request.Context(), v.User.Actor(), w.Now(), id, version, publishing.ObjectionDecision{
			State: values.Get("state"), Reason: unixLines(values.Get("reason")), Outcome: unixLines(values.Get("outcome")),
		})
		return err
	}, func(s *sent) error { return w.objections(c, v, s.Problem.Status, s) })
}
