package workspace

import (
	"context"
	"net/http"
	"net/url"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
)

// planned is a planned change of the public list as a page shows it, to whoever looks at it.
type planned struct {
	publishing.Change
	Path                         string
	Vendor                       string
	Proposer, Approver           string
	ApproverAgain                string
	MayApprove, Own, MayWithdraw bool
}

func (w *Workspace) newPlanned(ctx context.Context, n *names, f *frame, ch publishing.Change) (p planned, err error) {
	p = planned{Change: ch, Path: "/app/changes/" + ch.ID.String()}
	if len(ch.Differences) > 0 {
		p.Vendor = ch.Differences[0].Vendor
	} else if p.Vendor, err = n.vendor(ctx, ch.VendorID); err != nil {
		return p, err
	}
	if p.Proposer, err = n.actor(ctx, ch.ProposedBy); err != nil {
		return p, err
	}
	if ch.ApprovedBy != nil {
		if p.Approver, err = n.actor(ctx, *ch.ApprovedBy); err != nil {
			return p, err
		}
	}
	if ch.ApprovedAgainBy != nil {
		if p.ApproverAgain, err = n.actor(ctx, *ch.ApprovedAgainBy); err != nil {
			return p, err
		}
	}
	p.Own = ch.ProposedBy == f.User.ID || ch.ApprovedBy != nil && *ch.ApprovedBy == f.User.ID
	p.MayApprove = f.May(approvers...) && ch.State == publishing.ChangeProposed && !p.Own
	p.MayWithdraw = f.May(movers...) && ch.State != publishing.ChangeEffective && ch.State != publishing.ChangeWithdrawn
	return p, nil
}

func (w *Workspace) newAllPlanned(ctx context.Context, f *frame, items []publishing.Change) (all []planned, err error) {
	n := w.names()
	for _, ch := range items {
		p, err := w.newPlanned(ctx, n, f, ch)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

var changesPage = pageOf("changes")

type changesData struct {
	frame
	States     []option
	Changes    []planned
	Next, Back string
	Lost       string // what is wrong with a form that is not on the page any more
}

func (w *Workspace) showChanges(c *gin.Context, v login.Visit) error {
	return w.changes(c, v, http.StatusOK, nil)
}

func (w *Workspace) changes(c *gin.Context, v login.Visit, status int, s *sent) error {
	q := queryOf(c, s)
	d := &changesData{frame: w.frame(c, v, "Changes"), Back: q.encode()}
	d.Sent = s
	states := []string{publishing.ChangeProposed, publishing.ChangeApproved, publishing.ChangeAnnounced, publishing.ChangeEffective, publishing.ChangeWithdrawn}
	ask := publishing.ChangeQuery{State: q.choice("state", states...), VendorID: q.id("vendor_id"), Limit: pageSize, Cursor: q.text("cursor")}
	if err := q.err(); err != nil {
		return err
	}
	d.States = options(ask.State, states...)
	p, err := w.Desk.Changes(c.Request.Context(), ask)
	if err != nil {
		return err
	}
	if d.Changes, err = w.newAllPlanned(c.Request.Context(), &d.frame, p.Items); err != nil {
		return err
	}
	var forms []string
	for _, p := range d.Changes {
		if p.MayApprove {
			forms = append(forms, p.Path+"/approve")
		}
		if p.MayWithdraw {
			forms = append(forms, p.Path+"/withdraw")
		}
	}
	d.Lost = s.Lost(forms)
	d.Next = q.next("/app/changes", p.Next)
	return w.show(c, status, changesPage, d)
}

// approveChange approves the version of a change that was seen.
func (w *Workspace) approveChange(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return w.change(c, "/app/changes", func(values url.Values) error {
		version, err := versionOf(values)
		if err != nil {
			return err
		}
		_, err = w.Desk.ApproveChange(c.Request.Context(), v.User.Actor(), w.Now(), id, version)
		return err
	}, func(s *sent) error { return w.changes(c, v, s.Problem.Status, s) })
}

// withdrawChange gives up the version of a change that was seen, for a reason.
func (w *Workspace) withdrawChange(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	return w.change(c, "/app/changes", func(values url.Values) error {
		version, err := versionOf(values)
		if err != nil {
			return err
		}
		_, err = w.Desk.WithdrawChange(c.Request.Context(), v.User.Actor(), w.Now(), id, version, publishing.Withdrawal{Reason: unixLines(values.Get("reason"))})
		return err
	}, func(s *sent) error { return w.changes(c, v, s.Problem.Status, s) })
}
