package api

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/google/uuid"

	"onward/app/login"
	"onward/registry"
	"onward/registry/publishing"
)

func (a *API) listNotices(c *gin.Context) error {
	q := queryOf(c, "limit", "cursor")
	limit := q.limit()
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Desk.Notices(c.Request.Context(), limit, q.text("cursor"))
	return page(c, p, err)
}

func (a *API) readNotice(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	n, err := a.Desk.Notice(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, n)
}

func (a *API) listDeliveries(c *gin.Context) error {
	id, err := idOf(c, "id")
	if err != nil {
		return err
	}
	q := queryOf(c, "state", "customer_id", "limit", "cursor")
	ask := publishing.DeliveryQuery{Notice: id, State: q.some("state"), Customer: q.id("customer_id"), Limit: q.limit(), Cursor: q.text("cursor")}
	if err := q.err(); err != nil {
		return err
	}
	if _, err := a.Desk.Notice(c.Request.Context(), id); err != nil {
		return err
	}
	p, err := a.Desk.Deliveries(c.Request.Context(), ask)
	return page(c, p, err)
}

func (a *API) resendNotice(c *gin.Context) error {
	var r publishing.Resending
	id, err := only(c)
	if err != nil {
		return err
	}
	if err := decode(c, &r); err != nil {
		return err
	}
	if err := a.Desk.Resend(c.Request.Context(), login.Actor(c), a.Now(), id, r); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

func (a *API) readDelivery(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	d, err := a.Desk.Delivery(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, d)
}

// readMessage answers with exactly the bytes that were sent, or tried to be.
func (a *API) readMessage(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	d, err := a.Desk.Delivery(c.Request.Context(), id)
	if err != nil {
		return err
	}
	if d.Message == nil {
		return registry.Refuse(registry.NotFound, "Nothing of this delivery is kept: it was not tried yet, or its receiver was forgotten.")
	}
	if d.Channel == publishing.ByWebhook {
		c.Data(http.StatusOK, jsonType, d.Message)
		return nil
	}
	c.Header("Content-Disposition", `attachment; filename="`+d.ID.String()+`.eml"`)
	c.Data(http.StatusOK, "message/rfc822", d.Message)
	return nil
}

// bounceDelivery takes what a mail system learned of a message after it had taken it.
func (a *API) bounceDelivery(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	var b publishing.Bounce
	if err := decode(c, &b); err != nil {
		return err
	}
	d, err := a.Desk.Bounced(c.Request.Context(), login.Actor(c), a.Now(), id, b)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, bounced{d.ID, d.State})
}

// bounced is what whoever reports a bounce is told: a service sees no addresses.
type bounced struct {
	ID    uuid.UUID `json:"id"`
	State string    `json:"state"`
}

func (a *API) listBounces(c *gin.Context) error {
	if err := queryOf(c).err(); err != nil {
		return err
	}
	all, err := a.Desk.Bouncing(c.Request.Context())
	return page(c, registry.Page[publishing.BouncingContact]{Items: all}, err)
}

// contacts are a customer's contacts, with how the newest notice to each fares.
type contacts struct {
	Contacts []publishing.ContactState `json:"contacts"`
}

func (a *API) listContacts(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	all, err := a.Desk.Contacts(c.Request.Context(), id)
	if err != nil {
		return err
	}
	return answer(c, http.StatusOK, contacts{all})
}

func (a *API) listSubscribers(c *gin.Context) error {
	q := queryOf(c, "state", "channel", "address", "limit", "cursor")
	ask := publishing.SubscriberQuery{
		State: q.some("state"), Channel: q.some("channel"), Address: q.some("address"), Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Desk.Subscribers(c.Request.Context(), ask)
	return page(c, p, err)
}

func (a *API) eraseSubscriber(c *gin.Context) error {
	id, err := only(c)
	if err != nil {
		return err
	}
	if err := a.Desk.Erase(c.Request.Context(), login.Actor(c), a.Now(), id); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}
