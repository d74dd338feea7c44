package workspace

import (
	"context"
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/registry"
)

// historyKinds are the kinds of record whose history has a page of its own; that of a vendor stands on the vendor's.
var historyKinds = []string{"engagement", "location", "contract", "customer", "change", "objection"}

// version is a version of a record and who made it.
type version struct {
	registry.Version
	By string
}

// versions are a page of the versions of a record, newest first, each with how it differs from the one before.
func (w *Workspace) versions(ctx context.Context, kind string, id uuid.UUID, cursor string) (all []version, next string, err error) {
	p, err := w.Registry.History(ctx, kind, id, 20, cursor)
	if err != nil {
		return nil, "", err
	}
	n := w.names()
	for _, v := range p.Items {
		by, err := n.actor(ctx, v.ActorID)
		if err != nil {
			return nil, "", err
		}
		all = append(all, version{v, by})
	}
	return all, p.Next, nil
}

var historyPage = pageOf("history")

type historyData struct {
	frame
	Kind     string
	ID       uuid.UUID
	Versions []version
	Next     string
}

func (w *Workspace) showHistory(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	kind := c.Param("kind")
	if !slices.Contains(historyKinds, kind) {
		return registry.Refuse(registry.NotFound, "There is no such page.")
	}
	q := queryOf(c, nil)
	d := &historyData{frame: w.frame(c, v, "History of the "+kind), Kind: kind, ID: id}
	var next string
	if d.Versions, next, err = w.versions(c.Request.Context(), kind, id, q.text("cursor")); err != nil {
		return err
	}
	d.Next = q.next(c.Request.URL.Path, next)
	return w.show(c, http.StatusOK, historyPage, d)
}
