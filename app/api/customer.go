package api

import (
	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry/publishing"
)

func (a *API) listCustomers(c *gin.Context) error {
	q := queryOf(c, "q", "authorisation", "product", "region", "limit", "cursor")
	ask := publishing.CustomerQuery{
		Text: q.text("q"), Authorisation: q.text("authorisation"), Product: q.text("product"), Region: q.text("region"),
		Limit: q.limit(), Cursor: q.text("cursor"),
	}
	if err := q.err(); err != nil {
		return err
	}
	p, err := a.Desk.Customers(c.Request.Context(), ask)
	return page(c, p, parameters(err, map[string]string{"text": "q"}))
}

func (a *API) createCustomer(c *gin.Context) error {
	var f publishing.CustomerFields
	if err := decodeOnly(c, &f); err != nil {
		return err
	}
	k, err := a.Desk.CreateCustomer(c.Request.Context(), login.Actor(c), a.Now(), f)
	if err != nil {
		return err
	}
	return created(c, "/v1/customers/"+k.ID.String(), tagOf(k.Version), k)
}

func (a *API) readCustomer(c *gin.Context) error {
	id, asOf, err := a.recordOf(c)
	if err != nil {
		return err
	}
	k, err := a.Desk.Customer(c.Request.Context(), id, asOf)
	if err != nil {
		return err
	}
	return record(c, tagOf(k.Version), k)
}

func (a *API) changeCustomer(c *gin.Context) error {
	id, patch, err := patching(c)
	if err != nil {
		return err
	}
	k, err := change(c, func(version int64) (publishing.Customer, error) {
		return a.Desk.ChangeCustomer(c.Request.Context(), login.Actor(c), a.Now(), id, version, patch)
	})
	if err != nil {
		return err
	}
	return changed(c, tagOf(k.Version), k)
}
