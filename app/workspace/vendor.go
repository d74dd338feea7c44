package workspace

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"onward/app/login"
	"onward/registry"
)

var vendorStates = []string{"proposed", "approved", "active", "winding_down", "ended"}

var vendorsPage = pageOf("vendors")

type vendorsData struct {
	frame
	Text    string
	States  []option
	Vendors []registry.Vendor
	Next    string
}

func (w *Workspace) showVendors(c *gin.Context, v login.Visit) error {
	q := queryOf(c, nil)
	d := &vendorsData{frame: w.frame(c, v, "Vendors"), Text: q.text("q")}
	ask := registry.VendorQuery{Text: d.Text, State: q.choice("state", vendorStates...), Limit: pageSize, Cursor: q.text("cursor")}
	if err := q.err(); err != nil {
		return err
	}
	d.States = options(ask.State, vendorStates...)
	p, err := w.Registry.Vendors(c.Request.Context(), ask)
	if err != nil {
		return err
	}
	d.Vendors, d.Next = p.Items, q.next("/app/vendors", p.Next)
	return w.show(c, http.StatusOK, vendorsPage, d)
}

// engagement is an engagement with where it happens.
type engagement struct {
	registry.Engagement
	Locations []registry.Location
}

var vendorPage = pageOf("vendor")

type vendorData struct {
	frame
	Vendor      registry.Vendor
	Path        string
	At          string // the day that contracts are asked for; empty is now
	Engagements []engagement
	Contracts   []registry.Contract
	MoreOf      []string // lists of which not all is shown
	Versions    []version
	Next        string // of the versions
}

// vendorList is how many engagements, locations of each and contracts a vendor's page shows.
const vendorList = 100

func (w *Workspace) showVendor(c *gin.Context, v login.Visit) error {
	id, err := idOf(c)
	if err != nil {
		return err
	}
	q := queryOf(c, nil)
	at, day := w.Now(), q.day("at")
	if day != nil {
		at = endOf(*day)
	}
	if err := q.err(); err != nil {
		return err
	}
	ctx := c.Request.Context()
	vendor, err := w.Registry.Vendor(ctx, id, nil)
	if err != nil {
		return err
	}
	d := &vendorData{frame: w.frame(c, v, vendor.Name), Vendor: vendor, Path: c.Request.URL.Path, At: q.text("at")}
	if err := w.addEngagements(ctx, d); err != nil {
		return err
	}
	if err := w.addContracts(ctx, d, at); err != nil {
		return err
	}
	var next string
	if d.Versions, next, err = w.versions(ctx, "vendor", id, q.text("cursor")); err != nil {
		return err
	}
	d.Next = q.next(d.Path, next)
	return w.show(c, http.StatusOK, vendorPage, d)
}

func (w *Workspace) addEngagements(ctx context.Context, d *vendorData) error {
	p, err := w.Registry.Engagements(ctx, d.Vendor.ID, vendorList, "")
	if err != nil {
		return err
	}
	for _, e := range p.Items {
		places, err := w.Registry.Locations(ctx, e.ID, vendorList, "")
		if err != nil {
			return err
		}
		d.Engagements = append(d.Engagements, engagement{e, places.Items})
	}
	if p.Next != "" {
		d.MoreOf = append(d.MoreOf, "engagements")
	}
	return nil
}

func (w *Workspace) addContracts(ctx context.Context, d *vendorData, at time.Time) error {
	p, err := w.Registry.Contracts(ctx, at, d.Vendor.ID, vendorList, "")
	if err != nil {
		return err
	}
	d.Contracts = p.Items
	if p.Next != "" {
		d.MoreOf = append(d.MoreOf, "contracts")
	}
	return nil
}
