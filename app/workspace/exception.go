package workspace

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/registry/sharing"
)

// exceptionKinds are the kinds of exceptions, as the JSON interface has them.
var exceptionKinds = []string{"violation", "late_discovery", "vendor_not_approved", "mechanism_fallen", "cookie_unknown", "source_not_active"}

// exception is an exception as a page shows it.
type exception struct {
	sharing.Exception
	Form   string // where its closing is sent
	Vendor string
	Closer string
}

func (w *Workspace) newException(ctx context.Context, n *names, e sharing.Exception) (x exception, err error) {
	x = exception{Exception: e, Form: "/app/exceptions/" + e.ID.String() + "/close"}
	if e.VendorID != uuid.Nil {
		if x.Vendor, err = n.vendor(ctx, e.VendorID); err != nil {
			return x, err
		}
	}
	if e.ClosedBy != nil {
		x.Closer, err = n.actor(ctx, *e.ClosedBy)
	}
	return x, err
}

var exceptionsPage = pageOf("exceptions")

type exceptionsData struct {
	frame
	States, Kinds []option
	Vendor        string
	Exceptions    []exception
	Next, Back    string
	Lost          string // what is wrong with a form that is not on the page any more
	MayClose      bool
}

func (w *Workspace) showExceptions(c *gin.Context, v login.Visit) error {
	return w.exceptions(c, v, http.StatusOK, nil)
}

func (w *Workspace) exceptions(c *gin.Context, v login.Visit, status int, s *sent) error {
	q := queryOf(c, s)
	d := &exceptionsData{frame: w.frame(c, v, "Exceptions"), Vendor: q.text("vendor_id"), Back: q.encode()}
	d.Sent, d.MayClose = s, d.May(editors...)
	ask := sharing.ExceptionQuery{
		State: q.choice("state", "open", "closed"), Kind: q.choice("kind", exceptionKinds...), VendorID: q.id("vendor_id"),
		Limit: pageSize, Cursor: q.text("cursor"),
	}
	if err := q.err(); err != nil {
		return err
	}
	if ask.State == "" {
		ask.State = "open"
	}
	d.States, d.Kinds = options(ask.State, "open", "closed"), options(ask.Kind, exceptionKinds...)
	p, err := w.Gate.Exceptions(c.Request.Context(), ask)
	if err != nil {
		return err
	}
	if d.Exceptions, err = w.newExceptions(c.Request.Context(), p.Items); err != nil {
		return err
	}
	var forms []string
	for _, e := range d.Exceptions {
		if e.ClosedAt == nil && d.MayClose {
			forms = append(forms, e.Form)
		}
	}
	d.Lost = s.Lost(forms)
	d.Next = q.next("/app/exceptions", p.Next)
	return w.show(c, status, exceptionsPage, d)
}

func (w *Workspace) newExceptions(ctx context.Context, items []sharing.Exception) (all []exception, err error) {
	n := w.names()
	for _, e := range items {
		x, err := w.newException(ctx, n, e)
		if err != nil {
			return nil, err
		}
		all = append(all, x)
	}
	return all, nil
}

// closeException closes an exception for a reason, and leads back to the list.
func (w *Workspace) closeException(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return w.change(c, "/app/exceptions", func(values url.Values) error {
		_, err := w.Gate.CloseException(c.Request.Context(), v.User.Actor(), w.Now(), id, sharing.Closing{Reason: unixLines(values.Get("reason"))})
		return err
	}, func(s *sent) error { return w.exceptions(c, v, s.Problem.Status, s) })
}
