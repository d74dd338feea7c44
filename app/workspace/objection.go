package workspace

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
)

// objection is an objection as a page shows it.
type objection struct {
	publishing.Objection
	Customer string
}

func (w *Workspace) newObjections(ctx context.Context, items []publishing.Objection) (all []objection, err error) {
	n := w.names()
	for _, o := range items {
		name, err := n.customer(ctx, o.CustomerID)
		if err != nil {
			return nil, err
		}
		all = append(all, objection{o, name})
	}
	return all, nil
}

var objectionsPage = pageOf("objections")

type objectionsData struct {
	frame
	States     []option
	Objections []objection
	Next       string
}

func (w *Workspace) showObjections(c *gin.Context, v login.Visit) error {
	q := queryOf(c, nil)
	d := &objectionsData{frame: w.frame(c, v, "Objections")}
	states := []string{"open", "upheld", "rejected", "withdrawn"}
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
	d.Next = q.next("/app/objections", p.Next)
	return w.show(c, http.StatusOK, objectionsPage, d)
}
